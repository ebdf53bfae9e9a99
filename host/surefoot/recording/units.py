"""Raw counts of the pod's sensor -> g and deg/s, by the ranges and the calibration that its start packet tells."""

from __future__ import annotations

import numpy as np

from surefoot.recording.samples import FloatArray
from surefoot.wire.packing import Int16Array
from surefoot.wire.records import Start

NOMINAL_ACCEL_RANGE_G = 16
NOMINAL_GYRO_RANGE_DPS = 2000
ACCEL_COUNTS = 32768
"""At the end of the range."""
GYRO_COUNTS_PER_DPS = {250: 131.0, 500: 65.5, 1000: 32.8, 2000: 16.4}
"""By range, as the data sheet of the MPU6050 says: a little more than 32768 over the range."""


def accel_g(values: Int16Array, start: Start | None) -> FloatArray:
    """Return accelerations, shape (n, 3), g: (measured - offset) / (1 + scale error), where the pod is calibrated."""
    unit_g = accel_range_g(start) / ACCEL_COUNTS
    if start is None or not start.calibrated:
        return np.asarray(values[:, :3] * unit_g)
    scale = 1 + np.array(start.accel_scale_e4) * 1e-4
    accel = values[:, :3] * (unit_g / scale)
    accel -= np.array(start.accel_offset_100ug) * 1e-4 / scale
    return np.asarray(accel)


def gyro_dps(values: Int16Array, start: Start | None) -> FloatArray:
    """Return angular rates, shape (n, 3), deg/s, as measured: the bias is found in the run itself."""
    range_dps = gyro_range_dps(start)
    return np.asarray(values[:, 3:] * (1 / GYRO_COUNTS_PER_DPS.get(range_dps, ACCEL_COUNTS / range_dps)))


def accel_range_g(start: Start | None) -> int:
    """Return the range of the accelerometer, g; the nominal one where nothing tells it."""
    return start.accel_range_g if start and start.accel_range_g else NOMINAL_ACCEL_RANGE_G


def gyro_range_dps(start: Start | None) -> int:
    """Return the range of the gyroscope, deg/s; the nominal one where nothing tells it."""
    return start.gyro_range_dps if start and start.gyro_range_dps else NOMINAL_GYRO_RANGE_DPS
