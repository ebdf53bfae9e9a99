"""Files of other programs, made after their documentation, are read in our units, or refused in one sentence."""

from __future__ import annotations

import gzip
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from surefoot.analysis import analyze
from surefoot.errors import RecordingError
from surefoot.recording import Recording, read_recording
from surefoot.recording.checks import check
from surefoot.settings import Settings
from tests.recordings import TREADMILL
from tests.rig import foreign_files as made

UTC_US = 1_777_629_600_000_000
"""2026-05-01 10:00 UTC."""


def _read(tmp_path: Path, name: str, content: bytes) -> Recording:
    (tmp_path / name).write_bytes(content)
    return read_recording(tmp_path / name)


def _refused(tmp_path: Path, name: str, content: bytes) -> str:
    with pytest.raises(RecordingError) as refused:
        _read(tmp_path, name, content)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def _assert_true(recording: Recording, at_s: list[float], within_g: float = 1e-6, within_dps: float = 1e-4) -> None:
    """Compare with the motion that the file was made of."""
    np.testing.assert_allclose(recording.t_s, np.array(at_s) - at_s[0], rtol=0, atol=2e-6)
    np.testing.assert_allclose(recording.accel_g, [made.accel_g(t_s) for t_s in at_s], rtol=0, atol=within_g)
    np.testing.assert_allclose(recording.gyro_dps, [made.gyro_dps(t_s) for t_s in at_s], rtol=0, atol=within_dps)


def _codes(recording: Recording) -> dict[str, int]:
    return {condition.code: condition.count for condition in recording.conditions}


def _said(recording: Recording, code: str) -> str:
    return next(condition.sentence for condition in recording.conditions if condition.code == code)


# phyphox

WRITTEN = [(",", "."), ("\t", "."), (";", "."), ("\t", ","), (";", ",")]


@pytest.mark.parametrize(("separator", "decimal"), WRITTEN)
def test_a_phyphox_zip_in_each_way_of_writing(tmp_path: Path, separator: str, decimal: str) -> None:
    at_s = made.times(200, 4, 0.013)
    members = {
        "Accelerometer.csv": made.phyphox_accelerometer(at_s, separator, decimal),
        "Gyroscope.csv": made.phyphox_gyroscope(at_s, separator, decimal),
        **made.phyphox_meta(
            [("START", 0.0, UTC_US / 1e6), ("PAUSE", 4.2, UTC_US / 1e6 + 4.2)],
            {"deviceModel": "a phone", "accelerometer Range": "78.4532", "gyroscope Range": "17.453293"},
            separator,
            decimal,
        ),
    }
    recording = read_recording(made.zip_of(tmp_path / "run.zip", members))
    _assert_true(recording, at_s)
    assert recording.start_utc_us == UTC_US + 13_000
    # 78.4532 m/s^2 are 8 g, 17.453293 rad/s are 1000 deg/s
    assert recording.accel_range_g == pytest.approx(8.0)
    assert recording.gyro_range_dps == pytest.approx(1000.0, rel=1e-6)
    assert _said(recording, "converted") == (
        "Read as an export of phyphox: accelerations from m/s^2 to g, angular rates from rad/s to deg/s."
    )
    assert "pause" not in str(_codes(recording))
    assert check(recording) == ()


def test_phyphox_units_by_hand(tmp_path: Path) -> None:
    """9.80665 m/s^2 are 1 g, pi rad/s are 180 deg/s."""
    names = ["Time (s)", *(f"Acceleration {axis} (m/s^2)" for axis in "xyz")]
    names += [f"Gyroscope {axis} (rad/s)" for axis in "xyz"]
    rows = [[0.5 + k / 100, 0, 9.80665, -19.6133, math.pi, -math.pi / 2, 0.0] for k in range(30)]
    recording = _read(tmp_path, "Raw Data.csv", made.phyphox_table(names, rows))
    np.testing.assert_allclose(recording.accel_g, [[0, 1, -2]] * 30, atol=1e-9)
    np.testing.assert_allclose(recording.gyro_dps, [[180, -90, 0]] * 30, atol=1e-6)
    assert recording.start_utc_us is None
    assert recording.accel_range_g == 16.0


