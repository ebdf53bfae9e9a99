"""Damage is as large as asked for, and the truth goes with it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rig.faults import (
    with_backward_times,
    with_clock,
    with_gaps,
    with_missing,
    with_nan,
    with_repeated_times,
)
from tests.rig.script import Stretch
from tests.rig.virtual_runner import VirtualRun, build


@pytest.fixture(scope="module")
def run() -> VirtualRun:
    return build([Stretch("stand", 5), Stretch("run", 55)])


def test_gaps_leave_the_times_of_the_rest(run: VirtualRun) -> None:
    damaged = with_gaps(run, 3, 2.0)
    holes = np.diff(damaged.t_s) > 0.02
    assert 1 <= holes.sum() <= 3
    assert np.isin(damaged.t_s, run.t_s).all()
    assert np.diff(damaged.t_s).max() <= 2.01
    at = np.searchsorted(run.t_s, damaged.t_s)
    assert np.array_equal(run.accel_g[at], damaged.accel_g)


def test_missing_samples_have_their_share(run: VirtualRun) -> None:
    damaged = with_missing(run, 0.11)
    assert 1 - len(damaged.t_s) / len(run.t_s) == pytest.approx(0.11, abs=0.01)


def test_a_fast_clock_takes_the_truth_along(run: VirtualRun) -> None:
    fast = with_clock(run, 1.03)
    assert np.diff(fast.t_s) == pytest.approx(1.03 / 200)
    # The signal at a contact is the signal at that contact, whatever the clock says.
    for before, after in zip(run.truth.contact_s, fast.truth.contact_s, strict=True):
        was, now = np.interp(before, run.t_s, run.accel_g[:, 1]), np.interp(after, fast.t_s, fast.accel_g[:, 1])
        assert now == pytest.approx(was)
    assert fast.truth.cadence_spm.mean() == pytest.approx(run.truth.cadence_spm.mean() / 1.03)
    assert fast.truth.cadence_spm.to_numpy() == pytest.approx(120 / fast.truth.stride_time_s.to_numpy())
    assert fast.truth.stride_length_m.equals(run.truth.stride_length_m)
    assert fast.truth.speed_mps.to_numpy() == pytest.approx(
        (fast.truth.stride_length_m / fast.truth.stride_time_s).to_numpy()
    )
    assert fast.activities.end_s.iloc[-1] == pytest.approx(61.8)
    assert run.activities.end_s.iloc[-1] == 60


def test_times_repeat_and_run_backward(run: VirtualRun) -> None:
    assert (np.diff(with_repeated_times(run, 7).t_s) == 0).sum() == 7
    backward = with_backward_times(run, 9)
    assert (np.diff(backward.t_s) < 0).sum() == 9
    assert np.array_equal(np.sort(backward.t_s), run.t_s)
    at = np.searchsorted(run.t_s, backward.t_s)
    assert np.array_equal(run.gyro_dps[at], backward.gyro_dps)


def test_values_go_missing(run: VirtualRun) -> None:
    damaged = with_nan(run, 20)
    assert np.isnan(damaged.accel_g).sum() + np.isnan(damaged.gyro_dps).sum() == 20
    assert not np.isnan(run.accel_g).any()
