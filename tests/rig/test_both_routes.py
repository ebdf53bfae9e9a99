"""One program against the real firmware by both routes: bleak on Bumble, and bleak for Linux on BlueZ in small."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.rig.radio.bleak_program import Program
from tests.rig.radio.bleak_remote import bleak_program
from tests.rig.radio.bluez.service import service
from tests.rig.radio.plain_host import CONTROL, DATA, IDENTITY
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.radio.virtual_loop import run_virtual

HELLO, START, STOP = "03010101", "020202", "020303"

App = Callable[..., Awaitable[Any]]


async def packets(app: App, count: int) -> list[int]:
    """Sequence numbers of the next packets."""
    headers = [bytes.fromhex(first) for first in await app("first_bytes", count, 16)]
    return [int.from_bytes(header[4:7], "little") for header in headers]


async def begin(app: App) -> None:
    """Have the run flow."""
    await app("listen", DATA)
    await app("write", CONTROL, HELLO)
    await app("write", CONTROL, START)


async def a_run_with_a_break(app: App, pod: Pod) -> None:
    """Pair, stream, lose the link, and go on where it broke."""
    assert await app("find", pod.address)
    await pod.open_pairing()
    await app("establish", pod.address)
    await app("pair")
    assert pod.serial.hex() in await app("read", IDENTITY)
    await begin(app)
    before = await packets(app, 20)
    pod.link.lose(central_after_s=0.2)
    while await app("connected"):
        await asyncio.sleep(0.02)
    await app("disconnect")
    assert await app("find", pod.address)
    await app("establish", pod.address)
    await begin(app)
    after = await packets(app, 40)
    await app("write", CONTROL, STOP)
    await app("disconnect")
    assert before == list(range(len(before)))
    # What the pod had not been told to be safe comes again.
    assert sorted({*before, *after}) == list(range(max(after) + 1))


def test_by_bleak_on_bumble(tmp_path: Path) -> None:
    async def body() -> None:
        async with Rig(tmp_path) as rig:
            program = Program()

            async def app(name: str, *arguments: Any) -> Any:
                return await getattr(program, name)(*arguments)

            await a_run_with_a_break(app, await rig.pod())

    run_virtual(body())


@pytest.mark.skipif(sys.platform != "linux", reason="BlueZ is of Linux")
def test_by_bleak_on_bluez(tmp_path: Path) -> None:
    async def body() -> None:
        async with Rig(tmp_path) as rig, service(rig.laptop) as bus, bleak_program(bus) as app:
            await app("register_agent")
            await a_run_with_a_break(app, await rig.pod())

    asyncio.run(body())
