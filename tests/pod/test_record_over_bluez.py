"""The recorder in a process of its own, over bleak's real Linux backend and a BlueZ on a private D-Bus; real time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.rig import recorded, recording_program
from tests.rig.radio.bluez.service import run_app, service
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig

HOST = Path(__file__).parents[2] / "host"
Program = Callable[[str, float, str], Awaitable[str]]

pytestmark = pytest.mark.soak


def over_bluez(folder: Path, story: Callable[[Pod, Program], Awaitable[None]]) -> None:
    async def body() -> None:
        async with Rig(folder) as rig:
            pod = await rig.pod(flash_blocks=128)
            await asyncio.sleep(2)
            async with service(rig.laptop) as bus:

                async def program(runs: str, seconds: float, how: str) -> str:
                    arguments = (str(folder / runs), pod.name, str(seconds), how)
                    environment = {"PYTHONPATH": str(HOST)}
                    path = recording_program.__file__
                    done = await run_app(bus, sys.executable, path, *arguments, environment=environment, timeout_s=120)
                    return done.output + done.errors

                await story(pod, program)

    asyncio.run(body())


def test_a_link_that_breaks_and_hangs(tmp_path: Path) -> None:
    async def story(pod: Pod, program: Program) -> None:
        async def faults() -> None:
            await asyncio.sleep(8)
            pod.link.lose()
            await asyncio.sleep(6)
            pod.link.hang(4)

        await pod.open_pairing()
        happening = asyncio.create_task(faults())
        assert await program("runs", 22, "pair") == "complete\n"
        await happening

    over_bluez(tmp_path, story)
    [path] = (tmp_path / "runs").glob("*.run")
    assert recorded.whole(path).count(recorded.LINK) >= 5


def test_bonds_that_are_missing_or_stale(tmp_path: Path) -> None:
    async def story(pod: Pod, program: Program) -> None:
        assert (await program("none", 3, "known")).startswith(("PairingNeeded", "SentAway"))
        await pod.open_pairing()
        assert await program("first", 3, "pair") == "complete\n"
        assert await program("second", 3, "known") == "complete\n"
        await pod.press(11_000)  # the pod forgets all bonds
        told = await program("none", 3, "known")
        assert "button for 3 seconds" in told
        await pod.open_pairing()
        assert await program("third", 3, "pair") == "complete\n"

    over_bluez(tmp_path, story)
    for runs in ("first", "second", "third"):
        [path] = (tmp_path / runs).glob("*.run")
        recorded.whole(path)
