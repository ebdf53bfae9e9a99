"""A run file takes whole frames only, from one process only, and says what it could not take."""

import errno
import hashlib
import os
import struct
import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.errors import OutputError, RunWriteError, SurefootError
from surefoot.recording import run_writer
from surefoot.recording.examination import examine
from surefoot.recording.framing import Frame, read_frames
from surefoot.recording.run_writer import RunWriter
from tests.rig.vectors import vectors

UTC_US = 1_767_225_600_000_000


def made(path) -> RunWriter:
    return RunWriter.create(path, writer="surefoot 0.3.0", created_utc_us=UTC_US)


def frames(path) -> list[Frame]:
    with path.open("rb") as stream:
        found = list(read_frames(stream))
    assert all(isinstance(part, Frame) for part in found)
    return found


def test_the_frames_of_the_vectors(tmp_path):
    """Every method writes, byte for byte, what tests/vectors has for its type."""
    expected = {case["name"]: bytes.fromhex(case["hex"]) for case in vectors("frames")["frames"]}
    writer = made(tmp_path / "a.run")
    packet = bytes.fromhex(next(c for c in vectors("frames")["frames"] if c["name"] == "packet")["payload"])
    writer.packet(UTC_US, packet)
    asked, answered = struct.unpack_from("<QQ", expected["clock"], 5)
    writer.clock(asked, answered, 1_234_567, 1000, 261)
    writer.mark(UTC_US, "Brücke")
    writer.settings({"side": "left"})
    writer.link(UTC_US, False)
    writer.abandon()
    names = ["file", "arrived", "clock", "mark", "settings", "link"]
    assert (tmp_path / "a.run").read_bytes() == b"".join(expected[name] for name in names)
    assert writer.bytes_written == (tmp_path / "a.run").stat().st_size


def test_the_end_closes_what_is_before_it(tmp_path):
    path = tmp_path / "a.run"
    writer = made(path)
    writer.packet(UTC_US, bytes(20))
    before = path.read_bytes()
    writer.close(UTC_US + 5)
    *others, end = frames(path)
    assert end.type == 0x0F
    assert end.payload == struct.pack("<QI", UTC_US + 5, len(others)) + hashlib.sha256(before).digest()
    assert examine(path).intact
    with pytest.raises(ValueError, match="closed"):
        writer.mark(UTC_US, "late")


def test_a_frame_is_there_as_soon_as_it_is_written(tmp_path):
    writer = made(tmp_path / "a.run")
    for number in range(5):
        writer.packet(UTC_US, bytes([number] * 20))
        assert frames(tmp_path / "a.run")[-1].payload[8:] == bytes([number] * 20)
    writer.abandon()


def test_nothing_is_overwritten(tmp_path):
    made(tmp_path / "a.run").close(UTC_US)
    content = (tmp_path / "a.run").read_bytes()
    with pytest.raises(OutputError, match="there already"):
        made(tmp_path / "a.run")
    assert (tmp_path / "a.run").read_bytes() == content
    with pytest.raises(OutputError, match="no such file"):
        made(tmp_path / "none" / "a.run")


@given(st.lists(st.integers(0, 400), max_size=3), st.binary(max_size=30))
@settings(max_examples=25, deadline=None)
def test_going_on_after_any_end(tmp_path_factory, cuts, tail):
    """Closed or not, cut anywhere behind the first frame, with anything at its end: the file goes on and is right."""
    path = tmp_path_factory.mktemp("runs") / "a.run"
    writer = made(path)
    first = writer.bytes_written
    writer.packet(UTC_US, b"a" * 100)
    writer.close(UTC_US)
    kept = frames(path)
    for number, cut in enumerate(cuts):
        size = max(first, path.stat().st_size - cut)
        os.truncate(path, size)
        kept = [frame for frame in kept if frame.end <= size]
        with path.open("ab") as stream:
            stream.write(tail)
        writer = RunWriter.resume(path)
        at = writer.bytes_written
        assert at == path.stat().st_size
        writer.mark(UTC_US, f"again {number}")
        writer.close(UTC_US + number)
        with path.open("rb") as stream:
            found = [part for part in read_frames(stream) if isinstance(part, Frame)]
        assert [frame.payload for frame in found[:-2]] == [frame.payload for frame in kept]
        kept = found
        content = path.read_bytes()
        assert found[-1].payload[12:] == hashlib.sha256(content[: found[-1].offset]).digest()
        assert struct.unpack_from("<I", found[-1].payload, 8) == (len(found) - 1,)
        assert examine(path).file.closed
        assert examine(path).file.hash_right


