"""The shin's axes in the sensor, against the axes that the recordings are known to have."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from surefoot.gait.path import SensorPlace
from surefoot.gait.side import guess_side
from surefoot.gait.strides import find_strides
from surefoot.motion.alignment import pitched, shin_angle_deg
from surefoot.motion.movement import Movement, movement
from tests.analyses import recording_of, treadmill_recording, turned
from tests.recordings import TREADMILL
from tests.rig.mounting import Mounting
from tests.rig.script import FOREFOOT, FOREFOOT_CLEAN, Runner, Stretch
from tests.rig.virtual_runner import build

FloatArray = NDArray[np.float64]


def _between_deg(a: FloatArray, b: FloatArray) -> FloatArray:
    """Angles between the rows of two sets of axes."""
    return np.degrees(np.arccos(np.clip((a * b).sum(axis=1), -1, 1)))


@cache
def _running_only(name: str) -> Movement:
    reference = TREADMILL[name]
    return find_strides(
        movement(treadmill_recording(name)), SensorPlace(reference.sensor_height_m, reference.side)
    ).move


@pytest.mark.parametrize("name", TREADMILL)
def test_axes_from_the_running_alone(name: str) -> None:
    """Right-handed, and each within 12 degrees of the axis that the marker clusters define."""
    move = _running_only(name)
    assert move.alignment.method == "running"
    assert move.alignment.rotation @ move.alignment.rotation.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(move.alignment.rotation) == pytest.approx(1)
    assert (_between_deg(move.alignment.rotation, TREADMILL[name].axes) <= 12).all()
    assert 0.8 < move.alignment.quality <= 1


@pytest.mark.parametrize("name", TREADMILL)
def test_the_leg_is_guessed(name: str) -> None:
    assert guess_side(_running_only(name)) == TREADMILL[name].side


@pytest.mark.parametrize("name", ["rbds001_25_L", "jdx_s999_R"])
def test_the_leg_is_guessed_however_the_pod_sits(name: str) -> None:
    for rotation in Rotation.random(3, rng=np.random.default_rng(5)).as_matrix():
        move = movement(turned(treadmill_recording(name), rotation))
        assert guess_side(move) == TREADMILL[name].side


@pytest.mark.parametrize("runner", [FOREFOOT, FOREFOOT_CLEAN])
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("turned_deg", [(0, 0, 0), (180, 0, 0), (20, -130, 40)])
def test_standing_settles_the_axial_axis(runner: Runner, side: str, turned_deg: tuple[float, float, float]) -> None:
    """The standing shin of the rig is upright to 2 degrees."""
    mounting = Mounting(side=side, turned_deg=turned_deg)  # type: ignore[arg-type]
    run = build([Stretch("stand", 8), Stretch("run", 25, speed_mps=3.0)], runner, mounting)
    move = movement(recording_of(run))
    true_axes = Rotation.from_euler("xyz", turned_deg, degrees=True).as_matrix().T
    assert move.alignment.method == "standing"
    forward, axial, right = _between_deg(move.alignment.rotation, true_axes)
    assert axial <= 3
    assert max(forward, right) <= 12
    assert guess_side(move) == side


def test_a_pod_that_lies_on_a_table_is_not_standing() -> None:
    """Stillness in which the sensor lies across is no posture of a leg."""
    run = build([Stretch("stand", 8), Stretch("run", 25, speed_mps=3.0)], FOREFOOT)
    recording = recording_of(run)
    still = recording.t_s < 7
    recording.accel_g[still] = recording.accel_g[still] @ Rotation.from_euler("x", 90, degrees=True).as_matrix()
    assert movement(recording).alignment.method == "running"


@pytest.mark.parametrize(("up", "angle_deg"), [((0, 1, 0), 0), ((1, 1, 0), 45), ((-1, 0, 0), -90), ((1, 1, 9), 45)])
def test_the_shin_angle_has_its_sign(up: tuple[float, float, float], angle_deg: float) -> None:
    """A shin whose forward axis points up has its ankle ahead of its knee."""
    assert shin_angle_deg(np.array(up, dtype=float)) == pytest.approx(angle_deg)


@pytest.mark.parametrize("angle_deg", [-20.0, 5.0])
def test_pitching_makes_every_shin_angle_smaller(angle_deg: float) -> None:
    move = _running_only("rbds001_35_R")
    other = move.pitched(angle_deg)
    change = shin_angle_deg(move.up) - shin_angle_deg(other.up)
    upright = np.hypot(move.up[:, 0], move.up[:, 1]) > 0.5
    assert (change[upright] + 180) % 360 - 180 == pytest.approx(angle_deg, abs=1e-6)
    assert other.alignment.rotation == pytest.approx(pitched(move.alignment, angle_deg).rotation)
    assert np.linalg.norm(other.pieces.accel_g, axis=1) == pytest.approx(np.linalg.norm(move.pieces.accel_g, axis=1))
    assert other.pieces.gyro_dps[:, 2] == pytest.approx(move.pieces.gyro_dps[:, 2])
