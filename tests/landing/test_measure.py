"""Landings in numbers and as average curves: where a landing is not all there, nothing is said."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from surefoot.analysis import analyze
from surefoot.gait.path import SensorPlace
from surefoot.gait.strides import Gait, find_strides
from surefoot.landing.curves import SIGNALS, landing_curves
from surefoot.landing.measure import measure
from surefoot.motion.movement import movement
from surefoot.settings import Settings
from tests.analyses import recording_of, treadmill_analysis, treadmill_recording, usable
from tests.rig.script import FOREFOOT, FOREFOOT_CLEAN, Changes, Stretch
from tests.rig.virtual_runner import VirtualRun, build

MOUNTED = SensorPlace(0.145, "right")

HALF_S = 40.0


@cache
def _gait() -> Gait:
    return find_strides(movement(treadmill_recording("rbds001_35_R", 200)), MOUNTED)


def _halves(changes: Changes) -> tuple[VirtualRun, dict[str, tuple[float, float]]]:
    """The same running twice, the second half changed: medians of each column before and after."""
    script = [
        Stretch("stand", 6),
        Stretch("run", HALF_S, speed_mps=3.0),
        Stretch("run", HALF_S, speed_mps=3.0, changes=changes),
    ]
    run = build(script, FOREFOOT, seed=3)
    strides = usable(analyze(recording_of(run), Settings(sensor_height_m=0.145)).strides)
    before = strides[strides["contact_s"] < 6 + HALF_S - 1]
    after = strides[strides["contact_s"] > 6 + HALF_S + 1]
    numbers = strides.select_dtypes(float).columns
    return run, {name: (before[name].median(), after[name].median()) for name in numbers}


def test_nothing_invented_changes_nothing() -> None:
    _, medians = _halves(Changes())
    for name in ("shock_axial_g", "braking_dv_mps", "frontal_rms_dps", "shin_angle_deg"):
        before, after = medians[name]
        assert after == pytest.approx(before, rel=0.08, abs=0.3)


def test_a_shin_that_reaches_is_seen_to_reach() -> None:
    """The change of the shin angle at contact to 2 degrees, the angle itself to 5."""
    run, medians = _halves(Changes(reach_deg=6.0))
    before, after = medians["shin_angle_deg"]
    true = run.truth.groupby("stretch")["shin_angle_deg"].median()
    assert true[2] - true[1] == pytest.approx(6, abs=0.5)
    assert before == pytest.approx(true[1], abs=5)
    assert after - before == pytest.approx(true[2] - true[1], abs=2)


def test_harder_landings_are_harder() -> None:
    """A quarter more shock; contacts, lengths and cadence stay."""
    _, medians = _halves(Changes(harder=0.25))
    before, after = medians["shock_axial_g"]
    assert after / before == pytest.approx(1.25, abs=0.06)
    for name in ("stride_length_m", "cadence_spm", "contact_time_s"):
        assert medians[name][1] == pytest.approx(medians[name][0], rel=0.03)


def test_more_braking_is_more_braking() -> None:
    _, medians = _halves(Changes(braking=0.30))
    assert medians["braking_dv_mps"][1] > 1.1 * medians["braking_dv_mps"][0]
    assert medians["braking_peak_g"][1] > 1.1 * medians["braking_peak_g"][0]


def test_a_wobbling_landing_wobbles() -> None:
    """Twice the sideways and lengthwise rates show in the plane and in the rocking."""
    _, medians = _halves(Changes(off_plane=1.0))
    assert medians["off_plane"][1] > 1.3 * medians["off_plane"][0]
    assert medians["frontal_rms_dps"][1] > 1.3 * medians["frontal_rms_dps"][0]
    assert medians["shock_axial_g"][1] == pytest.approx(medians["shock_axial_g"][0], rel=0.08)


@pytest.mark.parametrize("seconds", [0.02, 0.09, 0.14])
def test_a_landing_cut_off_by_a_gap_is_not_measured(seconds: float) -> None:
    """A piece ends this long after a contact: too soon for the whole landing."""
    gait = _gait()
    move = gait.move
    end = int(gait.at[20] + seconds * move.pieces.rate_hz)
    broken = replace(move.pieces, bounds=np.array([0, end, len(move.pieces.t_s)]))
    cut_off = replace(gait, move=replace(move, pieces=broken))
    table = measure(cut_off, np.zeros(len(move.pieces.t_s), dtype=bool)).drop(columns="clipped")
    assert table.iloc[20].isna().all()
    assert table.drop(index=20).notna().all(axis=None)


def test_curves_are_the_mean_of_the_landings() -> None:
    """The mean curve goes through the mean of what the table says of the same landings at contact."""
    analysis = treadmill_analysis("rbds001_35_R", 200)
    (curve,) = analysis.curves
    good = usable(analysis.strides)
    assert curve.group == "all"
    assert len(good) - 1 <= curve.strides <= len(good)
    assert set(curve.middle) == set(curve.low) == set(curve.high) == set(SIGNALS)
    assert (curve.time_ms[0], curve.time_ms[-1]) == (-100, pytest.approx(300))
    at_contact = int(np.argmin(np.abs(curve.time_ms)))
    assert curve.middle["shin_angle_deg"][at_contact] == pytest.approx(good["shin_angle_deg"].mean(), abs=0.1)
    for name in SIGNALS:
        half = (curve.high[name] - curve.low[name]) / 2
        assert (half > 0).all()
        assert curve.middle[name] == pytest.approx(curve.low[name] + half)


def test_a_group_without_landings_has_no_curve() -> None:
    gait = _gait()
    everything = np.ones(len(gait.at), dtype=bool)
    curves = landing_curves(gait, {"level": everything, "descents": ~everything})
    assert [curve.group for curve in curves] == ["level"]


def test_the_slope_turns_the_shin_with_the_ground() -> None:
    """The whole runner tilts with the ground, so the shin's angle to gravity changes with it: 8 % are 4.6 degrees."""
    script = [Stretch("stand", 6), Stretch("run", HALF_S), Stretch("run", HALF_S, grade=-0.08)]
    run = build(script, FOREFOOT_CLEAN)
    strides = usable(analyze(recording_of(run), Settings(sensor_height_m=0.145)).strides)
    level = strides.loc[strides["contact_s"] < 45, "shin_angle_deg"].median()
    descent = strides.loc[strides["contact_s"] > 47, "shin_angle_deg"].median()
    assert descent - level == pytest.approx(-np.degrees(np.arctan(0.08)), abs=2)
