"""Frames are found again in whatever is left of a file, as docs/run-file.md says, and hostile files cost no more."""

import io
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.errors import WireError
from surefoot.recording import crc_shift, framing
from surefoot.recording.framing import Damage, Frame, read_frames, write_frame
from tests.rig.vectors import named, vectors

VECTORS = vectors("frames")


def flip(data: bytes, bit: int) -> bytes:
    """Return `data` with one bit turned."""
    at, bit = divmod(bit, 8)
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


def found_in(content: bytes) -> list[Frame | Damage]:
    return list(read_frames(io.BytesIO(content)))


@pytest.mark.parametrize(**named(VECTORS["frames"]))
def test_frame_both_ways(case):
    payload = bytes.fromhex(case["payload"])
    assert write_frame(case["type"], payload).hex(" ") == case["hex"]
    assert found_in(bytes.fromhex(case["hex"])) == [Frame(case["type"], payload, 0)]
    assert bytes.fromhex(case["hex"])[-4:] == bytes.fromhex(case["crc32"])[::-1]


@pytest.mark.parametrize(**named(VECTORS["files"]))
def test_file(case):
    found = found_in(bytes.fromhex(case["hex"]))
    assert [
        ["frame", part.type, part.offset] if isinstance(part, Frame) else ["damage", part.offset, part.size]
        for part in found
    ] == case["found"]


def plain_reader(content: bytes) -> list[Frame | Damage]:
    """Read docs/run-file.md aloud: at each position, byte for byte."""
    found: list[Frame | Damage] = []
    at, damaged_from = 0, None

    def end_damage() -> None:
        if damaged_from is not None:
            found.append(Damage(damaged_from, len(content[damaged_from:at].rstrip(b"\x00\xff"))))

    while at < len(content):
        frame = plain_frame(content, at)
        if frame is not None:
            end_damage()
            found.append(frame)
            at, damaged_from = frame.end, None
            continue
        if content[at] not in b"\x00\xff" and damaged_from is None:
            damaged_from = at
        at += 1
    end_damage()
    return found


def plain_frame(content: bytes, at: int) -> Frame | None:
    rest = content[at:]
    if len(rest) < 9 or rest[:2] != b"\x53\xf7":
        return None
    size = rest[3] + 256 * rest[4]
    if len(rest) < 9 + size or zlib.crc32(rest[2 : 5 + size]).to_bytes(4, "little") != rest[5 + size : 9 + size]:
        return None
    return Frame(rest[2], rest[5 : 5 + size], at)


frames = st.builds(write_frame, st.integers(0, 255), st.binary(max_size=60))
torn = st.builds(lambda frame, size: frame[:size], frames, st.integers(1, 60))
flipped = st.builds(lambda frame, bit: flip(frame, bit % (8 * len(frame))), frames, st.integers(0, 600))
longest = st.builds(write_frame, st.integers(0, 255), st.binary(min_size=69, max_size=69))
LONGEST = 78
nested = st.builds(lambda inner: write_frame(8, inner), frames)
filling = st.builds(lambda byte, count: bytes([byte]) * count, st.sampled_from([0, 255]), st.integers(1, 90))
magic = st.builds(lambda length: b"\x53\xf7\x02" + length.to_bytes(2, "little"), st.integers(0, 200))
parts = st.one_of(frames, longest, torn, flipped, nested, filling, magic, st.binary(max_size=8))
contents = st.lists(parts, max_size=12)


@given(contents)
def test_any_content_is_read_as_the_page_says(parts):
    content = b"".join(parts)
    assert found_in(content) == plain_reader(content)


@given(contents, st.integers(90, 300))
def test_whatever_the_window(parts, read_bytes):
    content = b"".join(parts) * 3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "READ_BYTES", read_bytes)
        # of the longest frame here; a frame of the real length would hide the edges of the window
        patch.setattr(framing, "FRAME_BYTES_MAX", LONGEST)
        assert found_in(content) == plain_reader(content)


@pytest.mark.parametrize("damage", range(200))
def test_a_long_frame_is_found_wherever_the_window_ends(damage, monkeypatch):
    monkeypatch.setattr(framing, "READ_BYTES", 2 * LONGEST)
    monkeypatch.setattr(framing, "FRAME_BYTES_MAX", LONGEST)
    content = b"\x01" * damage + write_frame(8, write_frame(2, b"within").ljust(69, b"\x02"))
    (frame,) = [part for part in found_in(content) if isinstance(part, Frame)]
    assert (frame.type, frame.offset) == (8, damage)


