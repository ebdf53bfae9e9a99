"""Checksum and frames, against zlib and against the layout in docs/run-file.md."""

from __future__ import annotations

import struct
import zlib
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pod.wire import crc
from pod.wire.frame import BLOCK, PACKET, Frame, padded
from pod.wire.packet import MAX_PACKET

PAYLOADS = st.binary(max_size=MAX_PACKET)


def by_the_book(kind: int, payload: bytes) -> bytes:
    covered = struct.pack("<BH", kind, len(payload)) + payload
    return b"\x53\xf7" + covered + struct.pack("<I", zlib.crc32(covered))


def checksum(*parts: bytes) -> bytes:
    state = array("H", (0, 0))
    out = bytearray(6)
    crc.begin(state)
    for part in parts:
        crc.update(state, part, 0, len(part))
    crc.write(state, out, 1)
    assert out[0] == out[5] == 0
    return bytes(out[1:5])


def test_checksum_of_the_known_string() -> None:
    assert checksum(b"123456789") == bytes.fromhex("2639f4cb")  # 0xCBF43926, the catalogue's check value


@given(st.binary(max_size=300), st.integers(0, 300))
def test_checksum_is_zlibs_also_in_two_parts(data: bytes, cut: int) -> None:
    assert checksum(data[:cut], data[cut:]) == zlib.crc32(data).to_bytes(4, "little")


@given(PAYLOADS, st.booleans())
def test_a_frame_is_as_the_book_says_and_padded_with_unwritten_flash(payload: bytes, long_buffer: bool) -> None:
    frame = Frame()
    frame.bytes[:] = bytes(range(256))
    source = bytearray(payload.ljust(MAX_PACKET, b"\x5a")) if long_buffer else payload
    frame.copy(source, len(payload))
    end = frame.seal(PACKET, len(payload))
    view = bytes(frame.grains(end))
    assert view[:end] == by_the_book(PACKET, payload)
    assert view[end:] == b"\xff" * (padded(end) - end)
    assert len(view) == padded(end)
    assert frame.check(PACKET) == len(payload)
    assert frame.check(BLOCK) == -1


@given(PAYLOADS, st.data())
def test_any_flipped_bit_is_found(payload: bytes, data: st.DataObject) -> None:
    frame = Frame()
    frame.copy(payload, len(payload))
    end = frame.seal(PACKET, len(payload))
    bit = data.draw(st.integers(0, 8 * end - 1))
    frame.bytes[bit // 8] ^= 1 << bit % 8
    assert frame.check(PACKET) == -1


@given(st.binary(min_size=256, max_size=256))
def test_garbage_is_no_frame(garbage: bytes) -> None:
    frame = Frame()
    frame.bytes[:] = garbage
    length = frame.check(PACKET)
    assert length == -1 or garbage.startswith(by_the_book(PACKET, garbage[5 : 5 + length]))


@pytest.mark.parametrize(
    ("start", "passed"),
    [
        (b"", 0),
        (b"\x00", 32),
        (b"\x53\xf7\x02", 32),
        (b"\xff" * 31 + b"\0", 32),
        (b"\x00" * 7 + b"\x53", 7),
        (b"\x53\x53", 1),
        (b"\xff\x53", 1),
    ],
)
def test_what_is_passed_over_where_no_frame_starts(start: bytes, passed: int) -> None:
    frame = Frame(23)
    frame.bytes[:] = start.ljust(32, b"\xff")
    assert frame.passed() == passed
