"""Sinclair, Hobbs, Protheroe, Edmundson & Greenhalgh 2013, Journal of Applied Biomechanics 29:118-122.

"Determination of gait events using an externally mounted shank accelerometer": 16 rearfoot strikers, 4.0 m/s over a
force plate, 1000 Hz, axial acceleration low-passed at 60 Hz. Contact: from the tibial peak back to the zero crossing
that at least 20 ms of positive values follow. Toe-off: where the acceleration levels off after its second peak, with a
tolerance of 2 %.

Left open, and chosen here: the standing 1 g is taken off before the zero crossing is sought; the tibial peak is the
highest maximum of the landing, the second peak the highest later one in the half stride after it; 'levels off' is the
first sample within 2 % of the fall from the second peak to the lowest minimum after it in that half stride.
"""

from __future__ import annotations

import numpy as np

from tests.published.strides import (
    AXIAL,
    FloatArray,
    Stride,
    events_per_stride,
    highest,
    low_pass,
    maxima,
    minima,
    sampling_rate_hz,
)

CUTOFF_HZ = 60.0
POSITIVE_FOR_S = 0.020
PLATEAU_TOLERANCE = 0.02


def detect(t_s: FloatArray, accel_shin_g: FloatArray, gyro_shin_dps: FloatArray) -> tuple[FloatArray, FloatArray]:
    rate_hz = sampling_rate_hz(t_s)
    axial_g = low_pass(accel_shin_g[:, AXIAL], CUTOFF_HZ, rate_hz) - 1.0
    peaks, troughs = maxima(axial_g), minima(axial_g)
    rising = np.flatnonzero((axial_g[:-1] <= 0.0) & (axial_g[1:] > 0.0))
    positive_for = int(POSITIVE_FOR_S * rate_hz)

    def find(stride: Stride) -> tuple[float, float]:
        peak = highest(axial_g, peaks, stride.landing, stride.landed)
        if peak is None:
            return np.nan, np.nan
        return _zero_crossing(peak, stride.start), _plateau(peak, peak + stride.length / 2)

    def _zero_crossing(peak: int, start: int) -> float:
        for sample in rising[(rising > start) & (rising < peak)][::-1]:
            if np.all(axial_g[sample + 1 : sample + 1 + positive_for] > 0.0):
                return sample - axial_g[sample] / (axial_g[sample + 1] - axial_g[sample])
        return np.nan

    def _plateau(peak: int, until: float) -> float:
        second = highest(axial_g, peaks, peak, until)
        trough = None if second is None else highest(-axial_g, troughs, second, until)
        if trough is None:
            return np.nan
        fall_g = axial_g[second : trough + 1]
        return second + float(np.argmax(fall_g - fall_g[-1] <= PLATEAU_TOLERANCE * (fall_g[0] - fall_g[-1])))

    return events_per_stride(t_s, gyro_shin_dps, find)
