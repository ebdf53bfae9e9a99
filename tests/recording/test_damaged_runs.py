"""Damaged run files of every kind: never a crash, every whole frame is used, and the loss is exact."""

import hashlib
import io
import json
import os
import random
import struct
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.errors import OutputError, RecordingError
from surefoot.recording import repair as repairing
from surefoot.recording.examination import examine
from surefoot.recording.framing import Frame, FrameType, read_frames, write_frame
from surefoot.recording.payloads import FileEnd, end_payload
from surefoot.recording.repair import repair
from surefoot.recording.resume import resume_point
from surefoot.recording.run_file import RunFile, open_run, read_run
from surefoot.wire.packets import Kind, Packet
from tests.rig.made_runs import START_UTC_US, live_file, made_run

RUN = made_run(0.6)
"""18 packets: start, 15 of 19 samples, one of 15, end."""


def closed(content: bytes) -> bytes:
    frames = list(read_frames(io.BytesIO(content)))
    end = FileEnd(START_UTC_US + 10**7, len(frames), hashlib.sha256(content).digest())
    return content + write_frame(FrameType.END, end_payload(end))


WHOLE = closed(live_file(RUN, asked_every_s=0.3))
FRAMES = [part for part in read_frames(io.BytesIO(WHOLE)) if isinstance(part, Frame)]


@dataclass
class Expected:
    """What whole frames of the file are left."""

    frames: list[Frame]

    @property
    def packets(self) -> list[Packet]:
        return [Packet.from_bytes(frame.payload[8:]) for frame in self.frames if frame.type == FrameType.ARRIVED]


def untouched(start: int, end: int) -> Expected:
    """The frames of which nothing lies in `[start, end)`."""
    return Expected([frame for frame in FRAMES if frame.end <= start or frame.offset >= end])


def check(path, content: bytes, expected: Expected) -> None:
    path.write_bytes(content)
    if not expected.frames:
        with pytest.raises(RecordingError):
            open_run(path)
        return
    examined = examine(path)
    assert examined.file.frames == len(expected.frames)
    assert examined.file.size_bytes == len(content)
    assert examined.sentences()
    assert examined.next_steps()
    here = {packet.sequence: packet for packet in expected.packets}
    point = resume_point(path)
    assert [n for n in range(20) if n in point.sequences] == sorted(here)
    if not here:
        assert examined.run is None
        return
    file = open_run(path)
    assert isinstance(file, RunFile)
    index = [p.index + n for _, p in sorted(here.items()) if p.kind == Kind.SAMPLES for n in range(p.count)]
    assert file.run.index.tolist() == index
    np.testing.assert_array_equal(file.run.values, RUN.values[index])
    facts = examined.run
    assert facts is not None
    assert facts.missing_packets == max(here) + 1 - len(here)
    assert facts.missing_samples == _samples_before_end(here) - len(index)
    assert (facts.end_reason is None) == (17 not in here)
    if len(index) > 1:
        assert len(read_run(path).t_s) == len(index)


def _samples_before_end(here: dict[int, Packet]) -> int:
    last = here[max(here)]
    return last.index + (last.count if last.kind == Kind.SAMPLES else 0)


def check_cuts(path, sizes: range) -> None:
    for size in sizes:
        check(path, WHOLE[:size], untouched(size, len(WHOLE)))
        if size > FRAMES[-1].offset:
            assert not examine(path).file.closed


def test_cut_off_at_many_bytes(tmp_path):
    check_cuts(tmp_path / "cut.run", range(0, len(WHOLE), 37))


@pytest.mark.soak
def test_cut_off_at_every_byte(tmp_path):
    check_cuts(tmp_path / "cut.run", range(len(WHOLE)))


def flipped(bit: int) -> bytes:
    at, bit = divmod(bit, 8)
    return WHOLE[:at] + bytes([WHOLE[at] ^ 1 << bit]) + WHOLE[at + 1 :]


def check_flips(path, bits: range) -> None:
    for bit in bits:
        check(path, flipped(bit), untouched(bit // 8, bit // 8 + 1))
        examined = examine(path)
        assert not examined.intact
        if bit // 8 < FRAMES[-1].offset:
            assert examined.file.hash_right is False
            assert examined.file.missing_frames == 1


def test_many_bits_flipped(tmp_path):
    check_flips(tmp_path / "flipped.run", range(0, 8 * len(WHOLE), 619))


@pytest.mark.soak
@pytest.mark.parametrize("number", [0, 1, 5, len(FRAMES) - 1])
def test_each_bit_of_a_frame_flipped(tmp_path, number):
    frame = FRAMES[number]
    check_flips(tmp_path / "flipped.run", range(8 * frame.offset, 8 * frame.end))


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 1500), st.sampled_from([0x00, 0xFF, 0x53]))
@settings(max_examples=25, deadline=None)
def test_holes(tmp_path_factory, start, size, byte):
    end = min(start + size, len(WHOLE))
    content = WHOLE[:start] + bytes([byte]) * (end - start) + WHOLE[end:]
    changed = [at for at in range(start, end) if WHOLE[at] != byte]
    expected = Expected([f for f in FRAMES if not any(f.offset <= at < f.end for at in changed)])
    check(tmp_path_factory.mktemp("holes") / "hole.run", content, expected)


