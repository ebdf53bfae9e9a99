"""A good pod passes; each bad one fails exactly the check that is meant for it. Over the air, virtual time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from surefoot.errors import PodError
from surefoot.selftest.checks import Check, Verdict
from surefoot.selftest.report import Report
from surefoot.selftest.run import Wishes
from tests.rig.bench_story import SECONDS, examined, failed, not_measured, on_the_bench, pod_with
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.radio.virtual_loop import run_virtual
from tests.rig.sample_file import RawArray
from tests.rig.table import Imperfect, at_rest


def the(report: Report, key: str) -> Check:
    [check] = [check for check in report.checks if check.key == key]
    return check


def later(pod: Pod, after_s: float, statements: str) -> None:
    """Something happens on the board in the middle of the stream."""
    asyncio.get_running_loop().call_later(after_s, pod.tell, statements)


def test_a_good_pod_passes(tmp_path: Path) -> None:
    report = examined(tmp_path)
    assert failed(report) == not_measured(report) == []
    assert report.passed
    assert len(report.checks) == 13
    # what the sensor of the rig was made with: white noise of these sizes, a bias, the true rate, the cell's voltage
    assert the(report, "noise_accel").numbers["rms_mg"] == pytest.approx([5.4] * 3, rel=0.05)
    assert the(report, "noise_gyro").numbers["rms_dps"] == pytest.approx([0.0712] * 3, rel=0.05)
    assert the(report, "bias").numbers["bias_dps"] == pytest.approx([1.5, -2.0, 0.5], abs=0.01)
    assert the(report, "rate").numbers["rate_hz"] == pytest.approx(500, abs=0.05)
    assert the(report, "battery").numbers["battery_mv"] == 3910
    stream = the(report, "stream").numbers
    assert stream["packets_made"] == pytest.approx(SECONDS * 500 / 19, abs=8)
    assert stream["packets_lost"] == stream["packets_sent_again"] == 0


def test_a_relative_passes_and_is_named(tmp_path: Path) -> None:
    report = examined(tmp_path, kind="MPU-6500")
    assert failed(report) == []
    assert the(report, "identity").value == "MPU-6500, number 0x70"
    assert "relative" in the(report, "identity").note


def test_a_copy_passes_and_is_named(tmp_path: Path) -> None:
    report = examined(tmp_path, kind="MPU-6050", who=0x71)
    assert failed(report) == []
    assert "copy" in the(report, "identity").note


def test_an_unknown_number_fails_and_nothing_else_is_measured(tmp_path: Path) -> None:
    report = examined(tmp_path, who=0x3F)
    assert failed(report) == ["identity"]
    assert "0x3f" in the(report, "identity").value
    assert len(not_measured(report)) == 12


def samples(**errors: float) -> RawArray:
    return at_rest(Imperfect(**errors), 60)  # type: ignore[arg-type]


@pytest.mark.parametrize("axis", [2, 4])
def test_a_dead_axis_fails_the_noise(tmp_path: Path, axis: int) -> None:
    dead = samples()
    dead[:, axis] = 0
    report = examined(tmp_path, dead)
    assert failed(report) == ["noise_accel" if axis < 3 else "noise_gyro"]
    assert f"{'xyz'[axis % 3]} hardly changes" in report.of(Verdict.FAIL)[0].note


@pytest.mark.parametrize(("axis", "share"), [(0, 0.2), (4, -0.16)])
def test_an_axis_whose_own_test_is_out_fails_it(tmp_path: Path, axis: int, share: float) -> None:
    async def story(_rig: Rig, pod: Pod) -> None:
        pod.tell(f"sensor.trim_error[{axis}] = {share}")

    report = examined(tmp_path, story=story)
    assert failed(report) == ["self_test"]
    assert the(report, "self_test").numbers["failed"] == [("ax", "ay", "az", "gx", "gy", "gz")[axis]]
    assert the(report, "self_test").numbers["change_percent"][axis] == pytest.approx(share * 100, abs=1.5)


def test_a_failing_own_test_is_not_excused_by_a_gyroscope_that_never_rests(tmp_path: Path) -> None:
    """With a bias of 45 deg/s the pod says that it moved."""

    async def story(_rig: Rig, pod: Pod) -> None:
        pod.tell("sensor.trim_error[3] = 0.5")

    biased = at_rest(Imperfect(bias_dps=(0.0, 45.0, 0.0)), 60)
    assert failed(examined(tmp_path, biased, story=story)) == ["self_test", "bias"]


def test_a_noisy_accelerometer_fails_the_noise(tmp_path: Path) -> None:
    assert failed(examined(tmp_path, samples(accel_noise_g=0.013))) == ["noise_accel"]


def test_a_noisy_gyroscope_fails_the_noise(tmp_path: Path) -> None:
    assert failed(examined(tmp_path, samples(gyro_noise_dps=0.16))) == ["noise_gyro"]


def test_a_large_bias_fails_it(tmp_path: Path) -> None:
    biased = at_rest(Imperfect(bias_dps=(0.0, 24.0, 0.0)), 60)
    assert failed(examined(tmp_path, biased)) == ["bias"]


def test_a_table_that_shakes_is_not_the_sensors_fault(tmp_path: Path) -> None:
    """40 mg at 6 Hz along one axis, and 0.15 deg/s about another: steps beside the table."""
    shaken = samples().astype(np.int16)
    at_s = np.arange(len(shaken)) / 500
    shaken[:, 0] += np.round(0.04 * 2048 * np.sin(2 * np.pi * 6 * at_s)).astype(np.int16)
    shaken[:, 3] += np.round(0.15 * 16.4 * np.sin(2 * np.pi * 6 * at_s)).astype(np.int16)
    report = examined(tmp_path, shaken)
    assert failed(report) == []
    assert not_measured(report) == ["noise_accel"]
    assert "shakes" in the(report, "noise_accel").note
    assert not report.passed
    assert "passes 12 of 13 checks; not measured: accel. noise; do the test again" in report.conclusion


def test_a_pod_that_is_carried_about_is_not_measured(tmp_path: Path) -> None:
    carried = samples().astype(np.int16)
    at_s = np.arange(len(carried)) / 500
    carried[:, 1] += np.round(0.5 * 2048 * np.sin(2 * np.pi * 0.4 * at_s)).astype(np.int16)
    report = examined(tmp_path, carried)
    assert failed(report) == []
    assert {"noise_accel", "noise_gyro", "bias"} <= set(not_measured(report))
    assert "moved" in the(report, "bias").note


def test_a_sensor_that_repeats_its_values_fails(tmp_path: Path) -> None:
    """20 values a second, each read 25 times: a copy in another mode, whose noise looks right."""
    assert failed(examined(tmp_path, np.repeat(samples()[:1200], 25, axis=0))) == ["new"]


@pytest.mark.parametrize("ppm", [50_000, -50_000])
def test_a_clock_that_is_off_fails_the_rate(tmp_path: Path, ppm: int) -> None:
    report = examined(tmp_path, ppm=ppm)
    assert failed(report) == ["rate"]
    assert the(report, "rate").numbers["rate_hz"] == pytest.approx(500 * (1 + ppm / 1e6), rel=1e-3)


def test_a_clock_within_its_data_sheet_passes(tmp_path: Path) -> None:
    assert failed(examined(tmp_path, ppm=-19_000)) == []


def test_gaps_fail(tmp_path: Path) -> None:
    async def story(_rig: Rig, pod: Pod) -> None:
        for after_s in (6, 8, 9):
            later(pod, after_s, "sensor.before_burst_us = 200_000")

    report = examined(tmp_path, story=story)
    assert failed(report) == ["gaps"]
    assert the(report, "gaps").numbers["overflows"] >= 1
    assert the(report, "gaps").numbers["missing"] > 40


def test_wires_that_fail_now_and_then_fail(tmp_path: Path) -> None:
    async def story(_rig: Rig, pod: Pod) -> None:
        for after_s in (6, 8, 9):
            later(pod, after_s, "machine.bus.nak = 1")

    report = examined(tmp_path, story=story)
    assert "bus" in failed(report)
    assert set(failed(report)) <= {"bus", "gaps"}
    assert the(report, "bus").numbers["bus_faults"] >= 1


@pytest.mark.parametrize(("millivolts", "fails"), [(2900, ["battery", "stream"]), (5200, ["battery"])])
def test_a_wrong_divider_fails_the_gauge(tmp_path: Path, millivolts: int, fails: list[str]) -> None:
    """Resistors mixed up: a cell of 3.9 V looks like one of 2.9, for which the pod ends the run, or of 5.2."""

    async def story(_rig: Rig, pod: Pod) -> None:
        pod.battery(millivolts)
        await asyncio.sleep(4)  # the pod takes the middle of five readings

    report = examined(tmp_path, story=story)
    assert failed(report) == fails


@pytest.mark.parametrize(("meter_mv", "good"), [(4055, True), (3750, False)])
def test_a_meter_judges_the_gauge(tmp_path: Path, meter_mv: int, good: bool) -> None:
    report = examined(tmp_path, wishes=Wishes(5, faces=False, meter_mv=meter_mv))
    assert failed(report) == ([] if good else ["battery"])


@pytest.mark.parametrize("meter_mv", [None, 3910])
def test_no_cell_is_not_measured_and_with_a_meter_it_is_the_divider(tmp_path: Path, meter_mv: int | None) -> None:
    async def story(_rig: Rig, pod: Pod) -> None:
        pod.battery(0)
        await asyncio.sleep(4)

    report = examined(tmp_path, story=story, wishes=Wishes(5, faces=False, meter_mv=meter_mv))
    if meter_mv is None:
        assert (failed(report), not_measured(report)) == ([], ["battery"])
        assert report.passed
        assert "passes 12 of 13 checks; not measured: battery gauge." in report.conclusion
    else:
        assert failed(report) == ["battery"]


def test_a_cell_that_runs_empty_fails_and_there_are_no_faces(tmp_path: Path) -> None:
    """3.0 V from 5 s on: the pod ends its run 10 s later, and takes no other."""

    async def story(_rig: Rig, pod: Pod) -> None:
        asyncio.get_running_loop().call_later(5, pod.battery, 3000)

    report = examined(tmp_path, story=story, wishes=Wishes(30))
    assert failed(report) == ["battery", "stream", "silence"]
    assert not_measured(report) == ["faces"]
    stream = the(report, "stream")
    assert "its battery is low" in stream.note
    assert stream.numbers["seconds_sampled"] < 20
    assert stream.numbers["packets_lost"] == 0
    assert the(report, "silence").numbers["silence_s"] > 10


def test_a_sensor_that_is_lost_fails_the_stream(tmp_path: Path) -> None:
    async def story(_rig: Rig, pod: Pod) -> None:
        later(pod, 9, "machine.bus.nak = 10**9")

    report = examined(tmp_path, story=story, wishes=Wishes(20, faces=False))
    assert {"stream", "bus", "silence"} <= set(failed(report))
    assert "its sensor was lost" in the(report, "stream").note


def test_a_long_silence_fails(tmp_path: Path) -> None:
    async def story(_rig: Rig, pod: Pod) -> None:
        asyncio.get_running_loop().call_later(9, pod.link.hang, 1.8)

    report = examined(tmp_path, story=story)
    assert failed(report) == ["silence"]
    assert the(report, "silence").numbers["silence_s"] == pytest.approx(1.8, abs=0.1)
    assert the(report, "stream").numbers["packets_lost"] == 0


def test_a_link_that_breaks_fails_the_stream_and_leaves_no_run(tmp_path: Path) -> None:
    async def story(_rig: Rig, pod: Pod) -> None:
        asyncio.get_running_loop().call_later(9, pod.link.lose)

    report = examined(tmp_path, story=story)
    assert failed(report) == ["stream", "silence"]
    assert "the link broke" in the(report, "stream").note


def test_packets_that_are_lost_are_counted_exactly(tmp_path: Path) -> None:
    """At 1000 Hz the pod's memory holds 1.2 s; it keeps nothing in flash; the link is silent for 1.8 s.

    All that it gave to its radio arrived, so the rest of what it made is lost.
    """

    async def body() -> tuple[Report, int]:
        async with Rig(tmp_path) as rig:
            pod = await pod_with(rig, tmp_path)
            pod.tell("pod.settings.set(1, 1000, False); pod.settings.set(2, 0, False); pod.settings.store()")
            pod.power_cut()
            await pod.start()
            await asyncio.sleep(2)
            await pod.open_pairing()
            asyncio.get_running_loop().call_later(8, pod.link.hang, 1.8)
            report = await on_the_bench(pod, Wishes(SECONDS, faces=False))
            return report, pod.ask("pod.sender.sent")

    report, sent = run_virtual(body())
    assert {"stream", "silence"} <= set(failed(report))
    numbers = the(report, "stream").numbers
    assert numbers["packets_lost"] == numbers["packets_made"] - sent
    assert 10 < numbers["packets_lost"] <= numbers["packets_dropped_by_pod"]


def test_a_pod_without_a_store_passes(tmp_path: Path) -> None:
    assert examined(tmp_path, flash_blocks=0).passed


def test_a_pod_whose_power_goes_is_a_sentence(tmp_path: Path) -> None:
    async def story(_rig: Rig, pod: Pod) -> None:
        asyncio.get_running_loop().call_later(9, pod.power_cut)

    with pytest.raises(PodError, match="cannot be reached any more"):
        examined(tmp_path, story=story)
