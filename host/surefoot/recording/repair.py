"""Makes a clean copy of a damaged run file: all frames that survive, packets once and in order, and a new end."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from surefoot.errors import OutputError
from surefoot.recording.contents import Contents, read_contents
from surefoot.recording.examination import Examination, examine
from surefoot.recording.framing import Frame, FrameType, read_frames, write_frame
from surefoot.recording.payloads import FORMAT, UTC_BYTES, FileEnd, end_payload, facts_payload
from surefoot.recording.run_packets import packets_of_run, unique
from surefoot.wire.packets import HEADER_BYTES, PACKET_BYTES_MAX
from surefoot.wire.packing import IntArray

_BEFORE_PACKET: dict[int, int] = {FrameType.PACKET: 0, FrameType.ARRIVED: UTC_BYTES}
"""Bytes of the payload before the packet in it."""


def repair(path: Path, out: Path, *, writer: str, utc_us: int) -> Examination:
    """Write a clean copy of the run file `path` to `out`, whole or not at all.

    The frames keep their order, but the packets of the run take their places in order of sequence, each number once;
    earlier end frames are left out, and a new one with the time `utc_us` closes the file. A file frame that is lost is
    made anew, naming `writer`.

    Returns
    -------
    Examination
        Of the copy: what is still missing there is lost. The original is as it was.

    Raises
    ------
    RecordingError
        The original cannot be read, or is no run file.
    OutputError
        `out` is there already or cannot be written.
    """
    contents = read_contents(path)
    if out.exists():
        raise OutputError(out, "it is there already", "name another file")
    try:
        with path.open("rb") as source, _draft(out.parent) as (draft, file):
            _copy(contents, source, file, writer, utc_us)
            file.flush()
            os.fsync(file.fileno())
            shutil.copymode(path, draft)
            _publish(draft, out)
    except FileExistsError as error:
        raise OutputError(out, "it is there already", "name another file") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(out, reason, "free some space or name another place") from error
    return examine(out)


def _copy(contents: Contents, source: BinaryIO, out: BinaryIO, writer: str, utc_us: int) -> None:
    copy = _Copy(out)
    if not contents.counts[FrameType.FILE]:
        facts = facts_payload({"format": FORMAT, "writer": writer, "created_utc_us": utc_us})
        copy.write(write_frame(FrameType.FILE, facts))
    for offset, size in _order(contents, source):
        source.seek(offset)
        copy.write(source.read(size))
    end = FileEnd(utc_us, copy.frames, copy.sha256.digest())
    copy.write(write_frame(FrameType.END, end_payload(end)))


class _Copy:
    """Frames on their way out, counted and hashed."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.frames = 0
        self.sha256 = hashlib.sha256()

    def write(self, frame: bytes) -> None:
        self._out.write(frame)
        self.sha256.update(frame)
        self.frames += 1


def _order(contents: Contents, source: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield offset and size of the frames to keep, in the order of the copy."""
    offsets, sizes, is_packet = _frames(source)
    order = np.arange(len(offsets))
    found = packets_of_run(contents)
    if found is not None:
        of_run = np.flatnonzero(is_packet)[found.rows]
        kept, _, _ = unique(found)
        # the packets change places among themselves; those of repeats stay empty
        order[of_run] = -1
        order[np.sort(of_run[kept])] = of_run[kept]
    for frame in order[order >= 0].tolist():
        yield offsets[frame], sizes[frame]


def _frames(source: BinaryIO) -> tuple[array[int], array[int], IntArray]:
    """List all frames but the end frames, and tell which of them are packets, as `Contents` numbers those."""
    offsets, sizes, is_packet = array("q"), array("l"), bytearray()
    for part in read_frames(source):
        if isinstance(part, Frame) and part.type != FrameType.END:
            offsets.append(part.offset)
            sizes.append(part.end - part.offset)
            is_packet.append(_holds_packet(part))
    return offsets, sizes, np.frombuffer(is_packet, np.uint8).astype(np.int64)


def _holds_packet(frame: Frame) -> bool:
    before = _BEFORE_PACKET.get(frame.type)
    return before is not None and HEADER_BYTES <= len(frame.payload) - before <= PACKET_BYTES_MAX


@contextmanager
def _draft(folder: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Open a new file in `folder`; it is gone afterwards, whatever happened."""
    descriptor, name = tempfile.mkstemp(prefix=".surefoot-", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield Path(name), file
    finally:
        Path(name).unlink(missing_ok=True)


def _publish(draft: Path, out: Path) -> None:
    """Give the draft its name, unless another file has it."""
    try:
        os.link(draft, out)
    except FileExistsError:
        raise
    except OSError:
        # memory cards know no second name for a file
        if out.exists():
            raise FileExistsError(out) from None
        draft.rename(out)