@given(st.integers(0, len(FRAMES) - 1), st.integers(0, 65535), st.booleans())
@settings(max_examples=25, deadline=None)
def test_a_header_that_lies_about_its_length(tmp_path_factory, number, length, small):
    frame = FRAMES[number]
    length = length % 600 if small else length
    if length == len(frame.payload):
        length += 1
    at = frame.offset + 3
    content = WHOLE[:at] + length.to_bytes(2, "little") + WHOLE[at + 2 :]
    check(tmp_path_factory.mktemp("lies") / "lie.run", content, untouched(at, at + 1))


def bytes_of(frame: Frame) -> bytes:
    return WHOLE[frame.offset : frame.end]


@given(st.lists(st.integers(0, len(FRAMES) - 1), min_size=2, max_size=60), st.integers(0, 5))
@settings(max_examples=25, deadline=None)
def test_doubled_and_swapped_and_missing_frames_and_their_repair(tmp_path_factory, order, noise):
    folder = tmp_path_factory.mktemp("orders")
    path, out = folder / "a.run", folder / "b.run"
    frames = [FRAMES[number] for number in order]
    junk = random.Random(noise).randbytes(noise * 7)
    content = junk.join(bytes_of(frame) for frame in frames) + junk
    path.write_bytes(content)
    before = open_run(path)
    examined = repair(path, out, writer="test", utc_us=START_UTC_US)
    assert path.read_bytes() == content
    assert examined.intact
    assert examined.file.damaged_places == 0
    copied = [part for part in read_frames(io.BytesIO(out.read_bytes())) if isinstance(part, Frame)]
    packets = [Packet.from_bytes(frame.payload[8:]).sequence for frame in copied if frame.type == FrameType.ARRIVED]
    here = {Packet.from_bytes(f.payload[8:]).sequence for f in frames if f.type == FrameType.ARRIVED}
    assert packets == sorted(here)
    clocks = [frame.payload for frame in frames if frame.type == FrameType.CLOCK]
    assert [frame.payload for frame in copied if frame.type == FrameType.CLOCK] == clocks
    if isinstance(before, RunFile):
        after = open_run(out)
        assert isinstance(after, RunFile)
        np.testing.assert_array_equal(after.run.values, before.run.values)
        assert after.run.repeats == 0


def test_a_repair_of_a_whole_file_changes_only_its_end(tmp_path):
    path, out = tmp_path / "a.run", tmp_path / "b.run"
    path.write_bytes(WHOLE)
    assert examine(path).complete
    examined = repair(path, out, writer="test", utc_us=START_UTC_US + 10**7)
    assert examined.complete
    assert examined.file.repaired_from == "a.run"
    assert "It is what `surefoot repair` could save of a.run." in examined.sentences()
    before, after = ([*read_frames(io.BytesIO(file.read_bytes()))] for file in (path, out))
    assert after[: len(before) - 1] == before[:-1]
    added, end = after[len(before) - 1 :]
    assert isinstance(added, Frame)
    assert isinstance(end, Frame)
    assert (added.type, end.type) == (FrameType.FILE, FrameType.END)
    assert json.loads(added.payload) == {"repaired_from": "a.run", "repaired_by": "test"}


def test_a_repair_is_whole_or_not_there(tmp_path, monkeypatch):
    path, out = tmp_path / "a.run", tmp_path / "b.run"
    path.write_bytes(WHOLE)
    with monkeypatch.context() as patch:

        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        patch.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match="no space left"):
            repair(path, out, writer="test", utc_us=1)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.run"]
    with pytest.raises(OutputError, match="there already"):
        repair(path, path, writer="test", utc_us=1)
    with pytest.raises(OutputError):
        repair(path, tmp_path / "none" / "b.run", writer="test", utc_us=1)
    path.write_bytes(b"foreign" * 99)
    with pytest.raises(RecordingError):
        repair(path, out, writer="test", utc_us=1)
    assert not out.exists()


