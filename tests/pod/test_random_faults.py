"""Breaks, refusals and hangs of the link at random, from milliseconds to longer than every timeout, in one run.

What the pod's store can hold leaves no trace: every sample is in the file once, in order, bit for bit. What it cannot
is gone; then every sample that is missing, and no other, is named by the reader of the file.
"""

from __future__ import annotations

import asyncio
import math
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from surefoot.pod.outcome import Outcome
from surefoot.pod.recorder import Recorder
from surefoot.recording.examination import examine
from surefoot.recording.run_file import RunFile, open_run
from surefoot.wire.records import EndReason
from tests.rig import recorded
from tests.rig.by_command import on_bluez
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.recording_story import SOON_S, again_recording, record, the_file

SHORTEST_S, LONGEST_S = 0.002, 60.0
"""The longest timeout of the recorder is that of opening a link, 45 s; the pod's watchdogs are shorter."""
BETWEEN_S = 4.0
"""From the end of a fault to the next one, on average."""
ENOUGH_BLOCKS, BLOCKS_FOR_LONG = 200, {500: 900, 1000: 3000}
"""Flash that is not exceeded. At 1000 Hz nothing is erased while the pod records: it must hold all breaks together."""


@dataclass
class Told:
    """What a run of faults came to."""

    outcome: Outcome
    recorder: Recorder
    kinds: Counter[str]
    seconds: float = 0.0
    began_s: float = field(default_factory=time.monotonic)

    def print(self, samples: int, missing: int, fetched: int) -> None:
        """For the record: seen with pytest -s."""
        took_s = time.monotonic() - self.began_s
        figures = self.recorder.figures
        print(
            f"{sum(self.kinds.values())} faults {dict(self.kinds)}, {figures.reconnects} reconnects, "
            f"{self.seconds:.0f} s in {took_s:.0f} s ({self.seconds / took_s:.1f} x); "
            f"{samples} samples compared, {missing} missing; {figures.packets} packets, {fetched} of them from flash"
        )


def one_fault(pod: Pod, chance: random.Random, longest_s: float) -> tuple[str, float]:
    """Do something to the link; what, and how long it lasts: of every order of magnitude as often."""
    seconds = math.exp(chance.uniform(math.log(SHORTEST_S), math.log(longest_s)))
    kind = chance.choice(("hang", "loss", "loss and refusal", "loss and hang", "hang that nobody notices"))
    # a link that hangs for longer than both sides take notice of is for the recorder to find
    pod.link.supervision_s = 30.0 if kind == "hang that nobody notices" else 2.0
    if kind == "loss":
        pod.link.lose(chance.choice((0.0, 0.5, 3.0)), chance.choice((0.0, 0.5, 3.0)))
        return kind, 0.0
    if kind == "loss and refusal":
        pod.link.lose()
        pod.link.refuse(seconds)
        return kind, seconds
    if kind == "loss and hang":
        pod.link.lose(0, 0)
    pod.link.hang(seconds)
    return kind, seconds


async def trouble(
    pod: Pod, chance: random.Random, faults: int, longest_s: float, is_over: Callable[[], bool] = lambda: False
) -> list[str]:
    """Let so many faults happen, one after the other, unless the run is over before; which they were."""
    kinds: list[str] = []
    while len(kinds) < faults and not is_over():
        await asyncio.sleep(chance.expovariate(1 / BETWEEN_S))
        kind, lasts_s = one_fault(pod, chance, longest_s)
        kinds.append(kind)
        # half of the time the next fault comes into the middle of this one, or into what follows it
        await asyncio.sleep(lasts_s * chance.choice((0.3, 1.0)))
    pod.link.supervision_s = 2.0
    return kinds


