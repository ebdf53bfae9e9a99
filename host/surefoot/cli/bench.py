"""What the command selftest does: reach the pod, guide whoever holds it, show what was found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from surefoot.cli.ask_to_pair import request, with_pairing
from surefoot.cli.guide import guided
from surefoot.cli.messages import busy, say, tell, tell_json
from surefoot.cli.verdicts import tell_table
from surefoot.cli.virtual import ON_A_TABLE, pods_in_the_air
from surefoot.errors import PairingNeeded
from surefoot.pod.find import FoundPod, wait_for_pod
from surefoot.pod.utc_clock import UtcClock
from surefoot.selftest.bench import Bench
from surefoot.selftest.bench_ble import BleBench
from surefoot.selftest.bench_usb import UsbBench
from surefoot.selftest.report import Report, demand_folder, write_report
from surefoot.selftest.run import Wishes, examine
from surefoot.words import printable


@dataclass(frozen=True)
class BenchWishes:
    """Which pod to test, by which way, how, and where the result goes."""

    pod: str | None
    port: str | None
    faces: bool
    seconds: float
    meter_mv: int | None
    folder: Path
    as_json: bool


async def run_selftest(wishes: BenchWishes) -> bool:
    """Test the pod, say what was found and write the file; return whether it passed.

    Raises
    ------
    SurefootError
        The test could not be made, or its result not be written.
    """
    demand_folder(wishes.folder)
    clock = UtcClock()
    begun_us = clock.utc_us()
    async with _on_the_bench(wishes, clock) as bench:
        with guided(wishes.seconds) as guide:
            how = Wishes(wishes.seconds, wishes.faces, wishes.meter_mv)
            report = await examine(bench, how, guide, begun_us)
    if wishes.as_json:
        _show_json(report, wishes.folder)
    else:
        tell_table(report)
        tell("Written to", str(write_report(report, wishes.folder)))
    return report.passed


def _show_json(report: Report, folder: Path) -> None:
    """Print the result with the path of the file, which is null where it could not be written."""
    path = None
    try:
        path = str(write_report(report, folder))
    finally:
        tell_json({**report.as_dict(), "file": path})


@asynccontextmanager
async def _on_the_bench(wishes: BenchWishes, clock: UtcClock) -> AsyncIterator[Bench]:
    if wishes.port:
        with busy(f"Opening {wishes.port}"):
            usb = await UsbBench.open(wishes.port)
        say("The pod's program is stopped for the test, and restarted after it; its link over Bluetooth is cut.")
        try:
            yield usb
        finally:
            await usb.close()
        return
    async with pods_in_the_air([wishes.pod] if wishes.pod else [], ON_A_TABLE) as names:
        name = names[0] if names else None
        with busy(f"Looking for {name or 'a pod'}"):
            pod = await wait_for_pod(name)
        ble = await _opened(pod, clock)
        try:
            yield ble
        finally:
            await ble.close()


async def _opened(pod: FoundPod, clock: UtcClock) -> BleBench:
    """Connect, with pairing where that is needed."""
    asked = False

    def ask(error: PairingNeeded) -> None:
        nonlocal asked
        if not asked:
            say(request(error))
        asked = True

    with busy(f"Connecting to {printable(pod.name)}"):
        return await with_pairing(lambda pair: BleBench.open(pod, clock, pair=pair), ask, asyncio.Event())
