"""Archives are read within limits, and nothing of them reaches the disk."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from surefoot.errors import RecordingError
from surefoot.recording import read_recording
from surefoot.recording.foreign import archive
from tests.rig import foreign_files as made

AT_S = made.times(100, 3)


def _members() -> dict[str, bytes]:
    return {"Accelerometer.csv": made.phyphox_accelerometer(AT_S), "Gyroscope.csv": made.phyphox_gyroscope(AT_S)}


def _refused(path: Path) -> str:
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(RecordingError) as refused:
        read_recording(path)
    assert sorted(path.parent.rglob("*")) == before
    return str(refused.value)


@pytest.mark.parametrize(
    "name", ["/etc/a.csv", "../a.csv", "x/../../a.csv", "C:\\a.csv", "\\\\host\\a.csv", "..\\a.csv"]
)
def test_names_outside(tmp_path: Path, name: str) -> None:
    assert "names files outside of itself" in _refused(made.zip_of(tmp_path / "a.zip", {**_members(), name: b"x"}))


@pytest.mark.parametrize("name", ["inner.zip", "a.csv.gz", "deep/x.TAR"])
def test_archives_within(tmp_path: Path, name: str) -> None:
    assert "it holds another archive" in _refused(made.zip_of(tmp_path / "a.zip", {**_members(), name: b"x"}))


def test_a_bomb(tmp_path: Path) -> None:
    """40 MB of one digit shrink a thousandfold."""
    bomb = made.zip_of(tmp_path / "a.zip", {"Accelerometer.csv": b"0" * 40_000_000})
    assert bomb.stat().st_size < 100_000
    assert "it would unpack to 40 MB" in _refused(bomb)


def test_more_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "BYTES_MAX", 20_000)
    assert "it would unpack to 0 MB" in _refused(made.zip_of(tmp_path / "a.zip", _members()))


def test_too_many_members(tmp_path: Path) -> None:
    many = {f"{number}.csv": b"" for number in range(201)}
    assert "it holds 201 files" in _refused(made.zip_of(tmp_path / "a.zip", many))


def test_a_length_that_lies(tmp_path: Path) -> None:
    """The directory says 10 bytes, and the member has more."""
    path = made.zip_of(tmp_path / "a.zip", {"a.csv": bytes(range(256)) * 40})
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 10)
    path.write_bytes(data)
    with zipfile.ZipFile(path) as lying:
        assert lying.infolist()[0].file_size == 10
    assert _refused(path)


def test_an_encrypted_member(tmp_path: Path) -> None:
    path = made.zip_of(tmp_path / "a.zip", _members())
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "it is encrypted" in _refused(path)


def test_a_damaged_member(tmp_path: Path) -> None:
    path = made.zip_of(tmp_path / "a.zip", _members())
    data = bytearray(path.read_bytes())
    data[200:240] = bytes(40)
    path.write_bytes(data)
    assert "it is no zip archive, or it is damaged" in _refused(path)


def test_no_archive_and_no_table(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK no archive")
    assert "it is no zip archive" in _refused(tmp_path / "a.zip")
    assert "none of its files is a table that is known" in _refused(made.zip_of(tmp_path / "b.zip", {"a.txt": b"x"}))


def test_an_unusable_table_beside_a_good_pair_does_no_harm(tmp_path: Path) -> None:
    members = _members() | {"Linear Accelerometer.csv": _members()["Accelerometer.csv"].replace(b"Acc", b"Linear acc")}
    assert len(read_recording(made.zip_of(tmp_path / "a.zip", members)).t_s) == len(AT_S)
