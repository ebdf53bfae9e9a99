"""Record one pod, whatever its link does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from surefoot.errors import LinkLost, PodError, PodRefused, SurefootError
from surefoot.pod.claim import Claim
from surefoot.pod.figures import Figures
from surefoot.pod.find import FoundPod
from surefoot.pod.ledger import Ledger
from surefoot.pod.link import PodLink
from surefoot.pod.outcome import Outcome
from surefoot.pod.race import first_of
from surefoot.pod.reach import first_link, reach
from surefoot.pod.readiness import notes_before, refusal_to_record
from surefoot.pod.sentences import sentences
from surefoot.pod.snapshot import SIDES, snapshot
from surefoot.pod.tending import Tending
from surefoot.pod.utc_clock import UtcClock
from surefoot.recording.payloads import Scalar
from surefoot.wire.answers import SettingInForce, Started, TimeTaken
from surefoot.wire.requests import Set, SetTime, StartRun

LOOK_S = 1.0
END_PATIENCE_S = 45.0
"""Once the end was asked for, the pod has this long without a packet before the file is left as it is: one attempt of
the connector lasts as long."""
_RATE, _SIDE = 1, 4


@dataclass(frozen=True)
class RecordOptions:
    """How to record.

    Attributes
    ----------
    folder : Path
        Where the file goes.
    side : str or None
        'left' or 'right', to be set on the pod; None: as it is set there.
    rate_hz : int or None
        200, 250, 500 or 1000, to be set on the pod; None: as it is set there.
    pair : bool
        Make a bond if there is none; the pod's button must have been pressed for 3 s.
    stand_still_s : float
        How long the runner is asked to stand still at the start; 0: not at all.
    facts : mapping
        What else the runner says, written into the file: `sensor_height_m`, `notes`.
    """

    folder: Path
    side: str | None = None
    rate_hz: int | None = None
    pair: bool = False
    stand_still_s: float = 5.0
    facts: Mapping[str, Scalar] = field(default_factory=dict)


class Recorder:
    """One recording of one pod. Make it inside the running loop; several may run in one loop with one clock."""

    def __init__(self, pod: FoundPod, options: RecordOptions, clock: UtcClock) -> None:
        self._pod = pod
        self._options = options
        self._clock = clock
        facts = {**({"side": options.side} if options.side else {}), **options.facts}
        self._ledger = Ledger(options.folder, clock, facts, options.stand_still_s)
        self._link: PodLink | None = None
        self._boot_count = 0
        self._begun_s: float | None = None
        self._ended_s: float | None = None
        self._is_ours = True
        self._reconnects = 0
        self._hurry = asyncio.Event()

    @property
    def figures(self) -> Figures:
        """What is to be shown now."""
        now_s = self._clock.passed_s() if self._ended_s is None else self._ended_s
        elapsed_s = 0.0 if self._begun_s is None else now_s - self._begun_s
        return snapshot(self._ledger, self._pod, elapsed_s, self._reconnects)

    def stop(self) -> None:
        """End the run on the pod, fetch what is missing, close the file. A second time: leave what is missing."""
        if self._ledger.ending.is_set():
            self._hurry.set()
        self._ledger.ending.set()

    def mark(self, text: str = "") -> None:
        """Mark this moment, in the file and, if the link is there, on the pod."""
        self._ledger.arrivals.put(self._clock.utc_us(), text)
        if self._link is not None:
            self._ledger.labels.put_nowait((self._ledger.marks + 1) % 256)

    async def run(self) -> Outcome:
        """Record until `stop`, or until the pod ends the run.

        Raises
        ------
        PodError
            Before anything was recorded: not reached, not paired, busy, not able to record.
        OutputError
            The file cannot be begun.
        """
        with Claim(self._pod):
            return await self._run()

    async def _run(self) -> Outcome:
        ledger = self._ledger
        failure: SurefootError | None = None
        try:
            await first_of(self._record(), ledger.write_arrivals(), ledger.keep_safe(), self._until_given_up())
        except SurefootError as error:
            if ledger.copy is None:
                raise
            failure = error
        finally:
            files, not_closed = await ledger.close()
            if self._link:
                await self._link.close()
            ledger.state, self._ended_s = "ended", self._clock.passed_s()
        end = ledger.copy.end if ledger.copy else None
        failure = failure or not_closed
        said = sentences(files, end, failure)
        return Outcome(self._pod.name, tuple(files), end.reason if end else None, failure, said)

    async def _record(self) -> None:
        """Until the run has ended and all of it is here."""
        ledger = self._ledger
        link = await first_link(self._pod, self._open, self._clock)
        while True:
            try:
                await link.through(Tending(link, ledger, self._clock, self._is_ours).until_complete())
                return
            except PodError as error:
                ledger.note(f"Link lost: {error.why}.")
            lost_s = self._clock.passed_s()
            await self._let_go()
            link = await reach(self._pod, self._open, lambda error: ledger.note(f"Trying again: {error.why}."))
            self._reconnects += 1
            ledger.note(f"Connected again after {self._clock.passed_s() - lost_s:.0f} s.")

    async def _open(self, pod: FoundPod) -> PodLink:
        """Connect, and let the run flow over the link."""
        ledger = self._ledger
        again = ledger.copy is not None
        pair = self._options.pair and not again
        link = await PodLink.open(
            pod, self._clock, ledger.arrivals.put, ledger.tally.take_status, pair=pair, again=again
        )
        try:
            await self._join(link)
        except BaseException:
            await link.close()
            raise
        self._link = link
        return link

    async def _join(self, link: PodLink) -> None:
        """Join the run that is being recorded, or begin one; not if ours ended while nobody heard it."""
        ledger, copy = self._ledger, self._ledger.copy
        if copy and (safe := copy.acknowledgement()):
            await link.dialogue.tell(safe)  # so that the pod does not send again what came already
        taken = await link.dialogue.ask(SetTime(self._clock.utc_us()), TimeTaken)
        is_recording = taken.index != 0
        restarted = link.greeting.boot_count != self._boot_count
        if copy and not is_recording and (ledger.ending.is_set() or not restarted):
            ledger.ending.set()
        else:
            if not copy:
                await self._prepare(link, is_recording)
            await self._start(link, is_new=not is_recording, restarted=restarted)
        self._boot_count = link.greeting.boot_count
        if ledger.copy:
            ledger.copy.writer.link(self._clock.utc_us(), connected=True)

    async def _start(self, link: PodLink, is_new: bool, restarted: bool) -> None:
        """Let the run flow; a run that somebody else began after ours had ended is left alone."""
        ledger = self._ledger
        ledger.may_write.clear()
        try:
            started = await link.dialogue.ask(StartRun(), Started)
            if not ledger.copy or started.run != ledger.copy.run:
                self._is_ours = restarted or not ledger.ending.is_set()
                if self._is_ours:
                    await ledger.begin(link.identity, started.run, is_new)
        except PodRefused as refused:
            if not ledger.copy:
                raise
            ledger.note(f"The recording cannot go on: {refused.why}.")
            ledger.ending.set()
        finally:
            ledger.may_write.set()
        if self._begun_s is None:
            self._begun_s = self._clock.passed_s()

    async def _prepare(self, link: PodLink, is_recording: bool) -> None:
        """See that the pod can record, and set it as asked; while it records, most is as it is."""
        status = await link.read_status()
        error = refusal_to_record(self._pod.name, status, await link.read_hardware())
        if error:
            raise error
        for sentence in notes_before(link.identity, link.greeting, status):
            self._ledger.note(sentence)
        options = self._options
        if options.side:
            await link.dialogue.ask(Set(_SIDE, SIDES.index(options.side)), SettingInForce)
        if is_recording:
            self._ledger.note("The pod was recording already: this joins its run.")
        elif options.rate_hz:
            await link.dialogue.ask(Set(_RATE, options.rate_hz), SettingInForce)

    async def _until_given_up(self) -> None:
        """Until the end was asked for and the rest does not come; returns if nothing was begun then."""
        ledger = self._ledger
        await ledger.ending.wait()
        before, since_s = -1, self._clock.passed_s()
        while ledger.copy and not self._hurry.is_set() and self._clock.passed_s() - since_s < END_PATIENCE_S:
            if ledger.settled_packets() != before:
                before, since_s = ledger.settled_packets(), self._clock.passed_s()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._hurry.wait()
        if ledger.copy:
            why = "the rest was not waited for" if self._hurry.is_set() else "it cannot be reached any more"
            raise LinkLost(self._pod.name, why, "fetch the rest with `surefoot pull` when it is near")

    async def _let_go(self) -> None:
        """Note that the link is gone."""
        link, self._link = self._link, None
        self._ledger.state = "reconnecting"
        while not self._ledger.labels.empty():
            self._ledger.labels.get_nowait()
        if self._ledger.copy:
            self._ledger.copy.writer.link(self._clock.utc_us(), connected=False)
        if link:
            await link.close()
