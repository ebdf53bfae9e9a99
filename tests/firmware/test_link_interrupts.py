"""Centrals that come, go and write between any two calls of the firmware, and within them."""

import pytest

from tests.rig.interpreter import run, run_32bit

INTERPRETERS = pytest.mark.parametrize("interpreter", [run, run_32bit], ids=["64 bit", "32 bit"])


def withstands(interpreter, seed, turns):
    # the heap holds what the centrals received too
    (line,) = interpreter("link_interrupts.py", seed, turns, heap_kb=16000)
    assert line["interrupts"] > turns // 50
    assert line["starts"] > 2
    assert line["notifications"] > turns // 20
    assert line["in_order"] == line["visits"] > 3
    assert line["unasked"] == line["leaked"] == line["faults"] == 0
    assert not line["switched_off"]
    return line


@INTERPRETERS
@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_lost_repeated_or_leaked(interpreter, seed):
    withstands(interpreter, seed, 6000)


@pytest.mark.soak
@INTERPRETERS
@pytest.mark.parametrize("seed", range(10, 16))
def test_nothing_is_lost_repeated_or_leaked_in_the_long_run(interpreter, seed):
    assert withstands(interpreter, seed, 30_000)["dead"] > 0
