"""Recorded strides as motion: path of the ankle over the ground and angles of the shin, ready to be run again.

From the samples alone, with what is known of a treadmill: the gyro is integrated, the mean specific force over whole
strides is straight up, the runner does not leave the belt, and the belt carries the foot straight back.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.spatial.transform import Rotation

from tests.recordings import TREADMILL, TreadmillRecording, shank_mean_cycle
from tests.rig.shin_kinematics import GRAVITY_MPS2, angle_rates, angles_of, lever, to_world

FloatArray = NDArray[np.float64]

TABLE_HZ = 4000
"""Motion is kept this dense, so that reading between two rows needs no more than a straight line."""

VELOCITY, ACCELERATION, ANGLES, RATES = (slice(i, i + 3) for i in (0, 3, 6, 9))
"""Columns of a motion table: ankle velocity over ground (m/s), its derivative, shin angles (rad), their rates."""


@dataclass(frozen=True)
class Gait:
    """One recorded gait of a right leg.

    Attributes
    ----------
    table : array, shape (n, 12)
        Motion at `TABLE_HZ`; columns as `VELOCITY`, `ACCELERATION`, `ANGLES`, `RATES`.
    contact_s, stride_time_s, contact_share : array, shape (strides,)
        Contacts on the table's clock, stride times, and the part of the stride that the foot is down.
    stride_length_m, stride_time_mean_s : float
        Means over the recording.
    event_source : str
        'grf' where a force plate measured the contacts, 'estimated' where they were read off the curves.
    """

    table: FloatArray
    contact_s: FloatArray
    stride_time_s: FloatArray
    contact_share: FloatArray
    stride_length_m: float
    stride_time_mean_s: float
    event_source: str


def recover_attitude(
    t_s: FloatArray, accel_g: FloatArray, gyro_dps: FloatArray, whole: NDArray[np.bool_]
) -> FloatArray:
    """Attitude matrices of samples in shin axes; `whole` marks whole strides, over which the mean force is up."""
    rate = np.radians(gyro_dps)
    step_s = np.diff(t_s)[:, None]
    turned = np.diff(CubicSpline(t_s, rate).antiderivative()(t_s), axis=0)
    turned += np.cross(rate[:-1], rate[1:]) * step_s**2 / 12
    steps = Rotation.from_rotvec(turned).as_matrix()
    matrix = np.empty((len(t_s), 3, 3))
    matrix[0] = np.eye(3)
    for i, step in enumerate(steps):
        matrix[i + 1] = matrix[i] @ step
    up = to_world(matrix, accel_g)[whole].mean(axis=0)
    tilt, _ = Rotation.align_vectors([[0.0, 1.0, 0.0]], [up])
    return tilt.as_matrix() @ matrix


def _turned_forward(matrix: FloatArray, backward: FloatArray) -> FloatArray:
    """Turn attitudes about the vertical so that the direction `backward` becomes -x."""
    heading = np.arctan2(-backward[2], -backward[0])
    return Rotation.from_rotvec([0.0, heading, 0.0]).as_matrix() @ matrix


def recover_motion(
    t_s: FloatArray,
    accel_g: FloatArray,
    gyro_dps: FloatArray,
    *,
    contact_s: FloatArray,
    toe_off_s: FloatArray,
    foot_path_m: FloatArray,
    offset_m: FloatArray,
) -> FloatArray:
    """Motion table at the rate of the samples; `contact_s` has one entry more than `toe_off_s` and `foot_path_m`.

    The velocity's slow drift is taken off so that each stride covers its `foot_path_m`, and nothing up or sideways.
    """
    rate_hz = (len(t_s) - 1) / (t_s[-1] - t_s[0])
    matrix = recover_attitude(t_s, accel_g, gyro_dps, (t_s >= contact_s[0]) & (t_s < contact_s[-1]))
    down_s = toe_off_s - contact_s[:-1]
    for _ in range(2):
        acceleration = (to_world(matrix, accel_g) - np.array([0.0, 1.0, 0.0])) * GRAVITY_MPS2
        _, sensor_acceleration = lever(matrix, np.radians(gyro_dps), offset_m, rate_hz)
        acceleration -= sensor_acceleration
        velocity = CubicSpline(t_s, acceleration).antiderivative()(t_s)
        travelled = np.diff(CubicSpline(t_s, velocity).antiderivative()(contact_s), axis=0)
        wanted = np.column_stack([foot_path_m, np.zeros_like(foot_path_m), np.zeros_like(foot_path_m)])
        error = (travelled - wanted) / np.diff(contact_s)[:, None]
        middle = (contact_s[1:] + contact_s[:-1]) / 2
        drift = [np.polynomial.Polynomial.fit(middle, error[:, axis], 3) for axis in range(3)]
        velocity -= np.column_stack([d(t_s) for d in drift])
        acceleration -= np.column_stack([d.deriv()(t_s) for d in drift])
        # In early stance the foot stands on the belt, so the lab sees the ankle carried straight back.
        standing = (
            (t_s[:, None] > contact_s[:-1] + 0.25 * down_s) & (t_s[:, None] < contact_s[:-1] + 0.5 * down_s)
        ).any(1)
        belt_mps = (foot_path_m / np.diff(contact_s)).mean()
        matrix = _turned_forward(matrix, velocity[standing].mean(axis=0) - np.array([belt_mps, 0.0, 0.0]))
    angles = angles_of(matrix)
    return np.hstack([velocity, acceleration, angles, angle_rates(angles, np.radians(gyro_dps))])


def _dense(t_s: FloatArray, motion: FloatArray) -> FloatArray:
    return np.asarray(CubicSpline(t_s, motion)(np.arange(0.0, t_s[-1], 1 / TABLE_HZ)))


def sensor_offset_m(height_m: float) -> FloatArray:
    """Sensor from the ankle in shin axes of a right leg: 30 mm ahead and 20 mm medial, as the rbds001 recordings."""
    return np.array([0.030, height_m, -0.020])


@cache
def treadmill_gait(name: str) -> Gait:
    """Motion of one of the level 500 Hz treadmill recordings of a right leg."""
    recording: TreadmillRecording = TREADMILL[name]
    t_s, accel_g, gyro_dps = recording.shin_samples()
    truth = recording.truth()
    contact_s = np.append(truth.contact_s, truth.next_contact_s.iloc[-1])
    motion = recover_motion(
        t_s,
        accel_g,
        gyro_dps,
        contact_s=contact_s,
        toe_off_s=truth.toeoff_s.to_numpy(),
        foot_path_m=truth.foot_path_m.to_numpy(),
        offset_m=sensor_offset_m(recording.sensor_height_m),
    )
    inner = slice(1, -1)  # the first and the last stride have no neighbour to fade into
    return Gait(
        _dense(t_s, motion),
        contact_s[:-1][inner],
        np.diff(contact_s)[inner],
        (truth.contact_time_s / truth.stride_time_s).to_numpy()[inner],
        float(truth.stride_length_m[inner].mean()),
        float(truth.stride_time_s[inner].mean()),
        "grf",
    )


MEAN_CYCLE = {
    # stride time that makes the mean specific force 1 g; contact and toe-off as parts of the cycle, read off the curves
    "running": {"speed_mps": 3.47, "stride_time_s": 0.73, "contact": 0.21, "toe_off": 0.50},
    "walking": {"speed_mps": 1.29, "stride_time_s": 1.17, "contact": 0.02, "toe_off": 0.64},
}
MEAN_CYCLE_HEIGHT_M = 0.20
"""The source does not state the sensor's height; this is an assumption."""


