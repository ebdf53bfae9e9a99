"""Live contacts, cadence, contact time and shock against a force treadmill, and against the host's shock."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from surefoot.gait.path import SensorPlace
from surefoot.gait.strides import find_strides
from surefoot.motion.movement import movement
from tests.analyses import treadmill_analysis, treadmill_recording
from tests.recordings import TREADMILL
from tests.rig.live import (
    Found,
    at_rate,
    detect,
    nearest,
    orientations,
    treadmill_files,
    treadmill_truth,
)
from tests.rig.sample_file import raw_samples

FloatArray = NDArray[np.float64]
FILES = treadmill_files()
IDS = [f"{name}-{rate_hz}{'-impact' if impact else ''}" for name, rate_hz, impact in FILES]
LEARNING = 3
"""Contacts that may pass before the axes and the gait are known."""
APART_S = 0.1


@cache
def found_as_recorded(name: str, rate_hz: int, impact: bool) -> Found:
    """Sample by sample, so that the moment of the announcement is exact."""
    _, accel_g, gyro_dps = TREADMILL[name].samples(rate_hz, impact)
    return detect(raw_samples(accel_g, gyro_dps), rate_hz, packet=1)


def assert_contacts(name: str, at_s: FloatArray) -> FloatArray:
    """All contacts are found but for the first ones, and no other; returns the errors, ms."""
    true_s, _ = treadmill_truth(name)
    apart_s = np.abs(true_s[:, None] - at_s[None, :])
    assert (apart_s[LEARNING:].min(axis=1) < APART_S).all()
    assert (apart_s.min(axis=0) < APART_S).all()
    error_ms = 1e3 * nearest(true_s, at_s)
    assert abs(error_ms.mean()) < 6
    assert error_ms.std() < 4
    return error_ms


@pytest.mark.parametrize(("name", "rate_hz", "impact"), FILES, ids=IDS)
def test_every_contact_is_found_and_no_other(name: str, rate_hz: int, impact: bool) -> None:
    found = found_as_recorded(name, rate_hz, impact)
    t_s, _, _ = TREADMILL[name].samples(rate_hz, impact)
    assert_contacts(name, t_s[0] + found.at / rate_hz)


@pytest.mark.parametrize(("name", "rate_hz", "impact"), FILES, ids=IDS)
def test_landings_are_announced_in_time_for_a_cue(name: str, rate_hz: int, impact: bool) -> None:
    found = found_as_recorded(name, rate_hz, impact)
    t_s, _, _ = TREADMILL[name].samples(rate_hz, impact)
    late_s = nearest(treadmill_truth(name)[0], t_s[0] + found.said_at / rate_hz)
    assert late_s.min() > 0.08, "before the shock was over"
    assert late_s.max() < 0.125


@pytest.mark.parametrize(("name", "rate_hz", "impact"), FILES, ids=IDS)
def test_cadence_is_that_of_the_last_four_strides(name: str, rate_hz: int, impact: bool) -> None:
    found = found_as_recorded(name, rate_hz, impact)
    t_s, _, _ = TREADMILL[name].samples(rate_hz, impact)
    true_s, _ = treadmill_truth(name)
    at = np.abs((t_s[0] + found.at / rate_hz)[:, None] - true_s).argmin(axis=1)
    known = at >= at[0] + 4
    cadence_spm = 4 * 120 / (true_s[at[known]] - true_s[at[known] - 4])
    assert np.abs(found.cadence_spm[known] - cadence_spm).max() < 1


@pytest.mark.parametrize(("name", "rate_hz", "impact"), FILES, ids=IDS)
def test_toe_off_and_contact_time(name: str, rate_hz: int, impact: bool) -> None:
    found = found_as_recorded(name, rate_hz, impact)
    t_s, _, _ = TREADMILL[name].samples(rate_hz, impact)
    true_s, true_off_s = treadmill_truth(name)
    off_s = t_s[0] + found.toe_off_at / rate_hz
    inner = off_s < true_off_s[-1] + APART_S
    error_ms = 1e3 * nearest(true_off_s, off_s)[inner]
    assert len(error_ms) >= len(true_off_s) - LEARNING
    assert abs(error_ms.mean()) < 14
    assert error_ms.std() < 6
    true_ms = 1e3 * np.median(true_off_s - true_s[: len(true_off_s)])
    assert abs(np.median(found.contact_ms) - true_ms) < 14


@pytest.mark.parametrize("rotation", orientations(), ids=lambda rotation: f"{rotation[0, 0]:+.2f}")
def test_the_pod_may_sit_in_any_way(rotation: FloatArray) -> None:
    for name, rate_hz, impact in (
        ("rbds001_25_L", 200, False),
        ("rbds001_35_R", 500, True),
        ("jdx_s999_R", 240, False),
    ):
        t_s, accel_g, gyro_dps = TREADMILL[name].samples(rate_hz, impact)
        found = detect(raw_samples(accel_g @ rotation.T, gyro_dps @ rotation.T), rate_hz)
        assert_contacts(name, t_s[0] + found.at / rate_hz)
        straight = found_as_recorded(name, rate_hz, impact)
        assert np.abs(found.shock_g[1:] - straight.shock_g[1:]).max() < 0.08


@pytest.mark.parametrize("rate_hz", [200, 240, 250, 500, 1000])
@pytest.mark.parametrize("name", ["rbds001_25_R", "jdx_s999_L"])
def test_every_rate_of_the_pod(name: str, rate_hz: int) -> None:
    t_s, accel_g, gyro_dps = TREADMILL[name].samples()
    found = detect(raw_samples(at_rate(t_s, accel_g, rate_hz), at_rate(t_s, gyro_dps, rate_hz)), rate_hz)
    assert_contacts(name, t_s[0] + found.at / rate_hz)
    shock_g = found_as_recorded(name, TREADMILL[name].rates_hz[0], False).shock_g
    assert np.abs(found.shock_g[LEARNING:] - shock_g[LEARNING:]).max() < 0.12


@pytest.mark.parametrize("bias_dps", [(5, 5, 5), (-5, -5, -5), (5, -5, -5), (-5, 5, 5)])
@pytest.mark.parametrize("name", ["rbds001_35_R", "jdx_s999_L"])
def test_a_gyroscope_that_is_off(name: str, bias_dps: tuple[float, float, float]) -> None:
    t_s, accel_g, gyro_dps = TREADMILL[name].samples()
    rate_hz = TREADMILL[name].rates_hz[0]
    found = detect(raw_samples(accel_g, gyro_dps + np.array(bias_dps)), rate_hz)
    assert_contacts(name, t_s[0] + found.at / rate_hz)


@pytest.mark.parametrize("clock", [0.97, 1.03])
@pytest.mark.parametrize("name", ["rbds001_25_R", "jdx_s999_R"])
def test_a_sensor_clock_that_is_off(name: str, clock: float) -> None:
    t_s, accel_g, gyro_dps = TREADMILL[name].samples()
    rate_hz = TREADMILL[name].rates_hz[0]
    true_hz = rate_hz * clock
    raw = raw_samples(at_rate(t_s, accel_g, true_hz), at_rate(t_s, gyro_dps, true_hz))
    found = detect(raw, rate_hz, true_rate_hz=true_hz)
    assert_contacts(name, t_s[0] + found.at / true_hz)
    cadence_spm = 120 / np.diff(treadmill_truth(name)[0]).mean()
    assert np.median(found.cadence_spm) == pytest.approx(cadence_spm, abs=1)
    assert np.median(detect(raw, rate_hz).cadence_spm) == pytest.approx(cadence_spm / clock, abs=1.5)


def shock_against_host(name: str, rate_hz: int, impact: bool, found: Found) -> FloatArray:
    """Share by which each live shock differs from the host's, after the first strides.

    At the very end of a recording the host's filter lacks what follows.
    """
    host = treadmill_analysis(name, rate_hz, impact).strides
    ends_s = treadmill_recording(name, rate_hz, impact).t_s[-1]
    at = np.abs((found.at / rate_hz)[:, None] - host["contact_s"].to_numpy()).argmin(axis=1)
    share: FloatArray = found.shock_g / host["shock_axial_g"].to_numpy()[at] - 1
    return share[LEARNING:][found.at[LEARNING:] / rate_hz < ends_s - 0.2]


@pytest.mark.parametrize(("name", "rate_hz", "impact"), [f for f in FILES if f[0][-2:] not in ("08", "06")])
def test_shock_along_the_same_axis_is_that_of_the_host(name: str, rate_hz: int, impact: bool) -> None:
    """Given the host's axis, what is left is the filter, the sampling and the window."""
    reference = TREADMILL[name]
    place = SensorPlace(reference.sensor_height_m, reference.side)
    axial = find_strides(movement(treadmill_recording(name, rate_hz, impact)), place).move.alignment.rotation[1]
    _, accel_g, gyro_dps = reference.samples(rate_hz, impact)
    found = detect(raw_samples(accel_g, gyro_dps), rate_hz, axial=axial)
    assert np.abs(shock_against_host(name, rate_hz, impact, found)).max() < 0.05


@pytest.mark.parametrize(("name", "rate_hz", "impact"), [file for file in FILES if file[2] and "down" not in file[0]])
def test_shock_along_the_axis_that_the_pod_learns(name: str, rate_hz: int, impact: bool) -> None:
    """Nobody stands still in these recordings: both sides guess the axis, which leaves some degrees."""
    share = shock_against_host(name, rate_hz, impact, found_as_recorded(name, rate_hz, impact))
    assert abs(np.median(share)) < 0.07
    assert np.abs(share).max() < 0.10
