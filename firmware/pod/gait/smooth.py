"""Low-pass filters that delay nothing: weights on both sides of a sample, or means of means over a window."""

import math
from array import array

from micropython import const

MASK = const(255)
"""Rings of samples have 256 places."""
_ONE = const(4096)
_POINTS = const(64)


def low_pass(cutoff_hz, rate_hz, every):
    """Weights of the middle sample and of its neighbours on one side, 4096 in all; floats, for making only.

    A Butterworth low-pass of order 2, forward and backward, at `rate_hz`; laid over means of `every` samples, whose
    own low-pass is taken out.
    """
    half = int(0.8 * rate_hz / every / cutoff_hz) + 2
    weights = [0.0] * (half + 1)
    for point in range(_POINTS):
        angle = math.pi * (point - _POINTS / 2 + 0.5) / (_POINTS * every)
        passed = 1 / (1 + (math.tan(angle) / math.tan(math.pi * cutoff_hz / rate_hz)) ** 4)
        passed *= every * math.sin(angle) / math.sin(every * angle)
        for k in range(half + 1):
            weights[k] += passed * math.cos(2 * angle * every * k)
    whole = weights[0] + 2 * sum(weights[1:])
    taps = array("h", [round(_ONE * weight / whole) for weight in weights])
    taps[0] = _ONE - 2 * sum(taps[1:])
    return taps


def smoothed(ring, at, taps):
    """Value of `ring` at sample number `at`, low-passed; no allocation."""
    total = ring[at & MASK] * taps[0]
    for k in range(1, len(taps)):
        total += (ring[(at - k) & MASK] + ring[(at + k) & MASK]) * taps[k]
    return total >> 12


class Window:
    """A stretch of a ring, low-passed at 20 Hz by three running means: under a third of the work of weights.

    `values[k]` belongs to the sample `first + k` of the last `read`.
    """

    def __init__(self, hz, longest):
        self._width = round(hz / 51)
        self.margin = self._width
        self.values = array("h", bytes(2 * (longest + 2 * self.margin)))

    def read(self, ring, first, count):
        """Take `count` samples from `first` on; those within `margin` on both sides are looked at, too."""
        values = self.values
        first -= self.margin
        count += 2 * self.margin
        for k in range(count):
            values[k] = ring[(first + k) & MASK]
        count = self._run(count, self._width)
        count = self._run(count, self._width)
        self._run(count, 3)

    def _run(self, count, width):
        """Replace each value by the mean of it and those after it; returns how many there are left."""
        values = self.values
        ahead = width - 1
        total = 0
        for k in range(ahead):
            total += values[k]
        count -= ahead
        for k in range(count):
            first = values[k]
            total += values[k + ahead]
            values[k] = total // width
            total -= first
        return count
