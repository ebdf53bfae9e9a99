from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from surefoot.wire.packets import SEQUENCES
from surefoot.wire.sequences import SequenceSet

numbers = st.integers(0, 60)
ranges = st.tuples(numbers, numbers)


@given(st.lists(numbers), st.lists(ranges), st.integers(0, 80))
def test_it_is_the_set_that_python_has(singles: list[int], spans: list[tuple[int, int]], end: int) -> None:
    ours, truth = SequenceSet(), set[int]()
    for number in singles:
        assert ours.add(number) == (number not in truth)
        truth.add(number)
    for start, stop in spans:
        ours.add_range(start, stop)
        truth.update(range(start, stop))
    assert len(ours) == len(truth)
    assert all((number in ours) == (number in truth) for number in range(90))
    assert ours.end == max(truth, default=-1) + 1
    assert ours.whole_until == next(number for number in range(90) if number not in truth)
    missing = [number for start, stop in ours.holes(end) for number in range(start, stop)]
    assert missing == [number for number in range(end) if number not in truth]
    other = ours.copy()
    other.add(70)
    assert 70 not in ours
    assert len(other) == len(truth | {70})
    known = [number for start, stop in ours.holes() for number in range(start, stop)]
    assert known == [number for number in range(ours.end) if number not in truth]


def test_holes_do_not_touch_and_are_not_empty() -> None:
    ours = SequenceSet()
    for number in (1, 2, 5, 9):
        ours.add(number)
    assert list(ours.holes()) == [(0, 1), (3, 5), (6, 9)]


def test_numbers_go_on_behind_the_wrap() -> None:
    ours = SequenceSet()
    ours.add_range(0, SEQUENCES - 2)
    assert ours.extend(1) == SEQUENCES + 1
    assert ours.extend(SEQUENCES - 5) == SEQUENCES - 5
    assert SequenceSet().extend(SEQUENCES - 1) == SEQUENCES - 1
