"""Numbers and foreign texts in sentences."""

import pytest

from surefoot.errors import reason
from surefoot.words import clock_time, count_of, printable, size_of, stopwatch


@pytest.mark.parametrize(("number", "said"), [(0, "0 packets"), (1, "1 packet"), (2345, "2,345 packets")])
def test_counted_nouns(number, said):
    assert count_of(number, "packet") == said


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [(1, "1 byte"), (999, "999 bytes"), (1000, "1 KB"), (117_966, "118 KB"), (14_249_000, "14.2 MB")],
)
def test_sizes(size_bytes, said):
    assert size_of(size_bytes) == said


@pytest.mark.parametrize(
    ("at_s", "said"),
    [(0, "0:00"), (59.6, "1:00"), (3599.4, "59:59"), (3723, "1:02:03"), (-0.4, "0:00"), (-61, "-1:01")],
)
def test_moments_of_a_run(at_s, said):
    assert clock_time(at_s) == said


@pytest.mark.parametrize(("elapsed_s", "said"), [(0, "0:00:00"), (59.9, "0:00:59"), (36_123.5, "10:02:03")])
def test_a_time_that_runs(elapsed_s, said):
    assert stopwatch(elapsed_s) == said


@pytest.mark.parametrize(
    ("text", "shown"),
    [("Zoë 左", "Zoë 左"), ("a\x1b[2Jb", "a\N{REPLACEMENT CHARACTER}[2Jb"), ("two\nlines\t", "two lines ")],
)
def test_nothing_steers_the_terminal(text, shown):
    assert printable(text) == shown


def test_the_reason_of_the_system():
    assert reason(OSError(28, "No space left on device")) == "no space left on device"
    assert reason(OSError("Odd")) == "odd"
