"""The catalogue of reference recordings says what the files hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.recordings import SHOE_HILL_IMU, SHOE_HILL_STRYD, SLOPES_EVENTS, SLOPES_TRIALS, TREADMILL, shank_mean_cycle


@pytest.mark.parametrize("name", TREADMILL)
def test_files_match_the_catalogue(name: str) -> None:
    recording = TREADMILL[name]
    truth = recording.truth()
    assert truth.speed_mps.to_numpy() == pytest.approx(recording.speed_mps)
    assert truth.grade.to_numpy() == pytest.approx(recording.grade)
    assert set(truth.leg) == {recording.side[0].upper()}
    files = [(rate, False) for rate in recording.rates_hz] + [(rate, True) for rate in recording.impact_rates_hz]
    assert {recording.imu_path(*f).name for f in files} == {path.name for path in recording.folder.glob("imu_*")}
    for rate_hz, impact in files:
        t_s, accel_g, gyro_dps = recording.samples(rate_hz, impact)
        assert np.median(np.diff(t_s)) == pytest.approx(1 / rate_hz, rel=0.01)
        assert accel_g.shape == gyro_dps.shape == (len(t_s), 3)


@pytest.mark.parametrize("name", TREADMILL)
def test_shin_axes_point_where_they_should(name: str) -> None:
    """Up is up on average, and the fastest rotation is the ankle swinging forward about the mediolateral axis."""
    recording = TREADMILL[name]
    _, accel_g, gyro_dps = recording.shin_samples()
    assert accel_g[:, 1].mean() > 0.9
    assert np.percentile(gyro_dps[:, 2], 98) > 350
    assert np.argmax(gyro_dps.std(axis=0)) == 2
    assert np.linalg.det(recording.axes) == pytest.approx(1)


def test_tables_are_copies() -> None:
    recording = TREADMILL["jdx_s999_L"]
    table = recording.imu()
    table["ax"] = 0.0
    assert recording.imu()["ax"].std() > 0


def test_other_fixtures_can_be_read() -> None:
    assert list(pd.read_csv(SHOE_HILL_IMU).columns) == ["t_s", "ax", "ay", "az", "gx", "gy", "gz"]
    assert {"t_imu_s", "grade_pct", "phase"} <= set(pd.read_csv(SHOE_HILL_STRYD).columns)
    assert len(pd.read_csv(SLOPES_TRIALS)) == pd.read_csv(SLOPES_EVENTS).trial.nunique() == 31
    accel_g, gyro_dps = shank_mean_cycle("running", "left")
    assert accel_g.shape == gyro_dps.shape == (100, 3)
    assert gyro_dps[:, 2].max() > 400
