"""Shock of a landing: the peak of the axial force after contact, as the host reads it."""

from pod.gait.smooth import low_pass, smoothed


class Shock:
    """Reads the ring of `axial` force, 1024 a g, low-passed at 60 Hz without delay."""

    def __init__(self, axial, rate_hz, every):
        self._axial = axial
        self._taps = low_pass(60, rate_hz, every)
        self.window = round(0.08 * rate_hz / every)

    def find(self, contact, last):
        """Peak in 0.01 g, less the 1 g of standing, from just before sample `contact` to 80 ms after it.

        Samples up to `last` are there.
        """
        before = peak = middle = smoothed(self._axial, contact - 1, self._taps)
        for k in range(min(self.window, last - len(self._taps) + 1 - contact) + 1):
            after = smoothed(self._axial, contact + k, self._taps)
            peak = max(peak, after)
            if before < middle >= after:
                # The top of the parabola through three samples.
                tilt = (after - before) >> 2
                peak = max(peak, middle + 2 * tilt * tilt // (2 * middle - before - after))
            before, middle = middle, after
        return max((peak - 1024) * 100 >> 10, 0)
