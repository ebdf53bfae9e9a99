"""The side of a recording that faces the disk: what came, what is written, what is safe."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from surefoot.errors import SurefootError, WireError
from surefoot.pod.arrivals import Arrivals
from surefoot.pod.outcome import RecordedFile
from surefoot.pod.run_copy import RunCopy
from surefoot.pod.run_files import copy_in, new_copy
from surefoot.pod.standing import Standing
from surefoot.pod.tally import Tally
from surefoot.pod.utc_clock import UtcClock
from surefoot.recording.payloads import Scalar
from surefoot.wire.packets import SEQUENCES, Kind, Packet
from surefoot.wire.records import Start

SYNC_S = 1.0
"""A loss of power costs the computer's copy at most this; the pod still has what was not acknowledged."""
SYNC_PACKETS = 20
"""As many make a sync sooner: from 32 unacknowledged ones on the pod puts them into flash; at 1000 Hz, where 53 come
in a second, it would fill its store over a link that has no fault."""
LOOK_S = 0.1
"""How often it is seen whether to sync: 5 packets at 1000 Hz, so that those of `SYNC_PACKETS` are 25 at most."""
NOTES = 50
"""Kept; a recording of hours under a bad link has more."""
STEPS_INSTEAD = 20
"""Landings after which the runner is not asked any more to stand still."""


class Ledger:
    """Runs as they are written. `copy` is the one that the pod records; `older` are those that a restart cut off.

    Attributes
    ----------
    arrivals : Arrivals
        What is to be written.
    may_write : asyncio.Event
        Set when the file is there for what comes.
    ending : asyncio.Event
        Set when no more samples will come: the pod said so, or whoever records.
    notes : deque of str
        What happened, as sentences.
    state : str
        As in `Figures`.
    marks, clocks : int
        Frames of these kinds that were written.
    labels : asyncio.Queue of int
        Labels of marks that the pod is to be told of.
    start : Start or None
        What the pod said about the run and itself.
    stand_still_s : float
        How long the runner is asked to stand still; 0: not at all.
    """

    def __init__(self, folder: Path, clock: UtcClock, facts: Mapping[str, Scalar], stand_still_s: float) -> None:
        self.arrivals = Arrivals()
        self.may_write = asyncio.Event()
        self.ending = asyncio.Event()
        self.copy: RunCopy | None = None
        self.older: list[RunCopy] = []
        self.tally = Tally()
        self.notes: deque[str] = deque(maxlen=NOTES)
        self.start: Start | None = None
        self.state = "connecting"
        self.marks = self.clocks = 0
        self.labels: asyncio.Queue[int] = asyncio.Queue()
        self._folder = folder
        self._clock = clock
        self.facts = dict(facts)
        self.stand_still_s = stand_still_s

    @property
    def copies(self) -> list[RunCopy]:
        """Every run, in the order of time."""
        return [*self.older, self.copy] if self.copy else []

    async def begin(self, identity: Start, run: int, is_new: bool) -> None:
        """Write this run from now on; what was written before has ended with the pod's power.

        Parameters
        ----------
        identity : Start
            What the pod said about itself.
        run : int
            Its number.
        is_new : bool
            It begins now; else the folder may have its beginning.

        Raises
        ------
        OutputError, RunWriteError
        """
        utc_us = self._clock.utc_us()
        copy = None
        namesakes = [copy for copy in self.copies if copy.run == run]
        if not is_new and not namesakes:
            copy = await asyncio.to_thread(copy_in, self._folder, identity.serial_number, run, identity)
            if copy is not None:
                self.notes.append(f"The recording goes on in {copy.writer.path.name}, which has its beginning.")
        if copy is None:
            copy = await asyncio.to_thread(new_copy, self._folder, identity.serial_number, run, utc_us)
        for namesake in namesakes:
            namesake.forget()
        if self.copy is not None:
            self.older.append(self.copy)
            self.notes.append(f"The pod had restarted: the recording goes on in {copy.writer.path.name}.")
        self.copy = copy
        self._begun(identity)
        if self.facts:
            copy.writer.settings(self.facts)

    def note(self, sentence: str) -> None:
        """Note what happened, unless it is what was noted last."""
        if not self.notes or self.notes[-1] != sentence:
            self.notes.append(sentence)

    async def write_arrivals(self) -> None:
        """Write what comes, for ever.

        Raises
        ------
        RunWriteError
        """
        while True:
            utc_us, arrival = await self.arrivals.next()
            await self.may_write.wait()
            if isinstance(arrival, bytes):
                self._take(utc_us, arrival)
            elif self.copy is not None:
                self.copy.writer.mark(utc_us, arrival)
                self.marks += 1

    async def keep_safe(self) -> None:
        """Make what was written outlast a loss of power, for ever.

        Raises
        ------
        RunWriteError
        """
        synced_s, synced_packets = self._clock.passed_s(), 0
        while True:
            await asyncio.sleep(LOOK_S)
            now_s, packets = self._clock.passed_s(), self.tally.packets
            if now_s - synced_s >= SYNC_S or packets - synced_packets >= SYNC_PACKETS:
                await self.sync()
                synced_s, synced_packets = now_s, packets

    async def sync(self) -> None:
        """Make all that was written until now outlast a loss of power."""
        for copy in self.copies:
            await copy.sync()

    def settled_packets(self) -> int:
        """How many packets need no more asking for; grows as long as anything moves."""
        return sum(len(copy.settled) for copy in self.copies)

    async def close(self) -> tuple[list[RecordedFile], SurefootError | None]:
        """Close every file, with an end frame if it is complete; also the error, if that fails."""
        failure: SurefootError | None = None
        files = []
        for copy in self.copies:
            closed = False
            if copy.is_complete:
                try:
                    await asyncio.to_thread(copy.writer.close, self._clock.utc_us())
                    closed = True
                except SurefootError as error:
                    failure = error
            copy.writer.abandon()
            files.append(
                RecordedFile(
                    copy.writer.path,
                    copy.run,
                    len(copy.received),
                    copy.lost_packets,
                    copy.missing_packets,
                    closed,
                    copy.has_end,
                    copy.is_complete,
                )
            )
        return [file for file in files if file.path.exists()], failure

    def _take(self, utc_us: int, data: bytes) -> None:
        for copy in self.copies:
            packet = copy.take(utc_us, data)
            if packet is None:
                continue
            is_newest = copy is self.copy and packet.sequence == (copy.received.end - 1) % SEQUENCES
            with suppress(WireError):  # a packet that cannot be understood is in the file all the same
                told = self.tally.take(packet, is_newest)
                if told:
                    self.note(told)
            if copy is self.copy:
                self._heed(packet)

    def _heed(self, packet: Packet) -> None:
        """Draw consequences from packets that are not of samples."""
        if packet.kind == Kind.START:
            with suppress(WireError):
                self._begun(Start.from_bytes(packet.body))
        elif packet.kind == Kind.END:
            self.ending.set()
        standing, status = self.tally.standing, self.tally.status
        if standing is not None and standing.seconds >= self.stand_still_s:
            self.note(f"Stood still for {self.stand_still_s:.0f} s.")
            self.tally.standing = None
        elif status is not None and status.landings >= STEPS_INSTEAD:
            self.tally.standing = None

    def _begun(self, start: Start) -> None:
        if self.start is None and self.stand_still_s:
            self.tally.standing = Standing(start)
        self.start = start
        self.tally.nominal_rate_hz = start.rate_hz
