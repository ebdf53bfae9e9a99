"""A self-test on the rig: the real firmware on a table, a real Bluetooth stack, unmodified bleak, virtual time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from surefoot.pod.find import wait_for_pod
from surefoot.selftest.bench_ble import BleBench
from surefoot.selftest.checks import Verdict
from surefoot.selftest.faces import FaceState
from surefoot.selftest.report import Report
from surefoot.selftest.run import Wishes, examine
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.radio.virtual_loop import run_virtual
from tests.rig.recording_story import UTC_US, ready_pod, utc_clock
from tests.rig.sample_file import RawArray, write_samples
from tests.rig.table import Imperfect, at_rest

CELL_MV = 3910
SECONDS = 8.0
Story = Callable[[Rig, Pod], Awaitable[Any]]


class Silent:
    """A guide that nobody reads; `steps` and `seen` are what it was told."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.seen: list[FaceState] = []

    def step(self, text: str) -> None:
        self.steps.append(text)

    def streaming(self, done_s: float) -> None:
        pass

    def faces(self, state: FaceState) -> None:
        self.seen.append(state)


async def nothing_happens(_rig: Rig, _pod: Pod) -> None:
    """A pod that is left alone."""


async def pod_with(rig: Rig, folder: Path, samples: RawArray | None = None, **given: Any) -> Pod:
    """A pod whose sensor reads these samples, with a cell, and pairing open."""
    path = folder / "samples.raw"
    write_samples(at_rest(Imperfect(), 60) if samples is None else samples, path)
    pod = await ready_pod(rig, source=f'Recording("{path}")', **given)
    pod.battery(CELL_MV)
    return pod


async def on_the_bench(pod: Pod, wishes: Wishes, guide: Silent | None = None) -> Report:
    bench = await BleBench.open(await wait_for_pod(pod.name, 10), utc_clock(), pair=True)
    try:
        return await examine(bench, wishes, guide or Silent(), UTC_US)
    finally:
        await bench.close()


def examined(
    folder: Path,
    samples: RawArray | None = None,
    *,
    story: Story = nothing_happens,
    wishes: Wishes = Wishes(SECONDS, faces=False),  # noqa: B008  # frozen
    **given: Any,
) -> Report:
    """The result of a self-test after `story` happened to the pod."""

    async def body() -> Report:
        async with Rig(folder) as rig:
            pod = await pod_with(rig, folder, samples, **given)
            await story(rig, pod)
            return await on_the_bench(pod, wishes)

    return run_virtual(body())


def failed(report: Report) -> list[str]:
    return [check.key for check in report.of(Verdict.FAIL)]


def not_measured(report: Report) -> list[str]:
    return [check.key for check in report.of(Verdict.NOT_MEASURED)]
