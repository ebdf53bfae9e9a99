"""A recording on the rig with a story: the real firmware, a real Bluetooth stack, unmodified bleak, virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from surefoot.pod.find import wait_for_pod
from surefoot.pod.outcome import Outcome
from surefoot.pod.pull import Puller
from surefoot.pod.recorder import Recorder, RecordOptions
from surefoot.pod.utc_clock import UtcClock
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.radio.virtual_loop import run_virtual

UTC_US = 1_800_000_000_000_000
SOON_S = 600.0
"""Longer than any recorder may need to get over a fault."""
Story = Callable[[Rig, Pod, Recorder], Awaitable[Any]]


async def ready_pod(rig: Rig, *, all_blocks_ready: bool = False, **given: Any) -> Pod:
    """A pod with flash for minutes, and pairing open; with `all_blocks_ready` it has had time to erase it all."""
    pod = await rig.pod(**{"flash_blocks": 128, **given})
    await asyncio.sleep(2)  # a button that is down while the pod starts means something else
    while all_blocks_ready and pod.ask("pod.store.ready()") < given["flash_blocks"]:
        await asyncio.sleep(1)
    await pod.open_pairing()
    return pod


def utc_clock() -> UtcClock:
    """UTC of the rig: begins with the loop's time."""
    now_s = asyncio.get_running_loop().time
    return UtcClock(UTC_US + round(now_s() * 1e6), now_s)


async def recorder_for(pod: Pod, folder: Path, **options: Any) -> Recorder:
    found = await wait_for_pod(pod.name, 10)
    return Recorder(found, RecordOptions(folder, **{"pair": True, **options}), utc_clock())


async def puller_for(pod: Pod, folder: Path) -> Puller:
    return Puller(await wait_for_pod(pod.name, 10), folder, utc_clock(), pair=True)


async def begun(recorder: Recorder, task: asyncio.Task[Outcome]) -> None:
    while not recorder.figures.packets:
        assert not task.done(), task.result()
        await asyncio.sleep(0.1)


async def again_recording(recorder: Recorder) -> None:
    """Wait until the link is there after a fault, and what is missing has been fetched."""
    await asyncio.sleep(3)
    async with asyncio.timeout(SOON_S):
        while recorder.figures.state != "recording" or recorder.figures.missing_packets:
            await asyncio.sleep(0.5)


def record(
    folder: Path, story: Story, options: dict[str, Any] | None = None, mtu: int = 517, **pod_given: Any
) -> Outcome:
    """Record while `story` happens, then stop, if the run is still on."""

    async def body() -> Outcome:
        async with Rig(folder, mtu) as rig:
            pod = await ready_pod(rig, **pod_given)
            recorder = await recorder_for(pod, folder / "runs", **(options or {}))
            task = asyncio.create_task(recorder.run())
            await begun(recorder, task)
            await story(rig, pod, recorder)
            if not task.done():
                recorder.stop()
            return await task

    return run_virtual(body())


def sleeping(seconds: float) -> Story:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(seconds)

    return story


def the_file(outcome: Outcome) -> Path:
    """The one file of a recording in which nothing failed."""
    assert outcome.failure is None, outcome.sentences
    assert outcome.is_complete, outcome.sentences
    [file] = outcome.files
    return file.path
