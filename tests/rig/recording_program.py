"""A program that records a pod as `surefoot record` does: FOLDER NAME SECONDS pair|known; says what came of it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from surefoot.errors import PodError
from surefoot.pod.find import wait_for_pod
from surefoot.pod.recorder import Recorder, RecordOptions
from surefoot.pod.utc_clock import UtcClock


async def main(folder: Path, name: str, seconds: float, pair: bool) -> str:
    recorder = Recorder(await wait_for_pod(name, 15), RecordOptions(folder, pair=pair), UtcClock())
    task = asyncio.create_task(recorder.run())
    while not recorder.figures.packets and not task.done():
        await asyncio.sleep(0.1)
    if not task.done():
        await asyncio.sleep(seconds)
        recorder.stop()
    try:
        outcome = await task
    except PodError as error:
        return f"{type(error).__name__}: {error}"
    return "complete" if outcome.is_complete else " ".join(outcome.sentences)


if __name__ == "__main__":
    print(asyncio.run(main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4] == "pair")))
