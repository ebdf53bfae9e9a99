"""A pod on the bench at the cable: its program is interrupted, and its own parts are used from the prompt."""

from __future__ import annotations

import asyncio
import base64
import binascii
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from surefoot.errors import PodError, SurefootError, WireError
from surefoot.pod.gatt import pod_suffix
from surefoot.pod.race import to_its_end
from surefoot.selftest.bench import Enough, Identity, Streamed
from surefoot.selftest.board_program import PROGRAM
from surefoot.wire.answers import SelfTested
from surefoot.wire.packets import Packet
from surefoot.wire.records import Start
from surefoot.wire.sequences import SequenceSet

if TYPE_CHECKING:
    from surefoot.usb.repl import Repl

SETUP_S = 20.0
"""Longest silence while the board compiles the program and mounts its store, which may be thousands of blocks."""
FIND_S = 10.0
"""The sensor is reset, its FIFO filled twice, its test run: two seconds."""
MADE = "made "


class UsbBench:
    """A `Bench` at the cable. Make it with `open`, `close` it at the end: that restarts the pod."""

    way = "USB"
    knows_flash = True

    def __init__(self, repl: Repl) -> None:
        self.pod = f"the pod at {repl.device}"
        self._repl = repl

    @classmethod
    async def open(cls, device: str) -> UsbBench:
        """Interrupt the pod at this port.

        Raises
        ------
        SurefootError
            The port or the board cannot be used, or the pod was recording: it is restarted and goes on in a new run.
        """
        from surefoot.usb.repl import Repl
        from surefoot.usb.trouble import BoardRaised

        bench = cls(await asyncio.to_thread(Repl.open, device))
        try:
            try:
                await bench._run(PROGRAM, SETUP_S)
            except BoardRaised as error:
                why = f"the pod's firmware does not load there ({error.exception})"
                raise PodError(bench.pod, why, "put it onto the board with `surefoot flash`") from error
            if (await bench._run("print(bench.recording())", SETUP_S)).strip() == "True":
                why = "it was recording a run; it was restarted, and goes on in a new run"
                raise PodError(bench.pod, why, "end the run first")
            await bench._run("bench.find()", FIND_S)
        except BaseException:
            await bench.close()
            raise
        return bench

    async def identity(self) -> Identity:
        """Ask who it is."""
        start, hardware, found = (await self._run("bench.identity()", FIND_S)).splitlines()
        identity = Identity(Start.from_bytes(binascii.unhexlify(start)), hardware, found == "found")
        self.pod = f"Surefoot {pod_suffix(identity.start.serial_number)}"
        return identity

    async def chip_self_test(self) -> SelfTested:
        """Let the sensor test itself."""
        told = [int(number) for number in (await self._run("bench.self_test()", FIND_S)).split()]
        x, y, z = told[7:]
        return SelfTested(told[0], tuple(told[1:7]), (x, y, z))

    async def stream(self, seconds: float, on_packet: Enough) -> Streamed:
        """Let the board sample and print; nothing of it goes to flash."""
        numbers, packets = SequenceSet(), dict[int, bytes]()
        arrived_s: list[float] = []
        made = unreadable = 0
        begun_s = time.monotonic()
        lines = self._repl.lines(f"bench.stream({seconds!r})", FIND_S)
        try:
            while (line := await _next(lines)) is not None:
                if line.startswith(MADE):
                    made = int(line.removeprefix(MADE))
                    continue
                data = _decoded(line)
                packet = _read(data)
                if packet is None:
                    unreadable += 1
                    continue
                number = numbers.extend(packet.sequence)
                if numbers.add(number):
                    packets[number] = data
                    arrived_s.append(time.monotonic() - begun_s)
                if await on_packet(packet):
                    break
            heard_s = time.monotonic() - begun_s
        finally:
            await to_its_end(asyncio.to_thread(_close, lines))
        return Streamed(
            packets=tuple(packets[number] for number in sorted(packets)),
            arrived_s=np.array(arrived_s),
            made=max(made, numbers.end),
            fetched=0,
            seconds=heard_s,
            unreadable=unreadable,
        )

    async def read_setting(self, number: int) -> int:
        """Return the value of a setting."""
        return int(await self._run(f"print(bench.settings.get({number}))", FIND_S))

    async def write_setting(self, number: int, value: int) -> None:
        """Put a setting in force."""
        refused = (await self._run(f"print(bench.settings.set({number}, {value}, False))", FIND_S)).strip()
        if refused != "0":
            raise PodError(self.pod, f"it refused setting {number} (error {refused})", "update the pod's firmware")

    async def keep_settings(self) -> None:
        """Write what is in force to flash; the firmware reads it back from there."""
        if (await self._run("bench.settings.store()\nprint(bench.settings.unstored)", FIND_S)).strip() != "False":
            raise PodError(self.pod, "its flash does not take the settings", "install it again with `surefoot flash`")

    async def close(self) -> None:
        """Restart the pod, so that its own program runs again."""
        with suppress(SurefootError):
            await to_its_end(asyncio.to_thread(self._repl.reset))
        await asyncio.to_thread(self._repl.close)

    async def _run(self, code: str, timeout_s: float) -> str:
        return await to_its_end(asyncio.to_thread(self._repl.run, code, timeout_s))


async def _next(lines: Iterator[str]) -> str | None:
    return await to_its_end(asyncio.to_thread(next, lines, None))


def _close(lines: Iterator[str]) -> None:
    """End what runs on the board; a generator does that by its own way out."""
    close = getattr(lines, "close", None)
    if close is not None:
        close()


def _decoded(line: str) -> bytes:
    try:
        return base64.b64decode(line, validate=True)
    except ValueError:
        return b""


def _read(data: bytes) -> Packet | None:
    """Return the packet, None for what is none: a line that was disturbed."""
    try:
        packet = Packet.from_bytes(data)
        if packet.kind <= 1:
            packet.samples()
    except WireError:
        return None
    return packet
