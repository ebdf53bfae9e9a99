"""Time the recorder on the rig, in real time: `python -m tests.bench.bench_record`.

How long a notification takes from the air to the file and to the screen, and what the recorder costs. By route A the
recorder runs in this process, with bleak on Bumble, and the write is stamped where it is made. By route B `surefoot
record` runs in a process of its own, in a terminal, with bleak's Linux backend on a BlueZ in small; the file is watched
by a third process, the screen is what comes out of the terminal, and time begins when BlueZ sends the signal. Prints
medians over the repeats and the same as JSON; exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from surefoot.pod.find import wait_for_pod
from surefoot.pod.recorder import Recorder, RecordOptions
from surefoot.pod.utc_clock import UtcClock
from tests.bench.bench_analyze import Target
from tests.rig.by_command import on_bluez, recording
from tests.rig.mounting import Sensor
from tests.rig.notifications import heard, is_packet, signals
from tests.rig.radio.bluez.service import start_app
from tests.rig.radio.rig import Rig
from tests.rig.sample_file import raw_samples, write_samples
from tests.rig.script import FOREFOOT, Stretch
from tests.rig.terminal import Terminal
from tests.rig.virtual_runner import build

CHECKOUT = Path(__file__).parents[2]
BEGIN_S, END_S = 8.0, 20.0
"""What is recorded before and may be after the time that counts."""
FIND_S, LOOK_S = 10.0, 0.05
ARRIVED = b"\x53\xf7\x03"
STATUS_BYTES, STATUS_LAYOUT, LANDINGS = 20, 1, slice(8, 11)
"""As docs/link.md has them."""
SHOWN = re.compile(rb"landings +\x1b\[1m(\d+)")
Times = dict[bytes, float]


@dataclass(frozen=True)
class Delay:
    """Of so many notifications, ms."""

    count: int
    median_ms: float
    p99_ms: float
    longest_ms: float

    @classmethod
    def of(cls, delays_s: list[float]) -> Delay:
        """Sum up delays in seconds."""
        ms = [1000 * delay for delay in delays_s]
        return cls(len(ms), median(ms), quantiles(ms, n=100)[98], max(ms))


@dataclass(frozen=True)
class Cost:
    """Of the recorder's process: share of one core in per cent, all of it and that of its loop's thread; memory."""

    cpu_percent: float
    loop_percent: float
    resident_mb: float


@dataclass(frozen=True)
class OverBluez:
    """What one recording by route B showed: from BlueZ's signal, and from the air, to the file; to the screen."""

    file: Delay
    air_to_file: Delay
    screen: Delay
    cost: Cost


def runner(folder: Path, rate_hz: int, seconds: float) -> str:
    """Make samples of a runner and return the sensor that plays them."""
    script = (Stretch("stand", BEGIN_S), Stretch("run", seconds + END_S))
    run = build(script, FOREFOOT, sensor=Sensor(rate_hz=rate_hz), seed=1)
    path = folder / "samples"
    write_samples(raw_samples(run.accel_g, run.gyro_dps), path)
    return f"Recording({str(path)!r})"


async def in_one_process(folder: Path, rate_hz: int, seconds: float) -> Delay:
    """Record by route A."""
    async with Rig(folder) as rig:
        pod = await rig.pod(runner(folder, rate_hz, seconds), flash_blocks=256)
        await pod.bond()
        found = await wait_for_pod(pod.name, FIND_S)
        recorder = Recorder(found, RecordOptions(folder / "runs", rate_hz=rate_hz, stand_still_s=0), UtcClock())
        came_s = heard(rig, time.monotonic)[pod.address]
        with writes() as written_s:
            task = asyncio.create_task(recorder.run())
            await asyncio.sleep(BEGIN_S)
            begin_s = time.monotonic()
            await asyncio.sleep(seconds)
            delay = Delay.of(matched(came_s, written_s, begin_s))
            recorder.stop()
            await task
    return delay


@contextmanager
def writes() -> Iterator[Times]:
    """When each packet was written by this process."""
    times: Times = {}
    write = os.write

    def stamp(descriptor: int, data: bytes) -> int:
        taken = write(descriptor, data)
        if data[:3] == ARRIVED:
            times[bytes(data[13:-4])] = time.monotonic()
        return taken

    os.write = stamp
    try:
        yield times
    finally:
        os.write = write


