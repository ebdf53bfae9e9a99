"""Plain inertial navigation from a standing start, sharing nothing with the rig or the product: their outside check."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.rig.virtual_runner import VirtualRun

FloatArray = NDArray[np.float64]

G = 9.80665


def strapdown(run: VirtualRun) -> tuple[FloatArray, FloatArray]:
    """Attitude (n, 3, 3) and velocity (n, 3) by integration alone, nothing corrected.

    For samples in shin axes without noise that begin at rest: the first sample gives the tilt, the heading is free.
    """
    step_s = run.t_s[1]
    turn = np.radians(run.gyro_dps[1:] + run.gyro_dps[:-1]) / 2 * step_s
    up = run.accel_g[0]
    right = np.cross([1.0, 0, 0], up)
    right /= np.linalg.norm(right)
    matrix = np.empty((len(run.t_s), 3, 3))
    matrix[0] = np.stack([np.cross(up, right), up, right]) / np.linalg.norm(up)
    for i, (x, y, z) in enumerate(turn):
        size = np.sqrt(x * x + y * y + z * z) + 1e-15
        k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]]) / size
        matrix[i + 1] = matrix[i] @ (np.eye(3) + np.sin(size) * k + (1 - np.cos(size)) * k @ k)
    acceleration = (np.einsum("nij,nj->ni", matrix, run.accel_g) - [0, 1, 0]) * G
    velocity = np.vstack([np.zeros(3), np.cumsum((acceleration[1:] + acceleration[:-1]) / 2 * step_s, axis=0)])
    return matrix, velocity
