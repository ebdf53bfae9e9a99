"""Where packets and samples of a run are missing, and whether the pod itself had none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.recording.run_packets import RunPackets
from surefoot.wire.columns import BoolArray
from surefoot.wire.packets import GAP
from surefoot.wire.packing import IntArray


@dataclass(frozen=True)
class Gaps:
    """Where samples are missing, a row for each place, in order.

    Attributes
    ----------
    packets : array of int
        Packets missing there by sequence; 0 where the pod itself had no samples.
    samples : array of int
        Samples missing there by index.
    first_sequence, last_sequence : array of int
        Of the missing packets; of the packet that follows, where none is missing.
    from_index : array of int
        Number of the first sample that is missing, or would be.
    flags : array of int
        `Flag` of the packet that follows.
    """

    packets: IntArray
    samples: IntArray
    first_sequence: IntArray
    last_sequence: IntArray
    from_index: IntArray
    flags: IntArray

    @property
    def by_pod(self) -> BoolArray:
        """Those that the pod itself had: its sensor overflowed, restarted or fell silent."""
        return np.asarray((self.packets == 0) & (self.flags > 0))


def find_gaps(run: RunPackets) -> Gaps:
    """Find the holes in sequence and index between the packets that are here, from number 0 on.

    Neighbouring holes between which there are no samples are told apart by sequence; the samples missing there are
    those of the last.
    """
    headers = run.headers
    samples = np.where(run.holds_samples, headers.count, 0)
    before_sequence = np.concatenate([[0], headers.sequence[:-1] + 1])
    ends = np.maximum.accumulate(np.concatenate([[0], np.where(samples > 0, headers.index + samples, 0)]))[:-1]
    # what a record says of the index is what was sampled until then, also where the packets are lost
    known = np.maximum.accumulate(np.concatenate([[0], np.where(samples > 0, 0, headers.index)]))[:-1]
    ends = np.maximum(ends, known)
    missing_packets = headers.sequence - before_sequence
    missing_samples = np.maximum(headers.index - ends, 0)
    at = np.flatnonzero((missing_packets > 0) | (missing_samples > 0))
    return Gaps(
        packets=missing_packets[at],
        samples=missing_samples[at],
        first_sequence=np.where(missing_packets[at] > 0, before_sequence[at], headers.sequence[at]),
        last_sequence=np.where(missing_packets[at] > 0, headers.sequence[at] - 1, headers.sequence[at]),
        from_index=ends[at],
        flags=headers.flags[at] & int(GAP) * run.holds_samples[at],
    )
