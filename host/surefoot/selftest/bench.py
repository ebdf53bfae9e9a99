"""What a pod is asked on the bench, over whichever way it is reached, and what its stream comes to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from surefoot.recording.samples import FloatArray
from surefoot.wire.answers import SelfTested
from surefoot.wire.packets import Kind, Packet
from surefoot.wire.records import Start

CALIBRATION_SETTINGS = (7, 8, 9, 10, 11, 12)
Enough = Callable[[Packet], Awaitable[bool]]
"""Told each packet as it comes; True ends the stream."""


@dataclass(frozen=True)
class Identity:
    """Who the pod is: what it says of itself, and what it says of its hardware or of what is wrong with that."""

    start: Start
    hardware: str
    has_sensor: bool


@dataclass(frozen=True)
class Streamed:
    """What came of a run that was streamed for a time.

    Attributes
    ----------
    packets : tuple of bytes
        In order of sequence, each once.
    arrived_s : array, shape (k,)
        When those packets came that came by themselves, s from the beginning of listening.
    made : int
        How many the pod says it made; of a stream that broke, one more than the highest number that came.
    fetched : int
        How many came only when they were asked for again.
    seconds : float
        How long it was listened to: until it was asked to end, or the way to the pod was lost.
    broke : str
        Why the way to the pod was lost meanwhile; empty where it was not.
    unreadable : int
        What came and was no packet.
    """

    packets: tuple[bytes, ...]
    arrived_s: FloatArray
    made: int
    fetched: int
    seconds: float
    broke: str = ""
    unreadable: int = 0

    @property
    def start(self) -> Start | None:
        """The run's own start packet, which knows temperature and battery of that moment; None where it was lost."""
        packets = [Packet.from_bytes(packet) for packet in self.packets[:1]]
        return next((Start.from_bytes(packet.body) for packet in packets if packet.kind == Kind.START), None)


class Bench(Protocol):
    """A pod that is being tested. Every method raises a `SurefootError` where the pod cannot be reached any more.

    Attributes
    ----------
    pod : str
        Its name, for sentences.
    way : str
        "Bluetooth" or "USB", for people.
    knows_flash : bool
        Whether it can see that a setting is in flash, and not only in force.
    """

    pod: str
    way: str
    knows_flash: bool

    async def identity(self) -> Identity:
        """Ask who it is."""

    async def chip_self_test(self) -> SelfTested:
        """Let the sensor test itself."""

    async def stream(self, seconds: float, on_packet: Enough) -> Streamed:
        """Let samples flow for so long, or until `on_packet` has enough. No run is left on the pod."""

    async def read_setting(self, number: int) -> int:
        """Return the value of a setting."""

    async def write_setting(self, number: int, value: int) -> None:
        """Put a setting in force."""

    async def keep_settings(self) -> None:
        """Let the pod write what is in force to flash, and wait for that."""

    async def close(self) -> None:
        """Leave the pod as it was found."""
