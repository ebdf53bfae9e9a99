"""The way of the shin, against a gait whose motion is a formula and against the rig's truth."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from surefoot.analysis import analyze
from surefoot.gait.path import PathParameters, SensorPlace, shin_path, smoothed_ratio, strapdown
from surefoot.motion.movement import Movement
from surefoot.settings import Settings
from surefoot.validation.score import Score, score
from tests.analyses import recording_of
from tests.hand_made import sagittal_movement
from tests.rig.mounting import Mounting
from tests.rig.script import FOREFOOT, FOREFOOT_CLEAN, Stretch
from tests.rig.virtual_runner import build

FloatArray = NDArray[np.float64]

RATE_HZ = 500.0
G_MPS2 = 9.80665
STRIDE_S, CONTACT_SHARE, STRIDES = 0.7, 0.3, 24
HEIGHT_M, AHEAD_M = 0.145, 0.03
PENDULUM = PathParameters(ankle_forward_mps=0.0, sensor_ahead_m=AHEAD_M)
"""The shin of the formula turns about an ankle that does not move at all in stance, not even by a runner's few cm/s."""


def _smooth_step(x: FloatArray) -> FloatArray:
    x = np.clip(x, 0, 1)
    return x**4 * (35 - 84 * x + 70 * x**2 - 20 * x**3)


def _pendulum(length_m: float, grade: float) -> Movement:
    """A shin that turns about a resting ankle in stance, and whose ankle goes one stride ahead in swing.

    The ankle moves along the ground by `length_m` (as the crow flies) with a lift of 0.2 m in mid-swing; the shin angle
    is a sine. Position is sampled 20 times finer and differentiated, so that nothing of the product is used.
    """
    fine = 20
    t_s = np.arange(int(STRIDES * STRIDE_S * RATE_HZ * fine)) / (RATE_HZ * fine)
    stride = np.floor(t_s / STRIDE_S)
    phase = t_s / STRIDE_S - stride
    swing = (phase - CONTACT_SHARE) / (1 - CONTACT_SHARE)
    along = length_m * (stride + _smooth_step(swing))
    lift = 0.2 * np.where(swing > 0, np.sin(np.pi * np.clip(swing, 0, 1)) ** 4, 0.0)
    slope = np.arctan(grade)
    x = along * np.cos(slope) - lift * np.sin(slope)
    z = along * np.sin(slope) + lift * np.cos(slope)
    angle = np.radians(-30) + np.radians(38) * np.cos(2 * np.pi * (phase + 0.03)) + slope
    x += AHEAD_M * np.cos(angle) - HEIGHT_M * np.sin(angle)
    z += AHEAD_M * np.sin(angle) + HEIGHT_M * np.cos(angle)
    step_s = 1 / (RATE_HZ * fine)
    forward, up = (np.gradient(np.gradient(way, step_s), step_s) / G_MPS2 for way in (x, z))
    turning_dps = np.degrees(np.gradient(angle, step_s))
    forward, up, turning_dps, angle = (values[::fine] for values in (forward, up + 1.0, turning_dps, angle))
    accel_g = np.column_stack(
        [
            forward * np.cos(angle) + up * np.sin(angle),
            -forward * np.sin(angle) + up * np.cos(angle),
            np.zeros(len(angle)),
        ]
    )
    gyro_dps = np.column_stack([np.zeros((len(angle), 2)), turning_dps])
    return sagittal_movement(RATE_HZ, accel_g, gyro_dps, np.degrees(angle))


@pytest.mark.parametrize("length_m", [1.4, 2.1, 2.8])
@pytest.mark.parametrize("grade", [-0.20, -0.08, 0.0, 0.08])
def test_a_pendulum_walks_as_far_and_as_high_as_its_formula(length_m: float, grade: float) -> None:
    move = _pendulum(length_m, grade)
    contact = np.arange(1, STRIDES - 1) * STRIDE_S * RATE_HZ
    follows = np.arange(len(contact)) < len(contact) - 1
    path = shin_path(
        move,
        strapdown(move),
        contact,
        contact + CONTACT_SHARE * STRIDE_S * RATE_HZ,
        follows,
        SensorPlace(HEIGHT_M, "unknown"),
        PENDULUM,
    )
    inner = slice(1, -2)
    slope = np.arctan(grade)
    assert path.time_s[inner] == pytest.approx(STRIDE_S)
    assert path.run_m[inner] == pytest.approx(length_m * np.cos(slope), rel=0.01)
    assert path.rise_m[inner] == pytest.approx(length_m * np.sin(slope), abs=0.012 * length_m)
    assert path.turn_deg[inner] == pytest.approx(0, abs=1e-6)
    assert np.isnan(path.run_m[-1])


