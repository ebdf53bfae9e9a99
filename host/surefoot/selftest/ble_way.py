"""The way to a pod over Bluetooth LE for as long as it is on the bench: found again where the link is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from surefoot.errors import LinkLost, PodError
from surefoot.pod.claim import Claim
from surefoot.pod.find import FoundPod
from surefoot.pod.link import PodLink
from surefoot.pod.reach import first_link, reach
from surefoot.pod.utc_clock import UtcClock
from surefoot.wire.answers import TimeTaken
from surefoot.wire.requests import SetTime
from surefoot.wire.status import State, Status

READY_S = 5.0
"""A pod that was just switched on looks for its sensor first: about a second."""
LOOK_S = 0.2
AGAIN_S = 45.0
"""To get back to a pod whose link broke: one attempt of the connector lasts as long."""

Result = TypeVar("Result")
Take = Callable[[int, bytes], None]
"""Gets each packet, with the time at which it came, UTC in us."""


class BleWay:
    """One link at a time to one pod, that nobody else on this computer uses meanwhile."""

    def __init__(self, pod: FoundPod, clock: UtcClock, take: Take, *, pair: bool) -> None:
        self._found = pod
        self._clock = clock
        self._take = take
        self._pair = pair
        self._claim = Claim(pod)
        self._link: PodLink | None = None
        self._was_linked = False

    async def open(self) -> None:
        """Connect for the first time."""
        self._link = await first_link(self._found, self._open, self._clock)

    async def close(self) -> None:
        """Let the pod go."""
        await self.let_go()
        self._claim.release()

    async def linked(self, work: Callable[[PodLink], Coroutine[Any, Any, Result]]) -> Result:
        """Do something that may be done twice: over a new link where the first one is lost."""
        try:
            link = await self.link()
            return await link.through(work(link))
        except LinkLost:
            await self.let_go()
        link = await self.link()
        return await link.through(work(link))

    async def link(self) -> PodLink:
        """Return the link, a new one where it was lost.

        Raises
        ------
        LinkLost
            The pod cannot be reached any more.
        """
        if self._link is None:
            try:
                async with asyncio.timeout(AGAIN_S):
                    self._link = await reach(self._found, self._open, lambda _: None)
            except TimeoutError:
                why = "its link broke and it cannot be reached any more"
                next_step = "if its light still shows recording, end that by its button"
                raise LinkLost(self._found.name, why, next_step) from None
        return self._link

    async def let_go(self) -> None:
        """End the link; the next use makes a new one."""
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def demand_idle(self) -> None:
        """See that no run is being recorded: over the status, which is a second old, and by the answer to the time.

        Raises
        ------
        PodError
            It records, or its battery is too low for that.
        """
        status = await self.linked(self.started)
        recording = status.state == State.RECORDING
        if not recording:
            now_us = self._clock.utc_us()
            taken = await self.linked(lambda link: link.dialogue.ask(SetTime(now_us), TimeTaken))
            recording = taken.index != 0
        if recording:
            why = "it is recording a run, which a test would disturb"
            raise PodError(self._found.name, why, "end the run first")
        if status.state == State.BATTERY_TOO_LOW:
            raise PodError(self._found.name, "its battery is too low", "charge it")

    async def started(self, link: PodLink) -> Status:
        """Return its state, once it has one."""
        until_s = self._clock.passed_s() + READY_S
        while True:
            status = await link.read_status()
            if (status.layout and status.state != State.IDLE) or self._clock.passed_s() > until_s:
                return status
            await asyncio.sleep(LOOK_S)

    async def _open(self, pod: FoundPod) -> PodLink:
        pair = self._pair and not self._was_linked
        link = await PodLink.open(pod, self._clock, self._take, lambda _: None, pair=pair, again=self._was_linked)
        self._was_linked = True
        return link
