"""Mercer, Bates, Dufek & Hreljac 2003, Journal of Sports Sciences 21:911-919 (stance from the leg accelerometer).

10 men, 3.1 to 3.8 m/s on a treadmill, 1000 Hz, no reference measured. Axial acceleration low-passed at 15 Hz. Contact:
the minimum before the tibial peak. Toe-off: the minimum after a later local maximum.

Left open, and chosen here: the tibial peak is the highest maximum of the landing; the later maximum is the highest one
in the half stride after it.
"""

from __future__ import annotations

import numpy as np

from tests.published.strides import (
    AXIAL,
    FloatArray,
    Stride,
    events_per_stride,
    highest,
    last_before,
    low_pass,
    maxima,
    minima,
    next_after,
    sampling_rate_hz,
)

CUTOFF_HZ = 15.0


def detect(t_s: FloatArray, accel_shin_g: FloatArray, gyro_shin_dps: FloatArray) -> tuple[FloatArray, FloatArray]:
    axial_g = low_pass(accel_shin_g[:, AXIAL], CUTOFF_HZ, sampling_rate_hz(t_s))
    peaks, troughs = maxima(axial_g), minima(axial_g)

    def find(stride: Stride) -> tuple[float, float]:
        peak = highest(axial_g, peaks, stride.landing, stride.landed)
        if peak is None:
            return np.nan, np.nan
        later = highest(axial_g, peaks, peak, peak + stride.length / 2)
        return last_before(troughs, peak), np.nan if later is None else next_after(troughs, later)

    return events_per_stride(t_s, gyro_shin_dps, find)