def test_a_stride_whose_end_is_unknown_has_no_path() -> None:
    move = _pendulum(2.1, 0.0)
    contact = np.arange(1, STRIDES - 1) * STRIDE_S * RATE_HZ
    toe_off = contact + CONTACT_SHARE * STRIDE_S * RATE_HZ
    toe_off[5] = np.nan
    follows = np.ones(len(contact), dtype=bool)
    follows[[4, 5, 12, -1]] = False
    path = shin_path(move, strapdown(move), contact, toe_off, follows, SensorPlace(HEIGHT_M, "unknown"), PENDULUM)
    assert np.flatnonzero(np.isnan(path.run_m)).tolist() == [4, 5, 12, len(contact) - 1]
    assert np.nanmax(np.abs(path.run_m - 2.1)) < 0.03


def test_strapdown_of_a_constant_push() -> None:
    """0.1 g forward for two seconds: v = at and s = at^2 / 2; standing on the way up costs nothing."""
    count = 1001
    accel_g = np.tile([0.1, 1.0, 0.0], (count, 1))
    found = strapdown(sagittal_movement(RATE_HZ, accel_g, np.zeros((count, 3)), np.zeros(count)))
    assert found.velocity[-1] == pytest.approx([0.1 * G_MPS2 * 2, 0, 0], abs=1e-6)
    assert found.position[-1] == pytest.approx([0.1 * G_MPS2 * 2**2 / 2, 0, 0], rel=1e-3, abs=1e-6)


def test_a_smoothed_ratio_weighs_what_counts() -> None:
    part, whole = np.array([1.0, 2.0, 30.0, 4.0]), np.array([10.0, 10.0, 10.0, 20.0])
    counts = np.array([True, True, False, True])
    assert smoothed_ratio(part, whole, counts, 3) == pytest.approx([3 / 20, 3 / 20, 6 / 30, 4 / 20])
    assert smoothed_ratio(part, whole, np.zeros(4, dtype=bool), 3).tolist() == [0, 0, 0, 0]


@cache
def _on_a_slope(speed_mps: float, grade: float, stand: bool) -> Score:
    script = [Stretch("stand", 6)] * stand + [Stretch("run", 30, speed_mps=speed_mps, grade=grade)]
    run = build(script, FOREFOOT_CLEAN)
    return score(run.truth, analyze(recording_of(run), Settings(sensor_height_m=0.145)).strides)


@pytest.mark.parametrize("stand", [False, True])
@pytest.mark.parametrize("grade", [-0.08, 0.0, 0.08])
@pytest.mark.parametrize("speed_mps", [2.5, 3.2, 4.0])
def test_speed_and_grade_of_a_runner_on_a_slope(speed_mps: float, grade: float, stand: bool) -> None:
    found = _on_a_slope(speed_mps, grade, stand)
    assert abs(found.speed_pct.bias) <= 3
    assert abs(found.grade_points.bias) <= 3


@pytest.mark.parametrize("height_m", [0.10, 0.20])
def test_the_height_of_the_sensor_is_allowed_for(height_m: float) -> None:
    """The same runner with the pod lower and higher, told where it sits."""
    run = build([Stretch("run", 30, speed_mps=3.0)], FOREFOOT_CLEAN, Mounting(height_m=height_m))
    found = score(run.truth, analyze(recording_of(run), Settings(sensor_height_m=height_m)).strides)
    assert found.recall == 1
    assert abs(found.speed_pct.bias) <= 4


def test_a_descent_after_a_level_start_is_told_from_it() -> None:
    """One run over changing ground: each part has its own grade to 3 points."""
    parts = (0.0, -0.10, 0.06)
    script = [Stretch("stand", 6), *(Stretch("run", 45, speed_mps=3.0, grade=grade) for grade in parts)]
    run = build(script, FOREFOOT)
    strides = analyze(recording_of(run), Settings(sensor_height_m=0.145)).strides
    for number, grade in enumerate(parts):
        start_s = 6 + 45 * number
        inside = strides["contact_s"].between(start_s + 10, start_s + 35)
        assert strides.loc[inside, "grade"].mean() == pytest.approx(grade, abs=0.03)
        assert strides.loc[inside, "rise_m"].sum() / strides.loc[inside, "stride_length_m"].sum() == pytest.approx(
            np.sin(np.arctan(grade)), abs=0.03
        )
