"""How a pod sits on the shin and what its sensor makes of the motion: axes, slip, noise, bias, steps and limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from tests.rig.motion import INNER_HZ, smooth_step, smooth_step_slope
from tests.rig.sample_file import ACCEL_STEPS_PER_G, GYRO_STEPS_PER_DPS

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Slip:
    """The pod turns on the shin by `angle_deg` about `axis` (shin axes), from `at_s`, over `over_s`."""

    at_s: float
    axis: tuple[float, float, float]
    angle_deg: float
    over_s: float = 0.3


@dataclass(frozen=True)
class Mounting:
    """Where the pod sits.

    Attributes
    ----------
    side : 'left' or 'right'
        The left leg is the mirror image of the recorded right one.
    turned_deg : tuple of float
        Turns about ap, axial and ml, in that order, that bring shin axes to sensor axes; (180, 0, 0) is upside down.
    height_m : float
        Sensor above the ankle joint.
    slips : tuple of Slip
    """

    side: Literal["left", "right"] = "right"
    turned_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    height_m: float = 0.145
    slips: tuple[Slip, ...] = ()


@dataclass(frozen=True)
class Sensor:
    """What the sensor adds and takes away; the defaults are an MPU6050 at +-16 g and +-2000 deg/s.

    Noise is given as a density (g and deg/s per root hertz) and spread over half the rate.
    """

    rate_hz: float = 200.0
    accel_noise_g: float = 400e-6
    gyro_noise_dps: float = 0.005
    gyro_bias_dps: tuple[float, float, float] = (0.0, 0.0, 0.0)
    accel_range_g: float = 16.0
    gyro_range_dps: float = 2000.0
    accel_steps_per_g: float = ACCEL_STEPS_PER_G
    gyro_steps_per_dps: float = GYRO_STEPS_PER_DPS


PERFECT = Sensor(rate_hz=INNER_HZ, accel_noise_g=0.0, gyro_noise_dps=0.0, accel_steps_per_g=1e7, gyro_steps_per_dps=1e6)
"""No noise and steps too fine to matter, at the inner rate; for tests that integrate."""


def mirrored(accel: FloatArray, gyro: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the other leg: sideways force changes sign, and so do rates about the two axes in the plane of running."""
    return accel * np.array([1.0, 1.0, -1.0]), gyro * np.array([-1.0, -1.0, 1.0])


def mounted(
    time_s: FloatArray, accel: FloatArray, gyro_dps: FloatArray, mounting: Mounting
) -> tuple[FloatArray, FloatArray]:
    """Signals in sensor axes of signals in shin axes, the turning of a slipping pod included."""
    if mounting.side == "left":
        accel, gyro_dps = mirrored(accel, gyro_dps)
    for slip in mounting.slips:
        axis = np.array(slip.axis) / np.linalg.norm(slip.axis)
        x = (time_s - slip.at_s) / slip.over_s
        turned = Rotation.from_rotvec(np.radians(slip.angle_deg) * smooth_step(x)[:, None] * axis)
        gyro_dps = gyro_dps + slip.angle_deg * (smooth_step_slope(x) / slip.over_s)[:, None] * axis
        accel, gyro_dps = turned.apply(accel, inverse=True), turned.apply(gyro_dps, inverse=True)
    axes = Rotation.from_euler("xyz", mounting.turned_deg, degrees=True)
    return axes.apply(accel), axes.apply(gyro_dps)


def resampled(values: FloatArray, time_s: FloatArray) -> FloatArray:
    """Values of the inner grid at other times, by cubics through four neighbours."""
    position = time_s * INNER_HZ
    row = np.clip(np.floor(position + 1e-9).astype(np.int64), 1, len(values) - 3)
    p = (position - row)[:, None]
    return (
        -p * (p - 1) * (p - 2) / 6 * values[row - 1]
        + (p + 1) * (p - 1) * (p - 2) / 2 * values[row]
        - (p + 1) * p * (p - 2) / 2 * values[row + 1]
        + (p + 1) * p * (p - 1) / 6 * values[row + 2]
    )


def sensed(
    accel: FloatArray, gyro_dps: FloatArray, sensor: Sensor, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Add noise and bias, clip and round, as the sensor's registers do."""
    root = np.sqrt(sensor.rate_hz / 2)
    accel = accel + sensor.accel_noise_g * root * rng.standard_normal(accel.shape)
    gyro_dps = (
        gyro_dps + sensor.gyro_noise_dps * root * rng.standard_normal(gyro_dps.shape) + np.array(sensor.gyro_bias_dps)
    )
    return (
        _registers(accel, sensor.accel_steps_per_g, sensor.accel_range_g),
        _registers(gyro_dps, sensor.gyro_steps_per_dps, sensor.gyro_range_dps),
    )


def _registers(values: FloatArray, steps: float, limit: float) -> FloatArray:
    top = round(limit * steps)
    return np.clip(np.round(values * steps), -top, top - 1) / steps
