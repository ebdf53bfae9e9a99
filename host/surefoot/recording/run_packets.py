"""The packets of one run out of a file: each once, in order, with what is missing between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from surefoot.errors import WireError
from surefoot.recording.contents import Contents
from surefoot.wire.columns import BoolArray, Headers, PacketTable, extend, runs_of_rows
from surefoot.wire.packets import SEQUENCES, Kind, Packet
from surefoot.wire.packing import Int16Array, IntArray
from surefoot.wire.records import End, Event, EventCode, Record, Start, read_record

RECORDS_MAX = 100_000
"""Records that are read one by one; a run of days has fewer."""


@dataclass(frozen=True)
class Placed:
    """A record and the row of its packet in `RunPackets.headers`."""

    row: int
    record: Record


@dataclass(frozen=True)
class RunPackets:
    """The packets of the run that most of a file's packets belong to, repeats not counted.

    Attributes
    ----------
    run : int
        Its number, modulo 256.
    headers : Headers
        A row per packet, in order of sequence, each sequence number once.
    arrived_utc_us : array of int, shape (packets,)
        UTC of arrival, us; 0 where it is not known.
    holds_samples : array of bool, shape (packets,)
        Those whose samples are in `values`.
    values : array of int16, shape (n, 6)
        All samples in order, raw counts.
    index : array of int, shape (n,)
        Number of each sample in its run; rising.
    records : tuple of Placed
        What the other packets say.
    repeats, contradictions : int
        Packets that came again and were left out; those of them that said something else than the first.
    unreadable, misplaced : int
        Packets of samples that cannot be unpacked; those whose samples are numbered like others before them.
    other_runs, no_packets : int
        Packets of other runs; what is not a packet at all.
    """

    run: int
    headers: Headers
    arrived_utc_us: IntArray
    holds_samples: BoolArray
    values: Int16Array
    index: IntArray
    records: tuple[Placed, ...]
    repeats: int
    contradictions: int
    unreadable: int
    misplaced: int
    other_runs: int
    no_packets: int

    @property
    def start(self) -> Start | None:
        """The start packet's content."""
        return first_start(self.records)

    @property
    def end(self) -> End | None:
        """The end packet's content; None if it is not here."""
        return next((placed.record for placed in self.records if isinstance(placed.record, End)), None)

    @property
    def dropped_by_pod(self) -> int:
        """Packets that the pod could neither send nor keep, by its end packet or the last event that told of it."""
        if self.end is not None:
            return self.end.packets_dropped
        told = [placed.record for placed in self.records if isinstance(placed.record, Event)]
        return max((event.value for event in told if event.code == EventCode.PACKETS_DROPPED), default=0)


@dataclass(frozen=True)
class FilePackets:
    """All packets of one run in a file, repeats too, in the order of the file.

    `rows` are their numbers among all packets of the file, `sequence` is extended beyond its wrap.
    """

    run: int
    table: PacketTable
    rows: IntArray
    sequence: IntArray
    other_runs: int
    no_packets: int


def packets_of_run(contents: Contents) -> FilePackets | None:
    """Find the run that has the most packets, repeats not counted; None without any packet."""
    table = PacketTable.from_bytes(contents.packets, contents.sizes)
    fits = table.fits() if len(table) else np.zeros(0, np.bool_)
    # repeats do not count: a copy without them must be of the same run
    different = np.unique(table.head["run"][fits].astype(np.int64) << 24 | table.sequence[fits])
    per_run = np.bincount(different >> 24, minlength=256)
    if not per_run.any():
        return None
    run = int(per_run.argmax())
    rows = np.flatnonzero(fits & (table.head["run"] == run))
    chosen = table.where(rows)
    sequence = extend(chosen.sequence, SEQUENCES)
    # the first numbers of a run may come after later ones; below zero there are none
    sequence = np.where(sequence < 0, sequence % SEQUENCES, sequence)
    no_packets = int(len(table) - fits.sum())
    return FilePackets(run, chosen, rows, sequence, int(fits.sum()) - len(rows), no_packets)


def unique(found: FilePackets) -> tuple[IntArray, int, int]:
    """Return the rows of `found.table` to keep, in order of sequence; how many repeats were left out; contradictions.

    Of packets with one number the first is kept that can be read.
    """
    table = found.table
    if bool(np.all(np.diff(found.sequence) > 0)):
        return np.arange(len(table)), 0, 0
    values, readable = table.unpack()
    order = np.lexsort((~readable & (table.kind <= Kind.PACKED), found.sequence))
    first = np.concatenate([[True], np.diff(found.sequence[order]) > 0])
    kept = order[first]
    repeats = order[~first]
    firsts = kept[np.cumsum(first)[~first] - 1]
    same = _same(table, values, readable, firsts, repeats)
    return kept, len(repeats), int((~same).sum())


