"""Packets that were read one by one, as the columns that the product makes of a file's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from surefoot.wire.columns import Headers, PacketTable, runs_of_rows
from surefoot.wire.packets import Kind, Packet
from surefoot.wire.packing import Int16Array, IntArray


@dataclass(frozen=True)
class Samples:
    """All samples of some packets, in the order given.

    Attributes
    ----------
    values : array of int16, shape (n, 6)
        Accelerometer x y z and gyroscope x y z, raw counts as measured.
    index : array of int, shape (n,)
        Number of each sample in its run, extended.
    headers : Headers
        Of the packets that they came from.
    unreadable : tuple of int
        Sequence numbers of packets whose packed body does not hold their samples; those are left out.
    """

    values: Int16Array
    index: IntArray
    headers: Headers
    unreadable: tuple[int, ...]


def table_of(packets: Sequence[Packet]) -> PacketTable:
    written = [packet.to_bytes() for packet in packets]
    return PacketTable.from_bytes(b"".join(written), np.array([len(data) for data in written], np.int64))


def read_headers(packets: Sequence[Packet], rate_hz: float | None = None) -> Headers:
    return table_of(packets).headers(rate_hz)


def read_samples(packets: Sequence[Packet], rate_hz: float | None = None) -> Samples:
    """Samples of packets of one run, best in order of sequence; those of other kinds serve the counters only."""
    table = table_of(packets)
    headers = table.headers(rate_hz)
    values, readable = table.unpack()
    chosen = headers.where(readable)
    unreadable = headers.sequence[(headers.kind == Kind.PACKED) & ~readable]
    return Samples(values, runs_of_rows(chosen.index, chosen.count), chosen, tuple(unreadable.tolist()))
