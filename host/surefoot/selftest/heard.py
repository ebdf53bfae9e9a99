"""The packets of a run that is streamed over Bluetooth for a test."""

from __future__ import annotations

import asyncio

from surefoot.errors import WireError
from surefoot.pod.utc_clock import UtcClock
from surefoot.wire.packets import Packet
from surefoot.wire.sequences import SequenceSet


class Heard:
    """Packets of one run as they come, each once; `run` is None until the pod has said its number.

    Attributes
    ----------
    queue : asyncio.Queue of Packet
        For who looks at them meanwhile.
    packets : dict of int to bytes
        By their number in the run.
    numbers : SequenceSet
    arrived_s : list of float
    unreadable, fetched : int
        What was no packet; how many came only when they were asked for.
    """

    def __init__(self, clock: UtcClock) -> None:
        self._clock = clock
        self.queue: asyncio.Queue[Packet] = asyncio.Queue()
        self.packets: dict[int, bytes] = {}
        self.numbers = SequenceSet()
        self.arrived_s: list[float] = []
        self.unreadable = 0
        self.fetched = 0
        self.run: int | None = None

    def take(self, data: bytes) -> None:
        """Take what came; of another run, or twice, it is left out."""
        try:
            packet = Packet.from_bytes(data)
        except WireError:
            self.unreadable += 1
            return
        if self.run is not None and packet.run != self.run % 256:
            return
        number = self.numbers.extend(packet.sequence)
        if self.numbers.add(number):
            self.packets[number] = data
            self.arrived_s.append(self._clock.passed_s())
            self.queue.put_nowait(packet)
