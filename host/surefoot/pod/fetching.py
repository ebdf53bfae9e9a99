"""Ask the pod again for what is missing, until it is here or known to be lost."""

from __future__ import annotations

import asyncio

from surefoot.errors import LinkLost, PodBusy, PodRefused
from surefoot.pod.arrivals import Arrivals
from surefoot.pod.link import PodLink
from surefoot.pod.run_copy import RunCopy
from surefoot.wire.answers import ErrorCode, Fetched, Sending
from surefoot.wire.packets import SEQUENCES
from surefoot.wire.requests import FETCH_TO_END, Cancel, Fetch

AT_ONCE = 512
"""Packets of one request: 4 s over a usual link, so that the notice of its end comes before the silence below also
where the pod looks in vain for every one of them."""
SILENCE_S = 8.0
"""A fetch that neither brings a packet nor ends in that time is cancelled; the pod looks through 512 in 2.6 s."""
BARREN = 3
"""Requests in a row that brought nothing although the pod sent something: then the link is made anew."""
SETTLE_S = 0.5
"""How long a hole must be there before it is asked for; a resend after a reconnect fills most of them by itself."""
_GONE = (ErrorCode.NO_SUCH_RUN, ErrorCode.NOT_KEPT, ErrorCode.NO_STORE)


class Fetching:
    """Fetches the holes of one copy over one link."""

    def __init__(self, link: PodLink, copy: RunCopy, arrivals: Arrivals) -> None:
        self._link = link
        self._copy = copy
        self._arrivals = arrivals

    async def all_the_time(self) -> None:
        """Fill holes as they show, for ever."""
        while True:
            end = self._copy.settled.end
            await asyncio.sleep(SETTLE_S)
            await self.until(end)

    async def until(self, end: int) -> None:
        """Fill all holes before `end`.

        Raises
        ------
        LinkLost
            Also where what was asked for does not come.
        """
        barren = 0
        while (hole := next(self._copy.holes(end), None)) is not None:
            await self._fetch(hole[0], min(hole[1], hole[0] + AT_ONCE))
            barren = barren + 1 if next(self._copy.holes(end), None) == hole else 0
            if barren == BARREN:
                raise LinkLost(self._link.pod.name, "what was asked for again does not come", "bring the pod nearer")

    async def start_packet(self) -> None:
        """Ask for the start packet, also where it is here: it tells whether this is the same run."""
        await self._fetch(0, 1)
        await self._arrivals.emptied()

    async def whole_run(self) -> None:
        """Fetch all that is missing of a run that has ended."""
        await self.find_end()
        assert self._copy.total is not None
        await self.until(self._copy.total)
        await self._arrivals.emptied()

    async def find_end(self) -> None:
        """Learn how many packets a run has that was ended while nobody heard it."""
        end = self._copy.settled.end
        try:
            sending = await self._link.dialogue.ask(Fetch(self._copy.run, end % SEQUENCES, FETCH_TO_END), Sending)
        except PodRefused as refused:
            if refused.code not in _GONE:
                raise
            self._copy.total = end
            return
        await self._link.dialogue.do(Cancel())
        self._copy.total = end + (sending.last - sending.first) % SEQUENCES + 1

    async def _fetch(self, start: int, end: int) -> None:
        """Ask for `[start, end)` once. Only where the pod sent none of it, it is known that all of it is lost."""
        fetched = self._link.dialogue.next_fetched()
        try:
            sending = await self._link.dialogue.ask(
                Fetch(self._copy.run, start % SEQUENCES, (end - 1) % SEQUENCES), Sending, tries=1
            )
        except (PodBusy, LinkLost):
            # asked twice, it would tell its end twice, and no notice says of which range it is; after this none comes
            await self._link.dialogue.do(Cancel())
            return
        except PodRefused as refused:
            if refused.code not in _GONE:
                raise
            self._copy.give_up(start, end)
            return
        if not await self._wait_for(fetched, start, end):
            await self._link.dialogue.do(Cancel())
            return
        await self._arrivals.emptied()
        asked_for = (sending.last - sending.first) % SEQUENCES + 1
        notice = fetched.result()
        if notice.run == self._copy.run and notice.sent == 0 and notice.not_kept == asked_for:
            self._copy.give_up(start, start + asked_for)

    async def _wait_for(self, fetched: asyncio.Future[Fetched], start: int, end: int) -> bool:
        """Wait for the end of the fetch of `[start, end)`; False if it has fallen silent, whatever else comes."""
        before = -1
        while not fetched.done() and self._missing(start, end) != before:
            before = self._missing(start, end)
            await asyncio.wait([fetched], timeout=SILENCE_S)
        return fetched.done()

    def _missing(self, start: int, end: int) -> int:
        return sum(max(0, stop - max(first, start)) for first, stop in self._copy.received.holes(end))