def test_phyphox_experiments_made_in_the_app(tmp_path: Path) -> None:
    """Their tables name the axes only; the name of the table tells gravity from none."""
    at_s = made.times(100, 3)
    linear = made.phyphox_table(["Time (s)", "X (m/s^2)", "Y (m/s^2)", "Z (m/s^2)"], [[t_s, 0, 0, 0] for t_s in at_s])
    accel = made.phyphox_accelerometer(at_s).replace(b"Acceleration x", b"X")
    accel = accel.replace(b"Acceleration y", b"Y").replace(b"Acceleration z", b"Z")
    gyro = made.phyphox_gyroscope(at_s)
    for axis in (b"x", b"y", b"z"):
        gyro = gyro.replace(b"Gyroscope " + axis, axis.upper())
    members = {"Linear Accelerometer.csv": linear, "Accelerometer.csv": accel, "Gyroscope.csv": gyro}
    _assert_true(read_recording(made.zip_of(tmp_path / "a.zip", members)), at_s)
    del members["Accelerometer.csv"]
    with pytest.raises(RecordingError, match=r"without gravity; record the sensor 'Acceleration \(with g\)'"):
        read_recording(made.zip_of(tmp_path / "b.zip", members))
    assert "may be with or without gravity" in _refused(tmp_path, "run.csv", accel)


def test_phyphox_pauses_become_gaps(tmp_path: Path) -> None:
    """The experiment's time stands still from 2 s on, for 60 s."""
    at_s = made.times(100, 4)
    utc_s = UTC_US / 1e6
    events = [("START", 0.0, utc_s), ("PAUSE", 2.0, utc_s + 2), ("START", 2.0, utc_s + 62), ("PAUSE", 4, utc_s + 64)]
    members = {
        "Accelerometer.csv": made.phyphox_accelerometer(at_s),
        "Gyroscope.csv": made.phyphox_gyroscope(at_s),
        **made.phyphox_meta(events, {}),
    }
    recording = read_recording(made.zip_of(tmp_path / "run.zip", members))
    steps_s = np.diff(recording.t_s)
    assert steps_s.argmax() == 199
    assert steps_s[199] == pytest.approx(60.01, abs=1e-4)
    assert np.delete(steps_s, 199).max() == pytest.approx(0.01, abs=1e-4)
    assert _codes(recording)["paused"] == 1


def test_phyphox_columns_of_other_lengths_are_padded(tmp_path: Path) -> None:
    at_s = made.times(100, 3)
    padding = b"\n" + b",".join([b"NaN"] * 5)
    members = {
        "Accelerometer.csv": made.phyphox_accelerometer(at_s).rstrip() + padding * 2 + b"\n",
        "Gyroscope.csv": made.phyphox_gyroscope(at_s),
    }
    recording = read_recording(made.zip_of(tmp_path / "run.zip", members))
    _assert_true(recording, at_s)
    assert _codes(recording)["nan"] == 2


def test_phyphox_refusals(tmp_path: Path) -> None:
    at_s = made.times(100, 3)
    accel = made.phyphox_accelerometer(at_s)
    assert "it has no angular rates; record the gyroscope too" in _refused(tmp_path, "a.csv", accel)
    assert "it has no accelerations" in _refused(tmp_path, "a.csv", made.phyphox_gyroscope(at_s))
    linear = accel.replace(b"Acceleration", b"Linear Acceleration")
    assert "without gravity" in _refused(tmp_path, "a.csv", linear)
    # several tables in one file, as the app shares them where it cannot make a zip
    assert "not a number" in _refused(tmp_path, "a.csv", accel + made.phyphox_gyroscope(at_s))
    assert "it has a header and no samples" in _refused(tmp_path, "a.csv", accel.split(b"\n")[0] + b"\n")
    missing = accel.replace(b"Acceleration z", b"Something")
    assert "it has no column named 'acceleration z (m/s^2)'" in _refused(tmp_path, "a.csv", missing)
    assert "more than one column named 'time (s)'" in _refused(
        tmp_path, "a.csv", accel.replace(b"Absolute acceleration (m/s^2)", b"Time (s)")
    )
    assert "infinite" in _refused(tmp_path, "a.csv", accel + b"99,inf,0,0,0\n")
    backward = made.phyphox_accelerometer(at_s[::-1])
    assert "its time does not run forward (column time (s))" in _refused(tmp_path, "a.csv", backward)


