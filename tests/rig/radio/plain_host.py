"""The least that records a pod over bleak, for tests of the rig itself: no files, no reconnecting, no judgement."""

from __future__ import annotations

import asyncio

import numpy as np
from bleak import BleakClient, BleakScanner
from bleak_retry_connector import establish_connection
from numpy.typing import NDArray

from surefoot.wire.answers import Notice
from surefoot.wire.control import Answer, read_notification, write_request
from surefoot.wire.fragments import Reassembly
from surefoot.wire.packets import Packet
from surefoot.wire.requests import Ack, Fetch, Request, Set, StartRun
from tests.rig.radio.pod import Pod
from tests.rig.read_packets import read_samples

DATA, CONTROL, STATUS, IDENTITY = (f"5f6f000{number}-7375-7265-666f-6f7420706f64" for number in (2, 3, 4, 5))
RATE_HZ = 1
_ANSWER_S = 3.0


class PlainHost:
    """`packets` by their number, as they first came; `arrivals` in order; `notices`; `lost` once the link is gone."""

    def __init__(self, pod: Pod) -> None:
        self._pod = pod
        self._pieces = Reassembly()
        self._tag = 0
        self._answers: asyncio.Queue[Answer] = asyncio.Queue()
        self.run = 0
        self.packets: dict[int, bytes] = {}
        self.arrivals: list[bytes] = []
        self.notices: list[Notice] = []
        self.lost = asyncio.Event()

    async def connect(self, pair: bool = False) -> None:
        """Find the pod, connect and listen; with `pair`, press its button and pair."""
        device = await BleakScanner.find_device_by_name(self._pod.name, timeout=10)
        assert device is not None, f"{self._pod.name} was not found"
        self.client = await establish_connection(
            BleakClient, device, self._pod.name, disconnected_callback=lambda _client: self.lost.set()
        )
        self.lost.clear()  # tries that failed were told of too
        if pair:
            await self._pod.open_pairing()
            await self.client.pair()
        await self.client.start_notify(DATA, lambda _, value: self._data(bytes(value)))
        await self.client.start_notify(CONTROL, lambda _, value: self._control(bytes(value)))

    async def ask(self, request: Request) -> Answer:
        """The pod's answer, asked again after three seconds."""
        self._tag = (self._tag + 1) & 0xFF
        while True:
            await self.client.write_gatt_char(CONTROL, write_request(request, self._tag), response=True)
            try:
                async with asyncio.timeout(_ANSWER_S):
                    while (answer := await self._answers.get()).tag != self._tag:
                        pass
                    return answer
            except TimeoutError:
                continue

    async def start(self, rate_hz: int | None = None) -> None:
        """Begin a run or join it."""
        if rate_hz:
            assert (await self.ask(Set(RATE_HZ, rate_hz))).error == 0
        answer = await self.ask(StartRun())
        assert answer.error == 0, answer
        self.run = answer.data.run  # type: ignore[union-attr]

    async def listen(self, seconds: float) -> None:
        """Let packets come, and acknowledge once a second what is whole."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + seconds
        while loop.time() < until_s:
            await asyncio.sleep(min(1.0, until_s - loop.time()))
            whole = self.whole
            if whole:
                await self.client.write_gatt_char(CONTROL, write_request(Ack(self.run, whole - 1), 0), response=True)

    async def fetch_holes(self) -> None:
        """Ask for what has not come and is older than what has, until no more comes."""
        before: set[int] = set()
        while (missing := set(range(max(self.packets))) - set(self.packets)) and missing != before:
            before = missing
            self.notices.clear()
            answer = await self.ask(Fetch(self.run, min(missing), max(missing)))
            assert answer.error == 0, answer
            while not self.notices and not self.lost.is_set():
                await asyncio.sleep(0.1)

    @property
    def whole(self) -> int:
        """How many packets there are from the first on without a hole."""
        return next(number for number in range(len(self.packets) + 1) if number not in self.packets)

    def samples(self) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
        """Index and values of all samples."""
        samples = read_samples([Packet.from_bytes(self.packets[number]) for number in sorted(self.packets)])
        return samples.index, samples.values

    def _data(self, value: bytes) -> None:
        packet = self._pieces.add(value)
        if packet is not None:
            self.arrivals.append(packet)
            self.packets.setdefault(int.from_bytes(packet[4:7], "little"), packet)

    def _control(self, value: bytes) -> None:
        told = read_notification(value)
        if isinstance(told, Answer):
            self._answers.put_nowait(told)
        else:
            self.notices.append(told)
