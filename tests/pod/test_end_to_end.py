"""From a runner whose strides are known to the strides table: sensor, firmware, Bluetooth, recorder, file, analysis.

Beside it the same register values are analysed directly. The samples are the same to the bit; only the time of each
is another: the file's comes from the pod's clock and the samples' numbers, the direct one's from the model of the
sensor, which knows when it took each.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from surefoot.analysis import analyze
from surefoot.columns import STRIDE_COLUMNS
from surefoot.pod.recorder import Recorder
from surefoot.recording import Recording, read_recording
from surefoot.results import strides_table
from surefoot.settings import Settings
from tests.rig.live import of_virtual
from tests.rig.mounting import Mounting, Sensor
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.recording_story import again_recording, record, the_file
from tests.rig.script import Stretch
from tests.rig.virtual_runner import VirtualRun, build

FloatArray = NDArray[np.float64]
HOST = Path(__file__).parents[2] / "host"
HEIGHT_M = 0.145
SIDE = "left"
TOLD = Settings(side=SIDE, sensor_height_m=HEIGHT_M)
NUMBERS = [column.name for column in STRIDE_COLUMNS if column.kind == "number"]
LEFT_OVER_S = 2
"""Of the last standing: the model's file must not end before the recording."""

# What the file's time base may change in a stride, at most. The pod's clock says of a sample only between which two it
# was read, so that the fitted time swings slowly around the true one, by less than a sample; most strides then differ
# a hundred times less than said here, but where something ends on the edge of a sample, one more or less is taken.
BY_TIME_BASE = {
    "stride_time_s": 3e-4,
    "contact_time_s": 3e-4,
    "cadence_spm": 0.06,
    "stride_length_m": 0.002,
    "speed_mps": 0.001,
    "rise_m": 0.001,
    "grade": 1e-4,
    "shock_axial_g": 0.001,
    "shock_resultant_g": 0.001,
    "shock_time_ms": 0.005,
    "shin_angle_deg": 0.01,
    "braking_dv_mps": 0.001,
    "braking_peak_g": 0.001,
    "braking_share": 2e-4,
    "off_plane": 0.01,
    "frontal_rms_dps": 1.5,
    "ml_share": 0.004,
    "settle_ms": 2.5,
}
DRIFT_MISJUDGED = 1e-5
"""Of the pod's clock against UTC, which is told from answers that took 15 to 45 ms; here there is none."""


@dataclass(frozen=True)
class Case:
    """How the sensor samples, and whether the link breaks. `drift_ppb`: faster by so much after each 1000 samples."""

    rate_hz: int = 500
    ppm: int = 0
    drift_ppb: int = 0
    breaks: tuple[float, ...] = ()
    level_s: int = 22
    down_s: int = 18


SHORT = {
    "as nominal": Case(),
    "the link is lost twice": Case(ppm=50, breaks=(20, 32)),
    "sensor 2 % slow and warming up by 0.1 % a minute": Case(ppm=-20_000, drift_ppb=33_333),
}
LONG = {
    "6 minutes at 500 Hz": Case(ppm=-13_000, drift_ppb=5_000, breaks=(60, 61, 120, 250), level_s=240, down_s=120),
    "3 minutes at 1000 Hz, 2 % fast": Case(1000, 20_000, -5_000, (40, 90, 130), 120, 60),
}


@dataclass(frozen=True)
class Chain:
    """What came out of a case.

    `registers` are the samples in the file, found there in what the sensor was fed with, from its row `first` on;
    `true_s` when the modelled sensor took them, from the first.
    """

    case: Case
    path: Path
    recording: Recording
    registers: NDArray[np.int16]
    first: int
    true_s: FloatArray

    def direct(self, t_s: FloatArray) -> pd.DataFrame:
        """Strides of the same registers without the chain, by the data sheet's scale."""
        accel_g, gyro_dps = self.registers[:, :3] / 2048.0, self.registers[:, 3:] / 16.4
        return analyze(Recording(t_s, accel_g, gyro_dps, nominal_rate_hz=self.case.rate_hz), TOLD).strides

    @property
    def strides(self) -> pd.DataFrame:
        """Strides of the file, which tells side and height itself."""
        return analyze(self.recording).strides


