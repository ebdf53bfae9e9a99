"""The plain zero-velocity path of the foot-mounted literature, put on the shank.

As in Zrenner, Gradl, Jensen, Ullrich & Eskofier 2018, Sensors 18:4194 (after Rampp et al. 2015, IEEE TBME 62:1089):
the sensor is taken to stand still once per stance; specific force is turned into the world, gravity taken off, and
integrated from each such instant to the next; the velocity left over at the end is removed linearly, and what remains
is integrated to a path. On the shank the premise is wrong, since it turns over the ankle all through stance: this shows
what that costs.

Left open, and chosen here: the instant is the middle of the 50 ms of stance with the least angular rate (gyroscope
energy, as Rampp does), in the stances that are given; the least spread of acceleration and the upright shank were tried
too and did worse. Orientation comes from an offline filter (VQF) over the whole recording and not from gravity at that
instant, as a running shank has no instant at which it feels gravity alone: this favours the method.
"""

from __future__ import annotations

import numpy as np
import vqf
from scipy.integrate import cumulative_trapezoid
from scipy.ndimage import uniform_filter1d
from scipy.spatial.transform import Rotation

from tests.published.strides import FloatArray, IntArray, sampling_rate_hz

G_MPS2 = 9.80665
STILL_FOR_S = 0.050


def stride_length_m(
    t_s: FloatArray, accel_g: FloatArray, gyro_dps: FloatArray, contact_s: FloatArray, toe_off_s: FloatArray
) -> FloatArray:
    """Horizontal path per stride, m, one for each given stance but nan for the last and at gaps in the strides."""
    rate_hz = sampling_rate_hz(t_s)
    still = _still_samples(gyro_dps, np.searchsorted(t_s, contact_s), np.searchsorted(t_s, toe_off_s), rate_hz)
    velocity_mps = cumulative_trapezoid(_world_acceleration_mps2(accel_g, gyro_dps, rate_hz), t_s, axis=0, initial=0.0)
    position_m = cumulative_trapezoid(velocity_mps, t_s, axis=0, initial=0.0)

    # Taking off a velocity drift that is linear between both ends shortens the path by the trapezoid of these two.
    duration_s = np.diff(t_s[still])[:, None]
    drift_m = duration_s * (velocity_mps[still[:-1]] + velocity_mps[still[1:]]) / 2
    path_m = np.diff(position_m[still], axis=0) - drift_m
    return np.append(np.linalg.norm(path_m[:, :2], axis=1), np.nan)


def _still_samples(gyro_dps: FloatArray, starts: IntArray, stops: IntArray, rate_hz: float) -> IntArray:
    energy = uniform_filter1d((gyro_dps**2).sum(axis=1), max(int(STILL_FOR_S * rate_hz), 1))
    return np.array([start + np.argmin(energy[start:stop]) for start, stop in zip(starts, stops, strict=True)])


def _world_acceleration_mps2(accel_g: FloatArray, gyro_dps: FloatArray, rate_hz: float) -> FloatArray:
    accel_mps2 = np.ascontiguousarray(accel_g * G_MPS2)
    orientation = vqf.offlineVQF(np.ascontiguousarray(np.radians(gyro_dps)), accel_mps2, None, 1 / rate_hz, {})
    to_world = Rotation.from_quat(orientation["quat6D"][:, [1, 2, 3, 0]])
    return to_world.apply(accel_mps2) - [0.0, 0.0, G_MPS2]
