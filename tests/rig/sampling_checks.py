"""What must hold of every run of the sampler, and of the faults it has to survive.

The tests of the sampler use these, and the mutation tests, which must see them fail.
"""

from __future__ import annotations

from typing import Any

from tests.rig.interpreter import run

OVERFLOW, RESTARTED, BUS_FAULT = 0x01, 0x04, 0x08
COUNT_US = 300
"""What asking for FIFO_COUNT takes, asked again if refused: a sample may come between the clock and the count."""

FAULTS = {
    # name: flags of the packet after it, overflows, restarts, whether transfers failed
    "overflow_in_a_stall": ([OVERFLOW], 1, 0, False),
    "overflow_before_the_burst": ([OVERFLOW], 1, 0, False),
    "refused_once": ([], 0, 0, True),
    "refused_for_long": ([BUS_FAULT], 0, 0, True),
    "burst_breaks_off": ([BUS_FAULT], 0, 0, True),
    "status_breaks_off": ([BUS_FAULT], 0, 0, True),
    "line_held": ([], 0, 0, True),
    "line_held_in_the_burst": ([BUS_FAULT], 0, 0, True),
    "line_held_after_the_count": ([BUS_FAULT], 0, 0, True),
    "byte_lost": ([BUS_FAULT], 0, 0, True),
    "reset_by_itself": ([RESTARTED], 0, 1, False),
    "reset_before_the_burst": ([RESTARTED], 0, 1, False),
    "hung": ([RESTARTED], 0, 1, False),
}


def whole(result: dict[str, Any]) -> None:
    """Samples bit for bit, each once, in order; a gap only where a flag says so; packets numbered and dated rightly."""
    assert result["broken"] == 0
    assert result["not_rising"] == 0
    assert result["unflagged_gaps"] == 0
    assert result["out_of_order"] == 0
    assert result["early_us"] <= COUNT_US


def one_fault(fault: str, kind: str = "MPU-6050", rate_hz: int = 500) -> None:
    """Recovered, counted and flagged; nothing but the gap is lost, and the index is right behind it."""
    flags, overflows, restarts, transfers_failed = FAULTS[fault]
    [result] = run("sampling_faults.py", fault, kind, rate_hz, 2)
    whole(result)
    assert result["flags"] == flags
    assert (result["overflows"], result["restarts"]) == (overflows, restarts)
    assert (result["bus_faults"] > 0) == transfers_failed
    assert not result["lost"]
    assert (result["missing"] > 0) == bool(flags)
    assert result["late_us"] == 0
    assert abs(result["worst_index"]) <= 2
    assert result["samples"] - result["before"] > rate_hz * 2


def second_run_starts_clean() -> None:
    """An overflow after the end of a run is not told of the next one."""
    [story] = run("sampling_story.py", "second_run_after_an_overflow")
    whole(story)
    assert story["flags"] == []
    assert story["overflows"] == 0
    assert story["first_is_zero"]
    assert 990 < story["samples"] < 1010