def test_no_run_file_is_continued(tmp_path):
    (tmp_path / "a.run").write_bytes(b"some other file")
    with pytest.raises(OutputError, match="not a run file"):
        RunWriter.resume(tmp_path / "a.run")
    with pytest.raises(OutputError, match="no such file"):
        RunWriter.resume(tmp_path / "b.run")
    assert (tmp_path / "a.run").read_bytes() == b"some other file"


SECOND = """
import sys
from pathlib import Path
from surefoot.errors import OutputError
from surefoot.recording.run_writer import RunWriter
try:
    RunWriter.resume(Path(sys.argv[1])).mark(1, "second")
except OutputError as error:
    print(error.why)
"""


def test_a_second_process_cannot_write(tmp_path):
    path = tmp_path / "a.run"

    def second() -> str:
        return subprocess.run(
            [sys.executable, "-c", SECOND, str(path)], capture_output=True, text=True, check=True
        ).stdout.strip()

    writer = made(path)
    assert second() == "another process is writing it"
    with pytest.raises(OutputError, match="another process"):
        RunWriter.resume(path)
    writer.mark(UTC_US, "first")
    writer.abandon()
    assert second() == ""
    assert [frame.payload[8:] for frame in frames(path)[1:]] == [b"first", b"second"]


def test_syncing_in_another_thread_while_writing(tmp_path):
    writer = made(tmp_path / "a.run")
    ended = threading.Event()

    def sync() -> None:
        while not ended.is_set():
            writer.sync()

    worker = threading.Thread(target=sync)
    worker.start()
    for number in range(2000):
        writer.packet(UTC_US + number, number.to_bytes(2, "little") * 10)
    writer.close(UTC_US)
    ended.set()
    worker.join()
    assert len(frames(tmp_path / "a.run")) == 2002
    assert examine(tmp_path / "a.run").intact


def test_a_failed_sync_is_told(tmp_path, monkeypatch):
    writer = made(tmp_path / "a.run")

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(run_writer, "_sync", fail)
    with pytest.raises(RunWriteError, match="input/output error"):
        writer.sync()
    with pytest.raises(RunWriteError):
        writer.close(UTC_US)
    writer.abandon()


class FullDisk:
    """`os.write` and `os.ftruncate` of a disk that takes so many bytes, and then nothing."""

    def __init__(self, room: int, code: int = errno.ENOSPC, *, gone: bool = False) -> None:
        self.room, self.code, self.gone = room, code, gone
        self.write, self.ftruncate = os.write, os.ftruncate

    def take(self, descriptor: int, data: bytes) -> int:
        if not self.room:
            raise OSError(self.code, os.strerror(self.code))
        taken = self.write(descriptor, data[: self.room])
        self.room -= taken
        return taken

    def cut(self, descriptor: int, size: int) -> None:
        if self.gone and not self.room:
            raise OSError(self.code, os.strerror(self.code))
        self.ftruncate(descriptor, size)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("room", [0, 1, 5, 40, 49, 50, 51, 99, 120])
def test_a_disk_that_takes_no_more(tmp_path, monkeypatch, room, code, gone):
    """Whatever fits, the file holds whole frames; when there is room again, it goes on."""
    path = tmp_path / "a.run"
    writer = made(path)
    disk = FullDisk(room, code, gone=gone)
    monkeypatch.setattr(os, "write", disk.take)
    monkeypatch.setattr(os, "ftruncate", disk.cut)
    written = 0
    with pytest.raises(RunWriteError) as caught:
        for number in range(4):
            writer.packet(UTC_US + number, bytes([number] * 33))
            written += 1
    assert written == room // 50
    assert caught.value.path == path
    assert caught.value.saved_bytes == writer.bytes_written
    assert os.strerror(code).lower() in caught.value.why
    assert str(path) in str(caught.value)
    if not gone:
        assert len(frames(path)) == 1 + written
    disk.room = 10_000
    writer.packet(UTC_US, b"room again" * 2)
    writer.close(UTC_US)
    assert [frame.payload[8:] for frame in frames(path)[1:-1]] == [bytes([n] * 33) for n in range(written)] + [
        b"room again" * 2
    ]
    assert examine(path).intact


def test_a_disk_full_from_the_start_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "write", FullDisk(20).take)
    with pytest.raises(OutputError, match="no space left on device; free some space") as caught:
        made(tmp_path / "a.run")
    assert "kept" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_file_that_cannot_be_opened(tmp_path, monkeypatch, code):
    def refuse(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(SurefootError, match=os.strerror(code).lower()):
        made(tmp_path / "a.run")