def test_a_run_in_phyphox_s_writing_has_the_same_strides(tmp_path: Path) -> None:
    """A recording of a runner, written as phyphox would, and analysed beside itself."""
    ours = TREADMILL["rbds001_35_R"].imu_path(200)
    _, *rows = (line.split(",") for line in gzip.decompress(ours.read_bytes()).decode().splitlines())
    table = [[float(cell) for cell in row] for row in rows]
    accel = [[row[0], *(value * made.GRAVITY_MPS2 for value in row[1:4])] for row in table]
    gyro = [[row[0], *map(math.radians, row[4:7])] for row in table]
    members = {
        "Accelerometer.csv": made.phyphox_table(
            ["Time (s)", *(f"Acceleration {axis} (m/s^2)" for axis in "xyz")], accel
        ),
        "Gyroscope.csv": made.phyphox_table(["Time (s)", *(f"Gyroscope {axis} (rad/s)" for axis in "xyz")], gyro),
    }
    foreign = analyze(read_recording(made.zip_of(tmp_path / "run.zip", members)), Settings()).strides
    direct = analyze(read_recording(ours), Settings()).strides
    assert len(direct) > 30
    numbers = direct.select_dtypes("number").columns
    np.testing.assert_allclose(foreign[numbers].to_numpy(float), direct[numbers].to_numpy(float), rtol=0, atol=1e-3)
    assert foreign["reject_reason"].tolist() == direct["reject_reason"].tolist()


# Blue Trident


def test_a_low_g_file(tmp_path: Path) -> None:
    at_s = made.times(1125, 2, 3.5)
    recording = _read(tmp_path, "TS-01234_lowg.csv", made.blue_trident(at_s, UTC_US))
    _assert_true(recording, at_s)
    assert recording.start_utc_us == UTC_US + 3_500_000
    assert (recording.accel_range_g, recording.gyro_range_dps) == (16.0, 2000.0)
    without = _read(tmp_path, "TS-01234_lowg.csv", made.blue_trident(at_s, None))
    _assert_true(without, at_s)
    assert without.start_utc_us is None


def test_a_low_g_file_gzipped(tmp_path: Path) -> None:
    at_s = made.times(500, 2)
    _assert_true(_read(tmp_path, "a_lowg.csv.gz", gzip.compress(made.blue_trident(at_s, UTC_US))), at_s)


def test_a_high_g_file_with_its_low_g_file(tmp_path: Path) -> None:
    """Accelerations of the high-g one, at its times, up to 200 g; the rates of the other between them."""
    high_s, low_s = made.times(1600, 2, 0.0003), made.times(1125, 2)
    members = {
        "TS-01234_highg.csv": made.blue_trident(high_s, UTC_US, has_gyro=False, scale=20.0),
        "TS-01234_lowg.csv": made.blue_trident(low_s, UTC_US),
        "TS-01234_mag.csv": b"unix_timestamp_microsec,time_s,mx_microT,my_microT,mz_microT\n1,2,3,4,5\n",
    }
    recording = read_recording(made.zip_of(tmp_path / "both.zip", members))
    assert recording.accel_range_g == 200.0
    assert recording.start_utc_us == UTC_US + 300
    kept_s = [t_s for t_s in high_s if t_s <= low_s[-1]]
    assert len(recording.t_s) == len(kept_s)
    np.testing.assert_allclose(recording.accel_g, [np.multiply(20, made.accel_g(t_s)) for t_s in kept_s], atol=1e-6)
    # on a straight line between samples 0.9 ms apart: at most 300 deg/s (9 rad/s)^2 (0.9 ms)^2 / 8 from the curve
    np.testing.assert_allclose(recording.gyro_dps, [made.gyro_dps(t_s) for t_s in kept_s], rtol=0, atol=0.01)
    assert _codes(recording)["joined"] == len(high_s) - len(kept_s)


