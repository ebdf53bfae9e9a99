"""Offset and scale from poses: recovered within what is stated; and poses that no calibration comes from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.recording.units import accel_g
from surefoot.selftest.calibration import FACES, Calibration, CalibrationError, Pose, face_of, fit
from surefoot.wire.records import Start
from tests.rig.made_packets import start_packet
from tests.rig.table import FACES as DIRECTIONS
from tests.rig.table import tilted

ERROR_G = 2e-4
OFFSETS = st.tuples(*[st.floats(-0.3, 0.3)] * 3)
SCALES = st.tuples(*[st.floats(-0.1, 0.1)] * 3)


def poses(
    offset_g: tuple[float, ...],
    scale: tuple[float, ...],
    tilts_deg: list[tuple[float, float]],
    seed: int | None = None,
    order: list[int] | None = None,
) -> list[Pose]:
    rng = np.random.default_rng(seed)
    made = []
    for at in order or range(6):
        true_g = tilted(DIRECTIONS[at], *tilts_deg[at])
        noise_g = ERROR_G * rng.standard_normal(3) if seed is not None else 0.0
        made.append(Pose(true_g * (1 + np.array(scale)) + np.array(offset_g) + noise_g, np.full(3, ERROR_G)))
    return made


TILTS = st.lists(st.tuples(st.floats(0, 15), st.floats(0, 360)), min_size=6, max_size=6)


@settings(deadline=None)
@given(OFFSETS, SCALES, TILTS, st.permutations(list(range(6))))
def test_without_noise_it_is_exact(
    offset_g: tuple[float, ...], scale: tuple[float, ...], tilts_deg: list[tuple[float, float]], order: list[int]
) -> None:
    found = fit(poses(offset_g, scale, tilts_deg, order=order))
    assert found.offset_g == pytest.approx(offset_g, abs=1e-7)
    assert found.scale == pytest.approx(scale, abs=1e-7)


@settings(deadline=None)
@given(OFFSETS, SCALES, TILTS, st.integers(0, 2**32 - 1))
def test_with_noise_it_is_within_twice_what_is_stated(
    offset_g: tuple[float, ...], scale: tuple[float, ...], tilts_deg: list[tuple[float, float]], seed: int
) -> None:
    """Stated are two standard deviations; of the 600 numbers drawn here none should be five away."""
    found = fit(poses(offset_g, scale, tilts_deg, seed))
    assert np.all(np.abs(found.offset_g - offset_g) <= 2.5 * found.offset_error_g)
    assert np.all(np.abs(found.scale - scale) <= 2.5 * found.scale_error)
    assert np.all(found.offset_error_g < 4 * ERROR_G)


def test_what_is_stated_is_two_standard_deviations() -> None:
    """Over 300 draws of the noise, the spread of what is found is half of what is stated, to a tenth."""
    level = [(0.0, 0.0)] * 6
    found = [fit(poses((0.02, 0.0, -0.05), (0.01, 0.0, -0.02), level, seed)) for seed in range(300)]
    spread = np.std([one.offset_g for one in found], axis=0)
    assert 2 * spread == pytest.approx(found[0].offset_error_g, rel=0.12)
    # by hand: half the difference of two means, so an error of 2e-4 / sqrt(2), twice
    assert found[0].offset_error_g == pytest.approx([2 * ERROR_G / np.sqrt(2)] * 3, rel=0.02)


def test_the_convention_is_that_of_the_recordings() -> None:
    """A start packet with what was found makes 1 g of the raw counts, by `recording.units`."""
    found = fit(poses((0.05, -0.03, 0.08), (0.02, -0.03, 0.01), [(0.0, 0.0)] * 6))
    values = found.settings()
    assert values == (500, -300, 800, 200, -300, 100)
    start = Start.from_bytes(start_packet(1)[16:])
    told = Start(**{**vars(start), "accel_offset_100ug": values[:3], "accel_scale_e4": values[3:]})
    raw = np.array([[round((1.02 + 0.05) * 2048), round(-0.03 * 2048), round(0.08 * 2048), 0, 0, 0]], np.int16)
    assert accel_g(raw, told)[0] == pytest.approx([1, 0, 0], abs=5e-4)


@settings(deadline=None)
@given(st.sets(st.integers(0, 5), max_size=5))
def test_missing_faces_are_named(which: set[int]) -> None:
    some = [pose for at, pose in enumerate(poses((0.02,) * 3, (0.01,) * 3, [(3.0, 10.0)] * 6)) if at in which]
    with pytest.raises(CalibrationError) as raised:
        fit(some)
    assert set(raised.value.faces) == {face for at, face in enumerate(FACES) if at not in which}


def test_six_poses_in_one_half_are_refused() -> None:
    up = [tilted(DIRECTIONS[4], 10.0 * at, 60.0 * at) for at in range(6)]
    with pytest.raises(CalibrationError, match="Z down"):
        fit([Pose(pose, np.full(3, ERROR_G)) for pose in up])


def test_poses_that_do_not_fit_together_are_refused() -> None:
    """Held in a lift, or shaken: 1.4 g up and 0.2 g down is no offset that a sensor has."""
    odd = [np.array(direction) * (1.4 if at % 2 else 0.2) for at, direction in enumerate(DIRECTIONS)]
    with pytest.raises(CalibrationError):
        fit([Pose(pose, np.full(3, ERROR_G)) for pose in odd]).settings()


def test_what_the_pod_does_not_take_is_refused() -> None:
    none = np.zeros(3)
    with pytest.raises(CalibrationError, match="accel_offset_y"):
        Calibration(np.array([0.0, 0.31, 0.0]), none, none, none, np.zeros((6, 3))).settings()


@pytest.mark.parametrize(
    ("mean_g", "face"),
    [
        ((1.02, 0.1, -0.1), "X up"),
        ((0.0, -0.97, 0.0), "Y down"),
        ((0.3, 0.2, 0.95), "Z up"),
        ((0.7, 0.7, 0.0), None),
        ((0.58, 0.58, 0.58), None),
        ((0.0, 0.0, 0.0), None),
        # 29 and 31 degrees from X up
        ((0.8746, 0.4848, 0.0), "X up"),
        ((0.8572, 0.5150, 0.0), None),
    ],
)
def test_which_face_is_up(mean_g: tuple[float, ...], face: str | None) -> None:
    assert face_of(np.array(mean_g)) == face
