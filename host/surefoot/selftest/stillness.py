"""Whether a pod lay still, from its samples: sensor noise is white, a hand, a step or a shaking table is not."""

from __future__ import annotations

import numpy as np

from surefoot.recording.samples import FloatArray, true_runs

BLOCK_S = 0.5
"""Over which means are taken. Noise of five times the data sheet's (27 mg at 184 Hz, 500 Hz) leaves 1.7 mg in them."""
ACCEL_STEP_G = 0.02
"""From one mean to the next: 12 times that, and what a tilt by 1 degree makes of 1 g."""
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


def is_still(values: FloatArray, rate_hz: float) -> bool:
    """Tell whether all block means of `values` (n, 6), in g and deg/s, lie within a step of each other."""
    means = block_means(values, _samples(rate_hz, BLOCK_S))
    return len(means) > 0 and bool(np.all(np.ptp(means, axis=0) <= _STEPS))


def longest_still(values: FloatArray, rate_hz: float) -> FloatArray:
    """Return the longest stretch of `values` (n, 6) in which no block mean is a step away from the one before."""
    samples = _samples(rate_hz, BLOCK_S)
    means = block_means(values, samples)
    if len(means) < 2:
        return values[:0]
    calm = np.all(np.abs(np.diff(means, axis=0)) <= _STEPS, axis=1)
    first, last = max(true_runs(calm), key=lambda run: run[1] - run[0], default=(0, -1))
    return values[first * samples : (last + 1) * samples]


def shakes(values: FloatArray, rate_hz: float) -> bool:
    """Tell whether what moves in `values` (n, channels) is slower than the noise of a sensor."""
    samples = _samples(rate_hz, SHORT_BLOCK_S)
    spread = values.std(axis=0)
    slow = block_means(values, samples).std(axis=0) * np.sqrt(samples)
    return bool(np.any(slow > SHAKES * spread))


def _samples(rate_hz: float, seconds: float) -> int:
    return max(1, round(rate_hz * seconds))


_STEPS = np.array([ACCEL_STEP_G] * 3 + [GYRO_STEP_DPS] * 3)
