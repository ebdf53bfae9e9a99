"""The pod's power is cut, or the pod restarts by itself, in the middle of a run.

The truth is in two places: the laptop's file as it is then, and the bytes of the pod's flash as they are then, both
read without the program under test. All of both must be in one file afterwards, each sample once, in order, bit for
bit.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from surefoot.pod.outcome import Outcome
from surefoot.pod.recorder import Recorder
from surefoot.recording.examination import examine
from tests.rig import recorded, run_blocks
from tests.rig.by_command import on_bluez
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.radio.virtual_loop import run_virtual
from tests.rig.recording_story import SOON_S, begun, puller_for, ready_pod, recorder_for

SHORT, LONG = 5, 50
BLOCK_BYTES = 4096
RING = 64
UNDER_WAY_S = 0.3
"""After the power went, what was on the air has come to nothing or is in the file."""
OUT_OF_REACH_S = 10_000.0


@dataclass
class Left:
    """What there was of a run when the power went: packets in the laptop's file, packets in the pod's flash."""

    here: dict[int, bytes]
    there: dict[int, bytes]
    acknowledged: int
    made: int

    @property
    def numbers(self) -> set[int]:
        return {*self.here, *self.there}


def the_only_file(folder: Path) -> Path:
    [path] = folder.glob("*-1.run")
    return path


def left_of_the_first_run(folder: Path, counted: tuple[int, int]) -> Left:
    blocks = run_blocks.used_blocks((folder / "pod1" / "runs.flash").read_bytes(), BLOCK_BYTES)
    there = {run_blocks.sequence(packet): packet for block in blocks if block.run == 1 for packet in block.packets}
    return Left(recorded.read(the_only_file(folder / "runs")).packets, there, *counted)


def counted(pod: Pod) -> tuple[int, int]:
    """How many packets are acknowledged, and how many were made."""
    acknowledged, made = pod.ask("(pod.ring.acked, pod.ring.next)")
    return acknowledged, made


async def trouble_before(pod: Pod, recorder: Recorder, chance: random.Random) -> str:
    """What the link does when the power goes."""
    what = chance.choice(("link up", "link down", "link just down", "fetching", "hangs"))
    if what in ("link down", "link just down"):
        pod.link.hang(OUT_OF_REACH_S)
        await asyncio.sleep(chance.uniform(3, 15) if what == "link down" else chance.uniform(0, 3))
    elif what == "fetching":
        pod.link.hang(chance.uniform(3, 8))
        while not recorder.figures.missing_packets:
            await asyncio.sleep(0.05)
        await asyncio.sleep(chance.uniform(0, 2))
    elif what == "hangs":
        pod.link.hang(chance.uniform(0.5, 1.9))
        await asyncio.sleep(chance.uniform(0, 2.5))
    return what


async def cut(pod: Pod, chance: random.Random) -> tuple[str, tuple[int, int]]:
    """Cut the power: at any moment, or while the flash is being written."""
    if chance.random() < 0.4:
        numbers = counted(pod)
        pod.power_cut()
        return "at any moment", numbers
    bytes_left = round(math.exp(chance.uniform(0, math.log(20_000))))
    pod.tell(f"flash['runs'].cut_in = {bytes_left}")
    end_s = asyncio.get_running_loop().time() + 10
    while not pod.off and asyncio.get_running_loop().time() < end_s:
        numbers = counted(pod)
        await asyncio.sleep(0.02)
    how = "in a write" if pod.off else "at any moment"
    pod.power_cut()
    return how, numbers


@asynccontextmanager
async def cut_in_mid_run(
    folder: Path, seed: int
) -> AsyncIterator[tuple[Rig, Pod, Recorder, asyncio.Task[Outcome], Left]]:
    """A recording whose pod has just lost its power."""
    chance = random.Random(seed)
    async with Rig(folder) as rig:
        pod = await ready_pod(rig)
        recorder = await recorder_for(pod, folder / "runs", rate_hz=chance.choice((500, 1000)))
        task = asyncio.create_task(recorder.run())
        await begun(recorder, task)
        await asyncio.sleep(chance.uniform(0.5, 8))
        link = await trouble_before(pod, recorder, chance)
        how, numbers = await cut(pod, chance)
        await asyncio.sleep(UNDER_WAY_S)
        left = left_of_the_first_run(folder, numbers)
        pod.link.silent_until_s = 0.0
        only = len(left.numbers) - len(left.here)
        print(f"seed {seed}: {link}, cut {how}: {len(left.here)} packets here, {only} more in flash; of {left.made}")
        yield rig, pod, recorder, task, left


async def in_the_next_run(recorder: Recorder) -> None:
    async with asyncio.timeout(SOON_S):
        while recorder.figures.state != "recording" or "-2.run" not in str(recorder.figures.file):
            await asyncio.sleep(0.1)


def check_words(outcome: Outcome) -> None:
    """What was in the pod's memory is gone: nothing is called complete that may lack it."""
    first, second = outcome.files
    assert (first.has_end, second.has_end, outcome.is_complete) == (False, True, False)
    assert any(first.path.name in said and "its memory then is lost" in said for said in outcome.sentences)
    assert f"{first.path.name} is complete." not in outcome.sentences
    assert f"{second.path.name} is complete." in outcome.sentences