async def in_its_own_process(folder: Path, rate_hz: int, seconds: float) -> OverBluez:
    """Record by route B, with the live screen."""
    source = runner(folder, rate_hz, seconds)
    runs = folder / "runs"
    async with on_bluez(folder, source=source, flash_blocks=256) as air:
        command, [pod] = air.command, air.rig.pods
        came_s = heard(air.rig, time.monotonic)[pod.address]
        watcher = await start_app(
            command.bus, sys.executable, "-m", "tests.rig.file_watcher", runs, environment={"PYTHONPATH": str(CHECKOUT)}
        )
        arguments = ["-m", "surefoot", *recording(pod, runs, "--rate", str(rate_hz))]
        with signals(time.monotonic) as signalled_s, Terminal(arguments, environment=command.environment) as terminal:
            sent_s = signalled_s[pod.address]
            screen = Screen(terminal)
            while not any(map(is_packet, came_s)):
                assert terminal.process.poll() is None, terminal.text[-2000:]
                await asyncio.sleep(LOOK_S)
            await asyncio.sleep(BEGIN_S)
            cost = Spent(terminal.process.pid)
            await asyncio.sleep(seconds)
            spent = cost.since()
            told, _ = await watcher.communicate(b"")
            screen.close()
            terminal.press("q")
            while terminal.process.poll() is None:
                screen.take()
                await asyncio.sleep(LOOK_S)
            assert terminal.process.returncode == 0, terminal.text[-2000:]
    lines = (line.split() for line in told.splitlines())
    written_s = {bytes.fromhex(packet.decode()): int(at_ns) / 1e9 for at_ns, packet in lines}
    return OverBluez(
        Delay.of(matched(sent_s, written_s, cost.begin_s)),
        Delay.of(matched(came_s, written_s, cost.begin_s)),
        Delay.of(screen.delays_s(sent_s, cost.begin_s, cost.begin_s + seconds - 1)),
        spent,
    )


class Screen:
    """Reads what a terminal shows, and notes when each number of landings was on it."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._shown: list[tuple[float, int]] = []
        asyncio.get_running_loop().add_reader(terminal, self.take)

    def take(self) -> None:
        """Look at what has come."""
        before = len(self._terminal.output)
        while self._terminal.read(0):
            pass
        for found in SHOWN.finditer(self._terminal.output, max(0, before - 200)):
            self._shown.append((time.monotonic(), int(found[1])))

    def close(self) -> None:
        """Be told no more."""
        asyncio.get_running_loop().remove_reader(self._terminal)

    def delays_s(self, sent_s: Times, begin_s: float, end_s: float) -> list[float]:
        """How long each new number of landings that was told between the two took."""
        said_s: dict[int, float] = {}
        for value, at_s in sent_s.items():
            if len(value) == STATUS_BYTES and value[0] == STATUS_LAYOUT:
                said_s.setdefault(int.from_bytes(value[LANDINGS], "little"), at_s)
        counted = {number: at_s for number, at_s in said_s.items() if begin_s <= at_s <= end_s}
        return [min(at_s for at_s, most in self._shown if most >= number) - said_s[number] for number in counted]


class Spent:
    """What a process uses from now on."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._before = self._ticks()
        self.begin_s = time.monotonic()

    def since(self) -> Cost:
        """What it used."""
        after = self._ticks()
        per_cent = 100 / os.sysconf("SC_CLK_TCK") / (time.monotonic() - self.begin_s)
        used = {thread: per_cent * (ticks - self._before.get(thread, 0)) for thread, ticks in after.items()}
        status = Path(f"/proc/{self._process}/status").read_text(encoding="ascii")
        resident_kb = int(re.search(r"VmRSS:\s+(\d+)", status)[1])
        return Cost(sum(used.values()), used[self._process], resident_kb / 1024)

    def _ticks(self) -> dict[int, int]:
        ticks = {}
        for thread in Path(f"/proc/{self._process}/task").iterdir():
            fields = (thread / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks[int(thread.name)] = int(fields[11]) + int(fields[12])
        return ticks


def matched(began_s: Times, ended_s: Times, from_s: float) -> list[float]:
    """Seconds from the one to the other, for all that came after a time and is in both."""
    return [ended_s[value] - at_s for value, at_s in began_s.items() if at_s >= from_s and value in ended_s]


def main() -> None:
    """Measure, print, and exit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of each recording")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    figures: dict[str, Any] = {}
    targets: list[Target] = []
    for rate_hz in (500, 1000):
        one, own = [], []
        for _ in range(given.repeats):
            with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
                one.append(asyncio.run(in_one_process(Path(first), rate_hz, given.seconds)))
                own.append(asyncio.run(in_its_own_process(Path(second), rate_hz, given.seconds)))
        figures[f"{rate_hz} Hz"] = {"one process": [*map(asdict, one)], "own process": [*map(asdict, own)]}
        for route, delays in (
            ("A", one),
            ("B", [each.file for each in own]),
            ("B, from the air", [each.air_to_file for each in own]),
        ):
            name = f"{rate_hz} Hz, to the file, route {route}, ms"
            targets.append(Target(f"{name}: median", median(each.median_ms for each in delays), at_most=10))
            targets.append(Target(f"{name}: 99th", median(each.p99_ms for each in delays), at_most=30))
        screen_ms = median(each.screen.p99_ms for each in own)
        targets.append(Target(f"{rate_hz} Hz, to the screen, ms: 99th", screen_ms, at_most=300))
        targets.append(Target(f"{rate_hz} Hz, CPU, %", median(each.cost.cpu_percent for each in own), at_most=10))
    print(json.dumps(figures, indent=1))
    for target in targets:
        print(target.row())
    sys.exit(not all(target.met for target in targets))


if __name__ == "__main__":
    main()
