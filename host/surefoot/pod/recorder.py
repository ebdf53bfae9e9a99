"""Record one pod, whatever its link does."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from surefoot.errors import LinkLost, PodError, PodRefused, SurefootError
from surefoot.pod.claim import Claim
from surefoot.pod.figures import Figures
from surefoot.pod.find import FoundPod
from surefoot.pod.ledger import Ledger
from surefoot.pod.link import PodLink
from surefoot.pod.outcome import Outcome
from surefoot.pod.race import first_of, to_its_end
from surefoot.pod.reach import first_link, reach
from surefoot.pod.readiness import notes_before, refusal_to_record
from surefoot.pod.record_options import RecordOptions
from surefoot.pod.run_copy import RunCopy
from surefoot.pod.run_files import is_same_run
from surefoot.pod.sentences import sentences
from surefoot.pod.snapshot import snapshot
from surefoot.pod.tending import Tending
from surefoot.pod.utc_clock import UtcClock
from surefoot.recording.samples import SIDES
from surefoot.wire.answers import SettingInForce, Started, Stopped, TimeTaken
from surefoot.wire.requests import Set, SetTime, StartRun, StopRun
from surefoot.wire.settings import SettingNumber

LOOK_S = 0.2
"""How often it is seen whether anything still comes, and whether it was asked not to wait."""
IDENTITY_S = 1.5
"""A pod renews what it says about itself once a second; before that it may be of what was before a run."""
END_PATIENCE_S = 45.0
"""Once the end was asked for, the pod has this long without a packet before the file is left as it is: one attempt of
the connector lasts as long."""


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
        self._is_starting = False
        self._asked_marks = 0
        self._reconnects = 0
        self._hurry = False

    @property
    def figures(self) -> Figures:
        """What is to be shown now."""
        now_s = self._clock.passed_s() if self._ended_s is None else self._ended_s
        elapsed_s = 0.0 if self._begun_s is None else now_s - self._begun_s
        return snapshot(self._ledger, self._pod, elapsed_s, self._reconnects)

    def stop(self) -> None:
        """End the run on the pod, fetch what is missing, close the file. A second time: leave what is missing."""
        if self._ledger.ending.is_set():
            self._hurry = True
        self._ledger.ending.set()

    def mark(self, text: str = "") -> None:
        """Mark this moment, in the file and, if the link is there, on the pod."""
        self._ledger.arrivals.put(self._clock.utc_us(), text)
        self._asked_marks += 1
        if self._link is not None:
            self._ledger.labels.put_nowait(self._asked_marks % 256)

    async def run(self) -> Outcome:
        """Record until `stop`, or until the pod ends the run.

        Raises
        ------
        PodError
            Before anything was recorded: not reached, not paired, busy, not able to record.
        OutputError, RunWriteError
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
        if isinstance(failure, PodError) and files and all(file.closed for file in files):
            failure = None  # the pod went, but all that there is was here
        failure = failure or not_closed
        run_ended = ledger.copy is not None and ledger.copy.total is not None
        said = sentences(files, end, failure, run_ended)
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
        taken = await link.dialogue.ask(SetTime(self._clock.utc_us()), TimeTaken)
        is_recording = taken.index != 0
        restarted = link.greeting.boot_count != self._boot_count
        goes_on = copy is not None and is_recording and not restarted and await self._has_its_start(link, copy)
        if goes_on and copy and (safe := copy.acknowledgement()):
            await link.dialogue.tell(safe)  # so that the pod does not send again what came already
        if copy and not is_recording and (ledger.ending.is_set() or not restarted):
            ledger.ending.set()
        else:
            if not copy:
                await self._prepare(link, is_recording)
            await self._start(link, is_new=not is_recording, goes_on=goes_on, restarted=restarted)
        self._boot_count = link.greeting.boot_count
        if ledger.copy:
            ledger.copy.writer.link(self._clock.utc_us(), connected=True)

    async def _has_its_start(self, link: PodLink, copy: RunCopy) -> bool:
        """Whether the run that is on began as this one: a pod that was flashed anew numbers its runs anew."""
        if copy.start is None or is_same_run(copy.start, link.identity):
            return True
        await asyncio.sleep(IDENTITY_S)
        return is_same_run(copy.start, await link.read_identity())

    async def _start(self, link: PodLink, is_new: bool, goes_on: bool, restarted: bool) -> None:
        """Let the run flow, into a file; a pod that was told to begin must not be left to record for nobody."""
        ledger = self._ledger
        ledger.may_write.clear()
        self._is_starting = True
        try:
            await to_its_end(self._flow(link, is_new, goes_on, restarted))
        except PodRefused as refused:
            if not ledger.copy:
                raise
            ledger.note(f"The recording cannot go on: {refused.why}.")
            ledger.ending.set()
        finally:
            self._is_starting = False
            ledger.may_write.set()
        if self._begun_s is None:
            self._begun_s = self._clock.passed_s()

    async def _flow(self, link: PodLink, is_new: bool, goes_on: bool, restarted: bool) -> None:
        """Let the run flow; a run that somebody else began after ours had ended is left alone."""
        ledger = self._ledger
        started = await link.dialogue.ask(StartRun(), Started)
        if not (goes_on and ledger.copy and started.run == ledger.copy.run):
            self._is_ours = restarted or not ledger.ending.is_set()
            if self._is_ours:
                await self._begin(link, started.run, is_new)

    async def _begin(self, link: PodLink, run: int, is_new: bool) -> None:
        """Begin the file; a run that began for a file that cannot be written would go on for nobody."""
        try:
            await self._ledger.begin(link.identity, run, is_new)
        except Exception:
            if is_new:
                with suppress(PodError):
                    stopped = await link.dialogue.ask(StopRun(), Stopped)
                    if self._ledger.copy and self._ledger.copy.run == stopped.run:
                        self._ledger.copy.total = stopped.packets
            raise

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
            await link.dialogue.ask(Set(SettingNumber.SIDE, SIDES.index(options.side)), SettingInForce)
        if is_recording:
            self._ledger.note("The pod was recording already: this joins its run.")
        elif options.rate_hz:
            await link.dialogue.ask(Set(SettingNumber.RATE_HZ, options.rate_hz), SettingInForce)

    async def _until_given_up(self) -> None:
        """Until the end was asked for and the rest does not come; returns if nothing was begun then."""
        ledger = self._ledger
        await ledger.ending.wait()
        while self._is_starting:
            await asyncio.sleep(LOOK_S)
        before, since_s = -1, self._clock.passed_s()
        while ledger.copy and not self._may_hurry() and self._clock.passed_s() - since_s < END_PATIENCE_S:
            if ledger.settled_packets() != before:
                before, since_s = ledger.settled_packets(), self._clock.passed_s()
            await asyncio.sleep(LOOK_S)
        if ledger.copy:
            why = "the rest was not waited for" if self._hurry else "it cannot be reached any more"
            raise LinkLost(self._pod.name, why, "fetch the rest with `surefoot pull` when it is near")

    def _may_hurry(self) -> bool:
        """Whether to leave what is missing: not before the pod was told to end its run, if a link is there."""
        ended = self._ledger.copy is not None and self._ledger.copy.total is not None
        return self._hurry and (ended or self._link is None)

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
