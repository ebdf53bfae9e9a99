"""Movements of a pod that are no running: a leg on a bicycle, a seat in a car, a pod swung by its strap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from tests.rig.sample_file import RawArray, raw_samples

FloatArray = NDArray[np.float64]

GRAVITY_MPS2 = 9.80665


def cycling(rate_hz: int, seconds: float, cadence_rpm: float, road_g: float, seed: int = 0) -> RawArray:
    """Shank of a seated cyclist: crank 0.17 m, thigh 0.42 m, shank 0.46 m; a road that shakes each axis by `road_g`."""
    t_s = np.arange(0, seconds, 1 / rate_hz)
    phase = 2 * np.pi * np.cumsum(cadence_rpm / 60 * (1 + 0.05 * np.sin(t_s / 3))) / rate_hz
    hip = np.array([-0.22, 0.60])
    ankle = 0.17 * np.stack([np.sin(phase), np.cos(phase)], axis=1) + np.array([0.02, 0.05])
    thigh, shank = 0.42, 0.46
    to_ankle = ankle - hip
    distance = np.linalg.norm(to_ankle, axis=1)
    at_hip = np.arccos((thigh**2 + distance**2 - shank**2) / (2 * thigh * distance))
    direction = np.arctan2(to_ankle[:, 1], to_ankle[:, 0]) + at_hip
    knee = hip + thigh * np.stack([np.cos(direction), np.sin(direction)], axis=1)
    along = knee - ankle
    angle = -np.arctan2(along[:, 0], along[:, 1])
    return in_plane(angle, ankle + 0.35 * along, rate_hz, road_g, 25.0, seed)


def riding(rate_hz: int, seconds: float, road_g: float, seed: int = 0) -> RawArray:
    """A leg at rest in a car."""
    t_s = np.arange(0, seconds, 1 / rate_hz)
    angle = np.radians(20) * np.sin(t_s / 5)
    return in_plane(angle, np.zeros((len(t_s), 2)), rate_hz, road_g, 12.0, seed)


def swung(rate_hz: int, seconds: float, frequency_hz: float, seed: int = 0) -> RawArray:
    """A pod that swings back and forth in a hand by 40 degrees."""
    t_s = np.arange(0, seconds, 1 / rate_hz)
    phase = 2 * np.pi * frequency_hz * t_s
    path = np.stack([0.1 * np.sin(phase + 1), 0.05 * np.sin(2 * phase)], axis=1)
    return in_plane(np.radians(40) * np.sin(phase), path, rate_hz, 0.3, 20.0, seed)


def in_plane(
    angle: FloatArray, place_m: FloatArray, rate_hz: int, shaking_g: float, band_hz: float, seed: int
) -> RawArray:
    """Registers of a sensor (x ahead, y up, z right) that turns by `angle`, rad, and moves along `place_m` (n, 2)."""
    rng = np.random.default_rng(seed)
    velocity = np.gradient(place_m, 1 / rate_hz, axis=0)
    force_g = np.gradient(velocity, 1 / rate_hz, axis=0) / GRAVITY_MPS2 + np.array([0.0, 1.0])
    shaking = gaussian_filter1d(rng.standard_normal((len(angle), 3)), rate_hz / (2 * np.pi * band_hz), axis=0)
    c, s = np.cos(angle), np.sin(angle)
    still = np.zeros(len(angle))
    accel_g = np.stack([c * force_g[:, 0] + s * force_g[:, 1], c * force_g[:, 1] - s * force_g[:, 0], still], axis=1)
    gyro_dps = np.stack([still, still, np.degrees(np.gradient(angle, 1 / rate_hz))], axis=1)
    return raw_samples(
        accel_g + shaking * shaking_g / shaking.std(), gyro_dps + 3.0 * rng.standard_normal((len(angle), 3))
    )