def test_a_table_with_more_than_16_g_is_not_clipped_at_16(tmp_path: Path) -> None:
    recording = _read(tmp_path, "a.csv", made.blue_trident(made.times(1125, 1), UTC_US, scale=20.0))
    assert recording.accel_range_g == 200.0
    assert "clipped" not in {condition.code for condition in check(replace(recording, accel_g=recording.accel_g / 20))}


def test_blue_trident_refusals(tmp_path: Path) -> None:
    at_s = made.times(1125, 1)
    high = made.blue_trident(at_s, UTC_US, has_gyro=False)
    assert "it has no angular rates" in _refused(tmp_path, "a_highg.csv", high)
    assert "it has no angular rates" in _refused(tmp_path, "a_lowg.csv", high)
    clockless = {
        "a_highg.csv": made.blue_trident(at_s, None, has_gyro=False),
        "a_lowg.csv": made.blue_trident(at_s, None),
    }
    with pytest.raises(RecordingError, match=r"a_highg\.csv and a_lowg\.csv have no common clock"):
        read_recording(made.zip_of(tmp_path / "a.zip", clockless))
    # the name of the folder tells them apart
    two = {"left/TS_lowg.csv": made.blue_trident(at_s, UTC_US), "right/TS_lowg.csv": made.blue_trident(at_s, UTC_US)}
    with pytest.raises(RecordingError, match="it has 2 accelerometers"):
        read_recording(made.zip_of(tmp_path / "c.zip", two))
    two = {"left_lowg.csv": made.blue_trident(at_s, UTC_US), "right_lowg.csv": made.blue_trident(at_s, UTC_US)}
    with pytest.raises(RecordingError, match="it has 2 accelerometers; give the recording of one sensor"):
        read_recording(made.zip_of(tmp_path / "b.zip", two))


# Xsens DOT


def test_an_xsens_dot_file_over_the_wrap_of_its_clock(tmp_path: Path) -> None:
    at_s = made.times(60, 4)
    ticks = [(2**32 - 2_000_000 + round(t_s * 1e6)) % 2**32 for t_s in at_s]
    assert max(ticks) - min(ticks) > 2**31
    recording = _read(tmp_path, "DOT.csv", made.xsens_dot(ticks, at_s))
    _assert_true(recording, at_s)
    assert recording.nominal_rate_hz == 60.0
    assert "Xsens DOT" in _said(recording, "converted")


def test_an_xsens_dot_file_without_facts_and_with_a_lost_packet(tmp_path: Path) -> None:
    at_s = made.times(120, 3)
    del at_s[100:140]
    recording = _read(tmp_path, "DOT.csv", made.xsens_dot([round(t_s * 1e6) for t_s in at_s], at_s, ()))
    _assert_true(recording, at_s)
    assert recording.nominal_rate_hz == 120.0


def test_xsens_refusals(tmp_path: Path) -> None:
    at_s = made.times(60, 3)
    good = made.xsens_dot([round(t_s * 1e6) for t_s in at_s], at_s)
    free_only = good.replace(b", Acc_X", b"").replace(b"Acc_X,Acc_Y,Acc_Z", b"Mag_X,Mag_Y,Mag_Z")
    free_only = free_only.replace(b"FreeMag", b"FreeAcc", 1)
    assert "free acceleration is without gravity" in _refused(tmp_path, "a.csv", free_only)
    mti = made.xsens_dot([round(t_s * 1e4) for t_s in at_s], at_s)
    assert "SampleTimeFine does not count the microseconds" in _refused(tmp_path, "a.csv", mti)
    assert "SampleTimeFine does not count" in _refused(tmp_path, "a.csv", good.replace(b"60Hz", b"120Hz"))


