"""A pod on the bench over Bluetooth LE: the room `pod` carries it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import numpy as np

from surefoot.errors import LinkLost, PodError, PodRefused
from surefoot.pod.claim import Claim
from surefoot.pod.find import FoundPod
from surefoot.pod.link import PodLink
from surefoot.pod.race import first_of, to_its_end
from surefoot.pod.reach import first_link, reach
from surefoot.pod.utc_clock import UtcClock
from surefoot.selftest.bench import Enough, Identity, Streamed
from surefoot.selftest.heard import Heard
from surefoot.wire.answers import (
    Ability,
    EndOfList,
    ErrorCode,
    KeptRun,
    SelfTested,
    Sending,
    SettingInForce,
    SettingLimits,
    Started,
    Stopped,
    TimeTaken,
)
from surefoot.wire.requests import Ack, Erase, Fetch, Get, ListRuns, SelfTest, Set, SetTime, StartRun, StopRun
from surefoot.wire.status import State, Status

READY_S = 5.0
"""A pod that was just switched on looks for its sensor first: about a second."""
LOOK_S = 0.2
SELF_TEST_S = 8.0
"""The sensor's test takes 1.1 s, the bias after it 0.4 s, and it begins within a second."""
ACKNOWLEDGE_S = 0.5
"""A pod wants it at least once a second, so that nothing goes to flash."""
TAIL_S = 1.0
"""After the end of a run, what is still on its way arrives within this, or is asked for."""
FETCH_S = 8.0
"""As `pod.fetching`: the pod looks through 512 packets in 2.6 s."""
FETCH_TRIES = 3
AGAIN_S = 45.0
"""To get back to a pod whose link broke: one attempt of the connector lasts as long."""
FORGET_TRIES = 5
"""Once a second: a pod that keeps every run writes the last packets of one for 0.8 s after its end."""

Result = TypeVar("Result")


