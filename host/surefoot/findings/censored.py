"""Quantiles of values of which some are only known to be at least so large, and their bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def quantile(values: FloatArray, clipped: BoolArray, q: float) -> tuple[FloatArray, BoolArray]:
    """Quantile with right-censored values, by Kaplan and Meier.

    Without clipped values this is the ordinary quantile (linear interpolation, numpy's default). A clipped value is a
    lower bound, so its weight goes to the values above it (Efron's redistribution). That takes a clipped landing to be,
    if anything, harder than a measured one above the same bound, which is how a sensor's limit works. Bounds above
    every measured value stand for themselves, and a quantile among them is itself a lower bound.

    Parameters
    ----------
    values : array, shape (..., n)
        Measured values or lower bounds; no nan.
    clipped : array, shape (..., n)
        True where the value is a lower bound.
    q : float
        0 to 1.

    Returns
    -------
    value : array, shape (...)
        nan where n is 0.
    bounded : array, shape (...)
        True where the measured values do not reach the quantile: it is a lower bound.
    """
    n = values.shape[-1]
    if n == 0:
        return np.full(values.shape[:-1], np.nan), np.zeros(values.shape[:-1], dtype=bool)
    if not clipped.any():
        return _plain_quantile(values, q), np.zeros(values.shape[:-1], dtype=bool)

    order = np.lexsort((clipped, values), axis=-1)
    ordered = np.take_along_axis(values, order, axis=-1)
    measured = ~np.take_along_axis(clipped, order, axis=-1)
    measured_follows = np.logical_or.accumulate(measured[..., ::-1], axis=-1)[..., ::-1]
    event = measured | ~measured_follows

    at_risk = np.arange(n, 0, -1)
    survival = np.cumprod(np.where(event, 1.0 - 1.0 / at_risk, 1.0), axis=-1)
    rank = np.zeros_like(ordered)
    rank[..., 1:] = n * (1.0 - survival[..., :-1])
    next_event = np.minimum.accumulate(np.where(event, ordered, np.inf)[..., ::-1], axis=-1)[..., ::-1]

    position = q * (n - 1)
    reached = np.max(np.where(measured, rank, -1.0), axis=-1)
    return _interpolate(rank, next_event, position), (position > reached + 1e-9) & ~measured[..., -1]


def _plain_quantile(values: FloatArray, q: float) -> FloatArray:
    """Give what `numpy.quantile` gives along the last axis, without its checks, which cost more than the work here."""
    position = q * (values.shape[-1] - 1)
    below, above = int(np.floor(position)), int(np.ceil(position))
    ordered = np.partition(values, sorted({below, above}), axis=-1)
    low, high = ordered[..., below], ordered[..., above]
    return np.asarray(low + (position - below) * (high - low), dtype=np.float64)


def _interpolate(rank: FloatArray, value: FloatArray, position: float) -> FloatArray:
    """Value at a position on a non-decreasing rank that starts at 0, along the last axis."""
    last = rank.shape[-1] - 1
    index = np.count_nonzero(rank <= position + 1e-9, axis=-1)[..., None] - 1
    following = np.minimum(index + 1, last)
    low, high = np.take_along_axis(value, index, -1), np.take_along_axis(value, following, -1)
    start, end = np.take_along_axis(rank, index, -1), np.take_along_axis(rank, following, -1)
    step = np.where(end > start, end - start, 1.0)
    share = np.clip((position - start) / step, 0.0, 1.0)
    return np.asarray((low + share * (high - low))[..., 0], dtype=np.float64)


@dataclass(frozen=True)
class Resampling:
    """How medians are resampled.

    `block` neighbouring values are drawn together, because neighbouring strides resemble each other; over ten that has
    died away. At most `largest_sample` values are drawn per replicate, for speed.
    """

    block: int = 10
    replicates: int = 300
    largest_sample: int = 300
    seed: int = 20_240_229


def resampled_medians(values: FloatArray, clipped: BoolArray, resampling: Resampling) -> tuple[FloatArray, BoolArray]:
    """Medians of moving-block bootstrap samples (Kunsch 1989), each with whether it is a lower bound.

    Of long series fewer values are drawn than there are and the deviations shrunk by the root of the ratio (m out of
    n). The spread that blocks lose in short series, a share block / n of the variance, is given back. Needs more values
    than one block; shape (replicates,).
    """
    index = _drawn(values.size, resampling)
    limits = clipped[index] if clipped.any() else np.zeros(index.shape, dtype=bool)
    medians, bounded = quantile(values[index], limits, 0.5)
    middle, _ = quantile(values, clipped, 0.5)
    return middle + (medians - middle) * np.sqrt(index.shape[1] / (values.size - resampling.block)), bounded


@lru_cache(maxsize=64)
def _drawn(n: int, resampling: Resampling) -> NDArray[np.int64]:
    """Draw the indices of each replicate, shape (replicates, drawn); the same strides for every metric of a group."""
    drawn = min(n, resampling.largest_sample)
    rng = np.random.default_rng(resampling.seed)
    starts = rng.integers(0, n - resampling.block + 1, size=(resampling.replicates, -(-drawn // resampling.block)))
    return (starts[:, :, None] + np.arange(resampling.block)).reshape(resampling.replicates, -1)[:, :drawn]


def interval(medians: FloatArray, bounded: BoolArray, share: float = 0.95) -> tuple[float, float]:
    """Percentile interval of bootstrap replicates; the upper end is nan (open) where a bound reaches it."""
    tail = (1.0 - share) / 2.0
    low = float(np.quantile(medians, tail))
    high = float(np.quantile(np.where(bounded, np.inf, medians), 1.0 - tail, method="higher"))
    return low, high if np.isfinite(high) else np.nan
