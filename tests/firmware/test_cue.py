"""The cue answers a hard landing with one pulse, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pod.gait.cue import Cue
from pod.wire.packet import COUNTER

PULSE_MS = 120


class Output:
    """Keeps when it was on."""

    def __init__(self) -> None:
        self.is_on = True
        self.switched_on = 0

    def on(self) -> None:
        assert not self.is_on
        self.is_on = True
        self.switched_on += 1

    def off(self) -> None:
        self.is_on = False


def test_it_is_off_from_the_beginning_and_answers_nothing_unless_set() -> None:
    output = Output()
    cue = Cue(output)
    assert not output.is_on
    cue.landed(3000, 0)
    assert not output.is_on


def test_only_a_landing_above_the_threshold_is_answered() -> None:
    output = Output()
    cue = Cue(output)
    cue.threshold_cg = 800
    cue.landed(800, 0)
    assert not output.is_on
    cue.landed(801, 10)
    assert output.is_on


def test_a_pulse_ends_in_time_across_the_wrap_of_the_clock() -> None:
    output = Output()
    cue = Cue(output)
    cue.threshold_cg = 200
    started_ms = COUNTER - 50
    cue.landed(900, started_ms)
    for passed_ms in range(0, PULSE_MS, 3):
        cue.step((started_ms + passed_ms) & COUNTER)
        assert output.is_on
    cue.step((started_ms + PULSE_MS) & COUNTER)
    assert not output.is_on


def test_stop_ends_a_pulse_at_once() -> None:
    output = Output()
    cue = Cue(output)
    cue.threshold_cg = 200
    cue.landed(900, 5)
    cue.stop()
    assert not output.is_on
    cue.landed(900, 8)
    assert output.is_on


@given(
    st.integers(200, 3000),
    st.lists(st.tuples(st.integers(1, 400), st.one_of(st.none(), st.integers(0, 4000))), max_size=60),
)
def test_pulses_never_overlap_and_never_last(threshold_cg: int, events: list[tuple[int, int | None]]) -> None:
    """The loop turns every 1 to 400 ms; some turns have a landing."""
    output = Output()
    cue = Cue(output)
    cue.threshold_cg = threshold_cg
    now_ms, on_since_ms = 0, -1
    for passed_ms, shock_cg in events:
        now_ms += passed_ms
        if shock_cg is not None:
            was_on = output.is_on
            cue.landed(shock_cg, now_ms)
            if output.is_on and not was_on:
                assert shock_cg > threshold_cg
                on_since_ms = now_ms
            assert output.is_on == (was_on or shock_cg > threshold_cg)
        cue.step(now_ms)
        assert output.is_on == (0 <= now_ms - on_since_ms < PULSE_MS and on_since_ms >= 0)