class BleBench:
    """A `Bench` over Bluetooth. Make it with `open`, `close` it at the end."""

    way = "Bluetooth"

    def __init__(self, pod: FoundPod, clock: UtcClock) -> None:
        self.pod = pod.name
        self._found = pod
        self._clock = clock
        self._claim = Claim(pod)
        self._link: PodLink | None = None
        self._heard: Heard | None = None
        self._was_linked = self._pair = False

    @classmethod
    async def open(cls, pod: FoundPod, clock: UtcClock, *, pair: bool = False) -> BleBench:
        """Connect; with `pair` make a bond if there is none.

        Raises
        ------
        PodError
            Not reached, not paired, busy, or recording: a run is never disturbed.
        """
        bench = cls(pod, clock)
        bench._pair = pair
        try:
            bench._link = await first_link(pod, bench._open, clock)
            await bench._demand_idle()
        except BaseException:
            await bench.close()
            raise
        return bench

    async def identity(self) -> Identity:
        """Ask who it is, once it has looked for its sensor."""
        return await self._linked(self._identity)

    async def _identity(self, link: PodLink) -> Identity:
        status = await self._started(link)
        has_sensor = status.state != State.SENSOR_FAILED
        return Identity(await link.read_identity(), await link.read_hardware(), has_sensor)

    async def chip_self_test(self) -> SelfTested:
        """Let the sensor test itself."""
        return await self._linked(self._test)

    async def _test(self, link: PodLink) -> SelfTested:
        told = link.dialogue.next_self_tested()
        await link.dialogue.do(SelfTest())
        try:
            async with asyncio.timeout(SELF_TEST_S):
                return await told
        except TimeoutError:
            raise LinkLost(self.pod, "its self-test did not end", "switch it off and on, and try again") from None

    async def stream(self, seconds: float, on_packet: Enough) -> Streamed:
        """Record a run, acknowledge it as it comes, and let the pod forget it."""
        await self._demand_idle()
        heard = self._heard = Heard(self._clock)
        broke = ""
        begun_s = self._clock.passed_s()
        ended_s = begun_s
        try:
            link = await to_its_end(self._begin(heard))
            begun_s = self._clock.passed_s()
            try:
                await link.through(self._listen(link, heard, seconds, on_packet))
            except LinkLost as error:
                broke = error.why
                await self._let_go()
        finally:
            ended_s = self._clock.passed_s()
            by_themselves = len(heard.arrived_s)
            made = await to_its_end(self._finish(heard)) if heard.run is not None else 0
            self._heard = None
        arrived_s = np.array(heard.arrived_s[:by_themselves])
        return Streamed(
            packets=tuple(heard.packets[number] for number in sorted(heard.packets)),
            arrived_s=arrived_s - (arrived_s[0] if len(arrived_s) else 0.0),
            made=max(made, heard.numbers.end),
            fetched=heard.fetched,
            seconds=ended_s - begun_s,
            broke=broke,
            unreadable=heard.unreadable,
        )

    async def read_setting(self, number: int) -> int:
        """Return the value of a setting."""
        return (await self._linked(lambda link: link.dialogue.ask(Get(number), SettingLimits))).value

    async def write_setting(self, number: int, value: int) -> None:
        """Put a setting in force; the pod writes it to flash within a second."""
        await self._linked(lambda link: link.dialogue.ask(Set(number, value), SettingInForce))

    async def close(self) -> None:
        """Let the pod go."""
        await self._let_go()
        self._claim.release()

    # A run, from its start until the pod has forgotten it

    async def _begin(self, heard: Heard) -> PodLink:
        link = await self._get_link()
        heard.run = (await link.dialogue.ask(StartRun(), Started)).run
        return link

    async def _listen(self, link: PodLink, heard: Heard, seconds: float, on_packet: Enough) -> None:
        async def take() -> None:
            while not await on_packet(await heard.queue.get()):
                pass

        async def acknowledge() -> None:
            while True:
                await asyncio.sleep(ACKNOWLEDGE_S)
                await self._acknowledge(link, heard)

        await first_of(asyncio.sleep(seconds), take(), acknowledge())

    async def _acknowledge(self, link: PodLink, heard: Heard) -> None:
        if heard.numbers.whole_until and heard.run is not None:
            await link.dialogue.tell(Ack(heard.run, (heard.numbers.whole_until - 1) % (1 << 24)))

    async def _finish(self, heard: Heard) -> int:
        """End the run, fetch what is missing of it, and let the pod forget it; return how many packets it made."""
        made = await self._linked(lambda link: self._stop(link, heard))
        with suppress(TimeoutError):
            async with asyncio.timeout(TAIL_S):
                while heard.numbers.whole_until < made:
                    await asyncio.sleep(LOOK_S)
        before = len(heard.packets)
        await self._linked(lambda link: self._fetch(link, heard, made))
        heard.fetched = len(heard.packets) - before
        await self._linked(lambda link: self._forget(link, heard, made))
        return made

    async def _stop(self, link: PodLink, heard: Heard) -> int:
        try:
            return (await link.dialogue.ask(StopRun(), Stopped)).packets
        except PodRefused as refused:
            if refused.code != ErrorCode.NOT_IN_THIS_STATE:
                raise
            return heard.numbers.end  # it ended by itself, or the answer was lost with a link

    async def _fetch(self, link: PodLink, heard: Heard, made: int) -> None:
        assert heard.run is not None
        for _ in range(FETCH_TRIES):
            for first, end in list(heard.numbers.holes(made)):
                told = link.dialogue.next_fetched()
                try:
                    await link.dialogue.ask(Fetch(heard.run, first, end - 1), Sending)
                except PodRefused:
                    return  # it has none of them any more
                with suppress(TimeoutError):
                    async with asyncio.timeout(FETCH_S):
                        await told

    async def _forget(self, link: PodLink, heard: Heard, made: int) -> None:
        """Acknowledge all of it, so that nothing stays; erase what flash has nevertheless."""
        assert heard.run is not None
        if made:
            await link.dialogue.tell(Ack(heard.run, (made - 1) % (1 << 24)))
        if not link.greeting.abilities & Ability.STORE:
            return
        for _ in range(FORGET_TRIES):
            await asyncio.sleep(TAIL_S)
            rows = await link.dialogue.ask_all(ListRuns(heard.run), EndOfList)
            if not any(isinstance(row, KeptRun) and row.run == heard.run for row in rows):
                return
            with suppress(PodRefused):  # it is still writing the end
                await link.dialogue.do(Erase(heard.run, force=1))
        raise PodError(self.pod, "it keeps the run of its self-test", f"erase run {heard.run} by fetching it once")

    # The link

    async def _demand_idle(self) -> None:
        """See that no run is being recorded: over the status, which is a second old, and by the answer to the time."""
        status = await self._linked(self._started)
        recording = status.state == State.RECORDING
        if not recording:
            now_us = self._clock.utc_us()
            taken = await self._linked(lambda link: link.dialogue.ask(SetTime(now_us), TimeTaken))
            recording = taken.index != 0
        if recording:
            raise PodError(self.pod, "it is recording a run, which a test would disturb", "end the run first")
        if status.state == State.BATTERY_TOO_LOW:
            raise PodError(self.pod, "its battery is too low", "charge it")

    async def _started(self, link: PodLink) -> Status:
        """Return its state, once it has one."""
        until_s = self._clock.passed_s() + READY_S
        while True:
            status = await link.read_status()
            if (status.layout and status.state != State.IDLE) or self._clock.passed_s() > until_s:
                return status
            await asyncio.sleep(LOOK_S)

    async def _linked(self, work: Callable[[PodLink], Coroutine[Any, Any, Result]]) -> Result:
        """Do something that may be done twice: over a new link where the first one is lost."""
        try:
            link = await self._get_link()
            return await link.through(work(link))
        except LinkLost:
            await self._let_go()
        link = await self._get_link()
        return await link.through(work(link))

    async def _get_link(self) -> PodLink:
        if self._link is None:
            try:
                async with asyncio.timeout(AGAIN_S):
                    self._link = await reach(self._found, self._open, lambda _: None)
            except TimeoutError:
                why = "its link broke and it cannot be reached any more"
                raise LinkLost(self.pod, why, "if its light still shows recording, end that by its button") from None
        return self._link

    async def _open(self, pod: FoundPod) -> PodLink:
        pair = self._pair and not self._was_linked
        link = await PodLink.open(pod, self._clock, self._take, lambda _: None, pair=pair, again=self._was_linked)
        self._was_linked = True
        return link

    def _take(self, _utc_us: int, data: bytes) -> None:
        if self._heard is not None:
            self._heard.take(data)

    async def _let_go(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()
