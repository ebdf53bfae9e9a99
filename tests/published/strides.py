"""What the published methods share: filtering, and the cutting of a continuous recording into strides.

Most of the papers looked at single steps over a force plate, where nobody had to find the step. Here every method gets
the same cut from the sagittal rate, in the methods' favour: strides run from mid-swing to mid-swing, and the landing,
where the first peak after contact is sought, begins when the shin stops swinging forward and lasts 120 ms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, find_peaks, sosfiltfilt

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int_]
FindEvents = Callable[["Stride"], tuple[float, float]]

AP, AXIAL, ML = 0, 1, 2
SWING_CUTOFF_HZ = 5.0
LANDING_S = 0.120


@dataclass(frozen=True)
class Stride:
    """Samples of one stride: from `start` (mid-swing) to `stop` (the next); contact is near `landing`..`landed`."""

    start: int
    landing: int
    landed: int
    stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start


def sampling_rate_hz(t_s: FloatArray) -> float:
    return (len(t_s) - 1) / (t_s[-1] - t_s[0])


def low_pass(signal: FloatArray, cutoff_hz: float, rate_hz: float, order: int = 4) -> FloatArray:
    """Butterworth run both ways, without delay; `order` is that of both passes together."""
    return sosfiltfilt(butter(order // 2, cutoff_hz, fs=rate_hz, output="sos"), signal, axis=0)


def strides(t_s: FloatArray, gyro_shin_dps: FloatArray) -> list[Stride]:
    """All complete strides of a recording."""
    rate_hz = sampling_rate_hz(t_s)
    swing_dps = low_pass(gyro_shin_dps[:, ML], SWING_CUTOFF_HZ, rate_hz)
    height = 0.5 * np.percentile(swing_dps, 95)
    mid_swings = find_peaks(swing_dps, height=height, distance=int(0.45 * rate_hz))[0]
    ends = np.flatnonzero((swing_dps[:-1] > 0.0) & (swing_dps[1:] <= 0.0))
    landings = ends[np.searchsorted(ends, mid_swings[:-1])]
    return [
        Stride(int(start), int(landing), int(landing + LANDING_S * rate_hz), int(stop))
        for start, landing, stop in zip(mid_swings[:-1], landings, mid_swings[1:], strict=True)
    ]


def events_per_stride(t_s: FloatArray, gyro_shin_dps: FloatArray, find: FindEvents) -> tuple[FloatArray, FloatArray]:
    """Times of contact and toe-off; `find(stride)` gives their (fractional) samples, nan where it sees none."""
    found = np.array([find(stride) for stride in strides(t_s, gyro_shin_dps)]).reshape(-1, 2)
    found = found[np.isfinite(found[:, 0])]
    contact_s, toe_off_s = np.interp(found.T, np.arange(len(t_s)), t_s)
    return contact_s, toe_off_s


def maxima(signal: FloatArray) -> IntArray:
    return find_peaks(signal)[0]


def minima(signal: FloatArray) -> IntArray:
    return find_peaks(-signal)[0]


def highest(signal: FloatArray, peaks: IntArray, start: float, stop: float) -> int | None:
    """The highest of `peaks` strictly between two samples, None where there is none."""
    inside = peaks[(peaks > start) & (peaks < stop)]
    return int(inside[np.argmax(signal[inside])]) if len(inside) else None


def next_after(points: IntArray, sample: float) -> float:
    later = points[points > sample]
    return float(later[0]) if len(later) else np.nan


def last_before(points: IntArray, sample: float) -> float:
    earlier = points[points < sample]
    return float(earlier[-1]) if len(earlier) else np.nan
