"""Units and faults that the samples themselves show, and those that only look like it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from surefoot.errors import RecordingError
from surefoot.recording.checks import check, with_range, without_frozen
from surefoot.recording.samples import Recording
from tests.analyses import recording_of, treadmill_recording
from tests.recordings import TREADMILL
from tests.rig.script import FOREFOOT, Stretch
from tests.rig.virtual_runner import build

G_MPS2 = 9.80665
MOVEMENTS = {
    "standing": [Stretch("stand", 20)],
    "walking": [Stretch("walk", 20, speed_mps=1.3)],
    "jogging": [Stretch("run", 20, speed_mps=2.2)],
    "racing": [Stretch("run", 20, speed_mps=5.5)],
    "mostly standing": [Stretch("stand", 60), Stretch("run", 15, speed_mps=3.5)],
}


@pytest.mark.parametrize("movement", MOVEMENTS)
def test_units_are_told_whatever_the_runner_does(movement: str) -> None:
    """Right units pass at any speed; the same samples in m/s^2 are known for what they are."""
    recording = recording_of(build(MOVEMENTS[movement], FOREFOOT))
    assert {condition.code for condition in check(recording)} <= {"clipped"}
    with pytest.raises(RecordingError, match="m/s\\^2"):
        check(replace(recording, accel_g=recording.accel_g * G_MPS2))
    with pytest.raises(RecordingError, match="another unit than g"):
        check(replace(recording, accel_g=recording.accel_g * 2048))


@pytest.mark.parametrize("movement", ["jogging", "racing", "mostly standing"])
def test_rates_in_rad_per_s_are_told(movement: str) -> None:
    recording = recording_of(build(MOVEMENTS[movement], FOREFOOT))
    with pytest.raises(RecordingError, match="rad/s"):
        check(replace(recording, gyro_dps=np.radians(recording.gyro_dps)))


@pytest.mark.parametrize("name", TREADMILL)
def test_good_recordings_have_no_faults(name: str) -> None:
    for rate_hz in TREADMILL[name].rates_hz:
        assert check(treadmill_recording(name, rate_hz)) == ()


def test_a_silent_sensor_is_refused() -> None:
    count = 400
    t_s, none, some = np.arange(count) / 200, np.zeros((count, 3)), np.ones((count, 3))
    with pytest.raises(RecordingError, match="all accelerations are zero"):
        check(Recording(t_s, none, some))
    with pytest.raises(RecordingError, match="all angular rates are zero"):
        check(Recording(t_s, some / np.sqrt(3), none))


def test_dead_and_clipped_axes_are_counted() -> None:
    recording = treadmill_recording("rbds001_25_L", 200)
    accel_g, gyro_dps = recording.accel_g.copy(), recording.gyro_dps.copy()
    accel_g[:, 0] = 0.25
    accel_g[[10, 20, 30], 1] = (16.0, -16.0, 15.95)
    gyro_dps[[40, 41], 2] = (2000.0, -1999.9)
    found = {condition.code: condition for condition in check(replace(recording, accel_g=accel_g, gyro_dps=gyro_dps))}
    assert set(found) == {"dead_axis", "clipped", "gyro_clipped"}
    assert "ax" in found["dead_axis"].sentence
    assert "ay" not in found["dead_axis"].sentence
    assert found["clipped"].count == 3
    assert found["gyro_clipped"].count == 2
    assert found["dead_axis"].serious
    assert found["gyro_clipped"].serious
    wider = replace(recording, accel_g=accel_g, accel_range_g=32.0)
    assert "clipped" not in {condition.code for condition in check(wider)}


def test_a_smaller_range_shows_itself():
    recording = treadmill_recording("rbds001_35_R", 200)
    cut_off = replace(recording, accel_g=np.clip(recording.accel_g, -4.0, 4.0))
    assert with_range(recording).accel_range_g == 16.0
    assert with_range(cut_off).accel_range_g == 4.0
    assert "clipped" in {condition.code for condition in check(with_range(cut_off))}


def test_a_sensor_that_hangs_leaves_a_gap_and_one_at_rest_does_not():
    recording = treadmill_recording("rbds001_35_R", 200)
    accel_g, gyro_dps = recording.accel_g.copy(), recording.gyro_dps.copy()
    accel_g[2000:2200], gyro_dps[2000:2200] = accel_g[2000], (300.0, 0.0, 0.0)
    hung = without_frozen(replace(recording, accel_g=accel_g, gyro_dps=gyro_dps))
    assert len(hung.t_s) == len(recording.t_s) - 199
    assert [condition.code for condition in hung.conditions] == ["frozen"]
    accel_g[2000:2200], gyro_dps[2000:2200] = (0.0, 1.0, 0.0), 0.0
    resting = without_frozen(replace(recording, accel_g=accel_g, gyro_dps=gyro_dps))
    assert len(resting.t_s) == len(recording.t_s)


def test_rates_in_millidegrees_are_refused():
    recording = treadmill_recording("rbds001_35_R", 200)
    with pytest.raises(RecordingError, match="deg/s"):
        check(replace(recording, gyro_dps=recording.gyro_dps * 1000))
