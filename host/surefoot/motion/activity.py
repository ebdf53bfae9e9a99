"""What the runner was doing: running, walking, standing, or something else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from surefoot.motion.activity_parameters import ActivityParameters
from surefoot.motion.pieces import BoolArray, IntArray, Pieces
from surefoot.motion.swing import Swings
from surefoot.motion.windows import sample
from surefoot.recording.samples import FloatArray, true_runs


@dataclass(frozen=True)
class Activity:
    """What happens when.

    Attributes
    ----------
    running : bool array, shape (n,)
        Samples between the swings of running.
    running_swing : bool array, shape (m,)
        Swings that belong to running.
    standing : bool array, shape (n,)
    seconds : dict
        Time of each kind: running, walking, standing, other.
    """

    running: BoolArray
    running_swing: BoolArray
    standing: BoolArray
    seconds: dict[str, float]


def tell_apart(
    pieces: Pieces, swings: Swings, still: BoolArray, parameters: ActivityParameters | None = None
) -> Activity:
    """Tell running from walking, standing and the rest; `still` as `find_still` gives it."""
    p = parameters or ActivityParameters()
    n = len(pieces.t_s)
    standing = still.copy()
    peak = swings.peak
    start, end = peak[:-1], peak[1:]
    together = pieces.piece_of(start) == pieces.piece_of(end)
    interval_s = np.where(together, (end - start) / pieces.rate_hz, np.inf)
    score, hinge = _score(pieces, swings, interval_s, p)
    gait = hinge & (interval_s <= p.longest_walking_s)
    runs = gait & (interval_s <= p.longest_running_s) & (_smooth(score, gait, p.neighbours) > 0)
    walks = gait & ~runs
    running, walking = (_fill(n, start[kind], end[kind]) for kind in (runs, walks))
    # half a stride lies before the first and after the last swing of a stretch
    reach = int(0.35 * pieces.rate_hz)
    running_swing = np.zeros(len(peak), dtype=bool)
    running_swing[:-1] |= runs
    running_swing[1:] |= runs
    for side in (-1, 1):
        edge = peak[running_swing]
        running |= _fill(n, np.clip(edge + min(side * reach, 0), 0, n), np.clip(edge + max(side * reach, 0), 0, n))
    running &= ~(walking | standing)
    standing &= ~walking
    seconds = {
        "running": running.sum() / pieces.rate_hz,
        "walking": walking.sum() / pieces.rate_hz,
        "standing": standing.sum() / pieces.rate_hz,
        "other": (~(running | walking | standing)).sum() / pieces.rate_hz,
    }
    return Activity(running, running_swing, standing, {kind: float(value) for kind, value in seconds.items()})


def _score(
    pieces: Pieces, swings: Swings, interval_s: FloatArray, p: ActivityParameters
) -> tuple[FloatArray, BoolArray]:
    """Score of each interval, positive for running, and whether its rotation is that of a stepping leg."""
    peak = swings.peak
    length = np.diff(peak)
    accel, rate = pieces.accel_g, pieces.gyro_dps
    mean = _between(accel, peak) / length[:, None]
    power = _between(np.einsum("ij,ij->i", accel, accel), peak) / length
    shaking = np.sqrt(np.maximum(power - np.einsum("ij,ij->i", mean, mean), 1e-6))
    whole = _between(np.einsum("ij,ij->i", rate, rate), peak)
    hinge = _between((rate @ swings.axis) ** 2, peak)
    swing_dps = np.minimum(swings.rate_dps[:-1], swings.rate_dps[1:])
    score = (
        np.log2(shaking / p.shaking_pivot_g)
        + (swing_dps / p.swing_pivot_dps - 1)
        + (p.interval_pivot_s - np.where(np.isfinite(interval_s), interval_s, 9.0)) / p.interval_unit_s
    )
    stepping = ndimage.median_filter(_second_harmonic(pieces, swings), p.neighbours) > p.second_harmonic_share
    return score, (hinge > p.about_axis_share * whole) & stepping


def _second_harmonic(pieces: Pieces, swings: Swings) -> FloatArray:
    """Amplitude at twice the stride's frequency, as a share of those at once and twice, of each interval."""
    peak = swings.peak
    if len(peak) < 2:
        return np.zeros(0)
    at = peak[:-1, None] + np.diff(peak)[:, None] * np.arange(24) / 24
    once, twice = np.abs(np.fft.rfft(sample(pieces.gyro_dps @ swings.axis, at), axis=1)).T[1:3]
    return np.asarray(twice / np.maximum(once + twice, 1e-9))


def _between(values: FloatArray, peak: IntArray) -> FloatArray:
    """Sum of `values` (n, ...) from each peak up to the next."""
    return np.asarray(np.add.reduceat(values, peak, axis=0)[:-1])


def _smooth(score: FloatArray, gait: BoolArray, neighbours: int) -> FloatArray:
    smooth = np.full(len(score), -np.inf)
    if gait.any():
        smooth[gait] = ndimage.median_filter(score[gait], size=neighbours, mode="nearest")
    return smooth


def _fill(n: int, start: np.ndarray, end: np.ndarray) -> BoolArray:
    edges = np.zeros(n + 1, dtype=np.int64)
    np.add.at(edges, start, 1)
    np.add.at(edges, end, -1)
    return np.cumsum(edges)[:n] > 0


def find_still(pieces: Pieces, parameters: ActivityParameters | None = None) -> BoolArray:
    """Find the samples, shape (n,), in which the shin is still for long enough to stand.

    A biased gyroscope reads a constant rate, so it is the change that counts.
    """
    p = parameters or ActivityParameters()
    size = max(3, int(0.5 * pieces.rate_hz))
    quiet = np.ones(len(pieces.t_s), dtype=bool)
    limits = (pieces.gyro_dps, p.still_dps, p.bias_dps), (pieces.accel_g, p.still_g, p.farthest_g)
    for values, limit, farthest in limits:
        for axis in range(3):
            mean = ndimage.uniform_filter1d(values[:, axis], size)
            square = ndimage.uniform_filter1d(values[:, axis] ** 2, size)
            quiet &= (square - mean**2 < limit**2) & (np.abs(mean) < farthest)
    long_enough = np.zeros_like(quiet)
    for piece in pieces.slices():
        for start, end in true_runs(quiet[piece]):
            if end - start >= p.standing_s * pieces.rate_hz:
                long_enough[piece.start + start : piece.start + end] = True
    return long_enough
