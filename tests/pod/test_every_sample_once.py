"""A long recording over a good link: every sample once, in order, bit for bit as the sensor made it.

By both routes with one body: the recorder in this process on Bumble, in virtual time; and the command in a process of
its own, on bleak's Linux backend and BlueZ in small, in real time.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from surefoot.recording import read_recording
from tests.rig import by_command, recorded
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.radio.virtual_loop import run_virtual
from tests.rig.recorded import Recorded
from tests.rig.recording_story import begun, ready_pod, recorder_for, the_file

RATES_HZ = (500, 1000)
TAKES_S = 30
"""From the start of the command to the first packet, and from the last one to its end, at most."""

RecordFor = Callable[[Pod, Path, int, float], Awaitable[Path]]


async def in_this_process(pod: Pod, folder: Path, rate_hz: int, seconds: float) -> Path:
    recorder = await recorder_for(pod, folder, rate_hz=rate_hz)
    task = asyncio.create_task(recorder.run())
    await begun(recorder, task)
    await asyncio.sleep(seconds)
    figures = recorder.figures
    assert (figures.reconnects, figures.missing_packets, figures.dropped_by_pod) == (0, 0, 0)
    recorder.stop()
    return the_file(await task)


def by(command: by_command.Command) -> RecordFor:
    async def record(pod: Pod, folder: Path, rate_hz: int, seconds: float) -> Path:
        finished = await command.run(
            *("record", "--plain", "--json", "--no-stand", "--pod", pod.name, "--rate", str(rate_hz)),
            *("--duration", str(seconds), "--out", folder),
            timeout_s=seconds + TAKES_S,
        )
        assert finished.returncode == 0, finished.errors
        [said] = json.loads(finished.output)
        assert said["complete"]
        [file] = said["files"]
        assert file["complete"]
        return Path(file["path"])

    return record


async def a_recording(
    pod: Pod, record: RecordFor, folder: Path, rate_hz: int, seconds: float, read: Callable[[Path], Recorded]
) -> None:
    made_before = pod.ask("sensor.index")
    path = await record(pod, folder, rate_hz, seconds)
    made_after = pod.ask("sensor.index")
    found = read(path)
    numbers = found.sensor_numbers()
    assert made_before < numbers[0]
    assert numbers[-1] < made_after
    assert len(numbers) == pytest.approx(seconds * rate_hz, rel=0.02, abs=1.5 * rate_hz)
    values = read_values(path)
    assert values.astype(">i2").tobytes() == found.samples()
    print(f"{len(numbers)} of {found.samples_made()} samples in {len(found.packets)} packets")


def read_values(path: Path) -> np.ndarray:
    """Register values as the reader of recordings gives them, by the data sheet's scale."""
    recording = read_recording(path)
    return np.round(np.column_stack([recording.accel_g * 2048, recording.gyro_dps * 16.4]))


def on_bumble(folder: Path, rate_hz: int, seconds: float) -> None:
    async def body() -> None:
        async with Rig(folder) as rig:
            await a_recording(await ready_pod(rig), in_this_process, folder / "runs", rate_hz, seconds, recorded.whole)

    run_virtual(body())


def on_bluez(folder: Path, rate_hz: int, seconds: float) -> None:
    async def body() -> None:
        async with by_command.on_bluez(folder) as air:
            [pod] = air.rig.pods
            await a_recording(pod, by(air.command), folder / "runs", rate_hz, seconds, recorded.whole_but_for_stalls)

    asyncio.run(body())


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_half_a_minute(tmp_path: Path, rate_hz: int) -> None:
    on_bumble(tmp_path, rate_hz, 25)


@pytest.mark.soak
@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_ten_minutes(tmp_path: Path, rate_hz: int) -> None:
    on_bumble(tmp_path, rate_hz, 600)


@pytest.mark.skipif(sys.platform != "linux", reason="BlueZ is of Linux")
@pytest.mark.parametrize("rate_hz", [500, pytest.param(1000, marks=pytest.mark.soak)])
def test_some_seconds_by_the_command_on_bluez(tmp_path: Path, rate_hz: int) -> None:
    on_bluez(tmp_path, rate_hz, 10)


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="BlueZ is of Linux")
@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_two_minutes_by_the_command_on_bluez(tmp_path: Path, rate_hz: int) -> None:
    on_bluez(tmp_path, rate_hz, 120)
