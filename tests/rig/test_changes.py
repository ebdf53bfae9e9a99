"""Injected changes have the size they claim, where they claim it, and nothing else moves."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rig.mounting import PERFECT
from tests.rig.plain_strapdown import strapdown
from tests.rig.script import FOREFOOT, Changes, Stretch
from tests.rig.virtual_runner import VirtualRun, build

G = 9.80665

EVERY = Changes(harder=0.25, reach_deg=6.0, braking=0.3, off_plane=1.0)


def pair(changes: Changes, runner=FOREFOOT) -> tuple[VirtualRun, VirtualRun]:
    """The same strides as they are and, between 15 and 30 s, changed; shin axes, 500 Hz."""
    plain, changed = (
        build([Stretch("run", 15), Stretch("run", 15, changes=c), Stretch("run", 15)], runner, sensor=PERFECT)
        for c in (Changes(), changes)
    )
    assert np.array_equal(plain.truth.contact_s, changed.truth.contact_s)
    return plain, changed


def around_contacts(run: VirtualRun, values: np.ndarray, start_s: float, end_s: float) -> np.ndarray:
    """Values in a window around each contact of the changed stretch, interpolated to 1 ms."""
    contacts = run.truth.contact_s[run.truth.stretch == 1]
    lag_s = np.arange(start_s, end_s, 0.001)
    return np.stack([np.interp(c + lag_s, run.t_s, values) for c in contacts])


@pytest.mark.parametrize(
    ("changes", "until_s"),
    [
        (Changes(harder=0.25), 0.080),
        (Changes(reach_deg=6.0), 0.120),
        (Changes(braking=0.3), 0.100),
        (Changes(off_plane=1.0), 0.265),
    ],
)
def test_only_the_landings_of_the_changed_stretch_change(changes: Changes, until_s: float) -> None:
    plain, changed = pair(changes)
    contacts = plain.truth.contact_s[plain.truth.stretch == 1].to_numpy()
    since = plain.t_s[:, None] - contacts
    near = ((since > -0.28) & (since <= until_s + 0.004)).any(axis=1)
    accel, gyro = np.abs(changed.accel_g - plain.accel_g), np.abs(changed.gyro_dps - plain.gyro_dps)
    assert accel[~near].max() < 1e-6
    assert gyro[~near].max() < 1e-5
    assert accel[near].max() > 0.05


def test_harder_multiplies_shock_and_ap_acceleration() -> None:
    plain, changed = pair(Changes(harder=0.25))
    before, after = (around_contacts(run, run.accel_g[:, 1] - 1, 0.006, 0.066) for run in (plain, changed))
    assert after.max(axis=1) / before.max(axis=1) == pytest.approx(1.25, rel=0.005)
    backward = [around_contacts(run, run.accel_g[:, 0], 0.006, 0.066).min(axis=1) for run in (plain, changed)]
    assert np.median(backward[1] / backward[0]) == pytest.approx(1.25, abs=0.03)
    assert np.array_equal(plain.gyro_dps, changed.gyro_dps)


def test_reach_turns_the_shin_by_six_degrees_at_contact_and_back() -> None:
    plain, changed = pair(Changes(reach_deg=6.0))
    extra_dps = changed.gyro_dps - plain.gyro_dps
    # About one axis for each sample: the shin's own mediolateral axis, foreshortened by its turn-out.
    size_dps = np.linalg.norm(extra_dps, axis=1) * np.sign(extra_dps[:, 2])
    contacts = plain.truth.contact_s[plain.truth.stretch == 1]
    angle_deg = np.concatenate([[0.0], np.cumsum((size_dps[1:] + size_dps[:-1]) / 2 / 500)])
    assert np.interp(contacts, plain.t_s, angle_deg) == pytest.approx(6.0, abs=0.05)
    assert np.interp(contacts + 0.125, plain.t_s, angle_deg) == pytest.approx(0.0, abs=0.05)
    difference_deg = (changed.truth.shin_angle_deg - plain.truth.shin_angle_deg)[plain.truth.stretch == 1]
    assert difference_deg.to_numpy() == pytest.approx(6.0)
    # The shin feels the same landing but for gravity, which is 0.1 g of ap at six degrees.
    shock, ap = (
        around_contacts(changed, changed.accel_g[:, i], 0.0, 0.08)
        - around_contacts(plain, plain.accel_g[:, i], 0.0, 0.08)
        for i in (1, 0)
    )
    assert np.abs(shock).max() < 0.035
    assert np.abs(ap).max() < np.sin(np.radians(6)) + 0.01


def test_braking_takes_off_more_forward_speed() -> None:
    """Forward speed lost over the ground in the first 100 ms, by plain integration; the shock stays."""
    plain, changed = (
        build([Stretch("stand", 4), Stretch("run", 15, changes=c)], sensor=PERFECT)
        for c in (Changes(), Changes(braking=0.3))
    )
    lost_mps, shock_g = [], []
    lag_s = np.arange(0.0, 0.1, 0.001)
    for run in (plain, changed):
        _, velocity = strapdown(run)
        heading = velocity[run.t_s > 6].mean(axis=0)
        forward = velocity @ (heading / np.linalg.norm(heading))
        contact_s = run.truth.contact_s
        gained = np.diff([np.interp(c + lag_s, run.t_s, forward) for c in contact_s], axis=1)
        lost_mps.append(-np.minimum(gained, 0.0).sum(axis=1))
        shock_g.append(run.accel_g[:, 1])
    assert np.median(lost_mps[1] / lost_mps[0]) == pytest.approx(1.3, abs=0.03)
    assert np.median(lost_mps[0]) > 0.5
    for contact_s in plain.truth.contact_s:
        landing = (plain.t_s >= contact_s) & (plain.t_s < contact_s + 0.1)
        assert shock_g[1][landing] == pytest.approx(shock_g[0][landing], abs=0.01)


def test_changes_together_still_give_a_quarter_more_shock() -> None:
    plain, changed = pair(Changes(harder=0.25, reach_deg=6.0, braking=0.3))
    before, after = (around_contacts(run, run.accel_g[:, 1] - 1, 0.006, 0.066) for run in (plain, changed))
    assert after.max(axis=1) / before.max(axis=1) == pytest.approx(1.25, rel=0.03)
    before, after = (around_contacts(run, run.accel_g[:, 0], 0.006, 0.066) for run in (plain, changed))
    assert np.median(after.min(axis=1) / before.min(axis=1)) == pytest.approx(1.25 * 1.3, rel=0.03)


def test_off_plane_doubles_the_rotation_that_is_not_in_the_plane_of_running() -> None:
    plain, changed = pair(Changes(off_plane=1.0))
    ratios = []
    for axis in (0, 1):
        before, after = (around_contacts(run, run.gyro_dps[:, axis], 0.006, 0.108) for run in (plain, changed))
        ratios.append(np.median(np.sqrt((after**2).mean(axis=1) / (before**2).mean(axis=1))))
    assert 1.5 < ratios[0] < 2.3
    assert 1.8 < ratios[1] < 2.2


@pytest.mark.parametrize("changes", [Changes(harder=0.25), Changes(braking=0.3), Changes(reach_deg=6.0), EVERY])
def test_changed_landings_keep_speed_and_path(changes: Changes) -> None:
    """Integrated from a standing start, the changed run has the plain one's speed at every mid-stance, and its path."""
    plain, changed = (
        build([Stretch("stand", 4), Stretch("run", 15, changes=c)], sensor=PERFECT) for c in (Changes(), changes)
    )
    extra = strapdown(changed)[1] - strapdown(plain)[1]
    middle = np.searchsorted(plain.t_s, plain.truth.contact_s + 0.125)
    assert np.abs(extra).max() > 0.1
    assert np.abs(extra[middle]).max() < 0.03
    assert np.abs(extra[middle[0] : middle[-1]].mean(axis=0)).max() < 0.01


def test_shock_varies_from_stride_to_stride_as_in_runners() -> None:
    run = build([Stretch("run", 120, speed_mps=3.0)], FOREFOOT, sensor=PERFECT)
    peaks = np.array([run.accel_g[(run.t_s > c) & (run.t_s < c + 0.08), 1].max() - 1 for c in run.truth.contact_s])
    assert 4 < np.median(peaks) < 9
    assert 0.07 < peaks.std() / peaks.mean() < 0.16
