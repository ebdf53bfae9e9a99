"""Fetching against a pod in miniature, which does with *fetch* and *cancel* what docs/link.md says."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import numpy as np

from surefoot.pod.arrivals import Arrivals
from surefoot.pod.dialogue import Dialogue
from surefoot.pod.fetching import Fetching
from surefoot.pod.run_copy import RunCopy
from surefoot.wire.answers import Fetched, Sending
from surefoot.wire.control import Answer, read_requests, write_notice
from surefoot.wire.packets import sample_packet
from surefoot.wire.requests import Cancel, Fetch
from tests.rig.radio.virtual_loop import run_virtual

PACKETS = 20
INTERVAL_S = 0.03
SEND_S, LOOK_S = 0.5, 0.01
"""For a packet that is kept, and to find that one is not."""


class NoFile:
    """A file that takes everything."""

    def packet(self, utc_us: int, data: bytes) -> None:
        """Take a packet."""


class SmallPod:
    """Keeps `kept`; hears one request an interval, and nothing until `deaf_until_s`, then all that was sent."""

    def __init__(self, kept: set[int], deaf_until_s: float = 0.0, is_silent: bool = False) -> None:
        self.kept = kept
        self.asked: list[tuple[int, int]] = []
        self._hears_s = deaf_until_s
        self._is_silent = is_silent
        self._loop = asyncio.get_running_loop()
        self._ends: asyncio.TimerHandle | None = None
        self.dialogue = Dialogue("a pod", self._write)
        self.copy = RunCopy(1, NoFile())  # type: ignore[arg-type]
        self.copy.total = PACKETS

    def has_sent(self, *numbers: int) -> None:
        for number in numbers:
            values = np.zeros((19, 6), np.int16)
            self.copy.take(0, sample_packet(values, number, 19 * number, 0, run=1).to_bytes())

    async def fetch_all(self) -> None:
        link: Any = SimpleNamespace(dialogue=self.dialogue, pod=SimpleNamespace(name="a pod"))
        await Fetching(link, self.copy, Arrivals()).until(PACKETS)

    @property
    def given_up(self) -> set[int]:
        return {number for number in range(PACKETS) if number in self.copy.settled and number not in self.copy.received}

    async def _write(self, data: bytes) -> None:
        self._hears_s = max(self._hears_s, self._loop.time()) + INTERVAL_S
        self._loop.call_at(self._hears_s, self._hear, data)

    def _hear(self, data: bytes) -> None:
        for tag, request in read_requests(data):
            if isinstance(request, Cancel):
                self._cancel()
                self.dialogue.take(Answer(0x0B, tag, 0, None).to_bytes())
            elif isinstance(request, Fetch):
                self._fetch(tag, request)

    def _fetch(self, tag: int, request: Fetch) -> None:
        self.asked.append((request.first, request.last))
        self.dialogue.take(Answer(0x0A, tag, 0, Sending(request.first, request.last)).to_bytes())
        kept = len(self.kept & set(range(request.first, request.last + 1)))
        if not self._is_silent:
            self._ends = self._loop.call_later(SEND_S * kept + LOOK_S, self._bring, request)

    def _bring(self, request: Fetch) -> None:
        wanted = set(range(request.first, request.last + 1))
        self.has_sent(*(wanted & self.kept))
        sent = len(wanted & self.kept)
        self.dialogue.take(write_notice(Fetched(1, sent, len(wanted) - sent)))

    def _cancel(self) -> None:
        if self._ends:
            self._ends.cancel()


def test_a_range_of_which_a_part_is_kept_is_not_given_up() -> None:
    """Of 5 to 8 the pod keeps 6; only what it did not send when it was asked for that alone is lost."""

    async def body() -> set[int]:
        pod = SmallPod({6})
        pod.has_sent(*range(5), *range(9, PACKETS))
        await pod.fetch_all()
        assert pod.asked == [(5, 8), (5, 5), (7, 8)]
        return pod.given_up

    assert run_virtual(body()) == {5, 7, 8}


def test_the_end_of_one_fetch_is_not_taken_for_that_of_the_next() -> None:
    """The link hangs for 3.2 s: who asks again then is told twice that packet 5 is lost, and 9 is not lost by that."""

    async def body() -> set[int]:
        pod = SmallPod({9}, deaf_until_s=3.2)
        pod.has_sent(*range(5), *range(6, 9), *range(10, PACKETS))
        await pod.fetch_all()
        return pod.given_up

    assert run_virtual(body()) == {5}


def test_a_fetch_that_fell_silent_is_cancelled_although_the_run_flows() -> None:
    async def body() -> int:
        pod = SmallPod({5}, is_silent=True)
        pod.has_sent(*range(5), *range(6, PACKETS))

        async def flow() -> None:
            for number in range(PACKETS, 1000):
                await asyncio.sleep(0.1)
                pod.has_sent(number)

        flowing = asyncio.create_task(flow())
        fetching = asyncio.create_task(pod.fetch_all())
        await asyncio.sleep(20)
        flowing.cancel()
        fetching.cancel()
        await asyncio.gather(flowing, fetching, return_exceptions=True)
        return len(pod.asked)

    assert run_virtual(body()) > 1
