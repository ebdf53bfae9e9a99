"""A pod as tests hold it: its power, its button, its sensor, its radio conditions."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bleak import BleakClient, BleakScanner

from tests.rig.radio.air import Air
from tests.rig.radio.board_process import BoardFailed, BoardProcess
from tests.rig.radio.conditions import Conditions
from tests.rig.radio.peripheral import Peripheral

POWER_ON, HARD_RESET, WOKEN = 1, 2, 4
_RESET_S = 0.5
"""From a reset to the radio's first word: what MicroPython takes to start, about."""
_LOOK_AGAIN_S = 0.01
_HEARD_S = 0.5
"""Until a press has been heard: the pod may be busy erasing flash."""
_FIND_S = 10.0
"""A pod that is on is heard within a second; the rest is for a busy computer, in real time."""
_FILED_S = 1.0
"""Until a bond has been filed: the pod does that when its loop comes round."""


class Pod:
    """The real firmware on a board of its own, in `folder`, where its files and its flash are.

    Attributes
    ----------
    link : Conditions
        How well it is heard: `link.lose()`, `link.hang(s)`, `link.refuse(s)`, `link.interval_ms` ...
    off : str
        How the board stopped last: "power cut", "reset", "deepsleep"; "" while it runs.
    """

    def __init__(self, air: Air, folder: Path, serial: bytes, **given: Any) -> None:
        self._air = air
        self._folder = folder
        self._given = given
        self.serial = serial
        self.name = f"Surefoot {serial[-2:].hex().upper()}"
        self.address = ":".join(f"{byte:02X}" for byte in bytes([serial[0] | 0xC0]) + serial[1:])
        self.link = Conditions()
        self.off = "power cut"
        self.failure = ""
        self.board: BoardProcess | None = None
        self.radio: Peripheral | None = None

    async def start(self, cause: int = POWER_ON, kept: bytes = b"") -> None:
        """Switch it on, and wait until its main loop runs: half a second or so."""
        radio = Peripheral(self._air, self.address, self.link)
        await radio.power_on()
        given = {
            "folder": str(self._folder),
            "cause": cause,
            "kept": kept.hex(),
            "serial": self.serial.hex(),
            **self._given,
        }
        self.off = ""
        self.radio = radio
        self.board = BoardProcess(self, given, self._folder / "log.txt")
        radio.attach(self.board)
        while self.board.is_on and not self.ask("pod is not None and pod.record.armed"):
            await asyncio.sleep(_LOOK_AGAIN_S)

    def power_cut(self) -> None:
        """Take its power away: files and flash survive, memory and all links do not."""
        if self.board and self.board.is_on:
            self.board.power_cut()
            self.stopped("power cut", b"")

    # What the board process tells.

    def called(self, kind: int, body: bytes) -> bytes:
        """A call of the firmware to the radio."""
        assert self.radio is not None
        return self.radio.called(kind, body)

    def stopped(self, why: str, kept: bytes) -> None:
        """The board has stopped: a reset starts it again."""
        assert self.radio is not None and self.board is not None
        self.off = why
        self.failure = self.failure or self.board.failure
        self.radio.power_cut()
        if why == "reset":
            self._restarting = asyncio.get_running_loop().create_task(self._restart(kept))

    async def _restart(self, kept: bytes) -> None:
        await asyncio.sleep(_RESET_S)
        await self.start(HARD_RESET, kept)

    # What a test does to it.

    async def press(self, ms: int = 100) -> None:
        """Hold the button so long."""
        self.tell("machine.Pin.drive(board.BUTTON, 0)")
        await asyncio.sleep(ms / 1000)
        self.tell("machine.Pin.drive(board.BUTTON, 1)")
        await asyncio.sleep(_HEARD_S)

    async def open_pairing(self) -> None:
        """Hold the button for as long as it takes that a central may pair, for a minute."""
        await self.press(3500)

    async def bond(self) -> None:
        """Pair the laptop with it, without the three seconds that the button takes: in real time they are long."""
        device = await BleakScanner.find_device_by_name(self.name, timeout=_FIND_S)
        assert device is not None
        self.tell("pod.pairing.open(clock.ticks_ms())")
        async with BleakClient(device) as client:
            await client.pair()
            await asyncio.sleep(_FILED_S)

    def battery(self, millivolts: int) -> None:
        """Voltage of the cell from now on."""
        self.tell(f"machine.ADC.microvolts[board.BATTERY] = {millivolts} * 1000 // board.BATTERY_RATIO")

    def tell(self, statements: str) -> None:
        """Run statements on the board, between two lines of the firmware: `sensor.hung = True`, `machine.bus.nak = 3`.

        Names there: gc, machine, board, sensor (Mpu6050), flash (label: device), clock, pod (the firmware's Pod).
        """
        assert self.board is not None
        self.board.tell(statements)

    def ask(self, expression: str) -> Any:
        """Value of an expression on the board."""
        assert self.board is not None
        return self.board.ask(expression)

    def check(self) -> None:
        """Raise if the program on the board has failed."""
        if self.failure or (self.board and self.board.failure):
            raise BoardFailed(self.failure or self.board.failure)  # type: ignore[union-attr]
