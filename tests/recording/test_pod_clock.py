"""Times of samples against clocks whose truth is known: rates that drift, late readings, wraps, restarts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.recording.clock import fit_pod_clock


def readings(period_us, packets=3000, *, seed=0, samples=19):
    """Index and pod's clock of packets whose periods, one per sample, are known; and when each sample was taken."""
    random = np.random.default_rng(seed)
    period_us = np.broadcast_to(period_us, packets * samples + 8)
    taken_us = np.concatenate([[0.0], np.cumsum(period_us)])[:-1]
    last = samples * np.arange(1, packets + 1) - 1
    behind = random.integers(0, 4, packets)
    clock_us = taken_us[last + behind] + random.random(packets) * period_us[last]
    return (last + behind + 0.5).astype(float), np.rint(clock_us).astype(np.int64), taken_us[: packets * samples]


@given(st.floats(0.985, 1.015), st.sampled_from([200.0, 500.0, 1000.0]), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_the_true_rate_of_any_oscillator(off, nominal_hz, seed):
    index, clock_us, taken_us = readings(1e6 / (nominal_hz * off), seed=seed)
    fit = fit_pod_clock(index, clock_us, nominal_hz)
    assert fit.measured
    assert fit.jumps == 0
    # each reading is within half a period of the truth
    assert 1e6 / fit.period_us == pytest.approx(nominal_hz * off, rel=1e-5)
    found_us = fit.at_us(np.arange(len(taken_us)))
    assert np.abs(found_us - taken_us).max() < 0.3e6 / nominal_hz
    assert fit.jitter_ms == pytest.approx(250 / nominal_hz, rel=0.15)


def test_a_rate_that_follows_the_temperature_for_an_hour():
    """0.4 % up while warming, and waves of ten minutes: a line alone would be off by a second."""
    packets = 95_000
    at_s = np.arange(packets * 19 + 8) / 500
    rate_hz = 500 * (1 + 0.004 * (1 - np.exp(-at_s / 600)) + 0.001 * np.sin(at_s / 600 * 2 * np.pi))
    index, clock_us, taken_us = readings(1e6 / rate_hz, packets)
    line_us = np.polyval(np.polyfit(index, clock_us, 1), np.arange(len(taken_us)))
    assert np.abs(line_us - taken_us).max() > 0.7e6
    fit = fit_pod_clock(index, clock_us, 500.0)
    found_us = fit.at_us(np.arange(len(taken_us)))
    assert np.abs(found_us - taken_us).max() < 1500
    assert np.diff(found_us).min() > 1900


def test_late_readings_are_left_aside():
    """An interrupt between count and clock: one in ten is up to 30 ms late, never early."""
    index, clock_us, taken_us = readings(2010.0)
    random = np.random.default_rng(5)
    late = random.random(len(clock_us)) < 0.1
    fit = fit_pod_clock(index, clock_us + (late * random.uniform(0, 30_000, len(late))).astype(int), 500.0)
    assert np.abs(fit.at_us(np.arange(len(taken_us))) - taken_us).max() < 400


def test_a_clock_that_starts_anew_or_stumbles():
    index, clock_us, taken_us = readings(1990.0)
    begun_anew = clock_us.copy()
    begun_anew[1200:] -= 43_000_000
    begun_anew[2000] += 9_000_000
    fit = fit_pod_clock(index, begun_anew, 500.0)
    assert fit.jumps == 3
    found_us = fit.at_us(np.arange(len(taken_us)))
    # one reading each side of a jump is all that ties the two parts together
    assert np.abs((found_us - found_us[0]) - (taken_us - taken_us[0])).max() < 8000


def test_gaps_stay_open():
    index, clock_us, taken_us = readings(2004.0, 6000)
    kept = (index < 30_000) | (index > 90_000)
    fit = fit_pod_clock(index[kept], clock_us[kept], 500.0)
    here = np.r_[0:30_000, 90_000 : len(taken_us)]
    assert np.abs(fit.at_us(here) - taken_us[here]).max() < 300


@pytest.mark.parametrize("pairs", [0, 1, 2, 20])
def test_too_short_to_measure_goes_by_the_nominal_rate(pairs):
    index, clock_us, _ = readings(2000.0, 20)
    fit = fit_pod_clock(index[:pairs], clock_us[:pairs], 500.0)
    assert not fit.measured
    assert np.diff(fit.at_us(np.arange(40))) == pytest.approx(2000, rel=0.1)


def test_an_unknown_nominal_rate():
    index, clock_us, _ = readings(1003.0)
    fit = fit_pod_clock(index, clock_us, None)
    assert fit.period_us == pytest.approx(1003.0, rel=1e-5)


@given(st.lists(st.tuples(st.integers(0, 2**40), st.integers(-(2**50), 2**50)), max_size=60))
@settings(deadline=None)
def test_no_readings_make_time_run_backwards(pairs):
    index = np.array([pair[0] + 0.5 for pair in pairs])
    clock_us = np.array([pair[1] for pair in pairs], np.int64)
    fit = fit_pod_clock(index, clock_us, 500.0)
    assert np.isfinite(fit.period_us)
    assert 1800 < fit.period_us < 2300
    assert np.all(np.isfinite(fit.at_us(index)))
