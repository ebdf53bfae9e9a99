"""Many packets at once: headers as columns, counters extended beyond their wraps, samples as one array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from surefoot.wire.packets import (
    BEHIND_MAX,
    BODY_BYTES_MAX,
    COUNTER,
    FORMAT,
    HEADER_BYTES,
    SAMPLE_BYTES,
    SAMPLES_MAX,
    SEQUENCES,
    Kind,
)
from surefoot.wire.packing import CHANNELS, Int16Array, IntArray, unpack_many

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

HEADER = np.dtype(
    [
        ("form", "u1"),
        ("flags", "u1"),
        ("count", "u1"),
        ("behind", "u1"),
        ("sequence_low", "<u2"),
        ("sequence_high", "u1"),
        ("run", "u1"),
        ("index", "<u4"),
        ("clock_us", "<u4"),
    ]
)
"""Of a packet, as `wire.packets` reads it one by one."""


@dataclass(frozen=True)
class Headers:
    """One row per packet, in the order given.

    Attributes
    ----------
    kind, flags, count, behind : array of int, shape (packets,)
        As in `Packet`.
    sequence, index, clock_us : array of int, shape (packets,)
        Extended: they go on where the pod's counters wrap. The first packet keeps its own numbers.
    """

    kind: IntArray
    flags: IntArray
    count: IntArray
    behind: IntArray
    sequence: IntArray
    index: IntArray
    clock_us: IntArray

    def where(self, mask: BoolArray | IntArray) -> Headers:
        """Return the rows where `mask` is True, or those with these numbers."""
        return Headers(**{name: column[mask] for name, column in vars(self).items()})

    @property
    def samples(self) -> IntArray:
        """Samples that each packet stands for; 0 for other kinds."""
        return np.where(self.kind <= Kind.PACKED, self.count, 0)

    def clock_pairs(self) -> tuple[FloatArray, IntArray]:
        """Return the fractional sample number that the pod's clock belongs to, and that clock, of packets of samples.

        The last sample was taken between `behind` and `behind + 1` periods before; the middle of that is taken.
        A packet whose `behind` is at its limit says nothing and is left out.
        """
        known = self.where((self.behind < BEHIND_MAX) & (self.kind <= Kind.PACKED))
        last = (known.index + known.count - 1).astype(np.float64)
        return last + known.behind + 0.5, known.clock_us


class PacketTable:
    """Packets of one buffer, in any order; `head` has a row of fields for each, `starts` the places in the buffer."""

    def __init__(self, data: NDArray[np.uint8], starts: IntArray, sizes: IntArray, head: NDArray[Any]) -> None:
        self.data = data
        self.starts = starts
        self.sizes = sizes
        self.head = head

    @classmethod
    def from_bytes(cls, data: bytes | bytearray, sizes: IntArray) -> PacketTable:
        """Read the headers of packets that follow each other in `data`; each has at least the bytes of a header."""
        content = np.frombuffer(data, np.uint8)
        starts = np.cumsum(sizes) - sizes
        return cls(content, starts, sizes, _records(content, starts, HEADER))

    def __len__(self) -> int:
        return len(self.starts)

    def where(self, rows: BoolArray | IntArray) -> PacketTable:
        """Return the rows where a mask is True, or those with these numbers in this order."""
        return PacketTable(self.data, self.starts[rows], self.sizes[rows], self.head[rows])

    def packet_bytes(self, row: int) -> bytes:
        """Return one packet as it came."""
        return self.data[self.starts[row] : self.starts[row] + self.sizes[row]].tobytes()

    @property
    def kind(self) -> IntArray:
        """A `Kind`, where known."""
        return (self.head["form"] & 15).astype(np.int64)

    @property
    def sequence(self) -> IntArray:
        """Modulo 2^24."""
        sequence: IntArray = self.head["sequence_low"] | self.head["sequence_high"].astype(np.int64) << 16
        return sequence

    def fits(self) -> BoolArray:
        """Tell which are packets at all, by the rules of `Packet.from_bytes`."""
        head, kind, body = self.head, self.kind, self.sizes - HEADER_BYTES
        count = head["count"].astype(np.int64)
        whole = np.where(kind == Kind.SAMPLES, body == count * SAMPLE_BYTES, kind == Kind.PACKED)
        whole = np.where(kind <= Kind.PACKED, whole & (count >= 1) & (count <= SAMPLES_MAX), body == count)
        small = (head["index"] < COUNTER) & (head["clock_us"] < COUNTER) & (body <= BODY_BYTES_MAX)
        fits: BoolArray = (head["form"] >> 4 == FORMAT) & whole & small
        return fits

    def headers(self, rate_hz: float | None = None) -> Headers:
        """Return the headers with counters extended.

        With `rate_hz`, the rate of sampling, the clock stays right over a loss of more than its half wrap (8.9 min).
        """
        head = self.head
        index = extend(head["index"].astype(np.int64), COUNTER)
        expected_us = 0 if rate_hz is None else np.rint(np.diff(index) * (1e6 / rate_hz)).astype(np.int64)
        return Headers(
            kind=self.kind,
            flags=head["flags"].astype(np.int64),
            count=head["count"].astype(np.int64),
            behind=head["behind"].astype(np.int64),
            sequence=extend(self.sequence, SEQUENCES),
            index=index,
            clock_us=extend(head["clock_us"].astype(np.int64), COUNTER, expected_us),
        )

    def unpack(self) -> tuple[Int16Array, BoolArray]:
        """Return the samples (n, 6) of all packets that hold some, and which packets those are."""
        kind, count = self.kind, self.head["count"].astype(np.int64)
        is_packed = kind == Kind.PACKED
        readable = kind == Kind.SAMPLES
        packed = np.flatnonzero(is_packed)
        bodies = [self.packet_bytes(row)[HEADER_BYTES:] for row in packed.tolist()]
        from_packed, readable[packed] = unpack_many(bodies, count[packed])
        is_raw = kind == Kind.SAMPLES
        rows = runs_of_rows(self.starts[is_raw] + HEADER_BYTES, count[is_raw], SAMPLE_BYTES)
        raw = _records(self.data, rows, np.dtype((">i2", CHANNELS)))
        if not len(from_packed):
            return raw.astype(np.int16), readable
        values = np.empty((count[readable].sum(), CHANNELS), np.int16)
        row_is_packed = np.repeat(is_packed[readable], count[readable])
        values[row_is_packed] = from_packed
        values[~row_is_packed] = raw
        return values, readable


def _records(content: NDArray[np.uint8], starts: IntArray, record: np.dtype[Any]) -> NDArray[Any]:
    """Return the records that start at these bytes, wherever they are."""
    places = len(content) - record.itemsize + 1
    if places <= 0:
        return np.zeros((0, *record.shape), record.base)
    whole = np.dtype((np.void, record.itemsize))
    at_each_byte = np.ndarray((places,), whole, content.data, strides=(1,))
    return at_each_byte[starts].view(record.base).reshape(-1, *record.shape)


def runs_of_rows(starts: IntArray, counts: IntArray, step: int = 1) -> IntArray:
    """Return `counts[k]` numbers from each `starts[k]` on, one run after the other."""
    before = np.cumsum(counts) - counts
    rows: IntArray = np.repeat(starts - before * step, counts) + np.arange(counts.sum()) * step
    return rows


def extend(values: IntArray, modulus: int, expected_steps: IntArray | int = 0) -> IntArray:
    """Extend a counter beyond its wraps.

    Parameters
    ----------
    values : array of int, shape (n,)
        Counter readings, modulo `modulus`, in time order.
    modulus : int
        Where the counter wraps.
    expected_steps : array of int, shape (n - 1,), or int
        How far the counter should have gone between readings; the nearest possible step to it is taken.

    Returns
    -------
    array of int, shape (n,)
        The same readings, congruent to `values`, from the first one on.
    """
    off = np.diff(values) - expected_steps
    steps = expected_steps + (off + modulus // 2) % modulus - modulus // 2
    return np.cumsum(np.concatenate([values[:1], steps]), dtype=np.int64)