@cache
def runner(rate_hz: int, level_s: int, down_s: int) -> VirtualRun:
    script = [Stretch("stand", 16), Stretch("run", level_s), Stretch("run", down_s, grade=-0.1), Stretch("stand", 6)]
    return build(script, mounting=Mounting(side=SIDE, height_m=HEIGHT_M), sensor=Sensor(rate_hz=rate_hz), seed=3)


def through_the_chain(folder: Path, case: Case) -> Chain:
    fed = of_virtual(runner(case.rate_hz, case.level_s, case.down_s))
    source = folder / "registers"
    source.write_bytes(fed.tobytes())
    moments: list[tuple[int, int]] = []

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        pod.tell(f"sensor.drift_ppb = {case.drift_ppb}")
        task = asyncio.create_task(break_link(pod, recorder, case.breaks))
        while not moments or moments[-1][0] < len(fed) - LEFT_OVER_S * case.rate_hz:
            moments.append(pod.ask("(sensor.source._file.seek(0, 1) // 12, sensor.due_us)"))  # row and time of the next
            await asyncio.sleep(1)
        await task

    options = {"rate_hz": case.rate_hz, "side": SIDE, "facts": {"sensor_height_m": HEIGHT_M}}
    given = {"source": f"Recording({str(source)!r})", "ppm": case.ppm, "flash_blocks": 192}
    path = the_file(record(folder, story, options, **given))
    recording = read_recording(path)
    first, registers = where_from(recording, fed)
    return Chain(case, path, recording, registers, first, true_times_s(moments, first, len(registers)))


async def break_link(pod: Pod, recorder: Recorder, at_s: tuple[float, ...]) -> None:
    """Break the link at these times, in turn for longer than every timeout and for a moment."""
    for number, second in enumerate(at_s):
        while recorder.figures.elapsed_s < second:
            await asyncio.sleep(0.1)
        if number % 2:
            pod.link.lose()
        else:
            pod.link.hang(7)
        await again_recording(recorder)


def where_from(recording: Recording, fed: NDArray[np.int16]) -> tuple[int, NDArray[np.int16]]:
    """Find the recorded samples in what the sensor was fed with: all of them, in order, to the bit, in one place."""
    values = np.column_stack([recording.accel_g * 2048, recording.gyro_dps * 16.4])
    whole, everything = np.round(values).astype(">i2").tobytes(), fed.tobytes()
    at = everything.find(whole)
    assert at >= 0 and at % 12 == 0, "the samples of the file are not a part of what the sensor made"
    assert everything.find(whole, at + 1) < 0
    return at // 12, fed[at // 12 : at // 12 + len(values)].astype(np.int16)


def true_times_s(moments: list[tuple[int, int]], first: int, count: int) -> FloatArray:
    """Time of each sample by the model's clock, straight between the seconds at which it was asked, and beyond them."""
    row, due_us = np.array(moments, float).T
    period_us = np.diff(due_us) / np.diff(row)
    ends = np.array([first, first + count], float)
    ends_us = [due_us[0] - (row[0] - ends[0]) * period_us[0], due_us[-1] + (ends[1] - row[-1]) * period_us[-1]]
    at_us = np.interp(np.arange(*ends), [ends[0], *row, ends[1]], [ends_us[0], *due_us, ends_us[1]])
    return np.asarray((at_us - at_us[0]) / 1e6)


def agree(found: pd.DataFrame, expected: pd.DataFrame, limits: dict[str, float]) -> None:
    """Stride by stride: all that is not a number equal, numbers within their limit, and missing where they are."""
    assert len(found) == len(expected)
    for column in STRIDE_COLUMNS:
        left, right = found[column.name], expected[column.name]
        if column.kind != "number":
            assert left.astype(str).tolist() == right.astype(str).tolist(), column.name
        else:
            limit = limits.get(column.name, 0.0)
            np.testing.assert_allclose(left.to_numpy(), right.to_numpy(), rtol=1e-9, atol=limit, err_msg=column.name)


