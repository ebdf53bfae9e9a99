"""One run of a pod as far as it is on this computer: its file, what is in it, what is still missing, what is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress

from surefoot.errors import WireError
from surefoot.recording.run_writer import RunWriter
from surefoot.wire.packets import SEQUENCES, Kind, Packet
from surefoot.wire.records import End, Start
from surefoot.wire.requests import Ack
from surefoot.wire.sequences import SequenceSet


class RunCopy:
    """The copy that grows in a file.

    Attributes
    ----------
    run : int
        Number of the run on its pod.
    writer : RunWriter
        Of its file.
    received : SequenceSet
        Packets that are in the file.
    settled : SequenceSet
        Those, and the ones that the pod has no more: nothing is to be asked for there.
    total : int or None
        How many packets the run has, once that is known.
    end : End or None
        What the pod said about the end.
    start_packet : bytes or None
        The packet that the run began with.
    is_of_another_run : bool
        The pod sent another start packet than the one in the file: an erased pod numbers its runs anew.
    safe_until : int
        All packets before this number would outlast a loss of power, or are lost: they may be acknowledged.
    kept_until : int or None
        Where the pod's power cut the run off: where its flash ends. It lets no later packet be acknowledged.
    arrived : int
        Packets of the run that came, those that were here already included.
    has_end : bool
        The pod's last packet of the run is here.
    is_forgotten : bool
        The pod was erased: what has this number on it now is another run.
    """

    def __init__(
        self, run: int, writer: RunWriter, received: SequenceSet | None = None, start_packet: bytes | None = None
    ) -> None:
        self.run = run
        self.writer = writer
        self.received = received or SequenceSet()
        self.settled = self.received.copy()
        self.total: int | None = None
        self.end: End | None = None
        self.start_packet = start_packet
        self.is_of_another_run = False
        self.safe_until = 0
        self.kept_until: int | None = None
        self.arrived = 0
        self.has_end = False
        self.is_forgotten = False
        self._synced_bytes = 0

    @property
    def start(self) -> Start | None:
        """What the pod said at the beginning of the run; None if that is not here, or of a newer pod."""
        try:
            return Start.from_bytes(Packet.from_bytes(self.start_packet).body) if self.start_packet else None
        except WireError:
            return None

    @property
    def lost_packets(self) -> int:
        """How many the pod has no more."""
        return len(self.settled) - len(self.received)

    @property
    def missing_packets(self) -> int:
        """How many are still to be fetched, as far as is known."""
        return sum(end - start for start, end in self.holes())

    @property
    def is_complete(self) -> bool:
        """Whether nothing more can come."""
        return self.total is not None and self.settled.whole_until >= self.total

    def take(self, utc_us: int, data: bytes) -> Packet | None:
        """Write a packet that came, and return it; None if it is of another run, here already, or no packet.

        Raises
        ------
        RunWriteError
            The file takes no more.
        """
        try:
            packet = Packet.from_bytes(data)
        except WireError:
            return None
        if packet.run != self.run % 256 or self.is_forgotten:
            return None
        self.arrived += 1
        number = self.received.extend(packet.sequence)
        if number in self.received:
            self.is_of_another_run |= packet.kind == Kind.START and self.start_packet not in (None, data)
            return None
        self.writer.packet(utc_us, data)
        self.received.add(number)
        self.settled.add(number)
        if packet.kind == Kind.START:
            self.start_packet = data
        elif packet.kind == Kind.END:
            self.total = number + 1
            self.has_end = True
            with suppress(WireError):  # of a newer pod
                self.end = End.from_bytes(packet.body)
        return packet

    def holes(self, end: int | None = None) -> Iterator[tuple[int, int]]:
        """Yield what is missing, `[start, end)`, before `end`, or before the last packet that is known of."""
        return self.settled.holes(max(self.settled.end, self.total or 0) if end is None else end)

    def give_up(self, start: int, end: int) -> None:
        """Note that the pod has these no more."""
        self.settled.add_range(start, end)

    def forget(self) -> None:
        """Take no more: the pod was erased, and what has this number on it now is another run."""
        self.is_forgotten = True
        self.total = max(self.settled.end, self.total or 0)
        self.give_up(0, self.total)

    async def sync(self) -> None:
        """Make all that is in the file now outlast a loss of power.

        Raises
        ------
        RunWriteError
        """
        until, written = self.settled.whole_until, self.writer.bytes_written
        if written != self._synced_bytes:
            await asyncio.to_thread(self.writer.sync)
            self._synced_bytes = written
        self.safe_until = until

    def acknowledgement(self) -> Ack | None:
        """Say that all before `safe_until` is safe here; None if the pod has nothing of that."""
        until = self.safe_until if self.kept_until is None else min(self.safe_until, self.kept_until)
        return Ack(self.run, (until - 1) % SEQUENCES) if until else None