def check_joined(path: Path, left: Left) -> None:
    """All that was left, and nothing else, is in the file; each sample once, in order, as the sensor made it."""
    found = recorded.read(path)
    assert found.closed
    assert found.repeats == 0
    assert set(found.packets) == left.numbers
    assert found.missing() == []
    assert set(range(left.acknowledged)) <= left.here.keys()
    assert left.made - len(found.packets) <= RING
    numbers = found.sensor_numbers()
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert found.indices() == list(range(len(numbers)))
    examined = examine(path)
    assert examined.intact
    assert examined.run is not None
    assert (examined.run.samples, examined.run.missing_packets, examined.run.end_reason) == (len(numbers), 0, None)


def pulled_after_a_cut(folder: Path, seed: int) -> None:
    async def body() -> Left:
        async with cut_in_mid_run(folder, seed) as (_rig, pod, recorder, task, left):
            recorder.stop()
            recorder.stop()
            outcome = await task
            assert outcome.failure is not None
            assert outcome.files[0].packets == len(left.here)
            await pod.start()
            puller = await puller_for(pod, folder / "runs")
            kept = await puller.list()
            # what is acknowledged may be listed still: the pod has forgotten that with its power
            assert kept or not left.there.keys() - set(range(left.acknowledged))
            assert [run.run for run in kept] in ([], [1])
            for run in kept:
                pulled = await puller.pull(run.run, lambda _here, _in_all: None)
                assert (pulled.joined, pulled.lost_packets, pulled.packets) == (True, 0, len(left.numbers))
                assert not pulled.has_end
            assert await puller.list() == []
            await puller.close()
            return left if kept else Left({}, {}, 0, 0)

    left = run_virtual(body())
    path = the_only_file(folder / "runs")
    if left.made:
        check_joined(path, left)
    else:
        assert recorded.read(path).missing() == []


def pulled_with_another_cut(folder: Path, seed: int) -> None:
    """The power goes again while the run is fetched, and what was fetched until then stays."""

    async def body() -> Left | None:
        async with cut_in_mid_run(folder, seed) as (_rig, pod, recorder, task, left):
            recorder.stop()
            recorder.stop()
            await task
            chance = random.Random(-seed)
            await pod.start()
            puller = await puller_for(pod, folder / "runs")
            if not await puller.list():
                await puller.close()
                return None
            fetch = asyncio.create_task(puller.pull(1, lambda _here, _in_all: None))
            await asyncio.sleep(chance.uniform(0, 0.02 * len(left.numbers)))
            pod.power_cut()
            await asyncio.sleep(chance.uniform(0, 10))
            await pod.start()
            pulled = await fetch
            # what was being let go when the power went may be told of once more
            assert pulled.released or not await puller.list()
            await puller.close()
            return left

    left = run_virtual(body())
    if left:
        check_joined(the_only_file(folder / "runs"), left)


async def ended_in_the_next_run(
    pod: Pod, recorder: Recorder, task: asyncio.Task[Outcome], chance: random.Random, folder: Path
) -> Outcome:
    """Record on in the run after the cut for a while, and end it; the pod must have nothing left."""
    await in_the_next_run(recorder)
    await asyncio.sleep(chance.uniform(0, 5))
    recorder.stop()
    outcome = await task
    puller = await puller_for(pod, folder / "runs")
    assert await puller.list() == []
    await puller.close()
    return outcome


def check_both_runs(outcome: Outcome, left: Left) -> None:
    """The first run has all that was left of it, the second all."""
    assert outcome.is_closed, outcome.sentences
    check_words(outcome)
    first, second = outcome.files
    check_joined(first.path, left)
    recorded.whole(second.path)


