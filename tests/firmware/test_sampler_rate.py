"""Sample numbers and clock: the arithmetic against exact integers, and what the measured rate is worth."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from pod.sensing.rate import SampleClock, later, rate_of, samples_in

COUNTER = 2**30


@given(st.integers(0, COUNTER - 1), st.integers(0, COUNTER - 1))
@example(COUNTER - 1, 1)
def test_later_is_a_sum_modulo_2_to_the_30(counter: int, by: int) -> None:
    assert later(counter, by) == (counter + by) % COUNTER


@given(st.integers(1, 107_000_000), st.data())
@example(107_000_000, None)
def test_rate_of_is_the_exact_quotient(elapsed_us: int, data: st.DataObject | None) -> None:
    samples = data.draw(st.integers(0, elapsed_us - 1)) if data else 106_999
    assert rate_of(samples, elapsed_us) == samples * 10**9 // elapsed_us


@given(st.integers(0, 1_000_000_000), st.integers(190_000, 1_050_000))
def test_samples_in_a_time(elapsed_us: int, rate_mhz: int) -> None:
    assert abs(samples_in(elapsed_us, rate_mhz) - elapsed_us * rate_mhz / 10**9) <= 0.51


@given(
    st.sampled_from([200, 250, 500, 1000]),
    st.integers(-50_000, 50_000),
    st.integers(0, COUNTER - 1),
    st.integers(0, COUNTER - 1),
    st.integers(0, 2**32),
)
def test_rate_and_position_for_any_clock(nominal_hz: int, ppm: int, start_us: int, first: int, seed: int) -> None:
    """Packets read up to two thirds of a period late: after a minute 0.02 %, and 2 s of stall bridged to a sample."""
    period_us = 1e6 / nominal_hz / (1 + ppm / 1e6)
    clock = SampleClock()
    clock.start(nominal_hz, start_us)
    assert clock.mhz == nominal_hz * 1000
    jitter = seed
    taken = 0
    while taken * period_us < 62e6:
        taken += 19
        jitter = (jitter * 1103515245 + 12345) % 2**31
        at_us = round((taken + jitter / 2**31 * 2 / 3) * period_us)
        clock.note((first + taken) % COUNTER, (start_us + at_us) % COUNTER)
    true_mhz = 1e9 / period_us
    assert abs(clock.mhz / true_mhz - 1) < 2e-4
    later_us = round((taken + 2e6 / period_us) * period_us)
    expected = first + taken + 2e6 / period_us
    error = (clock.position_at((start_us + later_us) % COUNTER) - round(expected) + COUNTER // 2) % COUNTER
    assert abs(error - COUNTER // 2) <= 1


def test_a_gap_does_not_spoil_a_rate_that_is_known() -> None:
    """After a minute a gap; behind it four seconds of a window would be worse than what is known."""
    clock = SampleClock()
    clock.start(500, 0)
    for taken in range(0, 31000, 19):
        clock.note(taken, taken * 2000)
    known = clock.mhz
    clock.restart()
    for taken in range(40000, 45000, 19):
        assert not clock.note(taken, taken * 2000 + (taken % 7) * 250)
    assert clock.mhz == known


def test_the_next_run_begins_with_what_the_last_one_taught() -> None:
    clock = SampleClock()
    clock.start(500, 0)
    for taken in range(0, 31000, 19):
        clock.note(taken, taken * 1980)
    assert abs(clock.mhz - 505_050) < 60
    clock.start(1000, 0)
    assert abs(clock.mhz - 1_010_101) < 120