def test_rates_in_radians_fail_the_check_of_units(tmp_path: Path) -> None:
    """As an MTw Awinda writes them, under the same names."""
    at_s = made.times(60, 5)
    recording = _read(tmp_path, "a.csv", made.xsens_dot([round(t_s * 1e6) for t_s in at_s], at_s))
    shaken = np.array(recording.accel_g)
    shaken[::2] *= 3
    radians = Recording(recording.t_s, shaken, np.radians(recording.gyro_dps))
    with pytest.raises(RecordingError, match="rad/s"):
        check(radians)


# Movesense


def test_two_movesense_files_in_a_zip(tmp_path: Path) -> None:
    at_s = made.times(200, 3, 7.0)
    members = {"acc.csv": made.movesense_accelerometer(at_s), "gyro.csv": made.movesense_gyroscope(at_s)}
    recording = read_recording(made.zip_of(tmp_path / "run.zip", members))
    _assert_true(recording, at_s)
    assert recording.start_utc_us is None


def test_movesense_notifications_with_one_time_each(tmp_path: Path) -> None:
    """Eight samples each at 208 Hz; the third notification was lost."""
    at_s = [k * 8 / 208 + place / 208 for k in range(40) if k != 2 for place in range(8)]

    def bare(table: bytes, unit: str) -> bytes:
        lines = table.decode().splitlines()[1:]
        for number, line in enumerate(lines):
            stamp = f"{at_s[number] * 1e3:.3f}" if number % 8 == 0 else ""
            lines[number] = ",".join([stamp, *line.split(",")[1:4]])
        return "\n".join([f"Timestamp (ms),X ({unit}),Y ({unit}),Z ({unit})", *lines]).encode()

    members = {
        "acc.csv": bare(made.movesense_accelerometer(at_s), "m/s^2"),
        "gyro.csv": bare(made.movesense_gyroscope(at_s), "dps"),
    }
    _assert_true(read_recording(made.zip_of(tmp_path / "run.zip", members)), at_s)


def test_movesense_refusals(tmp_path: Path) -> None:
    at_s = made.times(100, 3)
    accel = made.movesense_accelerometer(at_s)
    assert "it has no angular rates; record the gyroscope too, and put both" in _refused(tmp_path, "a.csv", accel)
    of_ios = accel.replace(b"Timestamp (ms),X: (m/s^2),Y: (m/s^2),Z: (m/s^2)", b"timestamp,x,y,z")
    assert "does not say which sensor it is of, and in which unit" in _refused(tmp_path, "a.csv", of_ios)
    # a phone that writes a decimal comma between commas
    comma = accel.replace(b".", b",")
    assert "rows do not have as many values as its header" in _refused(tmp_path, "a.csv", comma)


# none of these


def test_an_unknown_table_is_refused_as_before(tmp_path: Path) -> None:
    assert "it has no column t_s, ax" in _refused(tmp_path, "a.csv", b"a,b,c\n1,2,3\n")
    assert "the file is empty" in _refused(tmp_path, "a.csv", b"")


def test_our_own_columns_come_first(tmp_path: Path) -> None:
    """Even if another program's are there too."""
    header = b"t_s,ax,ay,az,gx,gy,gz,PacketCounter,SampleTimeFine\n"
    recording = _read(tmp_path, "a.csv", header + b"".join(b"%d,0,1,0,1,2,3,1,1\n" % k for k in range(9)))
    assert recording.conditions == ()
    assert recording.t_s.tolist() == list(range(9))
