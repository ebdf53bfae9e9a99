"""Signals and movements put together by hand, whose answers follow from their formulas."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from surefoot.motion.activity import Activity
from surefoot.motion.alignment import Alignment
from surefoot.motion.movement import Movement
from surefoot.motion.pieces import Pieces

FloatArray = NDArray[np.float64]

EARTH_FROM_UPRIGHT = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""Turns the axes of an upright shin (forward, up, right) into an earth frame x forward, y left, z up."""


def pieces(rate_hz: float, accel_g: FloatArray, gyro_dps: FloatArray | None = None) -> Pieces:
    """One piece without a gap, samples in shin axes."""
    count = len(accel_g)
    return Pieces(
        rate_hz=rate_hz,
        t_s=np.arange(count) / rate_hz,
        accel_g=accel_g,
        gyro_dps=np.zeros((count, 3)) if gyro_dps is None else gyro_dps,
        filled=np.zeros(count, dtype=bool),
        bounds=np.array([0, count]),
        missing_share=0.0,
        gaps=0,
        longest_gap_s=0.0,
        conditions=(),
    )


def sagittal_movement(
    rate_hz: float, accel_g: FloatArray, gyro_dps: FloatArray, shin_angle_deg: FloatArray
) -> Movement:
    """Return a movement in the sagittal plane whose orientation is known.

    Parameters
    ----------
    accel_g, gyro_dps : arrays, shape (n, 3)
        Shin axes.
    shin_angle_deg : array, shape (n,)
        From the vertical, positive when the ankle is ahead of the knee.
    """
    count = len(accel_g)
    angle = np.radians(shin_angle_deg)
    attitude = Rotation.from_matrix(EARTH_FROM_UPRIGHT) * Rotation.from_rotvec(angle[:, None] * [0.0, 0.0, 1.0])
    nothing = np.zeros(count, dtype=bool)
    return Movement(
        pieces=pieces(rate_hz, accel_g, gyro_dps),
        quaternion=attitude.as_quat(scalar_first=True),
        up=attitude.inv().apply([0.0, 0.0, 1.0]),
        peak=np.zeros(0, dtype=np.int64),
        activity=Activity(~nothing, np.zeros(0, dtype=bool), nothing, {}),
        alignment=Alignment(np.eye(3), "standing", 1.0),
        bias_dps=np.zeros(3),
        slips=(),
        conditions=(),
    )
