"""Whatever a file holds, it gives a recording that keeps its promises, or a refusal in one sentence."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.errors import RecordingError
from surefoot.recording import read_recording
from tests.rig import foreign_files as made

AT_S = made.times(100, 0.4)
TICKS_US = [round(t_s * 1e6) for t_s in made.times(60, 0.4)]
META = made.phyphox_meta([("START", 0.0, 1.7e9), ("PAUSE", 0.2, 1.7e9 + 0.2), ("START", 0.2, 1.7e9 + 1)], {"a": "b"})
TABLES = [
    made.phyphox_accelerometer(AT_S),
    made.phyphox_gyroscope(AT_S, ";", ","),
    made.blue_trident(AT_S, 1_700_000_000_000_000),
    made.xsens_dot(TICKS_US, made.times(60, 0.4)),
    made.movesense_accelerometer(AT_S),
    made.movesense_gyroscope(AT_S),
]
HEADERS = [
    b"Time (s),Acceleration x (m/s^2),Acceleration y (m/s^2),Acceleration z (m/s^2),Gyroscope x (rad/s),"
    b"Gyroscope y (rad/s),Gyroscope z (rad/s)\n",
    b"unix_timestamp_microsec,ax_m/s/s,ay_m/s/s,az_m/s/s,gx_deg/s,gy_deg/s,gz_deg/s\n",
    b"PacketCounter,SampleTimeFine,Acc_X,Acc_Y,Acc_Z,Gyr_X,Gyr_Y,Gyr_Z\n",
    b"Timestamp (ms),X (dps),Y (dps),Z (dps)\n",
]
cells = st.one_of(
    st.sampled_from([b"", b"nan", b"NaN", b"inf", b"-1e308", b"1e400", b"x", b'"', b"\xff", b"1,5", b" 2 ", b"\x00"]),
    st.floats(-1e6, 1e6).map(lambda value: repr(value).encode()),
    st.integers(0, 2**33).map(lambda value: str(value).encode()),
)
quick = settings(max_examples=150, deadline=None)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("foreign")


def _read_or_refused(path: Path) -> None:
    try:
        recording = read_recording(path)
    except RecordingError as error:
        assert error.why
        assert error.next_step
        assert "\n" not in str(error)
        return
    n = len(recording.t_s)
    assert n >= 2
    assert recording.t_s[0] == 0
    assert (np.diff(recording.t_s) > 0).all()
    assert recording.accel_g.shape == recording.gyro_dps.shape == (n, 3)
    for values in (recording.t_s, recording.accel_g, recording.gyro_dps):
        assert values.dtype == np.float64
        assert np.isfinite(values).all()


@quick
@given(st.sampled_from(TABLES), st.integers(0, 3000), st.binary(max_size=12), st.integers(0, 60))
def test_a_damaged_table(place: Path, table: bytes, at: int, instead: bytes, removed: int) -> None:
    path = place / "a.csv"
    path.write_bytes(table[:at] + instead + table[at + removed :])
    _read_or_refused(path)


@quick
@given(st.sampled_from(HEADERS), st.lists(st.lists(cells, min_size=4, max_size=8), max_size=12))
def test_any_cells_below_a_known_header(place: Path, header: bytes, rows: list[list[bytes]]) -> None:
    path = place / "b.csv"
    path.write_bytes(header + b"\n".join(b",".join(row) for row in rows))
    _read_or_refused(path)


@quick
@given(st.sampled_from(HEADERS), st.binary(max_size=200), st.binary(max_size=40))
def test_any_bytes_around_a_known_header(place: Path, header: bytes, after: bytes, before: bytes) -> None:
    path = place / "c.csv.gz"
    path.write_bytes(gzip.compress(before + b"\n" + header + after))
    _read_or_refused(path)


@quick
@given(st.binary(max_size=200))
def test_any_bytes_as_an_archive(place: Path, content: bytes) -> None:
    path = place / "d.zip"
    path.write_bytes(content)
    _read_or_refused(path)


@quick
@given(st.integers(0, 6000), st.binary(max_size=8), st.integers(0, 40))
def test_a_damaged_archive(place: Path, at: int, instead: bytes, removed: int) -> None:
    whole = made.zip_of(place / "e.zip", {"Accelerometer.csv": TABLES[0], "Gyroscope.csv": TABLES[1], **META})
    data = whole.read_bytes()
    at %= len(data)
    whole.write_bytes(data[:at] + instead + data[at + removed :])
    _read_or_refused(whole)


@quick
@given(st.binary(max_size=120), st.binary(max_size=120), st.lists(st.lists(cells, min_size=3, max_size=4), max_size=4))
def test_any_facts_beside_the_tables(place: Path, device: bytes, time: bytes, events: list[list[bytes]]) -> None:
    rows = b"\n".join(b",".join([b'"START"', *row]) for row in events)
    members = {
        "Accelerometer.csv": TABLES[0],
        "Gyroscope.csv": TABLES[1],
        "meta/device.csv": b'"property","value"\n"accelerometer Range",' + device,
        "meta/time.csv": b'"event","experiment time","system time"\n' + rows + b"\n" + time,
    }
    _read_or_refused(made.zip_of(place / "f.zip", members))
