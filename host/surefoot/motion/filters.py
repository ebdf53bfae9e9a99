"""Zero-phase Butterworth filters, the envelope of a band, and peaks.

They give what `butter` with `sosfiltfilt`, `hilbert` and `find_peaks` of `scipy.signal` give, and the tests hold them
to it. Importing that package takes about as long as filtering an hour of samples, and 35 MB.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import ifft, next_fast_len, rfft
from scipy.linalg.blas import dtbsv

from surefoot.recording.samples import FloatArray

IntArray = NDArray[np.int64]
ComplexArray = NDArray[np.complex128]


@dataclass(frozen=True)
class Filter:
    """The recursion `a[0] y[n] + a[1] y[n-1] + ... = b[0] x[n] + b[1] x[n-1] + ...`, where `a[0]` is 1."""

    b: FloatArray
    a: FloatArray

    def both_ways(self, values: FloatArray) -> FloatArray:
        """Filter `values` (n, ...) forward and backward in time, so that nothing is delayed.

        At both ends the signal is continued by a short odd reflection and then as a constant.
        """
        reach = 3 * len(self.a)
        head = 2 * values[0] - values[reach:0:-1]
        tail = 2 * values[-1] - values[-2 : -reach - 2 : -1]
        longer = np.concatenate([head, values, tail]).reshape(len(values) + 2 * reach, -1)
        bands = np.tile(self.a, (len(longer), 1)).T
        smooth = np.empty((len(values), longer.shape[1]))
        for column in range(longer.shape[1]):
            forward = self._forward(longer[:, column], bands)
            smooth[:, column] = self._forward(forward[::-1], bands)[::-1][reach:-reach]
        return smooth.reshape(values.shape)

    def _forward(self, values: FloatArray, bands: FloatArray) -> FloatArray:
        """Filter as if the first value had been there for ever.

        The recursion is a banded triangular system of equations, which BLAS solves; `bands` holds its diagonals.
        """
        settled = values[0] * self.b.sum() / self.a.sum()
        driven = np.convolve(values - values[0], self.b)[: len(values)]
        solved: FloatArray = dtbsv(len(self.a) - 1, bands, driven, lower=1, diag=1, overwrite_x=1)
        solved += settled
        return solved


def low_pass(cutoff_hz: float, rate_hz: float) -> Filter:
    """Design a Butterworth low-pass of order 2 in each direction."""
    edge = 2 * np.tan(np.pi * cutoff_hz / rate_hz)
    b, a = np.array([1.0, 2.0, 1.0]), _denominator(edge * _prototype_poles())
    return Filter(b * a.sum() / b.sum(), a)


def band_pass(low_hz: float, high_hz: float, rate_hz: float) -> Filter:
    """Design a Butterworth band-pass of order 2 for each edge in each direction."""
    low, high = (2 * np.tan(np.pi * edge_hz / rate_hz) for edge_hz in (low_hz, high_hz))
    half = (high - low) / 2 * _prototype_poles()
    apart = np.sqrt(half**2 - low * high)
    b, a = np.array([1.0, 0.0, -2.0, 0.0, 1.0]), _denominator(np.concatenate([half + apart, half - apart]))
    middle = np.exp(2j * np.arctan(np.sqrt(low * high) / 2))
    return Filter(b * np.abs(np.polyval(a, middle) / np.polyval(b, middle)), a)


def _prototype_poles() -> ComplexArray:
    """Poles of the analogue Butterworth filter of order 2 with its edge at 1 rad/s."""
    return np.asarray(np.exp(np.array([0.75j, -0.75j]) * np.pi))


def _denominator(analogue_poles: ComplexArray) -> FloatArray:
    """Bilinear transform at a sampling interval of 1."""
    return np.asarray(np.poly((2 + analogue_poles) / (2 - analogue_poles)).real)


def envelope(values: FloatArray) -> FloatArray:
    """Magnitude of the analytic signal of `values` (n,)."""
    # a prime length would make the transform slow
    length = next_fast_len(len(values))
    spectrum = rfft(values, length)
    spectrum[1 : (length + 1) // 2] *= 2
    return np.asarray(np.abs(ifft(spectrum, length)[: len(values)]))


def peaks(values: FloatArray, height: float, distance: int) -> IntArray:
    """Find the local maxima of `values` (n,) from `height` up; of those closer than `distance` the highest."""
    inner = values[1:-1]
    at = 1 + np.flatnonzero((inner > values[:-2]) & (inner >= values[2:]) & (inner >= height))
    rank = np.argsort(np.argsort(values[at], kind="stable"))
    kept = [at[:0]]
    while len(at):
        first, last = np.searchsorted(at, at - distance, side="right"), np.searchsorted(at, at + distance)
        near = np.stack([first, last], axis=1).ravel()
        highest = rank == np.maximum.reduceat(np.append(rank, -1), near)[::2]
        kept.append(at[highest])
        covered = np.zeros(len(at) + 1, dtype=np.int64)
        np.add.at(covered, first[highest], 1)
        np.add.at(covered, last[highest], -1)
        left = np.cumsum(covered)[:-1] == 0
        at, rank = at[left], rank[left]
    return np.sort(np.concatenate(kept))