def many_faults(
    folder: Path,
    seed: int,
    faults: int,
    longest_s: float,
    rate_hz: int,
    flash_blocks: int,
    mtu: int = 517,
    stop_within: bool = False,
) -> Told:
    """Record while faults happen. `stop_within`: the end is asked for in the middle of the last one."""
    chance = random.Random(seed)
    kinds = Counter[str]()
    recorders: list[Recorder] = []
    began_s = time.monotonic()
    passed_s = 0.0

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        nonlocal passed_s
        recorders.append(recorder)
        kinds.update(await trouble(pod, chance, faults, longest_s, lambda: recorder.figures.state == "ended"))
        if not stop_within and recorder.figures.state != "ended":
            await again_recording(recorder)
        passed_s = asyncio.get_running_loop().time()

    outcome = record(folder, story, {"rate_hz": rate_hz}, mtu, flash_blocks=flash_blocks, all_blocks_ready=True)
    return Told(outcome, recorders[0], kinds, passed_s, began_s)


def check_whole(told: Told) -> None:
    """Nothing is missing, neither in the file nor by what the recorder shows."""
    path = the_file(told.outcome)
    found = recorded.whole(path)
    assert told.recorder.figures.lost_packets == 0
    check_time(path)
    told.print(len(found.indices()), 0, found.packed())


def check_exact(told: Told) -> None:
    """The samples here are what the sensor made; the others, and nothing else, are named as missing."""
    path = the_file(told.outcome)
    found = recorded.read(path)
    assert found.closed
    assert found.repeats == 0
    last = found.packets[max(found.packets)]
    assert last[0] & 15 == recorded.END_PACKET
    total = int.from_bytes(last[17:21], "little")
    numbers, indices = found.sensor_numbers(), found.indices()
    zero = numbers[0] - indices[0]
    assert [number - zero for number in numbers] == indices
    assert sorted(set(indices)) == indices
    missing_samples = set(range(total)) - set(indices)
    assert missing_samples, "the store was large enough"

    run = examine(path).run
    assert run is not None
    assert {n for gap in run.missing for n in range(gap.first_sequence, gap.last_sequence + 1)} == set(found.missing())
    assert (run.missing_packets, run.missing_samples) == (len(found.missing()), len(missing_samples))
    assert told.recorder.figures.lost_packets == len(found.missing())
    named = named_samples(path)
    assert sum(map(len, named)) == len(set().union(*named))
    assert set().union(*named) == missing_samples
    check_time(path)
    told.print(len(indices), len(missing_samples), found.packed())


def check_time(path: Path) -> None:
    """The modelled sensor is as fast as it says; the pod's clock wraps after 17.9 minutes."""
    run = examine(path).run
    assert run is not None
    assert run.clock_jumps == 0
    assert run.rate_hz == pytest.approx(run.nominal_rate_hz, rel=2e-4)


def named_samples(path: Path) -> list[range]:
    """Samples that the reader of recordings names as missing."""
    opened = open_run(path)
    assert isinstance(opened, RunFile)
    gaps = opened.gaps
    firsts, counts = gaps.from_index.tolist(), gaps.samples.tolist()
    return [range(first, first + count) for first, count in zip(firsts, counts, strict=True)]


@pytest.mark.parametrize(("seed", "rate_hz"), [(1, 500), (5, 1000)])
def test_faults_of_every_length_leave_no_trace(tmp_path: Path, seed: int, rate_hz: int) -> None:
    told = many_faults(tmp_path, seed, 15, 6, rate_hz, ENOUGH_BLOCKS)
    assert told.recorder.figures.reconnects > 3
    check_whole(told)


@pytest.mark.soak
@pytest.mark.parametrize("rate_hz", [500, 1000])
@pytest.mark.parametrize("seed", [100, 101, 102])
def test_two_hundred_faults_in_one_run_leave_no_trace(tmp_path: Path, seed: int, rate_hz: int) -> None:
    told = many_faults(tmp_path, seed, 200, LONGEST_S, rate_hz, BLOCKS_FOR_LONG[rate_hz])
    assert told.recorder.figures.reconnects > 60
    check_whole(told)


@pytest.mark.parametrize("seed", range(3))
def test_stopped_in_the_middle_of_a_fault(tmp_path: Path, seed: int) -> None:
    check_whole(many_faults(tmp_path, seed, 3, 12, 500, ENOUGH_BLOCKS, stop_within=True))