@cache
def mean_cycle_gait(gait: Literal["running", "walking"]) -> Gait:
    """Motion of the repeated mean cycle of a real shank sensor; contacts are estimated, its path is not a reference."""
    facts = MEAN_CYCLE[gait]
    accel_g, gyro_dps = shank_mean_cycle(gait)
    cycles, period_s = 8, facts["stride_time_s"]
    samples = np.arange(100 * cycles + 1)
    t_s = samples * period_s / 100
    gyro_dps = gyro_dps - gyro_dps.mean(axis=0)
    contact_s: FloatArray = (np.arange(cycles, dtype=np.float64) + facts["contact"]) * period_s
    toe_off_s: FloatArray = (np.arange(cycles - 1, dtype=np.float64) + facts["toe_off"]) * period_s
    length_m = facts["speed_mps"] * period_s
    motion = recover_motion(
        t_s,
        accel_g[samples % 100],
        gyro_dps[samples % 100],
        contact_s=contact_s,
        toe_off_s=toe_off_s,
        foot_path_m=np.full(cycles - 1, length_m),
        offset_m=sensor_offset_m(MEAN_CYCLE_HEIGHT_M),
    )
    strides = slice(2, 6)
    share = facts["toe_off"] - facts["contact"]
    return Gait(
        _dense(t_s, motion),
        contact_s[strides],
        np.full(4, period_s),
        np.full(4, share),
        length_m,
        period_s,
        "estimated",
    )
