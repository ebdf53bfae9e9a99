"""What a sensor reads on a table: faces, noise, bias, offset and scale error, as raw samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.rig.sample_file import RawArray, raw_samples

FloatArray = NDArray[np.float64]
FACES = tuple(tuple(sign * float(axis == at) for at in range(3)) for axis in range(3) for sign in (1, -1))
"""What is up, in sensor axes: X up, X down, Y up ..."""
ASKEW = ((0.8, 0.6, 0.0), (-0.6, 0.5, 0.62))
TURN_S = 1.0


@dataclass(frozen=True)
class Imperfect:
    """A sensor whose errors are known: measured = true * (1 + scale) + offset, with white noise of these sizes."""

    offset_g: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (0.0, 0.0, 0.0)
    bias_dps: tuple[float, float, float] = (1.5, -2.0, 0.5)
    accel_noise_g: float = 0.0054
    gyro_noise_dps: float = 0.069

    def reads(self, true_g: FloatArray, turning_dps: FloatArray, rng: np.random.Generator) -> RawArray:
        accel_g = true_g * (1 + np.array(self.scale)) + self.offset_g
        accel_g = accel_g + self.accel_noise_g * rng.standard_normal(accel_g.shape)
        gyro_dps = turning_dps + self.bias_dps + self.gyro_noise_dps * rng.standard_normal(accel_g.shape)
        return raw_samples(accel_g, gyro_dps)


def tilted(up: tuple[float, ...], tilt_deg: float, about_deg: float) -> FloatArray:
    """A direction turned away by a tilt, towards any side."""
    direction = np.array(up) / np.linalg.norm(up)
    side = np.cross(direction, np.roll(direction, 1) + np.array([0.1, 0.2, 0.3]))
    side /= np.linalg.norm(side)
    other = np.cross(direction, side)
    to = np.cos(np.radians(about_deg)) * side + np.sin(np.radians(about_deg)) * other
    return np.asarray(np.cos(np.radians(tilt_deg)) * direction + np.sin(np.radians(tilt_deg)) * to)


def laid(poses: list[FloatArray], each_s: float, rate_hz: float) -> tuple[FloatArray, FloatArray]:
    """True acceleration and rotation of a pod that lies in each pose so long, turned in a second between them."""
    accel: list[FloatArray] = []
    gyro: list[FloatArray] = []
    turn, lie = round(TURN_S * rate_hz), round(each_s * rate_hz)
    for at, pose in enumerate(poses):
        if at:
            share = np.linspace(0, 1, turn)[:, None]
            way = (1 - share) * poses[at - 1] + share * pose + 0.3 * np.sin(np.pi * share) * np.array([0.3, 0.5, 0.8])
            accel.append(way)
            gyro.append(90.0 * np.sin(np.pi * share) * np.array([0.6, 0.64, 0.48]))
        accel.append(np.tile(pose, (lie, 1)))
        gyro.append(np.zeros((lie, 3)))
    return np.concatenate(accel), np.concatenate(gyro)


def at_rest(
    sensor: Imperfect, seconds: float, rate_hz: float = 500, up: tuple[float, ...] = FACES[4], seed: int = 1
) -> RawArray:
    """Samples of a pod that lies on one face."""
    accel, gyro = laid([np.array(up)], seconds, rate_hz)
    return sensor.reads(accel, gyro, np.random.default_rng(seed))


def turned_over(
    sensor: Imperfect, rest_s: float, each_s: float, rate_hz: float = 500, seed: int = 1, rounds: int = 1
) -> RawArray:
    """Samples of a pod that lies for a while, then on each face a little askew, then in two other poses."""
    rng = np.random.default_rng(seed)
    poses = [tilted(up, 6.0, 50.0 * at) for at, up in enumerate(FACES)] + [tilted(up, 0.0, 0.0) for up in ASKEW]
    accel, gyro = laid([np.array(FACES[4]), *poses * rounds], each_s, rate_hz)
    wait = round(max(0.0, rest_s - each_s) * rate_hz)
    accel = np.concatenate([np.tile(accel[0], (wait, 1)), accel])
    gyro = np.concatenate([np.zeros((wait, 3)), gyro])
    return sensor.reads(accel, gyro, rng)