@pytest.mark.soak
@pytest.mark.parametrize("rate_hz", [500, 1000])
@pytest.mark.parametrize("seed", range(300, 325))
def test_stopped_in_the_middle_of_many_faults(tmp_path: Path, seed: int, rate_hz: int) -> None:
    check_whole(many_faults(tmp_path, seed, 4, 30, rate_hz, 2 * ENOUGH_BLOCKS, stop_within=True))


@pytest.mark.soak
def test_two_hundred_faults_at_a_small_mtu(tmp_path: Path) -> None:
    """Packets come in pieces, and pieces are what breaks."""
    check_whole(many_faults(tmp_path, 400, 200, LONGEST_S, 200, BLOCKS_FOR_LONG[500], mtu=23))


@pytest.mark.parametrize(("seed", "rate_hz"), [(3, 500), (4, 1000)])
def test_what_a_store_that_is_too_small_cannot_hold_is_named(tmp_path: Path, seed: int, rate_hz: int) -> None:
    check_exact(many_faults(tmp_path, seed, 12, 20, rate_hz, 4))


def test_a_store_that_stays_full_ends_the_run_and_all_that_is_missing_is_named(tmp_path: Path) -> None:
    """The pod ends it half a minute after its store was full; the recorder finds it ended."""
    recorders: list[Recorder] = []

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        recorders.append(recorder)
        await asyncio.sleep(5)
        pod.link.hang(80)
        async with asyncio.timeout(SOON_S):
            while recorder.figures.state != "ended":
                await asyncio.sleep(0.5)

    outcome = record(tmp_path, story, {"rate_hz": 500}, flash_blocks=4)
    assert outcome.ended_by == EndReason.STORE_FULL
    check_exact(Told(outcome, recorders[0], Counter(hang=1), 80))


@pytest.mark.soak
@pytest.mark.parametrize(("rate_hz", "longest_s", "blocks"), [(500, 15, 16), (1000, 6, 100)])
@pytest.mark.parametrize("seed", [200, 201, 202])
def test_two_hundred_faults_and_a_store_that_is_too_small(
    tmp_path: Path, seed: int, rate_hz: int, longest_s: float, blocks: int
) -> None:
    """None so long that the pod ends the run: it does that half a minute after the store is full and the link away."""
    told = many_faults(tmp_path, seed, 200, longest_s, rate_hz, blocks)
    assert told.kinds.total() == 200
    assert told.recorder.figures.reconnects > 60
    check_exact(told)


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="BlueZ is of Linux")
@pytest.mark.parametrize(("seed", "rate_hz"), [(500, 500), (501, 1000)])
def test_faults_and_the_command_on_bluez(tmp_path: Path, seed: int, rate_hz: int) -> None:
    """In real time, and ended by Ctrl-C in the middle of a fault."""

    async def body() -> None:
        async with on_bluez(tmp_path, flash_blocks=ENOUGH_BLOCKS) as air:
            [pod] = air.rig.pods
            process = await air.command.start(
                *("record", "--plain", "--no-stand", "--no-analyze", "--pod", pod.name, "--rate", str(rate_hz)),
                *("--out", tmp_path / "runs"),
            )
            talk = asyncio.create_task(process.communicate())
            while not sum(path.stat().st_size > 10_000 for path in (tmp_path / "runs").glob("*.run")):
                assert process.returncode is None
                await asyncio.sleep(0.1)
            kinds = await trouble(pod, random.Random(seed), 25, 10)
            process.send_signal(signal.SIGINT)
            output, said = await asyncio.wait_for(talk, 120)
            print(f"{len(kinds)} faults, {said.decode().count('Connected again')} reconnects")
            assert process.returncode == 0, said.decode()
            assert "is complete" in output.decode()

    asyncio.run(body())
    [path] = (tmp_path / "runs").glob("*.run")
    found = recorded.whole_but_for_stalls(path)
    print(f"{len(found.indices())} of {found.samples_made()} samples in {len(found.packets)} packets")
