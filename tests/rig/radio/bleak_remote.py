"""Tell a bleak program in a process of its own what to do; it can be killed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.rig.radio.bluez.service import start_app

_ROOT = Path(__file__).parents[3]


class BleakFailed(Exception):
    """What was asked for ended with an exception there: `kind` is its class."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind, self.text = kind, text


class Remote:
    """The program's other end: `await remote("connect", address)`. `events` are what it told unasked."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.events: list[str] = []

    async def __call__(self, name: str, *arguments: Any) -> Any:
        self._process.stdin.write(json.dumps([name, arguments]).encode() + b"\n")
        while True:
            said = await self._said()
            if "error" in said:
                raise BleakFailed(said["error"], said["text"])
            if "result" in said:
                return said["result"]
            self.events.append(said["event"])

    async def event(self, name: str, seconds: float = 10) -> None:
        """Wait until the program tells of an event."""
        async with asyncio.timeout(seconds):
            while name not in self.events:
                self.events.append((await self._said())["event"])
        self.events.remove(name)

    async def kill(self) -> None:
        """As by kill -9."""
        self._process.kill()
        await self._process.wait()

    async def _said(self) -> dict[str, Any]:
        line = await self._process.stdout.readline()
        if not line:
            raise BleakFailed("Ended", (await self._process.stderr.read()).decode())
        return json.loads(line)


@asynccontextmanager
async def bleak_program(bus_address: str) -> AsyncIterator[Remote]:
    """Run the program with the bus as its system bus; what is left of it is killed at the end."""
    process = await start_app(
        bus_address,
        sys.executable,
        "-m",
        "tests.rig.radio.bleak_program",
        environment={"PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'host'}"},
    )
    remote = Remote(process)
    try:
        await remote.event("ready")
        yield remote
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
