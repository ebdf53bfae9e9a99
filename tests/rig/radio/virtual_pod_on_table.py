"""A pod on the air for `surefoot selftest --pod virtual`: the real firmware on a table, then turned over and over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.rig.radio.virtual_pod import pod_that_feels
from tests.rig.sample_file import write_samples
from tests.rig.table import Imperfect, turned_over

SENSOR = Imperfect(offset_g=(0.031, -0.022, 0.057), scale=(0.006, -0.011, 0.014))
REST_S = 30.0
EACH_S = 3.5
ROUNDS = 20
"""Of turning it over: twelve minutes, after which it lies still for ever."""
CELL_MV = 3910


@asynccontextmanager
async def virtual_pod() -> AsyncIterator[str]:
    """Yield the name of a pod that this computer knows already.

    Raises
    ------
    PodError
        There is no MicroPython to run the firmware.
    """
    async with pod_that_feels(_write) as pod:
        pod.battery(CELL_MV)
        await pod.bond()
        yield pod.name


def _write(path: Path) -> None:
    write_samples(turned_over(SENSOR, REST_S, EACH_S, rounds=ROUNDS), path)
