"""One packet of a run: its header, and the samples or the record in its body."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from enum import IntEnum, IntFlag

import numpy as np

from surefoot.errors import WireError
from surefoot.wire.packing import CHANNELS, Int16Array, pack, unpack

FORMAT = 1
HEADER_BYTES = 16
SAMPLE_BYTES = 12
SAMPLES_MAX = 19
BODY_BYTES_MAX = SAMPLE_BYTES * SAMPLES_MAX
PACKET_BYTES_MAX = HEADER_BYTES + BODY_BYTES_MAX
BEHIND_MAX = 255
SEQUENCES = 1 << 24
COUNTER = 1 << 30
"""Modulus of sample index and pod clock."""

_HEADER = struct.Struct("<BBBBHBBII")


class Kind(IntEnum):
    """Kinds that this version knows; a packet of another kind is kept and passed on."""

    SAMPLES = 0
    PACKED = 1
    START = 2
    MARK = 3
    CLOCK = 4
    EVENT = 5
    END = 6


class Flag(IntFlag):
    """What happened before the first sample, and whether one of them is clipped."""

    OVERFLOW = 1
    CLIPPED = 2
    RESTARTED = 4
    BUS_FAULT = 8


GAP = Flag.OVERFLOW | Flag.RESTARTED | Flag.BUS_FAULT
"""Any of these: samples are missing before the packet."""


@dataclass(frozen=True, slots=True)
class Packet:
    """Header and body of one packet.

    Attributes
    ----------
    kind, flags : int
        `Kind` and `Flag`, where known.
    count : int
        Samples, or bytes of the body.
    behind : int
        Samples left in the sensor's FIFO when the clock was read; 255 is that or more.
    sequence, run, index, clock_us : int
        Modulo 2^24, 2^8, 2^30 and 2^30; `wire.columns` extends them.
    body : bytes
        What follows the header.
    """

    kind: int
    flags: int
    count: int
    behind: int
    sequence: int
    run: int
    index: int
    clock_us: int
    body: bytes

    @classmethod
    def from_bytes(cls, data: bytes) -> Packet:
        """Read one packet; the body of packed samples is looked into only by `samples`.

        Raises
        ------
        WireError
            Too short or too long, another format version, a count that does not fit, a counter beyond its modulus.
        """
        if not HEADER_BYTES <= len(data) <= PACKET_BYTES_MAX:
            raise WireError("packet", f"it has {len(data)} bytes, not {HEADER_BYTES} to {PACKET_BYTES_MAX}")
        form, flags, count, behind, low, high, run, index, clock_us = _HEADER.unpack_from(data)
        if form >> 4 != FORMAT:
            raise WireError("packet", f"its format is version {form >> 4}", "update Surefoot")
        packet = cls(
            form & 15, flags, count, behind, low | high << 16, run, index, clock_us, bytes(data[HEADER_BYTES:])
        )
        packet._check()
        return packet

    def to_bytes(self) -> bytes:
        """Write the packet; WireError where a field does not fit."""
        self._check()
        form = FORMAT << 4 | self.kind
        low, high = self.sequence & 0xFFFF, self.sequence >> 16
        try:
            header = _HEADER.pack(
                form, self.flags, self.count, self.behind, low, high, self.run, self.index, self.clock_us
            )
        except struct.error as error:
            raise WireError("packet", f"a field of its header does not fit: {error}", "give a smaller value") from error
        return header + self.body

    def _check(self) -> None:
        size = len(self.body)
        if self.kind in (Kind.SAMPLES, Kind.PACKED):
            fits = 1 <= self.count <= SAMPLES_MAX and (self.kind == Kind.PACKED or size == self.count * SAMPLE_BYTES)
        else:
            fits = size == self.count
        if not fits or size > BODY_BYTES_MAX or not 0 <= self.kind <= 15:
            raise WireError("packet", f"a body of {size} bytes does not fit kind {self.kind} with count {self.count}")
        if not (0 <= self.index < COUNTER and 0 <= self.clock_us < COUNTER):
            raise WireError("packet", f"index {self.index} or clock {self.clock_us} is beyond 30 bits")

    def samples(self) -> Int16Array:
        """Return its samples (count, 6), raw counts as measured; WireError for another kind or a bad packed body."""
        if self.kind == Kind.PACKED:
            return unpack(self.body, self.count)
        if self.kind != Kind.SAMPLES:
            raise WireError("packet", f"kind {self.kind} holds no samples", "look at its kind first")
        return np.frombuffer(self.body, ">i2").reshape(-1, CHANNELS).astype(np.int16)

    def packed(self) -> Packet:
        """Return the same packet with its samples packed, or itself where that is not shorter."""
        body = pack(self.samples())
        return replace(self, kind=int(Kind.PACKED), body=body) if len(body) < len(self.body) else self

    def unpacked(self) -> Packet:
        """Return the same packet with its samples as the sensor sent them."""
        return replace(self, kind=int(Kind.SAMPLES), body=self.samples().astype(">i2").tobytes())


def sample_packet(
    values: Int16Array, sequence: int, index: int, clock_us: int, *, run: int = 0, behind: int = 0, flags: int = 0
) -> Packet:
    """Make a packet of samples (n, 6); counters are taken modulo their size, `behind` at most 255."""
    return Packet(
        int(Kind.SAMPLES),
        flags,
        len(values),
        min(behind, BEHIND_MAX),
        sequence % SEQUENCES,
        run % 256,
        index % COUNTER,
        clock_us % COUNTER,
        values.astype(">i2").tobytes(),
    )


def record_packet(kind: Kind, body: bytes, sequence: int, index: int, clock_us: int, *, run: int = 0) -> Packet:
    """Make a packet of another kind around its body; counters are taken modulo their size."""
    counters = (sequence % SEQUENCES, run % 256, index % COUNTER, clock_us % COUNTER)
    return Packet(int(kind), 0, len(body), 0, *counters, body)
