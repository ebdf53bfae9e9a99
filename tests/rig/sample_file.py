"""Samples as the sensor's FIFO holds them, in a file that the modelled sensor plays (board/mpu6050.py: `Recording`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ACCEL_STEPS_PER_G, GYRO_STEPS_PER_DPS = 2048.0, 16.4
"""Of an MPU6050 at +-16 g and +-2000 deg/s."""

RawArray = NDArray[np.int16]


def raw_samples(accel_g: NDArray[np.float64], gyro_dps: NDArray[np.float64]) -> RawArray:
    """Six columns of counts, big-endian; what is beyond the range stays at its end."""
    counts = np.round(np.column_stack([accel_g * ACCEL_STEPS_PER_G, gyro_dps * GYRO_STEPS_PER_DPS]))
    return np.clip(counts, -32768, 32767).astype(">i2")


def write_samples(samples: RawArray, path: Path) -> None:
    """Write them, 12 bytes each."""
    samples.astype(">i2").tofile(path)
