"""Aubol & Milner 2020, Journal of Biomechanics 105:109768.

"Foot contact identification using a single triaxial accelerometer during running": 19 rearfoot strikers, 3.0 m/s over a
force plate, 1000 Hz. Resultant acceleration low-passed at 70 Hz, and its derivative, the jerk. Contact: the earliest
prominent minimum of the resultant in the 75 ms before the jerk's peak. The paper has no toe-off: it is nan.

Left open, and chosen here: the jerk's peak is sought in the landing; a minimum is prominent where it lies deeper than
5 % of that landing's largest resultant below its surroundings; without such a minimum there is no contact.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks

from tests.published.strides import (
    FloatArray,
    Stride,
    events_per_stride,
    highest,
    low_pass,
    maxima,
    sampling_rate_hz,
)

CUTOFF_HZ = 70.0
SEARCH_BACK_S = 0.075
PROMINENCE_SHARE = 0.05


def detect(t_s: FloatArray, accel_shin_g: FloatArray, gyro_shin_dps: FloatArray) -> tuple[FloatArray, FloatArray]:
    rate_hz = sampling_rate_hz(t_s)
    resultant_g = np.linalg.norm(low_pass(accel_shin_g, CUTOFF_HZ, rate_hz), axis=1)
    jerk = np.gradient(resultant_g)
    jerk_peaks = maxima(jerk)
    troughs, shape = find_peaks(-resultant_g, prominence=0.0)

    def find(stride: Stride) -> tuple[float, float]:
        sharpest = highest(jerk, jerk_peaks, stride.landing, stride.landed)
        if sharpest is None:
            return np.nan, np.nan
        prominent = troughs[
            shape["prominences"] >= PROMINENCE_SHARE * resultant_g[stride.landing : stride.landed].max()
        ]
        candidates = prominent[(prominent >= sharpest - SEARCH_BACK_S * rate_hz) & (prominent < sharpest)]
        return (float(candidates[0]) if len(candidates) else np.nan), np.nan

    return events_per_stride(t_s, gyro_shin_dps, find)
