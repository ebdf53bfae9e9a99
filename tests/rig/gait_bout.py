"""A bout of running or walking: recorded strides run again at any speed, cadence and grade, with their truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.rig.changes import (
    BEFORE,
    braking_acceleration,
    harder_acceleration,
    landings,
    off_plane_angles,
    reach_acceleration,
    reach_angle,
    transient_acceleration,
)
from tests.rig.gait_schedule import Placed, Schedule, plan
from tests.rig.motion import FADE_S, INNER_HZ, Motion, grid, smooth_step, smooth_step_slope
from tests.rig.script import Runner, Transient
from tests.rig.shin_kinematics import GRAVITY_MPS2, attitude, body_rates, lever
from tests.rig.stride_bank import ACCELERATION, ANGLES, RATES, TABLE_HZ, VELOCITY, Gait, sensor_offset_m

FloatArray = NDArray[np.float64]

JOIN_SHARE, JOIN_HALF = 0.64, 0.12
"""Where in the stride one recorded stride fades into the next (mid-swing), and half for how long; shares of it."""


def _read(table: FloatArray, time_s: FloatArray) -> FloatArray:
    position = np.clip(time_s * TABLE_HZ, 0, len(table) - 2)
    row = position.astype(np.int64)
    part = (position - row)[:, None]
    return table[row] * (1 - part) + table[row + 1] * part


def stride_motion(
    gaits: tuple[Gait, ...], schedule: Schedule, stride: NDArray[np.int64], time_s: FloatArray
) -> FloatArray:
    """Motion (n, 12) of the ankle at `time_s` as if stride number `stride` had no end, on the ground's slope."""
    into = (time_s - schedule.contact_s[stride]) / schedule.stride_time_s[stride]
    motion = np.zeros((len(time_s), 12))
    for gait, picks, weights in zip(gaits, schedule.picks, schedule.weights, strict=True):
        pick = picks[stride]
        faster = gait.stride_time_s[pick] / schedule.stride_time_s[stride]
        part = _read(gait.table, gait.contact_s[pick] + into * gait.stride_time_s[pick])
        part[:, VELOCITY] *= faster[:, None]
        part[:, ACCELERATION] *= faster[:, None] ** 2
        part[:, RATES] *= faster[:, None]
        motion += part * weights[stride, None]
    scale = schedule.scale[stride]
    motion *= np.hstack([scale[:, :3], scale[:, :3], np.repeat(scale[:, 3:], 6, axis=1)])
    slope_rad = schedule.slope_rad[stride]
    cosine, sine = np.cos(slope_rad), np.sin(slope_rad)
    for forward, up in ((0, 1), (3, 4)):
        motion[:, forward], motion[:, up] = (
            cosine * motion[:, forward] - sine * motion[:, up],
            sine * motion[:, forward] + cosine * motion[:, up],
        )
    motion[:, 6] += schedule.lean_rad[stride]
    return motion


def _ankle_motion(gaits: tuple[Gait, ...], schedule: Schedule, time_s: FloatArray) -> FloatArray:
    """Motion (n, 12) of the ankle through all strides, each fading into the next in mid-swing."""
    stride = np.searchsorted(schedule.contact_s, time_s, side="right") - 1
    into = (time_s - schedule.contact_s[stride]) / schedule.stride_time_s[stride]
    x = (into - JOIN_SHARE + JOIN_HALF) / (2 * JOIN_HALF)
    coming, fading = x > 0, (x > 0) & (x < 1)
    motion = stride_motion(gaits, schedule, stride + coming, time_s)
    inside, at = x[fading], stride[fading]
    weight = smooth_step(inside)[:, None]
    slope = (smooth_step_slope(inside) / (2 * JOIN_HALF * schedule.stride_time_s[at]))[:, None]
    old = stride_motion(gaits, schedule, at, time_s[fading])
    new = motion[fading]
    mixed = weight * new + (1 - weight) * old
    mixed[:, ACCELERATION] += slope * (new - old)[:, VELOCITY]
    mixed[:, RATES] += slope * (new - old)[:, ANGLES]
    motion[fading] = mixed
    return motion


def _yaw_rate(bout: list[Placed], time_s: FloatArray) -> FloatArray:
    rate = np.zeros(len(time_s))
    for placed in bout:
        if placed.stretch.kind == "turn":
            x = np.clip((time_s - placed.start_s) / (placed.end_s - placed.start_s), 0, 1)
            rate += (
                np.radians(placed.stretch.turn_deg) * np.pi / 2 * np.sin(np.pi * x) / (placed.end_s - placed.start_s)
            )
    return rate


