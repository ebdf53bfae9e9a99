"""From samples to strides: as good as promised on every reference, and the same however the recording was made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.transform import Rotation

from surefoot.analysis import Analysis, analyze
from surefoot.columns import STRIDE_COLUMNS
from surefoot.errors import ParameterError, RecordingError
from surefoot.recording import read_recording
from surefoot.recording.samples import Recording
from surefoot.settings import Settings
from surefoot.validation.score import Score, score
from tests.analyses import (
    codes,
    kept,
    recording_of,
    shoe_hill_analysis,
    treadmill_analysis,
    treadmill_recording,
    turned,
    usable,
)
from tests.recordings import SHOE_HILL_IMU, SHOE_HILL_STRYD, TREADMILL
from tests.rig.mounting import Mounting, Sensor, Slip
from tests.rig.script import FOREFOOT, FOREFOOT_CLEAN, Stretch
from tests.rig.virtual_runner import VirtualRun, build

FILES = [
    (name, rate_hz, impact)
    for name, reference in TREADMILL.items()
    for rates, impact in ((reference.rates_hz, False), (reference.impact_rates_hz, True))
    for rate_hz in rates
]
TOLD = Settings(sensor_height_m=0.145)
SHAKEN = ("rbds001_35_R", "rbds001_25_L")
"""Recordings on which conditions are tried: a right leg, and a slower left one."""


def _score(name: str, rate_hz: int | None = None, impact: bool = False) -> Score:
    return score(TREADMILL[name].truth(), treadmill_analysis(name, rate_hz, impact).strides)


# ---- what the numbers are worth --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "rate_hz", "impact"), FILES)
def test_every_landing_is_found_and_timed(name: str, rate_hz: int, impact: bool) -> None:
    found = _score(name, rate_hz, impact)
    assert found.matched_contacts == found.reference_contacts
    assert found.false_contacts == 0
    assert abs(found.contact_ms.bias) <= 10
    assert found.contact_ms.sd <= 6
    assert found.toe_off_ms.n >= found.contact_ms.n - 1
    assert abs(found.toe_off_ms.bias) <= 15
    assert found.toe_off_ms.sd <= 10


@pytest.mark.parametrize(("name", "rate_hz", "impact"), FILES)
def test_length_speed_and_cadence(name: str, rate_hz: int, impact: bool) -> None:
    found = _score(name, rate_hz, impact)
    assert found.stride_length_pct.rmse <= 4
    assert found.strides_without_length <= 1
    assert abs(found.speed_pct.bias) <= 3
    assert abs(found.cadence_spm.bias) <= 0.3


@pytest.mark.parametrize(("name", "rate_hz", "impact"), [file for file in FILES if TREADMILL[file[0]].grade])
def test_grade_of_turned_gravity(name: str, rate_hz: int, impact: bool) -> None:
    assert abs(_score(name, rate_hz, impact).grade_points.bias) <= 3


@pytest.mark.parametrize("rate_hz", [100.0, 125.0, 250.0, 500.0, 1000.0])
def test_other_rates_serve(rate_hz: float) -> None:
    run = build([Stretch("run", 30, speed_mps=3.0)], FOREFOOT, sensor=Sensor(rate_hz=rate_hz))
    analysis = analyze(recording_of(run), TOLD)
    found = score(run.truth, analysis.strides)
    assert analysis.quality.rate_hz == pytest.approx(rate_hz)
    assert found.recall == 1
    assert found.false_contacts == 0
    assert abs(found.contact_ms.bias) <= 10
    assert abs(found.speed_pct.bias) <= 3
    assert ("slow_rate" in codes(analysis)) == (rate_hz < 199)


def test_a_real_hobby_sensor_keeps_the_cadence_of_a_foot_pod() -> None:
    """On a shoe, 11 % of its samples lost: the cadence of a Stryd, down and up, to the 3 % of the pairing."""
    strides, stryd = shoe_hill_analysis().strides, pd.read_csv(SHOE_HILL_STRYD)
    for start_s, end_s in ((2, 46), (52, 99)):
        ours = strides[strides["contact_s"].between(start_s, end_s)]["cadence_spm"].mean()
        theirs = 2 * stryd[stryd["t_imu_s"].between(start_s, end_s)]["cadence"].mean()
        assert ours == pytest.approx(theirs, rel=0.03)


def test_a_real_hobby_sensor_is_shown_with_its_faults() -> None:
    """What PROVENANCE.md counts: a sample in nine is missing, 91 are clipped; and a shoe is not a shin."""
    analysis = shoe_hill_analysis()
    assert {"missing_samples", "clipped", "slow_rate", "not_a_shin", "no_standing"} <= codes(analysis)
    assert analysis.quality.missing_share == pytest.approx(0.11, abs=0.015)
    assert analysis.quality.clipped_strides > 30
    strides = analysis.strides
    peak_g = np.abs(read_recording(SHOE_HILL_IMU).accel_g).max(axis=1)
    seen = strides.loc[strides["clipped"], "contact_s"]
    assert len(seen) <= (peak_g > 15.9).sum() == 91


# ---- the same movement, recorded otherwise ---------------------------------------------------------------------------


def _rotations() -> list[np.ndarray]:
    upside_down, backward = np.diag([1.0, -1, -1]), np.diag([-1.0, 1, -1])
    return [upside_down, backward, *Rotation.random(3, rng=np.random.default_rng(11)).as_matrix()]


@pytest.mark.parametrize("name", SHAKEN)
@pytest.mark.parametrize("rotation", range(5))
def test_how_the_pod_sits_on_the_strap_changes_nothing(name: str, rotation: int) -> None:
    plain = treadmill_analysis(name, 200)
    other = analyze(turned(treadmill_recording(name, 200), _rotations()[rotation]), TOLD)
    assert other.quality.side == TREADMILL[name].side
    _check_alike(plain, other)


def _check_alike(plain: Analysis, other: Analysis) -> None:
    a, b = plain.strides, other.strides
    assert len(a) == len(b)
    assert np.array_equal(a["usable"], b["usable"])
    assert b["contact_s"].to_numpy() == pytest.approx(a["contact_s"].to_numpy(), abs=0.002)
    for name, share in (("stride_length_m", 0.01), ("shock_axial_g", 0.03), ("shock_resultant_g", 0.03)):
        assert b[name].to_numpy() == pytest.approx(a[name].to_numpy(), rel=share, nan_ok=True)


@pytest.mark.parametrize("name", SHAKEN)
@pytest.mark.parametrize("axis", range(3))
def test_a_gyroscope_that_is_off_changes_little(name: str, axis: int) -> None:
    """5 deg/s about each axis of the sensor, taken off without a moment of standing."""
    recording = treadmill_recording(name, 200)
    other = analyze(replace(recording, gyro_dps=recording.gyro_dps + 5.0 * np.eye(3)[axis]), TOLD)
    _check_alike(treadmill_analysis(name, 200), other)
    assert "gyro_bias" in codes(other)
    assert "gyro_bias" not in codes(treadmill_analysis(name, 200))


@pytest.mark.parametrize("name", SHAKEN)
@pytest.mark.parametrize("ratio", [0.97, 1.03])
def test_a_wrong_clock_is_reported_and_taken_at_its_word(name: str, ratio: float) -> None:
    recording = treadmill_recording(name, 200)
    other = analyze(replace(recording, t_s=recording.t_s * ratio), TOLD)
    plain = treadmill_analysis(name, 200).strides
    assert "rate" in codes(other)
    assert "rate" not in codes(treadmill_analysis(name, 200))
    assert len(other.strides) == len(plain)
    assert other.strides["contact_s"].to_numpy() / ratio == pytest.approx(plain["contact_s"].to_numpy(), abs=0.003)


@pytest.mark.parametrize("name", SHAKEN)
def test_one_sample_in_ten_lost(name: str) -> None:
    recording = treadmill_recording(name, 200)
    keep = np.random.default_rng(3).random(len(recording.t_s)) >= 0.1
    other = analyze(kept(recording, keep), TOLD)
    found = score(TREADMILL[name].truth(), other.strides)
    assert "missing_samples" in codes(other)
    assert other.quality.missing_share == pytest.approx(1 - keep.mean(), abs=0.001)
    assert found.false_contacts == 0
    assert found.recall > 0.85
    assert abs(found.contact_ms.bias) <= 10
    assert found.stride_length_pct.rmse <= 4


@pytest.fixture(scope="module")
def minute() -> VirtualRun:
    return build([Stretch("run", 60, speed_mps=3.0)], FOREFOOT)


@pytest.mark.parametrize("seed", range(3))
def test_thirty_gaps_in_a_minute(minute: VirtualRun, seed: int) -> None:
    whole = recording_of(minute)
    rng = np.random.default_rng(seed)
    start_s = rng.uniform(1, 58, 30)
    end_s = start_s + rng.uniform(0.02, 0.5, 30)
    lost = ((whole.t_s[:, None] > start_s) & (whole.t_s[:, None] < end_s)).any(axis=1)
    recording = kept(whole, ~lost)
    before_gap_s = recording.t_s[:-1][np.diff(recording.t_s) > 0.0155]
    analysis = analyze(recording, TOLD)
    strides = analysis.strides
    found = score(minute.truth, strides)
    assert analysis.quality.gaps == len(before_gap_s)
    assert {"gaps", "short_pieces"} <= codes(analysis)
    assert found.false_contacts == 0
    assert found.matched_contacts >= 30
    assert abs(found.contact_ms.bias) <= 10
    assert abs(found.stride_length_pct.bias) <= 3
    # a stride whose next contact lies behind a gap has no time, no length and no speed
    into = np.searchsorted(before_gap_s, strides["contact_s"])
    to_gap_s = np.append(before_gap_s, np.inf)[into] - strides["contact_s"]
    measured = strides["stride_time_s"].notna()
    assert (strides.loc[measured, "stride_time_s"] <= to_gap_s[measured]).all()
    assert strides.loc[~measured, ["stride_length_m", "speed_mps", "cadence_spm", "grade"]].isna().all(axis=None)
    assert not strides.loc[~measured, "usable"].any()
    assert (strides["reject_reason"] == "gap").sum() > 5


@pytest.mark.parametrize("axis", [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
@pytest.mark.parametrize("angle_deg", [10.0, -10.0])
def test_a_slip_of_the_strap(axis: tuple[float, float, float], angle_deg: float) -> None:
    script = [Stretch("run", 60, speed_mps=3.0)]
    slipped = build(script, FOREFOOT, Mounting(slips=(Slip(30.0, axis, angle_deg),)))
    analysis = analyze(recording_of(slipped), TOLD)
    found = score(slipped.truth, analysis.strides)
    assert [c.code for c in analysis.quality.conditions].count("strap_slip") == 1
    assert found.recall == 1
    assert found.false_contacts == 0
    assert abs(found.contact_ms.bias) <= 10
    assert abs(found.speed_pct.bias) <= 3
    angle = usable(analysis.strides).set_index("contact_s")["shin_angle_deg"]
    assert angle.loc[32:].median() == pytest.approx(angle.loc[:28].median(), abs=2)
    assert "strap slipped" in set(analysis.strides["reject_reason"])


def test_an_even_run_has_no_slip(minute: VirtualRun) -> None:
    assert "strap_slip" not in codes(analyze(recording_of(minute), TOLD))


@pytest.mark.parametrize("name", SHAKEN)
@pytest.mark.parametrize("axis", range(6))
def test_a_dead_axis_is_reported(name: str, axis: int) -> None:
    """Whatever can still be read is read; where nothing can, the refusal is in words."""
    recording = treadmill_recording(name, 200)
    values = np.concatenate([recording.accel_g, recording.gyro_dps], axis=1)
    values[:, axis] = 0.0
    try:
        analysis = analyze(replace(recording, accel_g=values[:, :3], gyro_dps=values[:, 3:]), TOLD)
    except RecordingError as error:
        assert "never changes" in str(error)
    else:
        said = [c for c in analysis.quality.conditions if c.code == "dead_axis"]
        assert len(said) == 1
        assert said[0].serious
        assert ("ax", "ay", "az", "gx", "gy", "gz")[axis] in said[0].sentence


# ---- what is promised of every analysis ------------------------------------------------------------------------------


def test_what_goes_in_is_not_changed() -> None:
    recording = treadmill_recording("rbds001_35_R", 200)
    copy = Recording(recording.t_s.copy(), recording.accel_g.copy(), recording.gyro_dps.copy())
    for values in (copy.t_s, copy.accel_g, copy.gyro_dps):
        values.flags.writeable = False
    settings = Settings(side="right", sensor_height_m=0.145)
    first, second = analyze(copy, settings), analyze(copy, settings)
    assert np.array_equal(copy.accel_g, recording.accel_g)
    pd.testing.assert_frame_equal(first.strides, second.strides)


@pytest.mark.parametrize("name", TREADMILL)
def test_the_table_keeps_its_words(name: str) -> None:
    analysis = treadmill_analysis(name)
    strides = analysis.strides
    assert list(strides.columns) == [column.name for column in STRIDE_COLUMNS]
    assert strides["stride"].tolist() == list(range(len(strides)))
    assert strides["contact_s"].is_monotonic_increasing
    assert (strides["usable"] == (strides["reject_reason"] == "")).all()
    good = usable(strides)
    assert good.drop(columns=["route_grade", "route_speed_mps", "route_altitude_m"]).notna().all(axis=None)
    assert good["cadence_spm"].to_numpy() == pytest.approx(120 / good["stride_time_s"].to_numpy())
    assert good["contact_time_s"].to_numpy() == pytest.approx((good["toe_off_s"] - good["contact_s"]).to_numpy())
    assert good["stride_length_m"].to_numpy() == pytest.approx((good["speed_mps"] * good["stride_time_s"]).to_numpy())
    assert good["off_plane"].between(0, 2 / 3).all()
    assert good["ml_share"].between(0, 1).all()
    assert good["braking_share"].between(0, 1).all()
    assert good["settle_ms"].between(0, 150).all()
    assert (good["shock_resultant_g"] >= good["shock_axial_g"] + 1 - 1e-9).all()
    assert (good["shock_time_ms"].between(0, 80)).all()
    assert (strides.loc[strides["stride_time_s"].isna(), "reject_reason"] != "").all()
    quality = analysis.quality
    assert quality.strides == len(strides)
    assert quality.usable_strides == len(good)
    assert sum(quality.activity_s.values()) == pytest.approx(quality.duration_s, abs=0.02)


def test_a_known_belt_speed_calibrates_length_and_speed() -> None:
    settings = Settings(side="right", sensor_height_m=0.145, treadmill_speed_mps=3.5)
    recording = treadmill_recording("rbds001_35_R", 200)
    calibrated = analyze(recording, settings)
    assert usable(calibrated.strides)["speed_mps"].median() == pytest.approx(3.5, rel=1e-3)
    again = analyze(recording, Settings(side="right", sensor_height_m=0.145, speed_gain=calibrated.quality.speed_gain))
    pd.testing.assert_frame_equal(again.strides, calibrated.strides)
    other = score(
        TREADMILL["rbds001_25_R"].truth(),
        analyze(
            treadmill_recording("rbds001_25_R", 200),
            Settings(sensor_height_m=0.145, speed_gain=calibrated.quality.speed_gain),
        ).strides,
    )
    assert abs(other.speed_pct.bias) <= 3


def test_what_was_assumed_is_said() -> None:
    recording = treadmill_recording("rbds001_35_R", 200)
    silent = analyze(recording)
    assert {"sensor_height", "no_standing"} <= codes(silent)
    assert silent.quality.sensor_height_m == 0.145
    assert not silent.quality.sensor_height_given
    assert not silent.quality.side_given
    told = analyze(recording, Settings(side="left", sensor_height_m=0.12))
    assert "sensor_height" not in codes(told)
    assert (told.quality.side, told.quality.side_given, told.quality.sensor_height_m) == ("left", True, 0.12)
    stood = build([Stretch("stand", 8), Stretch("run", 25, speed_mps=3.0)], FOREFOOT_CLEAN)
    calibrated = analyze(recording_of(stood), TOLD)
    assert calibrated.quality.alignment_method == "standing"
    assert "no_standing" not in codes(calibrated)


@pytest.mark.parametrize(
    "values",
    [
        {"sensor_height_m": 0.0},
        {"sensor_height_m": float("nan")},
        {"sensor_height_m": 14.5},
        {"speed_gain": -1.0},
        {"treadmill_speed_mps": 36.0},
    ],
)
def test_settings_that_cannot_be_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        Settings(**values)  # type: ignore[arg-type]