def gone_on_after_a_cut(folder: Path, seed: int) -> None:
    """The recorder goes on when the power is back: with a new run, and the rest of the old one."""

    async def body() -> tuple[Outcome, Left]:
        async with cut_in_mid_run(folder, seed) as (_rig, pod, recorder, task, left):
            chance = random.Random(-seed)
            await asyncio.sleep(chance.uniform(0, 20))
            await pod.start()
            return await ended_in_the_next_run(pod, recorder, task, chance, folder), left

    check_both_runs(*run_virtual(body()))


def restarted(folder: Path, seed: int) -> None:
    """The pod resets itself in mid-run, as its watchdog does, and goes on alone with a new run if flash has the old."""

    async def body() -> tuple[Outcome, Left]:
        chance = random.Random(seed)
        async with Rig(folder) as rig:
            pod = await ready_pod(rig)
            recorder = await recorder_for(pod, folder / "runs", rate_hz=chance.choice((500, 1000)))
            task = asyncio.create_task(recorder.run())
            await begun(recorder, task)
            await asyncio.sleep(chance.uniform(0.5, 5))
            link = await trouble_before(pod, recorder, chance)
            numbers = counted(pod)
            pod.tell("machine.reset()")
            assert pod.off == "reset"
            await asyncio.sleep(UNDER_WAY_S)
            left = left_of_the_first_run(folder, numbers)
            print(f"seed {seed}: {link}: {len(left.here)} packets here, {len(left.numbers)} with flash; of {left.made}")
            await asyncio.sleep(chance.uniform(1, 8))  # the pod records alone, where the link is down
            pod.link.silent_until_s = 0.0
            return await ended_in_the_next_run(pod, recorder, task, chance, folder), left

    check_both_runs(*run_virtual(body()))


STORIES = {
    "pulled": pulled_after_a_cut,
    "pulled with another cut": pulled_with_another_cut,
    "gone on": gone_on_after_a_cut,
    "reset": restarted,
}


@pytest.mark.parametrize("story", STORIES)
def test_at_random_places(tmp_path: Path, story: str) -> None:
    for seed in range(SHORT):
        (tmp_path / str(seed)).mkdir()
        STORIES[story](tmp_path / str(seed), seed)


@pytest.mark.soak
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("seed", range(1000, 1000 + LONG))
def test_at_many_random_places(tmp_path: Path, story: str, seed: int) -> None:
    STORIES[story](tmp_path, seed)


@pytest.mark.skipif(sys.platform != "linux", reason="BlueZ is of Linux")
def test_record_and_pull_as_a_user_types_them(tmp_path: Path) -> None:
    """In processes of their own, on BlueZ in small: the link is lost, the pod's power too, Ctrl-C twice, then pull."""

    async def body() -> Left:
        async with on_bluez(tmp_path) as air:
            command, [pod] = air.command, air.rig.pods
            runs = tmp_path / "runs"
            process = await command.start("record", "--plain", "--no-stand", "--pod", pod.name, "--out", runs)
            while sum(path.stat().st_size for path in runs.glob("*.run")) < 40_000:
                assert process.returncode is None
                await asyncio.sleep(0.1)
            pod.link.hang(OUT_OF_REACH_S)
            await asyncio.sleep(4)
            numbers = counted(pod)
            pod.power_cut()
            await asyncio.sleep(UNDER_WAY_S)
            left = left_of_the_first_run(tmp_path, numbers)
            for _ in range(2):
                process.send_signal(signal.SIGINT)
                await asyncio.sleep(1)
            _, said = await asyncio.wait_for(process.communicate(), 20)
            assert process.returncode not in (0, None), said.decode()
            pod.link.silent_until_s = 0.0
            await pod.start()
            listed = await command.run("pull", "--list", "--json", "--pod", pod.name)
            assert listed.returncode == 0, listed.errors
            [kept] = json.loads(listed.output)
            assert (kept["run"], kept["state"], kept["packets"]) == (1, "power lost", max(left.there) + 1)
            pulled = await command.run("pull", "--out", runs, "--pod", pod.name)
            assert pulled.returncode == 0, pulled.errors
            assert "joined with what was there" in pulled.output
            assert f"{len(left.numbers):,}" in pulled.output
            again = await command.run("pull", "--out", runs, "--pod", pod.name)
            assert again.returncode == 0
            assert "keeps no runs" in again.errors
            return left

    left = asyncio.run(body())
    assert len(left.numbers) > len(left.here) + 30
    check_joined(the_only_file(tmp_path / "runs"), left)
