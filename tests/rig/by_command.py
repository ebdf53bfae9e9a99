"""The command `surefoot` in a process of its own, on BlueZ in small, as a user has it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bleak import BleakClient, BleakScanner

from tests.rig.radio.bluez.service import Finished, run_app, service, start_app
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig

_HOST = Path(__file__).parents[2] / "host"
_FIND_S = 10.0


class Command:
    """Runs the command, for which the bus is the system bus."""

    def __init__(self, bus: str) -> None:
        self._bus = bus

    async def run(self, *arguments: str | Path, timeout_s: float = 60) -> Finished:
        """Run it to its end."""
        return await run_app(
            self._bus,
            *(sys.executable, "-m", "surefoot", *arguments),
            environment={"PYTHONPATH": str(_HOST)},
            timeout_s=timeout_s,
        )

    async def start(self, *arguments: str | Path) -> asyncio.subprocess.Process:
        """Start it; its streams are pipes."""
        return await start_app(
            self._bus, *(sys.executable, "-m", "surefoot", *arguments), environment={"PYTHONPATH": str(_HOST)}
        )


@asynccontextmanager
async def command_and_pod(folder: Path, **given: Any) -> AsyncIterator[tuple[Command, Pod]]:
    """The command, and a pod that this computer is paired with. In real time."""
    async with Rig(folder) as rig:
        pod = await rig.pod(**{"flash_blocks": 128, **given})
        device = await BleakScanner.find_device_by_name(pod.name, timeout=_FIND_S)
        assert device is not None
        pod.tell("pod.pairing.open(clock.ticks_ms())")  # as the button would, which takes three seconds
        async with BleakClient(device) as client:
            await client.pair()
            await asyncio.sleep(1)  # the pod files the bond when its loop comes round
        async with service(rig.laptop) as bus:
            yield Command(bus), pod
