"""What is exported is read back by readers that are not ours, to the last bit, and is there whole or not at all."""

from __future__ import annotations

import csv
import errno
import gzip
import json
import os
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from mcap.reader import make_reader
from pyarrow import parquet

from surefoot.errors import OutputError, RecordingError
from surefoot.recording import Recording, read_recording
from surefoot.recording.export import WRITERS, csv_writer, export_recording, import_recording
from tests.rig import foreign_files as made
from tests.rig.made_packets import end_packet, event_packet, smooth_packet, start_packet

UTC_US = 1_777_629_600_000_000
NAMES = ["t_s", "ax_g", "ay_g", "az_g", "gx_dps", "gy_dps", "gz_dps"]
AT_S = made.times(200, 3, 0.25)


@pytest.fixture
def phone(tmp_path: Path) -> Path:
    """A recording that knows its UTC and its ranges."""
    members = {
        "Accelerometer.csv": made.phyphox_accelerometer(AT_S),
        "Gyroscope.csv": made.phyphox_gyroscope(AT_S),
        **made.phyphox_meta([("START", 0.0, UTC_US / 1e6)], {"accelerometer Range": "78.4532"}),
    }
    return made.zip_of(tmp_path / "run.zip", members)


def _table(recording: Recording) -> np.ndarray:
    return np.column_stack([recording.t_s, recording.accel_g, recording.gyro_dps])


def _lines(content: str) -> tuple[list[str], np.ndarray]:
    rows = list(csv.reader(content.splitlines()))
    return rows[0], np.array([[float(cell) for cell in row] for row in rows[1:]])


@pytest.mark.parametrize("name", ["out.csv", "OUT.CSV.GZ"])
def test_csv(phone: Path, name: str) -> None:
    out = phone.parent / name
    written = export_recording(phone, out)
    data = out.read_bytes()
    header, table = _lines((gzip.decompress(data) if name.endswith("GZ") else data).decode())
    assert header == ["t_s", "ax", "ay", "az", "gx", "gy", "gz"]
    assert np.array_equal(table, _table(written))
    np.testing.assert_allclose(table[:, 1:4], [made.accel_g(t_s) for t_s in AT_S], atol=1e-6)
    assert sorted(path.name for path in phone.parent.iterdir()) == sorted(["run.zip", name])


def test_what_was_imported_is_read_again(phone: Path) -> None:
    written = import_recording(phone, phone.parent / "out.csv.gz")
    assert "accelerations from m/s^2 to g" in written.conditions[0].sentence
    assert np.array_equal(_table(read_recording(phone.parent / "out.csv.gz")), _table(written))


def test_parquet(phone: Path) -> None:
    written = export_recording(phone, phone.parent / "out.parquet")
    file = parquet.ParquetFile(phone.parent / "out.parquet")
    table = file.read()
    assert table.column_names == NAMES
    assert np.array_equal(np.column_stack([table[name].to_numpy() for name in NAMES]), _table(written))
    assert [table.schema.field(name).metadata[b"unit"].decode() for name in NAMES] == ["s"] + ["g"] * 3 + ["deg/s"] * 3
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    facts = {name.decode(): value.decode() for name, value in table.schema.metadata.items()}
    assert int(facts["start_utc_us"]) == UTC_US + 250_000
    assert float(facts["accel_range_g"]) == pytest.approx(8.0)
    assert facts["recording"] == "run.zip"
    assert "m/s^2 to g" in json.loads(facts["conditions"])[0]
    assert "side" not in facts


def test_mcap(phone: Path) -> None:
    written = export_recording(phone, phone.parent / "out.mcap")
    with (phone.parent / "out.mcap").open("rb") as stream:
        reader = make_reader(stream)
        messages = list(reader.iter_messages(topics=["/shin/imu"]))
        facts = {record.name: record.metadata for record in reader.iter_metadata()}["recording"]
    schema, channel, _ = messages[0]
    assert schema is not None
    assert (schema.name, schema.encoding, channel.message_encoding) == ("surefoot.Sample", "jsonschema", "json")
    assert json.loads(schema.data)["required"] == NAMES
    rows = [json.loads(message.data) for _, _, message in messages]
    assert np.array_equal([[row[name] for name in NAMES] for row in rows], _table(written))
    started_ns = (UTC_US + 250_000) * 1000
    assert [message.log_time for _, _, message in messages] == [started_ns + round(t * 1e9) for t in written.t_s]
    assert facts["start_utc_us"] == str(UTC_US + 250_000)


