"""Sample number -> the pod's clock: the true rate, however it drifts, against late readings and jumps of the clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from surefoot.recording.samples import FloatArray
from surefoot.wire.packing import IntArray


@dataclass(frozen=True)
class ClockParameters:
    """Limits of the fits."""

    window_s: float = 10.0
    """The rate of an MPU6050 follows its temperature; over ten seconds the clock is a line to a millisecond even where
    the rate moves by 0.1 % a minute, and the median of the 263 pairs at 500 Hz is good to 0.06 ms."""
    windows_of_line: int = 16
    """A run shorter than three windows gets one line, through the medians of so many parts."""
    measurable_s: float = 2.0
    """Below this the pairs, each good to half a period, say less of the rate than its nominal value."""
    rate_share: float = 0.1
    """The sensor's oscillator is within 1 %; what is further off than this is not its rate."""
    jump_s: float = 0.1
    jump_share: float = 0.05
    """A step of the pod's clock that differs from that of the samples by more is a restart or a fault of the clock."""


@dataclass(frozen=True)
class PodClock:
    """The pod's clock at each sample: a line, and slow departures from it.

    Attributes
    ----------
    period_us : float
        Of a sample on the pod's clock, over the whole run.
    offset_us : float
        Pod's clock at sample 0 on that line.
    knots_index, knots_us : array, shape (knots,)
        Departures from the line, us, at these samples; straight between them.
    measured : bool
        False where the period is the nominal one.
    jumps : int
        Steps of the clock that no rate explains; they were taken out.
    jitter_ms : float
        Median distance of the pairs from the fit. Half of a half period is what the pairs themselves have.
    """

    period_us: float
    offset_us: float
    knots_index: FloatArray
    knots_us: FloatArray
    measured: bool
    jumps: int
    jitter_ms: float

    def at_us(self, index: FloatArray | IntArray | float) -> FloatArray:
        """Return the pod's clock, us, at (fractional) sample numbers."""
        line = np.asarray(index, np.float64) * self.period_us + self.offset_us
        return np.asarray(line + np.interp(index, self.knots_index, self.knots_us), np.float64)


def fit_pod_clock(
    index: FloatArray, clock_us: IntArray, nominal_hz: float | None, parameters: ClockParameters | None = None
) -> PodClock:
    """Fit the pod's clock over the sample number.

    Parameters
    ----------
    index : array, shape (pairs,)
        Fractional sample numbers: `Headers.clock_pairs`.
    clock_us : array of int, shape (pairs,)
        The pod's clock then, extended beyond its wraps, us.
    nominal_hz : float or None
        Rate that the pod promised.
    """
    p = parameters or ClockParameters()
    guess_us = _guessed_period_us(index, clock_us, nominal_hz, p)
    if len(index) < 2:
        first_us = float(clock_us[0] - index[0] * guess_us) if len(index) else 0.0
        return PodClock(guess_us, first_us, np.zeros(1), np.zeros(1), False, 0, 0.0)
    order = np.argsort(index, kind="stable")
    index, clock_us = index[order], clock_us[order]
    clock, jumps = _without_jumps(index, clock_us, guess_us, p)
    span_s = float(index[-1] - index[0]) * guess_us / 1e6
    offset_us = float(np.median(clock - index * guess_us))
    fit = PodClock(guess_us, offset_us, np.zeros(1), np.zeros(1), span_s >= p.measurable_s, jumps, 0.0)
    if fit.measured:
        bent = span_s >= 3 * p.window_s
        windows = min(int(span_s / p.window_s), len(index)) if bent else p.windows_of_line
        # the median of what is left is the better the less it slopes within a window
        for _ in range(2):
            fit = _nearer(fit, index, clock, windows, bent)
    return replace(fit, jitter_ms=float(np.median(np.abs(clock - fit.at_us(index)))) / 1e3)


def _nearer(fit: PodClock, index: FloatArray, clock_us: FloatArray, windows: int, bent: bool) -> PodClock:
    """Fit anew to the medians of what a fit leaves."""
    at, left_us = _medians(index, clock_us - fit.at_us(index), windows)
    off_us = left_us + fit.at_us(at) - at * fit.period_us
    slope_us, offset_us = _straight(at, off_us)
    straight = replace(fit, period_us=fit.period_us + slope_us, offset_us=offset_us)
    if not bent:
        return straight
    knots_index, knots_us = _with_ends(at, off_us - slope_us * at - offset_us, index[0], index[-1])
    if np.any(np.diff(knots_us) < -0.5 * straight.period_us * np.diff(knots_index)):
        # time that would run backwards is no sensor's drift
        return straight
    return replace(straight, knots_index=knots_index, knots_us=knots_us)


def _guessed_period_us(index: FloatArray, clock_us: IntArray, nominal_hz: float | None, p: ClockParameters) -> float:
    """Return the median step per sample, or the nominal period where that is not plausible."""
    steps = np.diff(index)
    rises = steps > 0
    seen_us = float(np.median(np.diff(clock_us)[rises] / steps[rises])) if rises.any() else 0.0
    if nominal_hz is None:
        return seen_us if seen_us > 0 else 2000.0
    nominal_us = 1e6 / nominal_hz
    return seen_us if abs(seen_us / nominal_us - 1) < p.rate_share else nominal_us


def _without_jumps(
    index: FloatArray, clock_us: IntArray, period_us: float, p: ClockParameters
) -> tuple[FloatArray, int]:
    """Return the clock with steps that no rate explains replaced by those of the samples, and how many there were."""
    expected_us = np.diff(index) * period_us
    steps_us = np.diff(clock_us).astype(np.float64)
    odd = np.abs(steps_us - expected_us) > p.jump_s * 1e6 + p.jump_share * np.abs(expected_us)
    steps_us[odd] = expected_us[odd]
    return np.cumsum(np.concatenate([[float(clock_us[0])], steps_us])), int(odd.sum())


def _medians(index: FloatArray, off_us: FloatArray, windows: int) -> tuple[FloatArray, FloatArray]:
    """Return the median index and the median of `off_us` in each of so many equal parts that has pairs."""
    edges = np.linspace(index[0], index[-1], windows + 1)[1:-1]
    cuts = np.concatenate([[0], np.searchsorted(index, edges), [len(index)]])
    parts = [slice(a, b) for a, b in pairwise(cuts.tolist()) if b > a]
    return np.array([np.median(index[part]) for part in parts]), np.array([np.median(off_us[part]) for part in parts])


def _straight(at: FloatArray, off_us: FloatArray) -> tuple[float, float]:
    """Return slope and offset of the line of least squares."""
    from_middle = at - at.mean()
    slope_us = float(from_middle @ (off_us - off_us.mean()) / max(from_middle @ from_middle, 1.0))
    return slope_us, float(off_us.mean() - slope_us * at.mean())


def _with_ends(at: FloatArray, off_us: FloatArray, first: float, last: float) -> FloatArray:
    """Add knots at the ends of the run, on the straight lines through the outer two; (2, knots)."""
    if len(at) < 2:
        return np.zeros((2, 1))
    before = off_us[0] + (first - at[0]) * (off_us[1] - off_us[0]) / (at[1] - at[0])
    after = off_us[-1] + (last - at[-1]) * (off_us[-1] - off_us[-2]) / (at[-1] - at[-2])
    return np.array([[first - 1, *at, last + 1], [before, *off_us, after]])
