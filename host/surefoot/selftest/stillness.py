"""Whether a pod lay still, from its samples: sensor noise is white, a hand, a step or a shaking table is not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from surefoot.recording.samples import FloatArray

BLOCK_S = 0.5
"""Over which means are taken. Noise of five times the data sheet's (27 mg at 184 Hz, 500 Hz) leaves 1.7 mg in them."""
ACCEL_STEP_G = 0.02
"""From the lowest to the highest mean: 12 times that, and what a tilt by 1 degree makes of 1 g."""
GYRO_STEP_DPS = 2.0
"""A hand that holds a pod as still as it can turns it by more; five times the data sheet's noise leaves 0.02 deg/s."""
SHORT_BLOCK_S = 0.04
"""What shakes a table (steps, motors, typing) is slower than 25 Hz and outlives such a mean; white noise does not."""
SHAKES = 2.0
"""Means of short blocks spread so many times as much as those of white noise of the same size would. Behind the pod's
low-pass filters noise comes to 1.2."""


def block_means(values: FloatArray, samples: int) -> FloatArray:
    """Return the means of blocks of so many rows, an incomplete one at the end left out."""
    blocks = len(values) // samples
    return np.asarray(values[: blocks * samples].reshape(blocks, samples, values.shape[1]).mean(axis=1))


def without_drift(values: FloatArray, rate_hz: float) -> tuple[FloatArray, int]:
    """Return `values` (n, channels) about the means of their half seconds, and how many of those there are."""
    samples = max(2, round(rate_hz * BLOCK_S))
    means = block_means(values, samples)
    return values[: len(means) * samples] - np.repeat(means, samples, axis=0), len(means)


def is_still(values: FloatArray, rate_hz: float) -> bool:
    """Tell whether all block means of `values` (n, 6), in g and deg/s, lie within a step of each other."""
    return _agree(block_means(values, _samples(rate_hz, BLOCK_S)))


def longest_still(values: FloatArray, rate_hz: float) -> FloatArray:
    """Return the longest stretch of `values` (n, 6) all block means of which lie within a step of each other."""
    samples = _samples(rate_hz, BLOCK_S)
    means = block_means(values, samples)
    best, first = (0, 0), 0
    for end in range(1, len(means) + 1):
        while not _agree(means[first:end]):
            first += 1
        best = max(best, (first, end), key=lambda stretch: stretch[1] - stretch[0])
    return values[best[0] * samples : best[1] * samples]


def shaken(values: FloatArray, rate_hz: float) -> NDArray[np.bool_]:
    """Tell of each column of `values` whether what moves in it, drift left out, is slower than a sensor's noise."""
    samples = _samples(rate_hz, SHORT_BLOCK_S)
    left, _ = without_drift(values, rate_hz)
    slow = block_means(left, samples).std(axis=0) * np.sqrt(samples)
    return np.asarray(slow > SHAKES * left.std(axis=0))


def _agree(means: FloatArray) -> bool:
    return len(means) > 0 and bool(np.all(np.ptp(means, axis=0) <= _STEPS))


def _samples(rate_hz: float, seconds: float) -> int:
    return max(1, round(rate_hz * seconds))


_STEPS = np.array([ACCEL_STEP_G] * 3 + [GYRO_STEP_DPS] * 3)