def _same(
    table: PacketTable, values: Int16Array, readable: BoolArray, firsts: IntArray, repeats: IntArray
) -> BoolArray:
    """Tell which repeats are the same packet as the first, be it packed or not."""
    pairs = zip(firsts.tolist(), repeats.tolist(), strict=True)
    same = np.array([table.packet_bytes(first) == table.packet_bytes(again) for first, again in pairs], np.bool_)
    head = table.head
    fields = ["flags", "count", "behind", "index", "clock_us"]
    alike = np.logical_and.reduce([head[name][firsts] == head[name][repeats] for name in fields])
    alike &= readable[firsts] & readable[repeats]
    doubtful = np.flatnonzero(~same & alike)
    counts = head["count"].astype(np.int64)
    places = np.cumsum(np.where(readable, counts, 0)) - np.where(readable, counts, 0)
    sizes = counts[firsts[doubtful]]
    left = values[runs_of_rows(places[firsts[doubtful]], sizes)]
    right = values[runs_of_rows(places[repeats[doubtful]], sizes)]
    differing = np.bincount(np.repeat(doubtful, sizes), (left != right).any(axis=1), len(same))
    same[doubtful] = differing[doubtful] == 0
    # what cannot be read says nothing else
    return np.asarray(same | ~readable[repeats] & (table.kind[repeats] == Kind.PACKED))


def read_packets(contents: Contents) -> RunPackets | None:
    """Put the packets of a file's run in order, each once; None without any packet."""
    found = packets_of_run(contents)
    if found is None:
        return None
    kept, repeats, contradictions = unique(found)
    table = found.table.where(kept)
    records = read_records(table)
    start = first_start(records)
    values, readable = table.unpack()
    headers = table.headers(float(start.rate_hz) if start and start.rate_hz else _seen_rate_hz(table.headers()))
    headers = replace(headers, sequence=found.sequence[kept])
    goes_on = _goes_on(headers)
    counts = headers.count[readable]
    if not goes_on[readable].all():
        values = values[np.repeat(goes_on[readable], counts)]
    holds = readable & goes_on
    return RunPackets(
        run=found.run,
        headers=headers,
        arrived_utc_us=contents.arrived_utc_us[found.rows[kept]],
        holds_samples=holds,
        values=values,
        index=runs_of_rows(headers.index[holds], headers.count[holds]),
        records=records,
        repeats=repeats,
        contradictions=contradictions,
        unreadable=int(((headers.kind == Kind.PACKED) & ~readable).sum()),
        misplaced=int((readable & ~goes_on).sum()),
        other_runs=found.other_runs,
        no_packets=found.no_packets,
    )


def _seen_rate_hz(headers: Headers) -> float | None:
    """Return the median rate between neighbouring packets, where none was promised."""
    index, clock_us = headers.clock_pairs()
    steps, steps_us = np.diff(index), np.diff(clock_us)
    rise = (steps > 0) & (steps_us > 0)
    return float(np.median(steps[rise] / steps_us[rise])) * 1e6 if rise.any() else None


def first_start(records: tuple[Placed, ...]) -> Start | None:
    """Return the first start packet's content."""
    return next((placed.record for placed in records if isinstance(placed.record, Start)), None)


def _goes_on(headers: Headers) -> BoolArray:
    """Tell which packets of samples begin behind all samples before them."""
    ends = np.maximum.accumulate(np.where(headers.samples > 0, headers.index + headers.samples, headers.index[0]))
    goes_on = np.ones(len(ends), np.bool_)
    goes_on[1:] = (headers.index[1:] >= ends[:-1]) | (headers.samples[1:] == 0)
    return goes_on


def read_records(table: PacketTable) -> tuple[Placed, ...]:
    """Read what packets without samples say, as far as this version understands it."""
    records = []
    for row in np.flatnonzero(table.kind > Kind.PACKED)[:RECORDS_MAX].tolist():
        try:
            record = read_record(Packet.from_bytes(table.packet_bytes(row)))
        except WireError:
            # a record of a later version, or of none: the packet counts, its content is not understood
            continue
        if record is not None:
            records.append(Placed(row, record))
    return tuple(records)
