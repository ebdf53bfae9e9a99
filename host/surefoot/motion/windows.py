"""Many short windows of a signal at once: one row per event, times between samples allowed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from surefoot.recording.samples import FloatArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def sample(values: FloatArray, at: FloatArray) -> FloatArray:
    """Read `values` (n, ...) at fractional sample indices `at` (any shape) by linear interpolation; nan stays nan."""
    known = np.isfinite(at)
    last = len(values) - 1
    share = np.clip(np.where(known, at, 0.0), 0, last)
    left = np.minimum(share.astype(np.int64), max(last - 1, 0))
    share -= left
    # in place: an hour's windows are tens of megabytes
    read = values[left]
    left += min(last, 1)
    step = values[left]
    step -= read
    step *= share.reshape(share.shape + (1,) * (values.ndim - 1))
    read += step
    read[~known] = np.nan
    return read


def around(values: FloatArray, at: FloatArray, offsets_s: FloatArray, rate_hz: float) -> FloatArray:
    """Windows of `values` at `offsets_s` (k,) around the fractional indices `at` (m,): shape (m, k, ...)."""
    return sample(values, at[:, None] + offsets_s[None, :] * rate_hz)


def extreme(rows: FloatArray, allowed: BoolArray) -> IntArray:
    """Index of the largest allowed value of each row; 0 where nothing is allowed."""
    return np.asarray(np.argmax(np.where(allowed & np.isfinite(rows), rows, -np.inf), axis=1))


def at_column(rows: FloatArray, column: IntArray) -> FloatArray:
    """Read one value from each row."""
    return np.take_along_axis(rows, column[:, None], axis=1)[:, 0]


def first_crossing(rows: FloatArray, start: IntArray, end: IntArray, level: FloatArray) -> FloatArray:
    """Fractional column at which each row first passes `level` on its way from column `start` to column `end`.

    nan where it does not.
    """
    column = np.arange(rows.shape[1])[None, :]
    above = rows >= level[:, None]
    passes = (above[:, 1:] != above[:, :-1]) & (column[:, :-1] >= start[:, None]) & (column[:, 1:] <= end[:, None])
    left = np.argmax(passes, axis=1)
    low, high = at_column(rows, left), at_column(rows, left + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = left + (level - low) / (high - low)
    return np.where(passes.any(axis=1), crossing, np.nan)
