"""Everything that the frames of one run file hold, sorted by what it is, in one pass and in bounded memory."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from surefoot.errors import RecordingError
from surefoot.recording.framing import Damage, Frame, FrameType, read_frames, unfinished_bytes
from surefoot.recording.payloads import (
    CLOCK,
    FACTS_MAX,
    FORMAT,
    UTC_BYTES,
    FileEnd,
    Scalar,
    read_block_run,
    read_end,
    read_facts,
    read_link,
    read_mark,
)
from surefoot.wire.packets import HEADER_BYTES, PACKET_BYTES_MAX

LISTED_MAX = 1000
"""Marks, breaks and places of damage that are kept one by one; of more, only how many there are. A file can claim a
hundred million of them."""
NEVER_ARRIVED = bytes(UTC_BYTES)
READY_BYTES = 4
POSITION_BYTES = 40


@dataclass
class Contents:
    """What survives of a file, and what does not.

    Attributes
    ----------
    size_bytes, frames : int
        Of the file; whole frames in it.
    file, settings : dict
        What the file frame and the settings frames say; later ones change what they name.
    packets : bytearray
        All packets as they came, one after the other; `packet_sizes` has the bytes of each, `arrived` the UTC in us of
        each arrival as eight bytes, 0 where it is not known (on the pod's flash).
    clocks : bytearray
        Payloads of clock frames.
    block_run : int or None
        Run that the first block of a pod's flash is said to hold.
    marks, links, damage : list
        The first `LISTED_MAX` of each: (UTC in us, text), (UTC in us, connected), `Damage`.
    counts : Counter
        Whole frames by type.
    damaged_places, damaged_bytes : int
        All damage.
    unfinished_bytes : int
        Of a frame at the end whose writing was cut off; no damage.
    odd_frames : int
        Frames of a known type whose content is not what the type says.
    end : FileEnd or None
        The last end frame; `frames_at_end` is how many frames were found before it.
    closed : bool
        An end frame is the last of all frames.
    hash_right : bool or None
        Whether the hashes of all end frames are right; None without one.
    """

    size_bytes: int = 0
    frames: int = 0
    file: dict[str, Scalar] = field(default_factory=dict)
    settings: dict[str, Scalar] = field(default_factory=dict)
    packets: bytearray = field(default_factory=bytearray)
    packet_sizes: array[int] = field(default_factory=lambda: array("H"))
    arrived: bytearray = field(default_factory=bytearray)
    clocks: bytearray = field(default_factory=bytearray)
    block_run: int | None = None
    marks: list[tuple[int, str]] = field(default_factory=list)
    links: list[tuple[int, bool]] = field(default_factory=list)
    damage: list[Damage] = field(default_factory=list)
    counts: Counter[int] = field(default_factory=Counter)
    damaged_places: int = 0
    damaged_bytes: int = 0
    unfinished_bytes: int = 0
    odd_frames: int = 0
    end: FileEnd | None = None
    frames_at_end: int = 0
    closed: bool = False
    hash_right: bool | None = None

    @property
    def unknown_frames(self) -> int:
        """Frames of types that this version does not know."""
        return sum(count for kind, count in self.counts.items() if kind not in _KNOWN)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Bytes of each packet."""
        return np.frombuffer(self.packet_sizes, np.uint16).astype(np.int64)

    @property
    def arrived_utc_us(self) -> NDArray[np.int64]:
        """UTC of each packet's arrival, us; 0 where it is not known."""
        return np.frombuffer(self.arrived, "<i8").astype(np.int64)

    @property
    def clock_answers(self) -> NDArray[Any]:
        """All clock frames, as `payloads.CLOCK`."""
        return np.frombuffer(self.clocks, CLOCK)


_KNOWN = frozenset(FrameType)


def read_contents(path: Path) -> Contents:
    """Read a run file once.

    Raises
    ------
    RecordingError
        It cannot be opened, is empty, holds no frame at all, or is of a newer format.
    """
    try:
        with path.open("rb") as stream, path.open("rb") as again:
            contents = _Sorting(again).take(stream)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RecordingError(path, f"it cannot be read ({reason})", "check the file and its permissions") from error
    if not contents.size_bytes:
        raise RecordingError(path, "the file is empty", "record again, or give another file")
    if not contents.frames:
        raise RecordingError(path, "it holds no frame of a run file", "give a file that Surefoot recorded")
    version = contents.file.get("format", FORMAT)
    if version != FORMAT:
        raise RecordingError(path, f"its format is version {version}", "update Surefoot")
    return contents


class _Sorting:
    """Puts each frame where it belongs."""

    def __init__(self, again: BinaryIO) -> None:
        self._contents = contents = Contents()
        self._hashed = _HashedSoFar(again)
        self._takes: dict[int, Callable[[bytes], bool]] = {
            FrameType.FILE: lambda payload: _note(contents.file, read_facts(payload)),
            FrameType.PACKET: self._packet,
            FrameType.ARRIVED: lambda _: False,
            FrameType.READY: lambda payload: len(payload) == READY_BYTES,
            FrameType.BLOCK: self._block,
            FrameType.CLOCK: self._clock,
            FrameType.POSITION: lambda payload: len(payload) == POSITION_BYTES,
            FrameType.MARK: lambda payload: _list(contents.marks, read_mark(payload)),
            FrameType.SETTINGS: lambda payload: _note(contents.settings, read_facts(payload)),
            FrameType.LINK: lambda payload: _list(contents.links, read_link(payload)),
        }
        """Takes the payload of each known type; False where it is not what the type says."""

    def take(self, stream: BinaryIO) -> Contents:
        """Read all of it."""
        contents = self._contents
        packets, sizes, arrived = contents.packets, contents.packet_sizes, contents.arrived
        smallest, largest = HEADER_BYTES + UTC_BYTES, PACKET_BYTES_MAX + UTC_BYTES
        arrivals = 0
        last: Frame | Damage | None = None
        last_type = None
        for part in read_frames(stream):
            if isinstance(last, Damage):
                self._damaged(last)
            last = part
            if isinstance(part, Damage):
                continue
            last_type = part.type
            payload = part.payload
            if part.type == FrameType.ARRIVED and smallest <= len(payload) <= largest:
                arrivals += 1
                arrived += payload[:UTC_BYTES]
                packets += payload[UTC_BYTES:]
                sizes.append(len(payload) - UTC_BYTES)
            else:
                self._other(part, arrivals)
        contents.counts[FrameType.ARRIVED] += arrivals
        contents.frames = contents.counts.total()
        contents.closed = last_type == FrameType.END and contents.end is not None
        contents.unfinished_bytes = unfinished_bytes(stream, last)
        if isinstance(last, Damage) and not contents.unfinished_bytes:
            self._damaged(last)
        contents.size_bytes = stream.seek(0, os.SEEK_END)
        return contents

    def _damaged(self, damage: Damage) -> None:
        self._contents.damaged_places += 1
        self._contents.damaged_bytes += damage.size
        _list(self._contents.damage, damage)

    def _other(self, frame: Frame, arrivals: int) -> None:
        contents = self._contents
        before = contents.counts.total() + arrivals if frame.type == FrameType.END else 0
        contents.counts[frame.type] += 1
        if frame.type == FrameType.END:
            understood = self._end(frame, before)
        else:
            take = self._takes.get(frame.type)
            understood = take is None or take(frame.payload)
        contents.odd_frames += not understood

    def _clock(self, payload: bytes) -> bool:
        if len(payload) != CLOCK.itemsize:
            return False
        self._contents.clocks += payload
        return True

    def _block(self, payload: bytes) -> bool:
        run = read_block_run(payload)
        if self._contents.block_run is None:
            self._contents.block_run = run
        return run is not None

    def _packet(self, payload: bytes) -> bool:
        if not HEADER_BYTES <= len(payload) <= PACKET_BYTES_MAX:
            return False
        self._contents.arrived += NEVER_ARRIVED
        self._contents.packets += payload
        self._contents.packet_sizes.append(len(payload))
        return True

    def _end(self, frame: Frame, before: int) -> bool:
        end = read_end(frame.payload)
        if end is None:
            return False
        contents = self._contents
        contents.end, contents.frames_at_end = end, before
        contents.hash_right = self._hashed.until(frame.offset) == end.sha256 and contents.hash_right is not False
        return True


def _note(known: dict[str, Scalar], said: dict[str, Scalar] | None) -> bool:
    for name, value in (said or {}).items():
        if name in known or len(known) < FACTS_MAX:
            known[name] = value
    return said is not None


def _list(known: list[Any], entry: Any) -> bool:
    if entry is not None and len(known) < LISTED_MAX:
        known.append(entry)
    return entry is not None


class _HashedSoFar:
    """SHA-256 of the beginning of a file, further and further."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._at = 0
        self._sha256 = hashlib.sha256()

    def until(self, offset: int) -> bytes:
        while self._at < offset and (part := self._stream.read(min(1 << 20, offset - self._at))):
            self._sha256.update(part)
            self._at += len(part)
        return self._sha256.digest()
