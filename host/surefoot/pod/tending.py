"""What is done over one link while a run is recorded and when it ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from surefoot.errors import LinkLost, PodRefused
from surefoot.pod.dialogue import ANSWER_S
from surefoot.pod.fetching import Fetching
from surefoot.pod.ledger import Ledger
from surefoot.pod.link import PodLink
from surefoot.pod.race import first_of
from surefoot.pod.run_copy import RunCopy
from surefoot.pod.utc_clock import UtcClock
from surefoot.wire.answers import EndOfList, ErrorCode, KeptRun, Marked, Stopped, TimeTaken
from surefoot.wire.requests import Cancel, ListRuns, SetMark, SetTime, StopRun

QUICK_CLOCKS, QUICK_CLOCK_S, CLOCK_S = 5, 2.0, 20.0
"""The pod's clock is asked for often at first, so that a short run has a straight line too."""
ACKNOWLEDGE_S = 0.1
"""How soon after a sync the pod is told of it."""
WATCH_S = 2.5
"""How often it is seen whether the run flows: longer than what a slow link keeps back, so that two looks at which the
pod has more than came, and nothing came between them, mean that it does not send."""
FLOW_S = 0.3
"""Packets that are still on their way after the end come within a few connection intervals."""


class Tending:
    """Tends a link to the run that the ledger writes. `may_stop`: what the pod records is that run."""

    def __init__(self, link: PodLink, ledger: Ledger, clock: UtcClock, may_stop: bool) -> None:
        assert ledger.copy is not None
        self._link = link
        self._ledger = ledger
        self._clock = clock
        self._may_stop = may_stop
        self._copy = ledger.copy
        self._fetching = Fetching(link, self._copy, ledger.arrivals)

    async def until_complete(self) -> None:
        """Record until the end, then fetch what is missing.

        Raises
        ------
        LinkLost, PodRefused
            A new link has to go on.
        RunWriteError
        """
        ledger, copy = self._ledger, self._copy
        if not ledger.ending.is_set():
            ledger.state = "recording"
            await first_of(
                self._keep_time(),
                self._acknowledge(),
                self._tell_marks(),
                self._fetching.all_the_time(),
                self._until_it_does_not_flow(),
                ledger.ending.wait(),
            )
        ledger.state = "fetching"
        if copy.total is None:
            await self._end_run()
        await self._let_flow()
        await self._complete(copy, self._fetching)
        for older in ledger.older:
            if not older.is_forgotten:
                await self._complete_older(older)
        ledger.state = "closing"

    async def _keep_time(self) -> None:
        ledger, copy = self._ledger, self._copy
        while True:
            asked_us = self._clock.utc_us()
            taken = await self._link.dialogue.ask(SetTime(asked_us), TimeTaken)
            answered_us = self._clock.utc_us()
            if answered_us - asked_us < ANSWER_S * 1e6:  # else it may be the answer to a second try
                copy.writer.clock(asked_us, answered_us, taken.clock_us, taken.index, copy.run if taken.index else 0)
                ledger.clocks += 1
            await asyncio.sleep(QUICK_CLOCK_S if ledger.clocks < QUICK_CLOCKS else CLOCK_S)

    async def _acknowledge(self) -> None:
        told = 0
        while True:
            safe = self._copy.acknowledgement()
            if safe and self._copy.safe_until != told:
                told = self._copy.safe_until
                await self._link.dialogue.tell(safe)
            await asyncio.sleep(ACKNOWLEDGE_S)

    async def _tell_marks(self) -> None:
        while True:
            label = await self._ledger.labels.get()
            with suppress(PodRefused):  # the run has just ended
                await self._link.dialogue.ask(SetMark(label), Marked, tries=1)

    async def _until_it_does_not_flow(self) -> None:
        """See by the pod's status whether another run is on, or more of this one than comes; then make a new link."""
        tally, copy = self._ledger.tally, self._copy
        seen, stuck_at = tally.status, -1
        while True:
            await asyncio.sleep(WATCH_S)
            status = tally.status
            if status is None or status is seen:
                continue
            seen = status
            newest_is_here = copy.received.extend(status.newest_sequence) < copy.received.end
            if status.run == copy.run % 256 and newest_is_here:
                stuck_at = -1
            elif stuck_at == copy.arrived:
                raise LinkLost(self._link.pod.name, "it does not send its run", "bring the pod nearer")
            else:
                stuck_at = copy.arrived

    async def _end_run(self) -> None:
        """End the run, if it has not ended by itself, and learn how many packets it has."""
        copy = self._copy
        try:
            stopped = await self._link.dialogue.ask(StopRun(), Stopped) if self._may_stop else None
        except PodRefused as refused:
            if refused.code != ErrorCode.NOT_IN_THIS_STATE:
                raise
            stopped = None
        if stopped and stopped.run == copy.run:
            copy.total = copy.received.extend(stopped.packets)
        else:
            await self._fetching.find_end()

    async def _let_flow(self) -> None:
        """Wait for what is still on its way."""
        before = -1
        while not self._copy.is_complete and len(self._copy.received) != before:
            before = len(self._copy.received)
            await asyncio.sleep(FLOW_S)

    async def _complete(self, copy: RunCopy, fetching: Fetching) -> None:
        """Fetch what is missing, make it safe, and tell the pod."""
        assert copy.total is not None
        await fetching.until(copy.total)
        await self._ledger.arrivals.emptied()
        await copy.sync()
        if safe := copy.acknowledgement():
            await self._link.dialogue.tell(safe)
            # answered after the acknowledgement was heard: what a pod has not read when the link ends, it drops
            await self._link.dialogue.do(Cancel())

    async def _complete_older(self, older: RunCopy) -> None:
        """Fetch what the pod has of a run that its restart cut off."""
        try:
            rows = await self._link.dialogue.ask_all(ListRuns(older.run), EndOfList)
        except PodRefused as refused:
            self._ledger.note(f"The rest of run {older.run} cannot be fetched now: {refused.why}.")
            return
        kept = [row.packets for row in rows if isinstance(row, KeptRun) and row.run == older.run]
        older.kept_until = max(kept, default=0)
        if older.total is None:
            older.total = max(older.settled.end, older.kept_until)
        await self._complete(older, Fetching(self._link, older, self._ledger.arrivals))