def check(chain: Chain) -> None:
    """All that must hold of every case."""
    case, strides = chain.case, chain.strides
    assert chain.recording.conditions == ()
    assert len(strides) > (case.level_s + case.down_s) * 1.2
    np.testing.assert_array_equal(chain.recording.accel_g, chain.registers[:, :3] / 2048.0)
    np.testing.assert_array_max_ulp(chain.recording.gyro_dps, chain.registers[:, 3:] / 16.4, 1)

    # with the file's times nothing but the rounding of the scale is between the two
    agree(strides, chain.direct(chain.recording.t_s), dict.fromkeys(NUMBERS, 1e-9))
    # with the model's times the difference is that of the time base
    limit_s = 1 / case.rate_hz + DRIFT_MISJUDGED * chain.true_s[-1]
    assert np.abs(chain.recording.t_s - chain.true_s).max() < limit_s
    agree(strides, chain.direct(chain.true_s), BY_TIME_BASE | {"contact_s": limit_s, "toe_off_s": limit_s})

    # and all of it is what the runner did, in seconds of the pod's clock
    truth = runner(case.rate_hz, case.level_s, case.down_s).truth
    true_s = np.interp(truth["contact_s"] * case.rate_hz - chain.first, np.arange(len(chain.true_s)), chain.true_s)
    off_s = strides["contact_s"].to_numpy()[:, None] - true_s
    nearest = np.abs(off_s).argmin(axis=0)
    assert len(set(nearest)) == len(truth)
    assert len(strides) - len(truth) <= 8  # at the changes of gait, where the truth has none
    assert np.abs(off_s).min(axis=0).max() < 0.02
    assert np.abs(np.median(np.diff(true_s)) - strides["stride_time_s"].median()) < 0.002


@pytest.fixture(scope="module")
def nominal(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    return through_the_chain(tmp_path_factory.mktemp("nominal"), SHORT["as nominal"])


@pytest.mark.parametrize("name", SHORT)
def test_the_strides_are_those_of_the_direct_analysis(
    tmp_path: Path, name: str, request: pytest.FixtureRequest
) -> None:
    is_shared = name == "as nominal"
    check(request.getfixturevalue("nominal") if is_shared else through_the_chain(tmp_path, SHORT[name]))


@pytest.mark.soak
@pytest.mark.parametrize("name", LONG)
def test_the_strides_of_a_long_run_are_those_of_the_direct_analysis(tmp_path: Path, name: str) -> None:
    check(through_the_chain(tmp_path, LONG[name]))


def test_by_the_command_line_side_and_height_are_those_of_the_file(nominal: Chain, tmp_path: Path) -> None:
    """As a user does it; the table that is stored is rounded to five decimals."""
    command = [sys.executable, "-m", "surefoot", "analyze", str(nominal.path), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        command, check=False, env=os.environ | {"PYTHONPATH": str(HOST)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    stored = pd.read_parquet(tmp_path / "out" / "strides.parquet")
    expected = strides_table(nominal.direct(nominal.recording.t_s)).to_pandas()
    agree(stored, expected, dict.fromkeys(NUMBERS, 1.1e-5))
    quality = json.loads((tmp_path / "out" / "summary.json").read_text())["quality"]
    assert (quality["side"], quality["side_given"]) == (SIDE, True)
    assert (quality["sensor_height_m"], quality["sensor_height_given"]) == (HEIGHT_M, True)
    assert (quality["nominal_rate_hz"], quality["missing_share"], quality["gaps"]) == (500, 0, 0)


def test_another_height_gives_another_table(nominal: Chain) -> None:
    """So that the file's height is known to matter: stride length changes by about 1 % per centimetre."""
    lower = analyze(nominal.recording, Settings(sensor_height_m=0.10)).strides
    assert 0.01 < abs(lower["stride_length_m"].median() / nominal.strides["stride_length_m"].median() - 1) < 0.1


def test_over_a_sound_link_nothing_goes_to_flash(tmp_path: Path) -> None:
    """At any rate: what is written there while recording at 1000 Hz is not erased, and lacks when the link breaks."""
    in_use: list[int] = []

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        for _ in range(10):
            await asyncio.sleep(1)
            in_use.append(pod.ask("pod.store.in_use()"))

    the_file(record(tmp_path, story, {"rate_hz": 1000}))
    assert in_use == [0] * 10
