"""A runner's day: standing, walking, running, hills and handling; and what looks like running and is none."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from surefoot.analysis import analyze
from tests.analyses import recording_of
from tests.recordings import shank_mean_cycle
from tests.rig.live import Found, detect, of_virtual
from tests.rig.mountain_run import mountain_run
from tests.rig.mounting import Mounting, Sensor
from tests.rig.not_running import cycling, riding, swung
from tests.rig.sample_file import raw_samples
from tests.rig.script import FOREFOOT, REARFOOT, Runner, Stretch
from tests.rig.virtual_runner import VirtualRun, build

FloatArray = NDArray[np.float64]
RATE_HZ = 250
SCRIPT = (
    Stretch("handling", 12),
    Stretch("stand", 8),
    Stretch("walk", 15, speed_mps=1.2),
    Stretch("run", 20, speed_mps=2.5),
    Stretch("walk", 15, speed_mps=1.6),
    Stretch("run", 15, speed_mps=3.5),
    Stretch("turn", 4, speed_mps=2.5),
    Stretch("run", 15, speed_mps=2.5, grade=-0.1),
    Stretch("stand", 8),
    Stretch("walk", 15, speed_mps=2.0),
    Stretch("handling", 15),
)
LEARNING_S = 2.6
"""Three strides."""
EDGE_S = 0.6
"""One activity fades into the next within half a second."""


@cache
def day(runner: Runner, side: str) -> tuple[VirtualRun, Found]:
    mounting = Mounting(side=side, turned_deg=(10.0, 100.0, -30.0))
    run = build(SCRIPT, runner, mounting, Sensor(rate_hz=RATE_HZ, gyro_bias_dps=(5.0, -5.0, 5.0)), seed=2)
    return run, detect(of_virtual(run), RATE_HZ)


def bouts(run: VirtualRun, activity: str) -> list[tuple[float, float]]:
    rows = run.activities.assign(bout=(run.activities.activity != run.activities.activity.shift()).cumsum())
    spans = rows[rows.activity == activity].groupby("bout").agg(start_s=("start_s", "min"), end_s=("end_s", "max"))
    return list(spans.itertuples(index=False, name=None))


def assert_running_alone_lands(run: VirtualRun, at_s: FloatArray) -> None:
    inside = np.zeros(len(at_s), dtype=bool)
    for start_s, end_s in bouts(run, "running"):
        inside |= (at_s > start_s - EDGE_S) & (at_s < end_s + EDGE_S)
    assert inside.all()
    true_s = run.truth.loc[run.truth.activity == "running", "contact_s"].to_numpy()
    known = np.zeros(len(true_s), dtype=bool)
    for start_s, end_s in bouts(run, "running"):
        known |= (true_s > start_s + LEARNING_S) & (true_s < end_s)
    assert (np.abs(true_s[known][:, None] - at_s).min(axis=1) < 0.03).all()


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("runner", [FOREFOOT, REARFOOT], ids=["forefoot", "rearfoot"])
def test_running_alone_has_landings(runner: Runner, side: str) -> None:
    run, found = day(runner, side)
    assert_running_alone_lands(run, found.at / RATE_HZ)


@pytest.mark.parametrize("runner", [FOREFOOT, REARFOOT], ids=["forefoot", "rearfoot"])
def test_after_standing_the_shock_is_the_hosts(runner: Runner) -> None:
    """Standing tells both sides where up is."""
    run, found = day(runner, "right")
    host = analyze(recording_of(run)).strides
    apart_s = np.abs((found.at / RATE_HZ)[:, None] - host["contact_s"].to_numpy())
    both = apart_s.min(axis=1) < 0.03
    both[:3] = False
    assert both.sum() > 60
    share = found.shock_g[both] / host["shock_axial_g"].to_numpy()[apart_s.argmin(axis=1)][both] - 1
    assert np.abs(share).max() < 0.05


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(("gait", "speed_s"), [("running", 0.69), ("walking", 1.05), ("walking", 0.9)])
def test_the_mean_cycle_of_a_real_shin(gait: str, side: str, speed_s: float) -> None:
    """Ringing after contact included; 100 points a stride, 60 strides."""
    accel_g, gyro_dps = shank_mean_cycle(gait, side)
    phase = np.arange(0, 60 * speed_s, 1 / 500) / speed_s * 100
    points = np.arange(101)
    accel, gyro = (
        np.stack([np.interp(phase % 100, points, np.append(v[:, k], v[0, k])) for k in range(3)], axis=1)
        for v in (accel_g, gyro_dps)
    )
    found = detect(raw_samples(accel, gyro), 500)
    if gait == "walking":
        assert not len(found.at)
        assert not found.detector.running
    else:
        assert len(found.at) >= 60 - 3
        assert np.ptp(np.diff(found.at)) <= 4
        assert (found.cadence_spm[1:] == round(120 / speed_s)).all()


@pytest.mark.parametrize("cadence_rpm", [60, 75, 90, 105])
@pytest.mark.parametrize("road_g", [0.1, 0.6, 1.5])
def test_cycling_is_no_running(cadence_rpm: float, road_g: float) -> None:
    assert not len(detect(cycling(RATE_HZ, 30, cadence_rpm, road_g), RATE_HZ).at)


@pytest.mark.parametrize("road_g", [0.05, 0.3, 1.0])
def test_a_seat_in_a_car_is_no_running(road_g: float) -> None:
    assert not len(detect(riding(RATE_HZ, 60, road_g), RATE_HZ).at)


@pytest.mark.parametrize("frequency_hz", [1.0, 1.5, 2.0, 3.0])
def test_a_swinging_pod_is_no_running(frequency_hz: float) -> None:
    assert not len(detect(swung(RATE_HZ, 30, frequency_hz), RATE_HZ).at)


def handling_landings(seconds: float, seed: int) -> int:
    run = build((Stretch("handling", seconds),), FOREFOOT, sensor=Sensor(rate_hz=RATE_HZ), seed=seed)
    return len(detect(of_virtual(run), RATE_HZ).at)


def test_handling_the_pod_is_no_running() -> None:
    assert sum(handling_landings(60, seed) for seed in range(3)) == 0


@pytest.mark.soak
def test_half_an_hour_of_handling() -> None:
    assert sum(handling_landings(60, seed) for seed in range(30)) == 0


@pytest.mark.soak
def test_half_an_hour_over_a_hill() -> None:
    run = mountain_run()
    found = detect(of_virtual(run), 200)
    assert_running_alone_lands(run, found.at / 200)


def test_standing_after_running_ends_it() -> None:
    run, _ = day(FOREFOOT, "right")
    stops_s = bouts(run, "running")[-1][1]
    detector = detect(of_virtual(run)[: int((stops_s + 2.5) * RATE_HZ)], RATE_HZ).detector
    assert detector.landings > 40
    assert not detector.running
    assert detector.cadence_spm == 0
