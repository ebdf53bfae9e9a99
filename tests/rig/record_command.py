"""`surefoot record` in a process of its own, over a BlueZ in small, and pods that this computer knows; real time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bleak import BleakClient, BleakScanner

from tests.rig.radio.bluez.service import service
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig

HOST = Path(__file__).parents[2] / "host"
_FIND_S = 10.0


@dataclass(frozen=True)
class OnBluez:
    """A rig with its pods, and the address of the bus on which BlueZ is."""

    rig: Rig
    bus: str

    @property
    def environment(self) -> dict[str, str]:
        """For a program that is to use this bus, and the package of this checkout."""
        return {"DBUS_SYSTEM_BUS_ADDRESS": self.bus, "PYTHONPATH": str(HOST)}


def recording(pod: Pod, folder: Path, *more: str) -> list[str]:
    """Arguments of `surefoot` for a recording that asks nothing."""
    return ["record", "--out", str(folder), "--pod", pod.name, "--no-stand", "--no-analyze", *more]


@asynccontextmanager
async def on_bluez(folder: Path, pods: int = 1, **given: Any) -> AsyncIterator[OnBluez]:
    """Pods as `Rig.pod` makes them, bonded with the laptop, and a BlueZ that knows them."""
    async with Rig(folder) as rig:
        for _ in range(pods):
            await bond(await rig.pod(**given))
        async with service(rig.laptop) as bus:
            yield OnBluez(rig, bus)


async def bond(pod: Pod) -> None:
    """Pair the laptop with the pod."""
    device = await BleakScanner.find_device_by_name(pod.name, timeout=_FIND_S)
    assert device is not None
    pod.tell("pod.pairing.open(clock.ticks_ms())")  # as the button would, which takes three seconds
    async with BleakClient(device) as client:
        await client.pair()
        # the pod files the bond when its loop comes round
        await asyncio.sleep(1)
