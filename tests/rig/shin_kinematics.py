"""A shin as a rigid body: three angles, their rates, and what a sensor on it feels.

The world is level and follows the runner's heading: x forward, y up, z to the right. Shin axes are ap, axial, ml. The
shin's attitude is R = Rz(theta) Rx(phi) Ry(psi), which turns shin axes into world axes; theta is the shin angle
(positive: ankle ahead of the knee), phi tilts it sideways, psi turns it about its length. Angles are in rad here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

GRAVITY_MPS2 = 9.80665


def attitude(angles: FloatArray) -> FloatArray:
    """Rotation matrices, shape (n, 3, 3), shin to world, of `angles` (theta, phi, psi), shape (n, 3)."""
    (ct, cp, cs), (st, sp, ss) = np.cos(angles).T, np.sin(angles).T
    matrix = np.empty((len(angles), 3, 3))
    matrix[:, 0, 0], matrix[:, 0, 1], matrix[:, 0, 2] = ct * cs - st * sp * ss, -st * cp, ct * ss + st * sp * cs
    matrix[:, 1, 0], matrix[:, 1, 1], matrix[:, 1, 2] = st * cs + ct * sp * ss, ct * cp, st * ss - ct * sp * cs
    matrix[:, 2, 0], matrix[:, 2, 1], matrix[:, 2, 2] = -cp * ss, sp, cp * cs
    return matrix


def angles_of(matrix: FloatArray) -> FloatArray:
    """Angles (theta, phi, psi) of rotation matrices; the inverse of `attitude`."""
    phi = np.arcsin(matrix[:, 2, 1])
    theta = np.unwrap(np.arctan2(-matrix[:, 0, 1], matrix[:, 1, 1]))
    psi = np.unwrap(np.arctan2(-matrix[:, 2, 0], matrix[:, 2, 2]))
    return np.column_stack([theta, phi, psi])


def body_rates(angles: FloatArray, rates: FloatArray) -> FloatArray:
    """Angular rate in shin axes, rad/s, from the rates of the three angles."""
    theta, phi, psi = rates.T
    (_, cp, cs), (_, sp, ss) = np.cos(angles).T, np.sin(angles).T
    return np.column_stack([phi * cs - theta * cp * ss, psi + theta * sp, phi * ss + theta * cp * cs])


def angle_rates(angles: FloatArray, body: FloatArray) -> FloatArray:
    """Rates of the three angles from the angular rate in shin axes; the inverse of `body_rates`."""
    (_, cp, cs), (_, sp, ss) = np.cos(angles).T, np.sin(angles).T
    theta = (body[:, 2] * cs - body[:, 0] * ss) / cp
    return np.column_stack([theta, body[:, 0] * cs + body[:, 2] * ss, body[:, 1] - theta * sp])


def to_world(matrix: FloatArray, shin: FloatArray) -> FloatArray:
    """Turn vectors in shin axes into world axes."""
    return np.asarray(np.einsum("nij,nj->ni", matrix, shin))


def to_shin(matrix: FloatArray, world: FloatArray) -> FloatArray:
    """Turn vectors in world axes into shin axes."""
    return np.asarray(np.einsum("nji,nj->ni", matrix, world))


def derivative(values: FloatArray, rate_hz: float) -> FloatArray:
    """Time derivative by fourth-order central differences; second order on the two samples at each end."""
    result = np.gradient(values, axis=0)
    result[2:-2] = (8 * (values[3:-1] - values[1:-3]) - (values[4:] - values[:-4])) / 12
    return result * rate_hz


def lever(matrix: FloatArray, body: FloatArray, offset_m: FloatArray, rate_hz: float) -> tuple[FloatArray, FloatArray]:
    """Velocity and acceleration, in world axes, of a point at `offset_m` (shin axes) relative to the ankle."""
    velocity = np.cross(body, offset_m)
    acceleration = np.cross(derivative(body, rate_hz), offset_m) + np.cross(body, velocity)
    return to_world(matrix, velocity), to_world(matrix, acceleration)


def specific_force_g(matrix: FloatArray, acceleration: FloatArray) -> FloatArray:
    """What an accelerometer in shin axes feels, g, of a world acceleration in m/s^2."""
    return to_shin(matrix, acceleration / GRAVITY_MPS2 + np.array([0.0, 1.0, 0.0]))
