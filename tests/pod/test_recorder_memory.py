"""An hour at 1000 Hz, with a link that breaks: the recorder's memory stays what it was. In virtual time."""

from __future__ import annotations

import asyncio
import gc
import re
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from surefoot.pod.recorder import Recorder
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.recording_story import again_recording, record, the_file

RATE_HZ = 1000
HANGS_S = (0.3, 1.0, 2.5, 8.0)
"""How long the link hangs: one of them each minute, in turn; from 2 s on it is lost."""
HOST = "*/host/surefoot/*"
STATUS = Path("/proc/self/status")
Seen = TypeVar("Seen")

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not STATUS.exists(), reason="memory is read as Linux tells it"),
]


def over(folder: Path, minutes: int, every: int, look: Callable[[], Seen]) -> list[Seen]:
    """Record, and look every so many minutes."""
    seen: list[Seen] = []

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        loop = asyncio.get_running_loop()
        begin_s = loop.time()
        for minute in range(1, minutes + 1):
            pod.link.hang(HANGS_S[minute % len(HANGS_S)])
            await asyncio.sleep(begin_s + 60 * minute - loop.time())
            if minute % every == 0:
                await again_recording(recorder)
                gc.collect()
                seen.append(look())
                figures = recorder.figures
                print(
                    f"{minute} min, {figures.packets} packets, {figures.reconnects} reconnects: {seen[-1]}", flush=True
                )

    # so many breaks are more than the flash holds at 1000 Hz, where no block is erased while it records
    the_file(record(folder, story, {"rate_hz": RATE_HZ}, flash_blocks=384))
    return seen


def test_an_hour_at_1000_hz(tmp_path: Path) -> None:
    """Of the whole process, the rig's radios and all."""

    def look() -> tuple[int, float]:
        [resident_kb] = re.findall(r"VmRSS:\s+(\d+)", STATUS.read_text(encoding="ascii"))
        return sys.getallocatedblocks(), int(resident_kb) / 1024

    first, *_, last = over(tmp_path, 60, 5, look)
    assert last[0] - first[0] < 30_000
    assert last[1] - first[1] < 8


def test_what_lines_of_the_recorder_hold(tmp_path: Path) -> None:
    def look() -> int:
        held = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, HOST)])
        return sum(trace.size for trace in held.traces)

    tracemalloc.start()
    try:
        first, *_, last = over(tmp_path, 6, 1, look)
    finally:
        tracemalloc.stop()
    assert last - first < 50_000
