"""Many packets at once: headers as columns, counters extended beyond their wraps, samples as one array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surefoot.wire.packets import BEHIND_MAX, COUNTER, SAMPLES_MAX, SEQUENCES, Kind, Packet
from surefoot.wire.packing import CHANNELS, Int16Array, IntArray, unpack_many

FloatArray = NDArray[np.float64]


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

    def where(self, mask: NDArray[np.bool_]) -> Headers:
        """Return the rows where `mask` is True."""
        return Headers(**{name: column[mask] for name, column in vars(self).items()})


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

    def clock_pairs(self) -> tuple[FloatArray, IntArray]:
        """Return the fractional sample number that the pod's clock belongs to, and that clock, for each packet.

        The last sample was taken between `behind` and `behind + 1` periods before; the middle of that is taken.
        A packet whose `behind` is at its limit says nothing and is left out.
        """
        known = self.headers.where(self.headers.behind < BEHIND_MAX)
        last = (known.index + known.count - 1).astype(np.float64)
        return last + known.behind + 0.5, known.clock_us


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


def read_headers(packets: Sequence[Packet], rate_hz: float | None = None) -> Headers:
    """Return the headers of packets of one run as columns.

    Parameters
    ----------
    packets : sequence of Packet
        Best in order of sequence.
    rate_hz : float, optional
        Rate of sampling. With it, the clock stays right over a loss of more than its half wrap (8.9 min).
    """
    rows = [(p.kind, p.flags, p.count, p.behind, p.sequence, p.index, p.clock_us) for p in packets]
    kind, flags, count, behind, sequence, index, clock_us = np.array(rows, np.int64).reshape(-1, 7).T
    index = extend(index, COUNTER)
    expected_us = 0 if rate_hz is None else np.rint(np.diff(index) * (1e6 / rate_hz)).astype(np.int64)
    clock_us = extend(clock_us, COUNTER, expected_us)
    return Headers(kind, flags, count, behind, extend(sequence, SEQUENCES), index, clock_us)


def read_samples(packets: Sequence[Packet], rate_hz: float | None = None) -> Samples:
    """Return the samples of packets of one run, those of other kinds serving the counters only.

    Parameters
    ----------
    packets : sequence of Packet
        Of any kind, best in order of sequence; repeats are not removed.
    rate_hz : float, optional
        As in `read_headers`.
    """
    headers = read_headers(packets, rate_hz)
    is_packed = headers.kind == Kind.PACKED
    bodies = [packet.body for packet in packets if packet.kind == Kind.PACKED]
    from_packed, unpacked_well = unpack_many(bodies, headers.count[is_packed])
    readable = headers.kind == Kind.SAMPLES
    readable[is_packed] = unpacked_well
    chosen = headers.where(readable)
    raw = b"".join(packet.body for packet in packets if packet.kind == Kind.SAMPLES)
    values = np.empty((chosen.count.sum(), CHANNELS), np.int16)
    row_is_packed = np.repeat(chosen.kind == Kind.PACKED, chosen.count)
    values[row_is_packed] = from_packed
    values[~row_is_packed] = np.frombuffer(raw, ">i2").reshape(-1, CHANNELS)
    within = np.arange(SAMPLES_MAX) < chosen.count[:, None]
    index = (chosen.index[:, None] + np.arange(SAMPLES_MAX))[within]
    unreadable = headers.sequence[is_packed][~unpacked_well]
    return Samples(values, index, chosen, tuple(unreadable.tolist()))
