"""How soon what the air brings is in the file and on the screen: in virtual time, where only waiting takes any.

What it takes in real time, `python -m tests.bench.bench_record` measures.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import pytest

from surefoot.cli import tracks
from surefoot.cli.tracks import Wishes, record_tracks
from surefoot.pod.figures import Figures
from surefoot.pod.recorder import Recorder
from tests.rig import recorded
from tests.rig.mounting import Sensor
from tests.rig.notifications import heard
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.radio.virtual_loop import run_virtual
from tests.rig.recording_story import again_recording, begun, record, recorder_for, the_file
from tests.rig.sample_file import raw_samples, write_samples
from tests.rig.script import FOREFOOT, Stretch
from tests.rig.virtual_runner import build

TO_SCREEN_S = 0.2
STATUS_BYTES, LANDINGS = 20, slice(8, 11)
"""As docs/link.md has them."""
AT_ONCE_S = 1e-9


@pytest.mark.parametrize("rate_hz", [500, 1000])
def test_a_packet_is_written_in_the_moment_in_which_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate_hz: int
) -> None:
    written_s: dict[bytes, float] = {}
    came_s: dict[bytes, float] = {}
    write = os.write

    def stamp(descriptor: int, data: bytes) -> int:
        taken = write(descriptor, data)
        if data[:3] == b"\x53\xf7\x03":
            written_s[bytes(data[13:-4])] = asyncio.get_running_loop().time()
        return taken

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        nonlocal came_s
        monkeypatch.setattr("surefoot.recording.run_writer.os.write", stamp)
        came_s = heard(rig, asyncio.get_running_loop().time)[pod.address]
        await asyncio.sleep(3)
        pod.link.lose()
        await again_recording(recorder)

    found = recorded.whole(the_file(record(tmp_path, story, {"rate_hz": rate_hz})))
    timed = [packet for packet in found.packets.values() if packet in came_s and packet in written_s]
    assert len(timed) > 6 * rate_hz / 19
    assert max(written_s[packet] - came_s[packet] for packet in timed) < AT_ONCE_S


def test_a_disk_that_hangs_in_a_sync_does_not_keep_packets_out_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, goes_on = threading.Event(), threading.Event()

    def sync(descriptor: int) -> None:
        hangs.set()
        assert goes_on.wait(30)

    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await rig.pod(flash_blocks=128)
            await pod.bond()
            recorder = await recorder_for(pod, tmp_path / "runs")
            task = asyncio.create_task(recorder.run())
            await begun(recorder, task)
            monkeypatch.setattr("surefoot.recording.run_writer._sync", sync)
            while not hangs.is_set():
                await asyncio.sleep(0.01)
            [path] = (tmp_path / "runs").glob("*.run")
            packets, size = recorder.figures.packets, path.stat().st_size
            while recorder.figures.packets < packets + 30:
                await asyncio.sleep(0.01)
            assert path.stat().st_size > size + 30 * 200
            goes_on.set()
            recorder.stop()
            recorded.whole(the_file(await task))

    asyncio.run(body())


class Looks:
    """Stands for the live screen: when it was given how many landings."""

    def __init__(self) -> None:
        self.shown: list[tuple[float, int]] = []
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def show(self, figures: Sequence[Figures], ending: bool = False) -> None:
        self.shown.append((self._loop.time(), figures[0].landings))


def test_a_landing_is_shown_within_a_fifth_of_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    came_s: dict[bytes, float] = {}
    screens: list[Looks] = []
    samples = tmp_path / "run.raw"
    run = build((Stretch("stand", 4), Stretch("run", 30)), FOREFOOT, sensor=Sensor(rate_hz=500), seed=1)
    write_samples(raw_samples(run.accel_g, run.gyro_dps), samples)

    def display(*_: Any) -> Looks:
        screens.append(Looks())
        return screens[0]

    async def body() -> None:
        nonlocal came_s
        async with Rig(tmp_path) as rig:
            pod = await rig.pod(f'Recording("{samples}")', flash_blocks=128)
            await pod.bond()
            came_s = heard(rig, asyncio.get_running_loop().time)[pod.address]
            await record_tracks([pod.name], Wishes(tmp_path / "runs", stand=False, duration_s=20))

    monkeypatch.setattr(tracks, "_display", display)
    run_virtual(body())
    said_s: dict[int, float] = {}
    for value, at_s in came_s.items():
        if len(value) == STATUS_BYTES and value[0] == 1:
            said_s.setdefault(int.from_bytes(value[LANDINGS], "little"), at_s)
    shown_s = {number: min(at_s for at_s, most in screens[0].shown if most >= number) for number in said_s}
    assert len(said_s) > 15
    assert max(shown_s[number] - said_s[number] for number in said_s if number) <= TO_SCREEN_S + AT_ONCE_S
