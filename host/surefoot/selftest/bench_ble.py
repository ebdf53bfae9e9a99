"""A pod on the bench over Bluetooth LE: the room `pod` carries it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import numpy as np

from surefoot.errors import LinkLost, PodError, PodRefused
from surefoot.pod.find import FoundPod
from surefoot.pod.link import PodLink
from surefoot.pod.race import first_of, to_its_end
from surefoot.pod.utc_clock import UtcClock
from surefoot.selftest.bench import Enough, Identity, Streamed
from surefoot.selftest.ble_way import LOOK_S, BleWay
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
)
from surefoot.wire.requests import Ack, Erase, Fetch, Get, ListRuns, SelfTest, Set, StartRun, StopRun
from surefoot.wire.status import State

SELF_TEST_S = 8.0
"""The sensor's test takes 1.1 s, the bias after it 0.4 s, and it begins within a second."""
ACKNOWLEDGE_S = 0.5
"""A pod wants it at least once a second, so that nothing goes to flash."""
TAIL_S = 1.0
"""After the end of a run, what is still on its way arrives within this, or is asked for."""
FETCH_S = 8.0
"""As `pod.fetching`: the pod looks through 512 packets in 2.6 s."""
FETCH_TRIES = 3
FORGET_TRIES = 5
"""Once a second: a pod that keeps every run writes the last packets of one for 0.8 s after its end."""
KEPT_S = 3.0
"""The pod writes its settings to flash in its next second, which a busy one begins a second late, and an erase takes
its time."""


class BleBench:
    """A `Bench` over Bluetooth. Make it with `open`, `close` it at the end."""

    way = "Bluetooth"
    knows_flash = False

    def __init__(self, pod: FoundPod, clock: UtcClock, *, pair: bool) -> None:
        self.pod = pod.name
        self._clock = clock
        self._way = BleWay(pod, clock, self._take, pair=pair)
        self._heard: Heard | None = None

    @classmethod
    async def open(cls, pod: FoundPod, clock: UtcClock, *, pair: bool = False) -> BleBench:
        """Connect; with `pair` make a bond if there is none.

        Raises
        ------
        PodError
            Not reached, not paired, busy, or recording: a run is never disturbed.
        """
        bench = cls(pod, clock, pair=pair)
        try:
            await bench._way.open()
            await bench._way.demand_idle()
        except BaseException:
            await bench.close()
            raise
        return bench

    async def identity(self) -> Identity:
        """Ask who it is, once it has looked for its sensor."""
        return await self._way.linked(self._identity)

    async def _identity(self, link: PodLink) -> Identity:
        status = await self._way.started(link)
        has_sensor = status.state != State.SENSOR_FAILED
        return Identity(await link.read_identity(), await link.read_hardware(), has_sensor)

    async def chip_self_test(self) -> SelfTested:
        """Let the sensor test itself."""
        return await self._way.linked(self._test)

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
        await self._way.demand_idle()
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
                await self._way.let_go()
        finally:
            ended_s = self._clock.passed_s()
            by_themselves = len(heard.arrived_s)
            made = await to_its_end(self._finish(heard)) if heard.run is not None else 0
            self._heard = None
        arrived_s = np.array(heard.arrived_s[:by_themselves])
        return Streamed(
            packets=tuple(heard.packets[number] for number in sorted(heard.packets)),
            arrived_s=arrived_s - begun_s,
            made=max(made, heard.numbers.end),
            fetched=heard.fetched,
            seconds=ended_s - begun_s,
            broke=broke,
            unreadable=heard.unreadable,
        )

    async def read_setting(self, number: int) -> int:
        """Return the value of a setting."""
        return (await self._way.linked(lambda link: link.dialogue.ask(Get(number), SettingLimits))).value

    async def write_setting(self, number: int, value: int) -> None:
        """Put a setting in force."""
        await self._way.linked(lambda link: link.dialogue.ask(Set(number, value), SettingInForce))

    async def keep_settings(self) -> None:
        """Wait until the pod has written to flash; whether it could, it has no way to say."""
        await asyncio.sleep(KEPT_S)

    async def close(self) -> None:
        """Let the pod go."""
        await self._way.close()

    # A run, from its start until the pod has forgotten it

    async def _begin(self, heard: Heard) -> PodLink:
        link = await self._way.link()
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
        made = await self._way.linked(lambda link: self._stop(link, heard))
        with suppress(TimeoutError):
            async with asyncio.timeout(TAIL_S):
                while heard.numbers.whole_until < made:
                    await asyncio.sleep(LOOK_S)
        before = len(heard.packets)
        await self._way.linked(lambda link: self._fetch(link, heard, made))
        heard.fetched = len(heard.packets) - before
        await self._way.linked(lambda link: self._forget(link, heard, made))
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

    def _take(self, _utc_us: int, data: bytes) -> None:
        if self._heard is not None:
            self._heard.take(data)
