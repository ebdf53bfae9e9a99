"""What the command pull does: find the pod, list its runs, fetch them under a progress bar."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surefoot.cli.ask_to_pair import request, with_pairing
from surefoot.cli.messages import busy, messages, say, tell, tell_json
from surefoot.cli.virtual import pods_in_the_air
from surefoot.errors import PairingNeeded, ParameterError
from surefoot.pod.find import FoundPod, wait_for_pod
from surefoot.pod.pull import Pulled, Puller
from surefoot.pod.utc_clock import UtcClock
from surefoot.wire.answers import KeptRun, RunState
from surefoot.wire.packets import SAMPLES_MAX
from surefoot.words import count_of, printable, stopwatch

BLOCK_KB = 4


@dataclass(frozen=True)
class Wanted:
    """What to fetch, and how; no `runs` are all of them."""

    pod: str | None
    runs: tuple[int, ...]
    folder: Path
    only_list: bool
    keep: bool
    as_json: bool


async def fetch(wanted: Wanted) -> None:
    """List or fetch what is wanted, and say what was done.

    Raises
    ------
    SurefootError
    """
    async with pods_in_the_air([wanted.pod] if wanted.pod else []) as names:
        name = names[0] if names else None
        with busy(f"Looking for {name or 'a pod'}"):
            pod = await wait_for_pod(name)
        puller, kept = await _opened(pod, wanted.folder)
        try:
            if wanted.only_list:
                _tell_list(pod, kept, wanted.as_json)
            else:
                await _fetch_all(puller, pod, _chosen(kept, wanted.runs), wanted)
        finally:
            await puller.close()


async def _opened(pod: FoundPod, folder: Path) -> tuple[Puller, list[KeptRun]]:
    """Connect, with pairing where that is needed, and list the runs."""

    async def attempt(pair: bool) -> tuple[Puller, list[KeptRun]]:
        puller = Puller(pod, folder, UtcClock(), pair=pair)
        try:
            return puller, await puller.list()
        except BaseException:
            await puller.close()
            raise

    asked = False

    def ask(error: PairingNeeded) -> None:
        nonlocal asked
        if not asked:
            say(request(error))
        asked = True

    with busy(f"Connecting to {printable(pod.name)}"):
        return await with_pairing(attempt, ask, asyncio.Event())


def _chosen(kept: Sequence[KeptRun], runs: tuple[int, ...]) -> list[KeptRun]:
    numbers = [run.run for run in kept]
    for run in runs:
        if run not in numbers:
            there = f"it keeps {', '.join(map(str, numbers))}" if numbers else "it keeps none"
            raise ParameterError("run", run, f"the pod has no such run, {there}", "look with surefoot pull --list")
    return [run for run in kept if not runs or run.run in runs]


async def _fetch_all(puller: Puller, pod: FoundPod, runs: Sequence[KeptRun], wanted: Wanted) -> None:
    done: list[Pulled] = []
    try:
        for run in runs:
            with _progress(f"Run {run.run}") as on_progress:
                pulled = await puller.pull(run.run, on_progress, keep=wanted.keep)
            done.append(pulled)
            if not wanted.as_json:
                tell(_about(pulled, wanted.keep))
    finally:
        if wanted.as_json:
            tell_json([{**vars(pulled), "path": str(pulled.path)} for pulled in done])
    if not runs:
        say(f"{printable(pod.name)} keeps no runs.")


def _about(pulled: Pulled, keep: bool) -> str:
    lost = f", {count_of(pulled.lost_packets, 'packet')} lost" if pulled.lost_packets else ""
    joined = " (joined with what was there)" if pulled.joined else ""
    left = "" if pulled.released else "; it is kept on the pod" if keep else "; the pod is recording and still has it"
    end = "" if pulled.has_end else " The pod's power went in it, and what was in its memory then is lost."
    return (
        f"Run {pulled.run}: {count_of(pulled.packets, 'packet')}{lost}, verified, in {pulled.path}{joined}{left}.{end}"
    )


def _tell_list(pod: FoundPod, kept: Sequence[KeptRun], as_json: bool) -> None:
    if as_json:
        tell_json([_facts(run) for run in kept])
        return
    if not kept:
        say(f"{printable(pod.name)} keeps no runs.")
        return
    tell(f"{'run':>5}  {'state':<10}  {'length':>8}  {'packets':>8}  {'rate':>8}  {'size':>8}")
    for run in kept:
        rate = f"{run.rate_hz} Hz" if run.rate_hz else "-"
        length = stopwatch(run.packets * SAMPLES_MAX / run.rate_hz) if run.rate_hz else "-"
        size = f"{run.blocks * BLOCK_KB} KB"
        tell(f"{run.run:>5}  {_state(run):<10}  {length:>8}  {run.packets:>8}  {rate:>8}  {size:>8}")


def _facts(run: KeptRun) -> dict[str, Any]:
    return {
        "run": run.run,
        "state": _state(run),
        "packets": run.packets,
        "rate_hz": run.rate_hz or None,
        "size_bytes": run.blocks * BLOCK_KB * 1024,
    }


def _state(run: KeptRun) -> str:
    return "ended" if run.state & RunState.HAS_END else "open" if run.state & RunState.OPEN else "power lost"


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far it is, where somebody can see it."""
    if not messages.is_terminal:
        yield lambda _here, _total: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        *(TextColumn("{task.description}"), BarColumn(style="none", complete_style="bold", finished_style="bold")),
        *(TextColumn("{task.completed} of {task.total} packets"), TimeRemainingColumn()),
    )
    with Progress(*columns, console=messages, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda here, total: progress.update(task, completed=here, total=total)
