"""The command `surefoot` in processes of its own, on BlueZ in small, as a user has it, and pods it knows; real time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.rig.radio.bluez.service import Finished, run_app, service, start_app
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig

_HOST = Path(__file__).parents[2] / "host"
_SUREFOOT = (sys.executable, "-m", "surefoot")


@dataclass(frozen=True)
class Command:
    """`surefoot` of this checkout, for which `bus` is the system bus."""

    bus: str

    @property
    def environment(self) -> dict[str, str]:
        """For a program that is to use this bus, and the package of this checkout."""
        return {"DBUS_SYSTEM_BUS_ADDRESS": self.bus, "PYTHONPATH": str(_HOST)}

    async def run(self, *arguments: str | Path, timeout_s: float = 60) -> Finished:
        """Run it to its end."""
        return await run_app(self.bus, *_SUREFOOT, *arguments, environment=self.environment, timeout_s=timeout_s)

    async def start(self, *arguments: str | Path) -> asyncio.subprocess.Process:
        """Start it; its streams are pipes."""
        return await start_app(self.bus, *_SUREFOOT, *arguments, environment=self.environment)


@dataclass(frozen=True)
class OnBluez:
    """A rig with its pods, and the command that has them on its BlueZ."""

    rig: Rig
    command: Command


def recording(pod: Pod, folder: Path, *more: str) -> list[str]:
    """Arguments of `surefoot` for a recording that asks nothing."""
    return ["record", "--out", str(folder), "--pod", pod.name, "--no-stand", "--no-analyze", *more]


@asynccontextmanager
async def on_bluez(folder: Path, pods: int = 1, *, flash_blocks: int = 128, **given: Any) -> AsyncIterator[OnBluez]:
    """Pods as `Rig.pod` makes them, bonded with the laptop, and a BlueZ that knows them."""
    async with Rig(folder) as rig:
        for _ in range(pods):
            await (await rig.pod(flash_blocks=flash_blocks, **given)).bond()
        async with service(rig.laptop) as bus:
            yield OnBluez(rig, Command(bus))
