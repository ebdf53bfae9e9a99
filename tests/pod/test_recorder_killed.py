"""`surefoot record` is killed again and again while the pod goes on: one file, every sample once, bit for bit."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from surefoot.recording.examination import examine
from tests.rig import recorded
from tests.rig.by_command import OnBluez, on_bluez, recording
from tests.rig.notifications import is_packet, signals
from tests.rig.radio.bluez.service import start_app
from tests.rig.radio.pod import Pod

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="BlueZ is of Linux")

MISSING_AT_MOST_S = 1.0
FROM_PACKETS_S, FROM_START_S = 2.0, 3.0
"""Kills come within so long after the first packet of a process; every fourth after its start, whatever it does."""
EVERY_FROM_START = 4
PATIENCE_S = 60.0

# forks a recorder for each line of arguments, so that hundreds of them cost no start of Python each
RECORDERS = """
import os, sys
import surefoot.cli.tracks, surefoot.recording.examination
from surefoot.cli import main

nowhere = os.open(os.devnull, os.O_RDWR)
for line in sys.stdin:
    process = os.fork()
    if not process:
        for stream in range(3):
            os.dup2(nowhere, stream)
        sys.argv[1:] = line.rstrip("\\n").split("\\t")
        main()
    print(process, flush=True)
    print(os.waitpid(process, 0)[1], flush=True)
"""


class Recorders:
    """One recorder after the other, each of them killed."""

    def __init__(self, parent: asyncio.subprocess.Process) -> None:
        assert parent.stdin
        assert parent.stdout
        self._arguments, self._said = parent.stdin, parent.stdout

    async def start(self, *arguments: str) -> None:
        self._arguments.write(("\t".join(arguments) + "\n").encode())
        self._process = int(await self._said.readline())

    async def kill(self) -> None:
        os.kill(self._process, signal.SIGKILL)
        assert int(await self._said.readline()) == signal.SIGKILL, "it had ended by itself"


@asynccontextmanager
async def recorders(air: OnBluez) -> AsyncIterator[Recorders]:
    parent = await start_app(air.command.bus, sys.executable, "-c", RECORDERS, environment=air.command.environment)
    try:
        yield Recorders(parent)
    finally:
        assert parent.stdin
        parent.stdin.close()
        await parent.wait()


@dataclass(frozen=True)
class Kill:
    """`missing_s`: how long before the kill the oldest packet came that is not in the file; `packets` in it then."""

    packets: int
    missing_s: float
    unfinished_bytes: int


async def record_and_kill(air: OnBluez, pod: Pod, folder: Path, kills: int, sent_s: dict[bytes, float]) -> list[Kill]:
    """Kill recorders of this pod at random moments; a last one ends the run."""
    folder.mkdir()
    runs = folder / "runs"
    chance = random.Random(kills + pod.serial[-1])
    seen = []
    async with recorders(air) as one:
        for number in range(kills):
            sent_s.clear()
            await one.start(*recording(pod, runs))
            if number % EVERY_FROM_START == EVERY_FROM_START - 1:
                await asyncio.sleep(chance.uniform(0, FROM_START_S))
            else:
                async with asyncio.timeout(PATIENCE_S):
                    while not any(map(is_packet, sent_s)):
                        await asyncio.sleep(0.02)
                await asyncio.sleep(chance.uniform(0, FROM_PACKETS_S))
            killed_s = time.monotonic()
            await one.kill()
            before_s = {value: at_s for value, at_s in sent_s.items() if is_packet(value) and at_s <= killed_s}
            # in a thread: a rig that stands still lets the modelled sensor overrun
            seen.append(await asyncio.to_thread(left_by_a_kill, runs, folder / "copy", before_s, killed_s))
    done = await air.command.run(*recording(pod, runs, "--plain", "--duration", "1"))
    assert done.returncode == 0, done.output + done.errors
    return seen


def left_by_a_kill(runs: Path, copy: Path, came_s: dict[bytes, float], killed_s: float) -> Kill:
    """What is in the file, which must be sound, and what came and is not."""
    paths = list(runs.glob("*.run"))
    if not paths:
        assert not came_s
        return Kill(0, 0.0, 0)
    [path] = paths
    examined = examine(path)
    assert not examined.file.damaged_places
    unfinished = examined.file.unfinished_bytes
    data = path.read_bytes()
    copy.write_bytes(data[: len(data) - unfinished])
    packets = recorded.read(copy).packets
    # by number: what the pod's flash had packed is the same packet in other bytes
    missing_s = [
        killed_s - at_s for value, at_s in came_s.items() if int.from_bytes(value[4:7], "little") not in packets
    ]
    assert max(missing_s, default=0.0) <= MISSING_AT_MOST_S
    return Kill(len(packets), max(missing_s, default=0.0), unfinished)


def killed(folder: Path, kills: int) -> list[Kill]:
    async def body() -> list[Kill]:
        async with on_bluez(folder, flash_blocks=384) as air:
            [pod] = air.rig.pods
            with signals(time.monotonic) as sent_s:
                return await record_and_kill(air, pod, folder / "killed", kills, sent_s[pod.address])

    seen = asyncio.run(body())
    [path] = (folder / "killed" / "runs").glob("*.run")
    assert examine(path).intact
    print(f"{len(seen)} kills, {recorded.whole_but_for_overruns(path)} overruns of the modelled sensor")
    return seen


def test_killed_at_random_moments(tmp_path: Path) -> None:
    assert len(killed(tmp_path, 3)) == 3


@pytest.mark.soak
def test_killed_at_500_random_moments(tmp_path: Path) -> None:
    seen = killed(tmp_path, 500)
    late_ms = sorted(1000 * kill.missing_s for kill in seen)
    print(
        f"nothing was missing in the file after {late_ms.count(0.0)} kills, at most {late_ms[-1]:.1f} ms; "
        f"{sum(kill.unfinished_bytes > 0 for kill in seen)} left a frame cut off"
    )
