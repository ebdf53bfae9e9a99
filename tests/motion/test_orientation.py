"""Which way is up, and what the gyroscope adds of its own: against physics and plain integration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from surefoot.motion.movement import Movement, movement
from surefoot.motion.orientation import from_turned_axes, stride_means, to_earth, up_in_axes
from tests.analyses import recording_of, treadmill_recording
from tests.recordings import TREADMILL
from tests.rig.mounting import PERFECT, Sensor
from tests.rig.plain_strapdown import strapdown
from tests.rig.script import FOREFOOT, FOREFOOT_CLEAN, Stretch
from tests.rig.virtual_runner import build

FloatArray = NDArray[np.float64]


def _up_in_sensor(move: Movement) -> FloatArray:
    return move.up @ move.alignment.rotation


def _between_deg(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.degrees(np.arccos(np.clip((a * b).sum(axis=-1), -1, 1)))


@pytest.mark.parametrize("name", TREADMILL)
def test_over_whole_strides_the_mean_force_is_gravity(name: str) -> None:
    """A runner on a belt gains no speed, so the specific force of whole strides is 1.000 g up, on average."""
    move = movement(treadmill_recording(name))
    force_g = to_earth(move.quaternion, move.pieces.accel_g)
    mean_g = force_g[move.peak[0] : move.peak[-1]].mean(axis=0)
    assert mean_g == pytest.approx([0, 0, 1], abs=0.005)


@pytest.mark.parametrize(("name", "grade"), [("down08", -0.08), ("down15", -0.15), ("up06", 0.06)])
def test_gravity_turned_by_a_slope_is_found_turned_by_it(name: str, grade: float) -> None:
    """The same movement with gravity turned: in the sensor, up differs by the slope at every sample."""
    level, sloped = (
        _up_in_sensor(movement(treadmill_recording(file, 200))) for file in ("rbds001_35_R", f"rbds001_35_R_{name}")
    )
    inner = slice(200, -200)
    turned_deg = _between_deg(level[inner], sloped[inner])
    assert turned_deg == pytest.approx(np.degrees(np.arctan(abs(grade))), abs=0.5)


def test_up_agrees_with_plain_integration_from_rest() -> None:
    run = build([Stretch("stand", 4), Stretch("run", 16, speed_mps=3.0)], FOREFOOT_CLEAN, sensor=PERFECT)
    matrix, _ = strapdown(run)
    move = movement(recording_of(run))
    off_deg = _between_deg(_up_in_sensor(move), matrix[:, 1, :])
    assert np.median(off_deg) < 1.0
    assert np.percentile(off_deg, 99) < 2.5


@pytest.mark.parametrize(("name", "rate_hz"), [(n, hz) for n, r in TREADMILL.items() for hz in r.impact_rates_hz])
def test_the_bias_of_the_impact_files_is_found(name: str, rate_hz: int) -> None:
    """Their gyroscope is (1.5, -0.8, 0.6) deg/s off; about the axis of the swing it would tilt everything."""
    move = movement(treadmill_recording(name, rate_hz, True))
    right = TREADMILL[name].axes[2]
    assert move.bias_dps @ right == pytest.approx(np.array([1.5, -0.8, 0.6]) @ right, abs=0.5)


@pytest.mark.parametrize("bias_dps", [(5.0, 0.0, 0.0), (0.0, -5.0, 0.0), (0.0, 0.0, 5.0), (2.0, -1.0, -3.0)])
def test_a_moment_of_standing_gives_the_whole_bias(bias_dps: tuple[float, float, float]) -> None:
    run = build([Stretch("stand", 6), Stretch("run", 15)], FOREFOOT, sensor=Sensor(gyro_bias_dps=bias_dps))
    move = movement(recording_of(run))
    assert move.bias_dps == pytest.approx(bias_dps, abs=0.15)
    assert [c.code for c in move.conditions] == ["gyro_bias"]
    size = np.linalg.norm(bias_dps)
    assert (
        f"{size:.1f} deg/s" in move.conditions[0].sentence or f"{size + 0.1:.1f} deg/s" in move.conditions[0].sentence
    )


@pytest.mark.parametrize("name", ["rbds001_35_R", "jdx_s999_L"])
@pytest.mark.parametrize("bias_dps", [-5.0, 5.0])
def test_running_alone_gives_the_bias_about_the_swing(name: str, bias_dps: float) -> None:
    recording, right = treadmill_recording(name), TREADMILL[name].axes[2]
    plain = movement(recording)
    other = movement(replace(recording, gyro_dps=recording.gyro_dps + bias_dps * right))
    assert (other.bias_dps - plain.bias_dps) @ right == pytest.approx(bias_dps, abs=0.5)
    assert _between_deg(_up_in_sensor(plain), _up_in_sensor(other)).max() < 1.0


def test_turning_vectors_agrees_with_matrices() -> None:
    rng = np.random.default_rng(2)
    rotations = Rotation.random(50, rng=rng)
    vectors = rng.normal(size=(50, 3))
    quaternion = rotations.as_quat(scalar_first=True)
    assert to_earth(quaternion, vectors) == pytest.approx(rotations.apply(vectors))
    assert up_in_axes(quaternion) == pytest.approx(rotations.inv().apply([0, 0, 1]))
    axes = Rotation.random(rng=rng).as_matrix()
    assert to_earth(from_turned_axes(quaternion, axes), vectors @ axes.T) == pytest.approx(rotations.apply(vectors))


def test_means_of_strides() -> None:
    values = np.column_stack([np.arange(10.0), np.ones(10)])
    means = stride_means(values, np.array([0, 4]), np.array([4, 10]))
    assert means == pytest.approx(np.array([[1.5, 1], [6.5, 1]]))