def run_bout(
    bout: list[Placed], runner: Runner, height_m: float, rng: np.random.Generator
) -> tuple[Motion, pd.DataFrame]:
    """Motion of the sensor through neighbouring stretches of one gait, and a row of truth per stride inside them."""
    gaits = runner.gaits(bout[0].stretch.kind)
    schedule = plan(bout, runner, FADE_S, rng)
    first, time_s = grid(bout[0].start_s, bout[-1].end_s)
    ankle = _ankle_motion(gaits, schedule, time_s)
    angles, rates = ankle[:, ANGLES].copy(), ankle[:, RATES].copy()
    velocity, acceleration = lever(attitude(angles), body_rates(angles, rates), sensor_offset_m(height_m), INNER_HZ)
    motion = Motion(
        first,
        velocity + ankle[:, VELOCITY],
        acceleration + ankle[:, ACCELERATION],
        angles,
        rates,
        _yaw_rate(bout, time_s),
    )
    transient = runner.transient if bout[0].stretch.kind != "walk" else None
    _change_landings(motion, bout, schedule, transient, rng)
    motion.acceleration[:, 0] += motion.yaw_rate * motion.velocity[:, 2]
    motion.acceleration[:, 2] -= motion.yaw_rate * motion.velocity[:, 0]
    truth = _truth(bout, schedule, time_s, ankle[:, VELOCITY], angles[:, 0])
    truth["event_source"] = gaits[0].event_source
    return motion, truth


def _change_landings(
    motion: Motion, bout: list[Placed], schedule: Schedule, transient: Transient | None, rng: np.random.Generator
) -> None:
    """Put the invented shock and the changes of each stretch onto a motion, in place."""
    around = landings(schedule.contact_s, motion.first)
    # Where bouts fade into each other, strides stay as recorded: a faded change would not close its path.
    faded = round(2 * FADE_S * INNER_HZ)
    whole = (around.index[:, 0] >= faded) & (around.index[:, -1] < len(motion.angles) - faded)
    around = landings(schedule.contact_s[whole], motion.first)
    index = around.index
    stretches = [bout[i].stretch for i in schedule.placed[whole]]
    matrix = attitude(motion.angles[index.ravel()]).reshape(*index.shape, 3, 3)
    harder, reach_deg, braking, off_plane = np.array(
        [(s.changes.harder, s.changes.reach_deg, s.changes.braking, s.changes.off_plane) for s in stretches]
    ).T
    if transient is not None:
        size_mps2 = transient.size_g_per_mps * GRAVITY_MPS2 * np.array([s.speed_mps for s in stretches])
        motion.acceleration[index] += transient_acceleration(around, matrix[:, BEFORE], size_mps2, transient, rng)
    motion.acceleration[index] += harder_acceleration(around, matrix, motion.acceleration[index], harder)
    motion.acceleration[index] += braking_acceleration(around, matrix, motion.acceleration[index], braking)
    reach, reach_rate = reach_angle(around, reach_deg)
    motion.acceleration[index] += reach_acceleration(around, motion.acceleration[index], reach)
    motion.angles[index, 0] += reach
    motion.rates[index, 0] += reach_rate
    angle, rate = off_plane_angles(around, motion.rates[index], off_plane)
    motion.angles[index, 1:] += angle
    motion.rates[index, 1:] += rate


def _truth(
    bout: list[Placed], schedule: Schedule, time_s: FloatArray, velocity: FloatArray, theta: FloatArray
) -> pd.DataFrame:
    around = landings(schedule.contact_s, 0).index / INNER_HZ
    whole = (around[:, 0] >= bout[0].start_s + FADE_S) & (around[:, -1] < bout[-1].end_s - FADE_S)
    inside = whole[:-1] & whole[1:]
    stride = np.flatnonzero(inside)
    contact_s, next_contact_s = schedule.contact_s[stride], schedule.contact_s[stride + 1]
    stride_time_s = next_contact_s - contact_s
    contact_time_s = schedule.contact_share[stride] * schedule.stride_time_s[stride]
    path_m = np.vstack([np.zeros(3), np.cumsum((velocity[1:] + velocity[:-1]) / 2 / INNER_HZ, axis=0)])
    step_m = [
        np.interp(next_contact_s, time_s, path_m[:, i]) - np.interp(contact_s, time_s, path_m[:, i]) for i in (0, 1)
    ]
    slope = schedule.slope_rad[stride]
    length_m = step_m[0] * np.cos(slope) + step_m[1] * np.sin(slope)
    stretch = [bout[i].stretch for i in schedule.placed[stride]]
    return pd.DataFrame(
        {
            "contact_s": contact_s,
            "toeoff_s": contact_s + contact_time_s,
            "next_contact_s": next_contact_s,
            "stride_time_s": stride_time_s,
            "contact_time_s": contact_time_s,
            "stride_length_m": length_m,
            "speed_mps": length_m / stride_time_s,
            "cadence_spm": 120 / stride_time_s,
            "grade": np.tan(slope),
            "shin_angle_deg": np.degrees(np.interp(contact_s, time_s, theta)),
            "activity": "walking" if bout[0].stretch.kind == "walk" else "running",
            "turning": [s.kind == "turn" for s in stretch],
            "stretch": [bout[i].index for i in schedule.placed[stride]],
        }
    )
