"""The frames of a run file: written one by one, and found again in whatever is left of it (docs/run-file.md)."""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from enum import IntEnum
from typing import BinaryIO, NamedTuple

import numpy as np

from surefoot.errors import WireError
from surefoot.recording.crc_shift import crc_of_parts

RUN_ENDING = ".run"
"""Of the name of a run file."""
MAGIC = b"\x53\xf7"
HEAD_BYTES = 5
CRC_BYTES = 4
PAYLOAD_BYTES_MAX = 0xFFFF
FRAME_BYTES_MAX = HEAD_BYTES + PAYLOAD_BYTES_MAX + CRC_BYTES
READ_BYTES = 1 << 18
"""At once; more than the longest frame."""
FILLING = b"\x00\xff"

_NOT_FILLING = re.compile(rb"[^\x00\xff]")


class FrameType(IntEnum):
    """Types that this version knows; others are kept by whoever copies."""

    FILE = 0x01
    PACKET = 0x02
    ARRIVED = 0x03
    READY = 0x04
    BLOCK = 0x05
    CLOCK = 0x06
    POSITION = 0x07
    MARK = 0x08
    SETTINGS = 0x09
    LINK = 0x0A
    END = 0x0F


class Frame(NamedTuple):
    """One whole frame; `offset` is where it starts in the file."""

    type: int
    payload: bytes
    offset: int

    @property
    def end(self) -> int:
        """Where the next one may start."""
        return self.offset + HEAD_BYTES + len(self.payload) + CRC_BYTES


class Damage(NamedTuple):
    """Bytes `[offset, offset + size)` that belong to no frame and are no filling."""

    offset: int
    size: int


def write_frame(frame_type: int, payload: bytes) -> bytes:
    """Return the bytes of a frame."""
    if not 0 <= frame_type <= 255 or len(payload) > PAYLOAD_BYTES_MAX:
        raise WireError("frame", f"type {frame_type} with {len(payload)} bytes does not fit", "write less at once")
    content = bytes([frame_type]) + len(payload).to_bytes(2, "little") + payload
    return MAGIC + content + zlib.crc32(content).to_bytes(CRC_BYTES, "little")


def read_frames(stream: BinaryIO) -> Iterator[Frame | Damage]:
    """Yield the frames of a run file in order, and the damage between them.

    Filling before, between and behind frames is passed over in silence; within damage it counts, since nobody
    can tell, but not at its end. Memory is bounded and time linear, whatever the content.
    """
    return _Scan(stream).run()


def unfinished_bytes(stream: BinaryIO, last: Frame | Damage | None) -> int:
    """Return how many bytes at the end of a file are a frame whose writing was cut off; `last` is what was found last.

    Nobody was told that it is safe. A writer that is killed leaves one if it was just crossing a page of memory.
    """
    if not isinstance(last, Damage):
        return 0
    stream.seek(last.offset)
    tail = stream.read(FRAME_BYTES_MAX)
    if not tail.startswith(MAGIC[: len(tail)]):
        return 0
    length = int.from_bytes(tail[3:HEAD_BYTES], "little") if len(tail) >= HEAD_BYTES else PAYLOAD_BYTES_MAX
    return len(tail) if len(tail) < HEAD_BYTES + length + CRC_BYTES else 0


class _Scan:
    """A window that moves over the file; `_at` is the place in it that is looked at."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._window = b""
        self._offset = 0
        """Of the window in the file."""
        self._at = 0
        self._ended = False
        self._starts: list[int] | None = None
        """Where frames start in this window, once somebody had to ask."""

    def run(self) -> Iterator[Frame | Damage]:
        while self._fill():
            frame = self._frame()
            if frame is not None:
                yield frame
            elif not self._pass_filling():
                yield self._pass_damage()

    def _fill(self) -> bool:
        """Make sure that a whole frame would fit behind the place; False at the end of the file."""
        if not self._ended and len(self._window) - self._at < FRAME_BYTES_MAX:
            self._offset += self._at
            parts = [self._window[self._at :]]
            missing = READ_BYTES
            while missing and (more := self._stream.read(missing)):
                parts.append(more)
                missing -= len(more)
            self._ended = missing > 0
            self._window = b"".join(parts)
            self._at = 0
            self._starts = None
        return self._at < len(self._window)

    def _frame(self) -> Frame | None:
        """Take the frame that starts here."""
        window, at = self._window, self._at
        if not window.startswith(MAGIC, at) or not self._may_start(at):
            return None
        end = at + HEAD_BYTES + int.from_bytes(window[at + 3 : at + HEAD_BYTES], "little")
        crc = window[end : end + CRC_BYTES]
        if len(crc) < CRC_BYTES or zlib.crc32(window[at + 2 : end]) != int.from_bytes(crc, "little"):
            return None
        self._at = end + CRC_BYTES
        return Frame(window[at + 2], window[at + HEAD_BYTES : end], self._offset + at)

    def _may_start(self, at: int) -> bool:
        """Tell where a wrong checksum is known already: a check may cost 64 KB, and hostile files ask for many."""
        if self._starts is None:
            return True
        nth = bisect_left(self._starts, at)
        return nth < len(self._starts) and self._starts[nth] == at

    def _pass_filling(self) -> bool:
        found = _NOT_FILLING.search(self._window, self._at)
        before, self._at = self._at, found.start() if found else len(self._window)
        return self._at > before

    def _pass_damage(self) -> Damage:
        """Go on to the next frame."""
        offset = end = self._offset + self._at
        found = False
        while not found and self._fill():
            stop, found = self._next_start()
            passed = self._window[self._at : stop].rstrip(FILLING)
            if passed:
                end = self._offset + self._at + len(passed)
            self._at = stop
        return Damage(offset, end - offset)

    def _next_start(self) -> tuple[int, bool]:
        """Return the place of the next frame and True, or else the place up to which there is none."""
        if self._starts is None:
            self._starts = _frame_starts(self._window)
        # of what starts further on, it cannot be said yet whether a long frame starts before it
        decided = len(self._window) if self._ended else len(self._window) - FRAME_BYTES_MAX + 1
        nth = bisect_left(self._starts, self._at)
        if nth < len(self._starts) and self._starts[nth] < decided:
            return self._starts[nth], True
        return decided, False


def _frame_starts(window: bytes) -> list[int]:
    """Return all places where a whole frame with a right checksum starts, be it within another."""
    data = np.frombuffer(window, np.uint8).astype(np.int64)
    starts = np.flatnonzero((data[:-1] == MAGIC[0]) & (data[1:] == MAGIC[1]))
    starts = starts[starts + HEAD_BYTES + CRC_BYTES <= len(data)]
    ends = starts + HEAD_BYTES + (data[starts + 3] | data[starts + 4] << 8)
    whole = ends + CRC_BYTES <= len(data)
    starts, ends = starts[whole], ends[whole]
    stored = data[ends] | data[ends + 1] << 8 | data[ends + 2] << 16 | data[ends + 3] << 24
    right: list[int] = starts[crc_of_parts(window, starts + 2, ends) == stored].tolist()
    return right
