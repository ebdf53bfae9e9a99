"""Six faces over the air: what is stored is what the sensor was made with, and the analysis uses it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from surefoot.errors import PodError
from surefoot.pod.find import wait_for_pod
from surefoot.recording import read_recording
from surefoot.selftest import six_faces
from surefoot.selftest.bench_ble import BleBench
from surefoot.selftest.checks import Verdict
from surefoot.selftest.report import Report
from surefoot.selftest.run import Wishes
from surefoot.selftest.storing import store_calibration
from surefoot.wire.answers import EndOfList, KeptRun
from surefoot.wire.packets import Packet
from surefoot.wire.requests import ListRuns
from surefoot.wire.status import State
from tests.rig.bench_story import Silent, failed, on_the_bench, pod_with
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.radio.virtual_loop import run_virtual
from tests.rig.recording_story import begun, recorder_for, utc_clock
from tests.rig.sample_file import write_samples
from tests.rig.table import ASKEW, FACES, Imperfect, at_rest, laid, tilted, turned_over

SENSOR = Imperfect(offset_g=(0.031, -0.022, 0.057), scale=(0.006, -0.011, 0.014))
BY_HAND = (310, -220, 570, 60, -110, 140)
"""The same in units of the settings: 0.0001 g and 0.0001."""
UNCALIBRATED = (32767,) * 6
STORES_AFTER_S = 36.0
"""Until then, at least, the pod is turned over; then what was found is stored."""


def in_force(pod: Pod) -> tuple[int, ...]:
    return tuple(pod.ask("[pod.settings.get(number) for number in range(7, 13)]"))


def test_the_calibration_is_that_of_the_sensor_and_the_analysis_uses_it(tmp_path: Path) -> None:
    guide = Silent()

    async def body() -> tuple[Report, Path]:
        async with Rig(tmp_path) as rig:
            pod = await pod_with(rig, tmp_path, turned_over(SENSOR, 22, 3.2))
            report = await on_the_bench(pod, Wishes(6), guide)
            stored = in_force(pod)
            assert report.calibration["after"] == {"offset_100ug": list(stored[:3]), "scale_e4": list(stored[3:])}
            assert np.abs(np.array(stored) - BY_HAND).max() <= 12
            # the runner stands: X up, and what is recorded reads 1 g
            still = tmp_path / "still.raw"
            write_samples(at_rest(SENSOR, 30, up=FACES[0], seed=7), still)
            pod.tell(f"sensor.source = type(sensor.source)({str(still)!r})")
            recorder = await recorder_for(pod, tmp_path / "runs")
            task = asyncio.create_task(recorder.run())
            await begun(recorder, task)
            await asyncio.sleep(4)
            recorder.stop()
            outcome = await task
            return report, outcome.files[0].path

    report, path = run_virtual(body())
    assert failed(report) == []
    keys = [check.key for check in report.checks]
    assert keys[-4:] == ["offset", "scale", "fresh", "stored"]
    assert len(keys) == 17
    assert "cannot say whether its flash took it" in report.checks[-1].note
    for key, truth in (("offset", SENSOR.offset_g), ("scale", SENSOR.scale)):
        [check] = [check for check in report.checks if check.key == key]
        found = np.array(check.numbers["offset_g" if key == "offset" else "scale"])
        stated = np.array(check.numbers["uncertainty_g" if key == "offset" else "uncertainty"])
        assert np.all(np.abs(found - truth) <= 2 * stated)
        assert np.all(stated < 0.002)
    recording = read_recording(path)
    assert recording.accel_g.mean(axis=0) == pytest.approx([1, 0, 0], abs=0.002)
    assert guide.seen[-1].fresh == 2
    assert guide.seen[-1].left == ()


def test_a_sensor_outside_its_data_sheet_is_calibrated_and_told(tmp_path: Path) -> None:
    far = Imperfect(offset_g=(0.05, -0.02, -0.16), scale=(-0.01, -0.006, 0.02))

    async def body() -> tuple[Report, tuple[int, ...]]:
        async with Rig(tmp_path) as rig:
            pod = await pod_with(rig, tmp_path, turned_over(far, 22, 3.2))
            return await on_the_bench(pod, Wishes(6)), in_force(pod)

    report, stored = run_virtual(body())
    assert failed(report) == ["offset"]
    assert np.abs(np.array(stored) - (500, -200, -1600, -100, -60, 200)).max() <= 12
    assert report.calibration["after"] == {"offset_100ug": list(stored[:3]), "scale_e4": list(stored[3:])}


def test_what_does_not_hold_askew_is_not_stored(tmp_path: Path) -> None:
    """Axes of which each feels 10 % of the others."""
    true_g, turning_dps = laid([np.array(FACES[4]) for _ in range(7)], 2.2, 500)
    poses = [tilted(up, 6.0, 50.0 * at) for at, up in enumerate(FACES)] + [np.array(up) for up in ASKEW]
    over_g, over_dps = laid(poses, 3.2, 500)
    askew = np.eye(3) * 0.9 + 0.1
    samples = Imperfect().reads(
        np.concatenate([true_g, over_g]) @ askew, np.concatenate([turning_dps * 0, over_dps]), np.random.default_rng(1)
    )

    async def body() -> tuple[Report, tuple[int, ...]]:
        async with Rig(tmp_path) as rig:
            pod = await pod_with(rig, tmp_path, samples)
            return await on_the_bench(pod, Wishes(6)), in_force(pod)

    report, stored = run_virtual(body())
    assert {"fresh", "stored"} <= set(failed(report))
    assert stored == UNCALIBRATED
    assert report.calibration == {"before": None, "after": None}


def test_what_is_stored_outlives_a_loss_of_power(tmp_path: Path) -> None:
    async def body() -> tuple[int, ...]:
        async with Rig(tmp_path) as rig:
            pod = await pod_with(rig, tmp_path)
            bench = await BleBench.open(await wait_for_pod(pod.name, 10), utc_clock(), pair=True)
            await store_calibration(bench, BY_HAND)
            await bench.close()
            pod.power_cut()
            await pod.start()
            await asyncio.sleep(2)
            return in_force(pod)

    assert run_virtual(body()) == BY_HAND


def test_a_pod_that_keeps_every_run_is_left_without_that_of_the_test(tmp_path: Path) -> None:
    """Its flash has the stream, and still writes the last of it for a while after the end."""

    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await pod_with(rig, tmp_path)
            pod.tell("pod.settings.set(2, 2, False)")
            bench = await BleBench.open(await wait_for_pod(pod.name, 10), utc_clock(), pair=True)

            async def four_seconds(packet: Packet) -> bool:
                held.append(pod.ask("pod.store.run_from(0)"))
                return packet.sequence > 100

            held: list[int] = []
            await bench.stream(20, four_seconds)
            assert held[-1] > 0
            assert pod.ask("pod.store.run_from(0)") == -1
            await bench.close()

    run_virtual(body())


def test_five_faces_store_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(six_faces, "FACES_S", 40.0)

    async def body() -> tuple[Report, tuple[int, ...]]:
        async with Rig(tmp_path) as rig:
            samples = turned_over(SENSOR, 22, 3.2)
            pod = await pod_with(rig, tmp_path, samples[: 500 * 22 + 500 * 4 * 5])
            return await on_the_bench(pod, Wishes(6)), in_force(pod)

    report, stored = run_virtual(body())
    [check] = [check for check in report.checks if check.key == "faces"]
    assert check.verdict == Verdict.NOT_MEASURED
    assert "Z down" in check.note
    assert "nothing was stored" in check.note
    assert not report.passed
    assert stored == UNCALIBRATED
    assert failed(report) == []


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_the_pod_is_as_before(tmp_path: Path, keep: int) -> None:
    """Runs that it keeps stay, its own stream leaves none, and no setting has changed."""

    async def kept(bench: BleBench) -> list[KeptRun]:
        rows = await bench._way.linked(lambda link: link.dialogue.ask_all(ListRuns(), EndOfList))
        return [row for row in rows if isinstance(row, KeptRun)]

    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await pod_with(rig, tmp_path)
            await pod.press(200)
            await asyncio.sleep(5)
            await pod.press(200)
            await asyncio.sleep(4)
            pod.tell(f"pod.settings.set(2, {keep}, False)")
            settings = pod.ask("[pod.settings.get(number) for number in range(1, 13)]")
            bench = await BleBench.open(await wait_for_pod(pod.name, 10), utc_clock(), pair=True)
            before = await kept(bench)
            assert [row.run for row in before] == [1]
            await bench.close()
            report = await on_the_bench(pod, Wishes(5, faces=False))
            assert report.passed
            bench = await BleBench.open(await wait_for_pod(pod.name, 10), utc_clock())
            await asyncio.sleep(3)
            assert await kept(bench) == before
            await bench.close()
            assert pod.ask("[pod.settings.get(number) for number in range(1, 13)]") == settings
            assert pod.ask("pod.state") == State.MEASURING

    run_virtual(body())


def test_a_run_that_is_recorded_is_not_disturbed(tmp_path: Path) -> None:
    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await pod_with(rig, tmp_path)
            await pod.press(200)
            await asyncio.sleep(2)
            with pytest.raises(PodError, match="recording a run"):
                await on_the_bench(pod, Wishes(5, faces=False))
            assert pod.ask("pod.session.recording")
            assert pod.ask("pod.session.run") == 1

    run_virtual(body())


@pytest.mark.parametrize("after_s", [4.0, 20.0, STORES_AFTER_S])
def test_who_stops_it_leaves_no_run_and_no_half_of_a_calibration(tmp_path: Path, after_s: float) -> None:
    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await pod_with(rig, tmp_path, turned_over(SENSOR, 22, 3.2))
            task = asyncio.create_task(on_the_bench(pod, Wishes(6)))
            await asyncio.sleep(after_s)
            assert not task.done()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.sleep(3)
            assert pod.ask("pod.state") == State.MEASURING
            assert pod.ask("pod.store.run_from(0)") == -1
            assert in_force(pod) == UNCALIBRATED

    run_virtual(body())


def test_a_link_that_breaks_while_it_is_stored_leaves_all_six_or_none(tmp_path: Path) -> None:
    """At the third value the link breaks; the bench comes back and goes on."""

    async def body() -> tuple[Report, tuple[int, ...]]:
        async with Rig(tmp_path) as rig:
            pod = await pod_with(rig, tmp_path, turned_over(SENSOR, 22, 3.2))
            task = asyncio.create_task(on_the_bench(pod, Wishes(6)))
            await asyncio.sleep(STORES_AFTER_S)
            assert in_force(pod) == UNCALIBRATED
            while pod.ask("pod.settings.get(9)") == 32767:
                await asyncio.sleep(0.02)
            assert 32767 in in_force(pod)
            pod.link.lose()
            return await task, in_force(pod)

    report, stored = run_virtual(body())
    assert report.passed
    assert np.abs(np.array(stored) - BY_HAND).max() <= 12
