"""Offset, scale and askew poses against limits worked out by hand; a sensor at the edge of its data sheet passes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from surefoot.selftest.calibration import FACES, Pose, fit
from surefoot.selftest.calibration_checks import check_askew, check_offset_and_scale
from surefoot.selftest.checks import Check, Verdict
from surefoot.selftest.datasheet import MPU_6050, MPU_9250, Datasheet
from tests.rig.table import FACES as DIRECTIONS
from tests.rig.table import tilted

FloatArray = NDArray[np.float64]
NONE = (0.0, 0.0, 0.0)
LEVEL = [(0.0, 0.0)] * 6
EDGE, OTHER_EDGE, CORNER = np.array([1, 1, 0]) / 2**0.5, np.array([0, -1, 1]) / 2**0.5, np.ones(3) / 3**0.5
ERROR = np.full(3, 1e-4)
PASS, FAIL = Verdict.PASS, Verdict.FAIL


def judged(
    offset_g: tuple[float, ...] = NONE,
    scale: tuple[float, ...] = NONE,
    cross: FloatArray | float = 0.0,
    fresh: tuple[FloatArray, ...] = (EDGE, OTHER_EDGE),
    tilts: list[tuple[float, float]] = LEVEL,
    sheet: Datasheet = MPU_6050,
    celsius: float = 25.0,
) -> dict[str, Check]:
    """The checks of a sensor with these errors: `cross` is what each axis feels of each other one."""
    response = np.diag(1 + np.array(scale)) + np.where(np.eye(3), 0.0, cross)

    def pose(true_g: FloatArray) -> Pose:
        return Pose(response @ true_g + np.array(offset_g), ERROR)

    poses = {face: pose(tilted(up, *tilt)) for face, up, tilt in zip(FACES, DIRECTIONS, tilts, strict=True)}
    found = fit(list(poses.values()))
    askew = check_askew(found, [pose(true_g) for true_g in fresh], sheet)
    checks = check_offset_and_scale(found, poses, sheet, celsius, holds=askew.verdict == PASS)
    return {check.key: check for check in (*checks, askew)}


def verdicts(**given: object) -> tuple[Verdict, ...]:
    return tuple(check.verdict for check in judged(**given).values())  # type: ignore[arg-type]


@pytest.mark.parametrize("celsius", [0.0, 25.0, 60.0])
@pytest.mark.parametrize(
    ("sheet", "offset_g"), [(MPU_6050, (0.05, -0.05, 0.08)), (MPU_9250, (-0.06, 0.06, 0.08)), (MPU_9250, (0, 0, 0.075))]
)
def test_a_sensor_at_the_edge_of_its_sheet_passes(
    sheet: Datasheet, offset_g: tuple[float, float, float], celsius: float
) -> None:
    assert verdicts(offset_g=offset_g, scale=(0.03, -0.03, 0.03), sheet=sheet, celsius=celsius) == (PASS,) * 3


@pytest.mark.parametrize(
    ("sheet", "celsius", "limits_mg"),
    [
        (MPU_6050, 25.0, (50, 50, 80)),
        # 35 mg in 45 C are 0.78 a degree, 60 are 1.33
        (MPU_6050, 35.0, (57.8, 57.8, 93.3)),
        (MPU_9250, 25.0, (60, 60, 80)),
        (MPU_9250, 5.0, (90, 90, 110)),
    ],
)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_limits_of_the_offset(
    sheet: Datasheet, celsius: float, limits_mg: tuple[float, float, float], axis: int
) -> None:
    """And 1 mg for products of errors. Noise of 0.1 mg leaves 0.07 mg at the offset, stated twice as wide."""
    for beyond_mg, verdict in ((0.9, PASS), (1.3, FAIL)):
        offset_g = tuple((limits_mg[at] + beyond_mg) / 1000 if at == axis else 0.0 for at in range(3))
        found = judged(offset_g=offset_g, sheet=sheet, celsius=celsius)
        assert found["offset"].verdict == verdict
        assert found["offset"].numbers["limit_g"] == pytest.approx((np.array(limits_mg) + 1.14) / 1000, abs=1e-4)


@pytest.mark.parametrize(
    ("sheet", "celsius", "limit"), [(MPU_6050, 25.0, 0.034), (MPU_6050, 45.0, 0.038), (MPU_9250, 45.0, 0.0392)]
)
def test_the_limit_of_the_scale(sheet: Datasheet, celsius: float, limit: float) -> None:
    """3 %, 0.3 % for gravity elsewhere, 0.1 % for products of errors, 0.02 or 0.026 % a degree."""
    for scale, verdict in ((limit - 0.0001, PASS), (limit + 0.0003, FAIL)):
        assert judged(scale=(0.0, -scale, 0.0), sheet=sheet, celsius=celsius)["scale"].verdict == verdict


def test_what_is_beyond_its_sheet_but_holds_is_usable() -> None:
    """A GY-521 that somebody measured: z 160 mg low (arduino.stackexchange.com, question 85054)."""
    found = judged(offset_g=(0.05, -0.02, -0.16), scale=(-0.01, -0.006, 0.02))
    assert [check.verdict for check in found.values()] == [FAIL, PASS, PASS]
    assert "usable with this calibration" in found["offset"].note


def test_axes_that_are_not_square_to_each_other_do_not_hold() -> None:
    """10 % cross-axis sensitivity is 100 mg on an edge."""
    found = judged(cross=0.1)
    assert found["fresh"].verdict == FAIL
    assert found["fresh"].numbers["off_g"] == pytest.approx([0.1, 0.1], abs=0.012)
    assert "usable" not in judged(offset_g=(0.2, 0, 0), cross=0.1)["offset"].note


@pytest.mark.parametrize(
    ("pose", "limit_mg"),
    [
        # 2 % there and 2 % back, times the product of the two axes: 1/2 on an edge; three times 1/3 on a corner
        (EDGE, 20),
        (OTHER_EDGE, 20),
        (CORNER, 40),
    ],
)
def test_an_askew_pose_may_be_as_far_off_as_cross_axis_sensitivity_makes_it(pose: FloatArray, limit_mg: float) -> None:
    """And 5 mg for nonlinearity."""
    at_the_edge = judged(cross=0.02, fresh=(pose, pose))["fresh"]
    assert at_the_edge.verdict == PASS
    assert at_the_edge.numbers["off_g"] == pytest.approx([limit_mg / 1000] * 2, abs=0.001)
    assert at_the_edge.numbers["limit_g"] == pytest.approx([(limit_mg + 5) / 1000] * 2, rel=0.04)
    assert judged(cross=0.02 * (limit_mg + 8) / limit_mg, fresh=(pose, pose))["fresh"].verdict == FAIL


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from([-0.02, 0.02]), min_size=9, max_size=9),
    st.lists(st.tuples(st.floats(0, 15), st.floats(0, 360)), min_size=6, max_size=6),
    st.tuples(*[st.sampled_from([-1.0, 1.0])] * 3),
)
def test_no_sensor_within_its_sheet_fails_however_askew_its_faces_lay(
    cross: list[float], tilts: list[tuple[float, float]], corner: tuple[float, ...]
) -> None:
    fresh = (np.array(corner) / 3**0.5, tilted(tuple(EDGE), 5.0, 40.0))
    found = judged((0.05, -0.05, 0.08), (0.03, -0.03, 0.03), np.array(cross).reshape(3, 3), fresh, tilts)
    assert [check.verdict for check in found.values()] == [PASS] * 3


def test_faces_that_lie_askew_lead_the_calibration_astray_by_what_is_told() -> None:
    """X up by 15 degrees towards Y: 2 % both ways make 0.04 * sin 15 * cos 15 = 10 mg, half of it offset."""
    tilts = [(15.0, about) for about in (0.0, 70.0, 140.0, 210.0, 280.0, 350.0)]
    level, askew = judged(cross=0.02), judged(cross=0.02, tilts=tilts)
    assert np.abs(level["offset"].numbers["offset_g"]).max() < 1e-6
    assert level["offset"].numbers["astray_g"] == pytest.approx([0, 0, 0], abs=1e-6)
    wrong, told = (np.array(askew["offset"].numbers[key]) for key in ("offset_g", "astray_g"))
    assert 0.002 < np.abs(wrong).max() < 0.016
    assert np.all(np.abs(wrong) <= told * 1.1)
    assert np.all(told < 0.02)
