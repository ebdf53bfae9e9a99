"""What goes wrong with a recording: a virtual run goes in, a damaged one comes out, its truth moved along."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tests.rig.virtual_runner import VirtualRun

TRUTH_TIMES = ("contact_s", "toeoff_s", "next_contact_s", "stride_time_s", "contact_time_s")


def _kept(run: VirtualRun, keep: NDArray[np.bool_]) -> VirtualRun:
    return replace(run, t_s=run.t_s[keep], accel_g=run.accel_g[keep], gyro_dps=run.gyro_dps[keep])


def with_gaps(run: VirtualRun, gaps: int, longest_s: float, seed: int = 0) -> VirtualRun:
    """Cut `gaps` holes of 50 ms to `longest_s` at random places; the times of what is left stay."""
    rng = np.random.default_rng(seed)
    start_s = rng.uniform(run.t_s[0] + 1, run.t_s[-1] - longest_s - 1, gaps)
    end_s = start_s + rng.uniform(0.05, longest_s, gaps)
    keep = np.ones(len(run.t_s), dtype=bool)
    for first, last in zip(start_s, end_s, strict=True):
        keep &= (run.t_s < first) | (run.t_s > last)
    return _kept(run, keep)


def with_missing(run: VirtualRun, share: float, seed: int = 0) -> VirtualRun:
    """Leave out single samples at random."""
    keep = np.random.default_rng(seed).random(len(run.t_s)) >= share
    return _kept(run, keep)


def with_clock(run: VirtualRun, ratio: float) -> VirtualRun:
    """Let the pod's clock run at `ratio` seconds per true second; its signals do not change.

    Truth, activities and the route's times are moved to the pod's clock, and so are speed and cadence in the truth.
    The route keeps its own speed and cadence, because the watch has its own clock.
    """
    truth = run.truth.copy()
    truth[list(TRUTH_TIMES)] *= ratio
    truth[["speed_mps", "cadence_spm"]] /= ratio
    activities, route = run.activities.copy(), run.route.copy()
    activities[["start_s", "end_s"]] *= ratio
    route["time_s"] *= ratio
    return replace(run, t_s=run.t_s * ratio, truth=truth, activities=activities, route=route)


def with_repeated_times(run: VirtualRun, count: int, seed: int = 0) -> VirtualRun:
    """Give `count` samples the time of the sample before."""
    at = np.random.default_rng(seed).choice(np.arange(1, len(run.t_s)), count, replace=False)
    t_s = run.t_s.copy()
    t_s[at] = run.t_s[at - 1]
    return replace(run, t_s=t_s)


def with_backward_times(run: VirtualRun, count: int, seed: int = 0) -> VirtualRun:
    """Let `count` samples change places with the one before, times and signals together."""
    at = np.random.default_rng(seed).choice(np.arange(1, len(run.t_s), 2), count, replace=False)
    order = np.arange(len(run.t_s))
    order[at], order[at - 1] = at - 1, at
    return replace(run, t_s=run.t_s[order], accel_g=run.accel_g[order], gyro_dps=run.gyro_dps[order])


def with_nan(run: VirtualRun, count: int, seed: int = 0) -> VirtualRun:
    """Make `count` single values of the six signals nan."""
    rng = np.random.default_rng(seed)
    accel_g, gyro_dps = run.accel_g.copy(), run.gyro_dps.copy()
    at, axis = rng.choice(len(run.t_s), count, replace=False), rng.integers(6, size=count)
    accel_g[at[axis < 3], axis[axis < 3]] = np.nan
    gyro_dps[at[axis >= 3], axis[axis >= 3] - 3] = np.nan
    return replace(run, accel_g=accel_g, gyro_dps=gyro_dps)
