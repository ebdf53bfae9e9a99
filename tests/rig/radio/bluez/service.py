"""BlueZ in small, on a bus of its own, with a Bumble device as its radio.

bleak's Linux backend, unmodified and in a process of its own, talks to it as to the real one; only the address of the
system bus differs. It has what a central needs, and BlueZ's behaviour where a program can trip over it; where that is
known from an issue, its number stands beside it. All in real time.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bumble.device import Device
from bumble.keys import JsonKeyStore
from dbus_fast.aio import MessageBus

from tests.rig.radio.bluez.adapter import Adapter
from tests.rig.radio.bluez.agents import AgentManager
from tests.rig.radio.bluez.objects import Objects
from tests.rig.radio.bluez.private_bus import private_bus

_FORGET_AFTER_S = 30.0
"""BlueZ's TemporaryTimeout."""


@asynccontextmanager
async def service(
    central: Device, *, bonds: Path | None = None, forget_after_s: float = _FORGET_AFTER_S
) -> AsyncIterator[str]:
    """Run `org.bluez` over a central that is switched on, and yield the address of its bus.

    `bonds` is a file that keeps the bonds; without one they last as long as `central`. A device that is not
    connected and not bonded is forgotten `forget_after_s` after it was last heard.
    """
    if bonds:
        central.keystore = JsonKeyStore.from_device(central, str(bonds))
    async with private_bus() as address, _on_bus(address) as bus:
        objects = Objects(bus)
        agents = AgentManager(objects)
        adapter = Adapter(central, objects, agents, forget_after_s)
        pairing_before = central.pairing_config_factory
        central.pairing_config_factory = adapter.pairing_of
        await objects.open()
        objects.add(agents)
        objects.add(adapter)
        await adapter.open()
        await bus.request_name("org.bluez")
        try:
            yield address
        finally:
            await adapter.close()
            await objects.close()
            central.pairing_config_factory = pairing_before
    if objects.faults:
        raise BaseExceptionGroup("faults of the rig's BlueZ", objects.faults)


@asynccontextmanager
async def _on_bus(address: str) -> AsyncIterator[MessageBus]:
    bus = await MessageBus(bus_address=address).connect()
    try:
        yield bus
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()


@dataclass(frozen=True)
class Finished:
    """How a program ended, and what it said."""

    returncode: int
    output: str
    errors: str


async def start_app(
    bus_address: str, *argv: str | Path, environment: dict[str, str] | None = None
) -> asyncio.subprocess.Process:
    """Start a program for which the bus is the system bus; its streams are pipes."""
    return await asyncio.create_subprocess_exec(
        *argv,
        env=os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": bus_address} | (environment or {}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def run_app(
    bus_address: str, *argv: str | Path, environment: dict[str, str] | None = None, timeout_s: float = 60
) -> Finished:
    """Run a program to its end; it is killed if that takes longer than `timeout_s`, and TimeoutError raised."""
    process = await start_app(bus_address, *argv, environment=environment)
    try:
        output, said = await asyncio.wait_for(process.communicate(), timeout_s)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Finished(process.returncode, output.decode(), said.decode())
