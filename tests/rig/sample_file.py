"""Samples as the sensor's FIFO holds them, in a file that the modelled sensor plays (board/mpu6050.py: `Recording`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LSB_PER_G, LSB_PER_DPS = 2048, 16.4


def raw_samples(accel_g: NDArray[np.float64], gyro_dps: NDArray[np.float64]) -> NDArray[np.int16]:
    """Six columns of counts at +-16 g and +-2000 deg/s; what is beyond ends at the range."""
    counts = np.round(np.column_stack([accel_g * LSB_PER_G, gyro_dps * LSB_PER_DPS]))
    return np.clip(counts, -32768, 32767).astype(np.int16)


def write_samples(samples: NDArray[np.int16], path: Path) -> None:
    """Write them big-endian, 12 bytes each."""
    path.write_bytes(samples.astype(">i2").tobytes())
