"""What a recorder must know to go on with a run file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from surefoot.recording.contents import Contents
from surefoot.recording.run_packets import first_start, packets_of_run, read_records
from surefoot.recording.sorting import read_contents
from surefoot.wire.packets import Kind
from surefoot.wire.packing import IntArray
from surefoot.wire.records import Start
from surefoot.wire.sequences import SequenceSet

SERIAL, RUN = "serial", "run"
"""Entries of a settings frame that name pod (hex) and run where the start packet is not here yet."""


@dataclass(frozen=True)
class ResumePoint:
    """Where a run file stands.

    Attributes
    ----------
    serial : bytes
        Serial number of the pod, empty where neither start packet nor settings tell it.
    run : int
        Number of the run; its low byte alone where nothing tells more, 0 without any packet.
    sequences : SequenceSet
        Packets of the run that are here and can be read.
    start : Start or None
        The start packet's content.
    start_packet : bytes or None
        That packet as it came, also one whose content this version does not understand.
    closed : bool
        Whether an end frame is the last frame.
    """

    serial: bytes
    run: int
    sequences: SequenceSet
    start: Start | None
    start_packet: bytes | None
    closed: bool


def resume_point(path: Path) -> ResumePoint:
    """Read what is in a run file, so as to go on with it.

    Raises
    ------
    RecordingError
        It cannot be read, or is no run file.
    """
    contents = read_contents(path)
    found = packets_of_run(contents)
    sequences = SequenceSet()
    start = start_packet = None
    if found is not None:
        start = first_start(read_records(found.table))
        starts = np.flatnonzero(found.table.kind == Kind.START)
        start_packet = found.table.packet_bytes(starts[0]) if len(starts) else None
        _, holds = found.table.unpack()
        _add(sequences, found.sequence[holds | (found.table.kind > Kind.PACKED)])
    return ResumePoint(
        serial=start.serial_number if start else _said_serial(contents),
        run=start.run if start else _said_run(contents, found.run if found else 0),
        sequences=sequences,
        start=start,
        start_packet=start_packet,
        closed=contents.closed,
    )


def _add(sequences: SequenceSet, numbers: IntArray) -> None:
    numbers = np.unique(numbers)
    cuts = np.flatnonzero(np.diff(numbers) > 1) + 1
    if len(numbers):
        starts, ends = numbers[np.concatenate([[0], cuts])], numbers[np.concatenate([cuts - 1, [-1]])] + 1
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            sequences.add_range(start, end)


def _said_serial(contents: Contents) -> bytes:
    said = contents.settings.get(SERIAL)
    try:
        return bytes.fromhex(said) if isinstance(said, str) else b""
    except ValueError:
        return b""


def _said_run(contents: Contents, low_byte: int) -> int:
    if contents.block_run is not None:
        return contents.block_run
    said = contents.settings.get(RUN)
    return said if isinstance(said, int) and said >= 0 else low_byte