def test_a_source_that_fails_while_it_is_repaired_is_not_taken_for_a_full_disk(tmp_path, monkeypatch):
    path, out = tmp_path / "a.run", tmp_path / "b.run"
    path.write_bytes(WHOLE)

    def bad_sector(_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(repairing, "read_frames", bad_sector)
    with pytest.raises(RecordingError, match="it cannot be read \\(input/output error\\)") as caught:
        repair(path, out, writer="test", utc_us=1)
    assert caught.value.path == path
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.run"]


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
@pytest.mark.parametrize(("mode", "of_copy"), [(0o600, 0o600), (0o444, 0o644)])
def test_a_repaired_copy_is_as_private_as_the_original(tmp_path, mode, of_copy):
    path, out = tmp_path / "a.run", tmp_path / "b.run"
    path.write_bytes(WHOLE)
    path.chmod(mode)
    repair(path, out, writer="test", utc_us=1)
    assert out.stat().st_mode & 0o777 == of_copy


any_frames = st.lists(
    st.one_of(
        st.sampled_from([bytes_of(frame) for frame in FRAMES]),
        st.builds(write_frame, st.integers(0, 16), st.binary(max_size=60)),
        st.builds(
            lambda kind, form, rest: write_frame(kind, bytes(8 * (kind == 3)) + bytes([form]) + rest),
            st.sampled_from([2, 3]),
            st.integers(0x10, 0x19),
            st.binary(min_size=15, max_size=260),
        ),
        st.binary(max_size=20),
    ),
    max_size=30,
)


@given(any_frames)
@settings(max_examples=100, deadline=None)
def test_any_frames_with_right_checksums(tmp_path_factory, parts):
    """Content that nobody wrote, in frames that are right: a sentence or a recording, and never anything else."""
    path = tmp_path_factory.mktemp("any") / "a.run"
    path.write_bytes(b"".join(parts))
    try:
        examined = examine(path)
    except RecordingError:
        return
    assert examined.sentences()
    assert examined.as_dict()["path"]
    resume_point(path)
    repair(path, path.with_name("b.run"), writer="test", utc_us=1)
    try:
        recording = read_run(path)
    except RecordingError:
        return
    assert np.all(np.diff(recording.t_s) > 0)
    assert np.isfinite(recording.t_s).all()
    assert len(recording.t_s) == len(recording.accel_g) == len(recording.gyro_dps)


MEASURE = """
import resource, sys
from pathlib import Path
from surefoot.errors import RecordingError
from surefoot.recording.examination import examine
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    print(len(examine(Path(sys.argv[1])).sentences()))
except RecordingError as error:
    print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""

MARK = write_frame(FrameType.MARK, struct.pack("<Q", START_UTC_US))
SETTING = write_frame(FrameType.SETTINGS, b'{"a":' + b"[" * 900 + b"]" * 900 + b"}")
NOISE = {
    "noise": None,
    "filling": b"\xff\x00",
    "magic numbers": b"\x53\xf7",
    "frames said to be as long as can be": b"\x53\xf7\x02\xf0\xff",
    "marks": MARK,
    "damage between marks": MARK + b"\x01",
    "settings": SETTING + write_frame(FrameType.SETTINGS, b'{"b":"' + bytes([65] * 60_000) + b'"}'),
    "ends": write_frame(FrameType.END, bytes(44)),
    "unknown frames": write_frame(0x77, b""),
}


def memory_mb(path, pattern: bytes | None, size: int) -> int:
    """Most memory, MB, beyond that of the program itself, of examining so many bytes of a pattern."""
    random_bytes = random.Random(1)
    with path.open("wb") as stream:
        stream.write(MARK)
        block = random_bytes.randbytes(1 << 20) if pattern is None else pattern * ((1 << 20) // len(pattern))
        written = 0
        while written < size:
            written += stream.write(random_bytes.randbytes(1 << 20) if pattern is None else block)
    command = [sys.executable, "-c", MEASURE, str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    path.unlink()
    return int(told[-1])


@pytest.mark.parametrize("name", ["noise", "damage between marks"])
def test_memory_is_bounded(tmp_path, name):
    size = 30 << 20 if name == "noise" else 1 << 20
    assert memory_mb(tmp_path / "large.run", NOISE[name], size) < 64


@pytest.mark.soak
@pytest.mark.parametrize("name", NOISE)
def test_memory_is_bounded_for_a_gigabyte(tmp_path, name):
    size = 1 << 30 if name == "noise" else 16 << 20
    assert memory_mb(tmp_path / "large.run", NOISE[name], size) < 64


READ = """
import resource, sys
from pathlib import Path
from surefoot.recording.run_file import read_run
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
recording = read_run(Path(sys.argv[1]))
samples = sum(values.nbytes for values in (recording.t_s, recording.accel_g, recording.gyro_dps))
print(samples, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before * 1024)
"""


@pytest.mark.soak
def test_memory_of_an_hour(tmp_path):
    path = tmp_path / "hour.run"
    path.write_bytes(live_file(made_run(3600)))
    command = [sys.executable, "-c", READ, str(path)]
    samples, used = map(int, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert samples == 3600 * 500 * 7 * 8
    assert used - samples < path.stat().st_size + (64 << 20)
