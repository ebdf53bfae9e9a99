"""Makes a clean copy of a damaged run file: all frames that survive, packets once and in order, and a new end."""

from __future__ import annotations

import hashlib
import stat
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from surefoot.recording.contents import Contents
from surefoot.recording.examination import Examination, examine
from surefoot.recording.framing import Frame, FrameType, read_frames, write_frame
from surefoot.recording.new_file import new_file
from surefoot.recording.payloads import FORMAT, FileEnd, end_payload, facts_payload, packet_in
from surefoot.recording.run_packets import packets_of_run, unique
from surefoot.recording.sorting import read_contents, unreadable
from surefoot.wire.packing import IntArray


def repair(path: Path, out: Path, *, writer: str, utc_us: int) -> Examination:
    """Write a clean copy of the run file `path` to `out`, whole or not at all.

    The frames keep their order, but the packets of the run take their places in order of sequence, each number once;
    earlier end frames are left out, and a new one with the time `utc_us` closes the file, after a file frame that says
    what was repaired, and that `writer` did it. A first file frame that is lost is made anew, naming `writer`.

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
    with new_file(out) as draft:
        with draft.open("wb") as stream:
            copy = _Copy(stream)
            if not contents.counts[FrameType.FILE]:
                facts = facts_payload({"format": FORMAT, "writer": writer, "created_utc_us": utc_us})
                copy.write(write_frame(FrameType.FILE, facts))
            for frame in _survivors(path, contents):
                copy.write(frame)
            copy.write(write_frame(FrameType.FILE, facts_payload({"repaired_from": path.name, "repaired_by": writer})))
            end = FileEnd(utc_us, copy.frames, copy.sha256.digest())
            copy.write(write_frame(FrameType.END, end_payload(end)))
        # as private as the original, and to be written in any case
        draft.chmod(stat.S_IMODE(path.stat().st_mode) | stat.S_IWUSR)
    return examine(out)


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


def _survivors(path: Path, contents: Contents) -> Iterator[bytes]:
    """Yield the frames to keep, in the order of the copy."""
    try:
        with path.open("rb") as source:
            for offset, size in _order(contents, source):
                source.seek(offset)
                yield source.read(size)
    except OSError as error:
        raise unreadable(path, error) from error


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
            is_packet.append(packet_in(part.type, part.payload) is not None)
    return offsets, sizes, np.frombuffer(is_packet, np.uint8).astype(np.int64)