@given(st.lists(frames, min_size=1, max_size=10), st.integers(0, 6000))
def test_a_flipped_bit_costs_one_frame(whole, bit):
    content = b"".join(whole)
    bit %= 8 * len(content)
    at = bit // 8
    kept = {part.offset: part for part in found_in(flip(content, bit)) if isinstance(part, Frame)}
    offset = 0
    for frame in whole:
        if not offset <= at < offset + len(frame):
            assert kept[offset].payload == frame[5:-4]
        offset += len(frame)


@given(st.lists(frames, max_size=10), st.integers(0, 800))
def test_a_file_cut_off_keeps_all_whole_frames(whole, size):
    content = b"".join(whole)[:size]
    ends = [sum(map(len, whole[: number + 1])) for number in range(len(whole))]
    kept = [part for part in found_in(content) if isinstance(part, Frame)]
    assert [frame.end for frame in kept][: sum(end <= size for end in ends)] == [end for end in ends if end <= size]


def test_a_frame_cut_off_at_the_end_is_told_from_damage():
    first, second = write_frame(8, b"first"), write_frame(8, b"the second, a bit longer")
    for size in range(len(first) + len(second) + 1):
        content = (first + second)[:size]
        found = found_in(content)
        at_end = framing.unfinished_bytes(io.BytesIO(content), found[-1] if found else None)
        assert at_end == (size if size < len(first) else size - len(first)) % len(second)
    for damaged in (flip(second, 50), flip(second, 3), b"junk" + second[:-1]):
        content = first + damaged
        assert framing.unfinished_bytes(io.BytesIO(content), found_in(content)[-1]) == 0


def test_a_short_read_is_not_the_end():
    class Trickle(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, 7))

    content = b"".join(write_frame(2, bytes([number] * number)) for number in range(100))
    assert list(read_frames(Trickle(content))) == found_in(content)
    assert len(found_in(content)) == 100


def test_the_longest_frame():
    content = write_frame(2, bytes(range(256)) * 255 + bytes(255))
    assert len(content) == 65_544
    assert [part.end for part in found_in(content)] == [65_544]
    assert found_in(content[:-1])[0].offset == 0
    with pytest.raises(WireError):
        write_frame(2, bytes(65_536))
    with pytest.raises(WireError):
        write_frame(256, b"")


HOSTILE = {
    "magic numbers only": b"\x53\xf7",
    "frames said to be as long as can be": b"\x53\xf7\x02\xf0\xff",
    "a good frame, then a long wrong one": write_frame(2, b"") + b"\x53\xf7\x02\xf0\xff",
    "short wrong frames": b"\x53\xf7\x02\x00\x00",
    "filling, then a long wrong one": b"\xff\x53\xf7\x02\xf0\xff\x00",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_content_is_summed_a_few_times_only(name, monkeypatch):
    content = (HOSTILE[name] * (1 << 19))[: 3 << 19]
    summed = 0

    def counted(data, start=0):
        nonlocal summed
        summed += len(data)
        return crc32(data, start)

    crc32 = zlib.crc32
    monkeypatch.setattr(zlib, "crc32", counted)
    found = found_in(content)
    assert summed < 3 * len(content)
    frames = sum(isinstance(part, Frame) for part in found)
    assert frames == (content.count(write_frame(2, b"")) if "good" in name else 0)


@given(st.binary(max_size=300), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=20))
def test_checksums_of_parts_from_those_of_beginnings(data, parts):
    ordered = [sorted((min(a, len(data)), min(b, len(data)))) for a, b in parts]
    starts, ends = np.array(ordered, np.int64).T
    expected = [zlib.crc32(data[start:end]) for start, end in ordered]
    assert crc_shift.crc_of_parts(data, starts, ends).tolist() == expected


@pytest.mark.soak
@pytest.mark.parametrize("name", HOSTILE)
def test_a_large_hostile_file_in_bounded_memory(name):
    class Endless(io.RawIOBase):
        left = 2 << 20

        def read(self, size=-1):
            size = min(size, self.left)
            self.left -= size
            pattern = HOSTILE[name]
            return (pattern * (size // len(pattern) + 1))[:size]

    tracemalloc.start()
    for _ in read_frames(Endless()):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60 << 20
