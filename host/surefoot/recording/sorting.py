"""Reads a run file: every frame of it put where it belongs, in one pass and in bounded memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from surefoot.errors import RecordingError, reason
from surefoot.recording.contents import LISTED_MAX, Contents
from surefoot.recording.framing import Damage, Frame, FrameType, read_frames, unfinished_bytes
from surefoot.recording.given_file import check_given
from surefoot.recording.payloads import (
    CLOCK,
    FACTS_MAX,
    FORMAT,
    UTC_BYTES,
    Scalar,
    packet_in,
    read_block_run,
    read_end,
    read_facts,
    read_link,
    read_mark,
)

NEVER_ARRIVED = bytes(UTC_BYTES)
READY_BYTES = 4
POSITION_BYTES = 40
HASH_BYTES = 1 << 20
"""Read at once."""


def read_contents(path: Path) -> Contents:
    """Read a run file once.

    Raises
    ------
    RecordingError
        There is no such file, it cannot be opened, is empty, holds no frame at all, or is of a newer format.
    """
    check_given(path)
    try:
        with path.open("rb") as stream, path.open("rb") as again:
            contents = _Sorting(again).take(stream)
    except OSError as error:
        raise unreadable(path, error) from error
    if not contents.size_bytes:
        raise RecordingError(path, "the file is empty", "record again, or give another file")
    if not contents.frames:
        raise RecordingError(path, "it holds no frame of a run file", "give a file that Surefoot recorded")
    version = contents.file.get("format", FORMAT)
    if version != FORMAT:
        raise RecordingError(path, f"its format is version {version}", "update Surefoot")
    return contents


def unreadable(path: Path, error: OSError) -> RecordingError:
    """Return the error of a run file that the system does not give."""
    return RecordingError(path, f"it cannot be read ({reason(error)})", "check the file and its permissions")


class _Sorting:
    """Puts each frame where it belongs."""

    def __init__(self, again: BinaryIO) -> None:
        self._contents = contents = Contents()
        self._hashed = _HashedSoFar(again)
        self._takes: dict[int, Callable[[bytes], bool]] = {
            FrameType.FILE: lambda payload: _note(contents.file, read_facts(payload)),
            FrameType.PACKET: lambda _: False,
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
        last: Frame | Damage | None = None
        last_type = None
        for part in read_frames(stream):
            if isinstance(last, Damage):
                self._damaged(last)
            last = part
            if isinstance(part, Damage):
                continue
            last_type = part.type
            packet = packet_in(part.type, part.payload)
            if packet is not None:
                contents.arrived += part.payload[:UTC_BYTES] if part.type == FrameType.ARRIVED else NEVER_ARRIVED
                contents.packets += packet
                contents.packet_sizes.append(len(packet))
            elif not self._understood(part):
                contents.odd_frames += 1
            contents.counts[part.type] += 1
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

    def _understood(self, frame: Frame) -> bool:
        """Take a frame without a packet; False where it is not what its type says."""
        if frame.type == FrameType.END:
            return self._end(frame)
        take = self._takes.get(frame.type)
        return take is None or take(frame.payload)

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

    def _end(self, frame: Frame) -> bool:
        end = read_end(frame.payload)
        if end is None:
            return False
        contents = self._contents
        contents.end, contents.frames_at_end = end, contents.counts.total()
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
        while self._at < offset and (part := self._stream.read(min(HASH_BYTES, offset - self._at))):
            self._sha256.update(part)
            self._at += len(part)
        return self._sha256.digest()