def test_mcap_without_utc_counts_from_zero(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("t_s,ax,ay,az,gx,gy,gz\n5,0,1,0,1,2,3\n5.5,0,1,0,1,2,3\n")
    export_recording(tmp_path / "a.csv", tmp_path / "a.mcap")
    with (tmp_path / "a.mcap").open("rb") as stream:
        assert [message.log_time for _, _, message in make_reader(stream).iter_messages()] == [0, 500_000_000]


def test_more_rows_than_are_written_at_once(tmp_path: Path) -> None:
    rows = 70_000
    lines = ["t_s,ax,ay,az,gx,gy,gz", *(f"{k / 512},0,1,0,{k},0,0" for k in range(rows))]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    export_recording(tmp_path / "a.csv", tmp_path / "b.csv")
    export_recording(tmp_path / "a.csv", tmp_path / "b.parquet")
    assert [float(line.split(",")[4]) for line in (tmp_path / "b.csv").read_text().splitlines()[1:]] == list(
        range(rows)
    )
    assert parquet.read_table(tmp_path / "b.parquet")["gx_dps"].to_pylist() == list(range(rows))


# a run file, written by hand after docs/run-file.md


def _frame(kind: int, payload: bytes) -> bytes:
    content = bytes([kind]) + struct.pack("<H", len(payload)) + payload
    return b"\x53\xf7" + content + struct.pack("<I", zlib.crc32(content))


@pytest.fixture
def run_file(tmp_path: Path) -> Path:
    """60 packets of 19 samples at 500 Hz, an event after 40 of them, a mark at 1.5 s, the link lost at 1 s."""
    packets = [start_packet(3), *(smooth_packet(3, number) for number in range(1, 61))]
    packets[41] = event_packet(3, 41)
    packets.append(end_packet(3, 61))
    frames = [_frame(0x01, json.dumps({"format": 1, "writer": "test", "created_utc_us": UTC_US}).encode())]
    frames += [_frame(0x09, json.dumps({"side": "left", "sensor_height_m": 0.15}).encode())]
    frames += [_frame(0x03, struct.pack("<Q", UTC_US + 38_000 * number) + p) for number, p in enumerate(packets, 1)]
    frames += [_frame(0x08, struct.pack("<Q", UTC_US + 1_500_000) + b"steep")]
    frames += [_frame(0x0A, struct.pack("<QB", UTC_US + 1_000_000, 0))]
    path = tmp_path / "one.run"
    path.write_bytes(b"".join(frames))
    return path


def test_a_run_file_with_what_happened(run_file: Path) -> None:
    out = run_file.parent / "one.mcap"
    written = export_recording(run_file, out)
    assert written.start_utc_us is not None
    with out.open("rb") as stream:
        reader = make_reader(stream)
        log = [(json.loads(message.data), message.log_time) for _, _, message in reader.iter_messages(["/shin/log"])]
        facts = {record.name: record.metadata for record in reader.iter_metadata()}["recording"]
    assert [(entry["name"], entry["message"]) for entry, _ in log] == [
        ("link", "link lost"),
        ("mark", "steep"),
        ("event", "store full 41"),
    ]
    by_name = {entry["name"]: at_ns for entry, at_ns in log}
    assert by_name["mark"] == pytest.approx((UTC_US + 1_500_000) * 1000, abs=1e4)
    # the event came with sample 19 * 41; the first sample here is number 19
    event_s = (by_name["event"] - written.start_utc_us * 1000) / 1e9
    assert event_s == pytest.approx((19 * 41 - 19) / 500, abs=0.01)
    assert (facts["side"], facts["sensor_height_m"]) == ("left", "0.15")
    pod, run = json.loads(facts["pod"]), json.loads(facts["run"])
    assert (pod["rate_hz"], pod["serial_number"]) == (500, "000000000000")
    assert (run["run"], run["samples"]) == (3, 19 * 59)
    assert run["rate_hz"] == pytest.approx(500, rel=0.01)


def test_a_run_file_as_csv(run_file: Path) -> None:
    """Counts over 32768 of 16 g, and over 16.4 for deg/s, as the pod sent them."""
    export_recording(run_file, run_file.parent / "one.csv")
    _, table = _lines((run_file.parent / "one.csv").read_text())
    packets = [smooth_packet(3, number)[16:] for number in range(1, 61) if number != 41]
    counts = np.concatenate([np.frombuffer(body, ">i2").reshape(-1, 6) for body in packets])
    np.testing.assert_allclose(table[:, 1:4], counts[:, :3] * 16 / 32768, rtol=1e-12)
    np.testing.assert_allclose(table[:, 4:], counts[:, 3:] / 16.4, rtol=1e-12)


# whole or not at all


def test_an_existing_file_stays_unless_it_may_go(phone: Path) -> None:
    out = phone.parent / "out.csv"
    out.write_text("precious")
    with pytest.raises(OutputError, match="it is there already"):
        export_recording(phone, out)
    assert out.read_text() == "precious"
    export_recording(phone, out, overwrite=True)
    assert out.read_text().startswith("t_s,ax")


@pytest.mark.parametrize("name", ["out.xlsx", "out", "out.csv.zip"])
def test_an_unknown_kind(phone: Path, name: str) -> None:
    with pytest.raises(OutputError, match="the end of its name says no kind"):
        export_recording(phone, phone.parent / name)
    with pytest.raises(OutputError, match=r"name it with \.csv or \.csv\.gz at the end"):
        import_recording(phone, phone.parent / "out.parquet")


def test_places_that_cannot_be_written(phone: Path) -> None:
    (phone.parent / "folder.csv").mkdir()
    with pytest.raises(OutputError, match="it is a folder"):
        export_recording(phone, phone.parent / "folder.csv", overwrite=True)
    with pytest.raises(OutputError, match="there is no folder"):
        export_recording(phone, phone.parent / "none" / "out.csv")


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("ending", sorted(WRITERS))
def test_nothing_is_left_where_the_disk_is_full(phone: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    real = WRITERS[ending]

    def half_a_file(recording: Recording, extras: object, path: Path) -> None:
        real(recording, extras, path)  # type: ignore[arg-type]
        os.truncate(path, path.stat().st_size // 2)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(WRITERS, ending, half_a_file)
    with pytest.raises(OutputError, match="no space left on device"):
        export_recording(phone, phone.parent / f"out{ending}")
    assert _left(phone.parent) == ["run.zip"]


def test_nothing_is_left_of_a_recording_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    with pytest.raises(RecordingError):
        import_recording(tmp_path / "a.csv", tmp_path / "b.csv")
    assert _left(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_somebody_made_meanwhile_stays(phone: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    out = phone.parent / "out.csv"

    def while_another_writes(recording: Recording, extras: object, path: Path) -> None:
        csv_writer.write_csv(recording, extras, path)  # type: ignore[arg-type]
        out.write_text("theirs")

    def no_links(*_paths: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setitem(WRITERS, ".csv", while_another_writes)
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(OutputError, match="it is there already"):
        export_recording(phone, out)
    assert out.read_text() == "theirs"
    assert _left(phone.parent) == ["out.csv", "run.zip"]


def test_a_file_system_without_links(phone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_paths: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    written = export_recording(phone, phone.parent / "out.csv")
    assert np.array_equal(_table(read_recording(phone.parent / "out.csv")), _table(written))


def test_without_the_package_mcap(phone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcap.writer", None)
    with pytest.raises(OutputError, match=r"the package mcap is not installed; install surefoot\[mcap\]"):
        export_recording(phone, phone.parent / "out.mcap")
    assert _left(phone.parent) == ["run.zip"]


def test_times_beyond_mcap(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("t_s,ax,ay,az,gx,gy,gz\n0,0,1,0,1,2,3\n1e12,0,1,0,1,2,3\n")
    with pytest.raises(OutputError, match="its times go beyond what MCAP can hold"):
        export_recording(tmp_path / "a.csv", tmp_path / "a.mcap")


tables = st.integers(2, 30).flatmap(
    lambda n: st.tuples(
        hnp.arrays(np.float64, n, elements=st.floats(1e-3, 10)),
        hnp.arrays(np.float64, (n, 6), elements=st.floats(-1e4, 1e4)),
    )
)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_any_recording_comes_back(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[np.ndarray, np.ndarray]
) -> None:
    steps_s, values = table
    t_s = np.cumsum(steps_s) - steps_s[0]
    folder = tmp_path_factory.mktemp("any")
    lines = ["t_s,ax,ay,az,gx,gy,gz"]
    lines += [",".join(repr(float(cell)) for cell in (at, *row)) for at, row in zip(t_s, values, strict=True)]
    (folder / "a.csv").write_text("\n".join(lines) + "\n")
    export_recording(folder / "a.csv", folder / "b.csv.gz")
    export_recording(folder / "a.csv", folder / "b.parquet")
    expected = np.column_stack([t_s, values])
    assert np.array_equal(_lines(gzip.decompress((folder / "b.csv.gz").read_bytes()).decode())[1], expected)
    again = parquet.read_table(folder / "b.parquet")
    assert np.array_equal(np.column_stack([again[name].to_numpy() for name in NAMES]), expected)
