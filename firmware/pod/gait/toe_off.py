"""Toe-off: late in stance the shin almost stops turning; then it turns back fast, and the force along it falls."""

from micropython import const

from pod.gait.smooth import MASK, Window

_LONGEST = const(200)
_SHORTEST = const(20)


class ToeOff:
    """Reads toe-offs in the rings `rate` and `axial`."""

    def __init__(self, rate, axial, hz):
        self._rate, self._axial = rate, axial
        self._before = round(0.07 * hz)
        self._after = round(0.03 * hz)
        self._fall = round(0.14 * hz)
        self._window = Window(hz, _LONGEST + 1)

    def find(self, contact, newest):
        """Toe-off between the samples `contact` and `newest`, a swing; in 1/64 sample after `contact`; else None."""
        last = newest
        while self._rate[last & MASK] > 0 and last > contact:
            last -= 1
        span = last - contact
        if not _SHORTEST <= span <= _LONGEST:
            return None
        start = span // 5
        self._window.read(self._rate, contact + start, span - start + 1)
        rate = self._window.values
        trough = _lowest(rate, span // 10, span - start)
        peak = _highest(rate, 0, trough)
        turned = _dropped(rate, peak, trough, 15)
        if turned is None:
            return None
        first = start + max(0, peak - self._before)
        count = min(self._before + self._after + self._fall, newest - self._window.margin - contact - first)
        self._window.read(self._axial, contact + first, count + 1)
        axial = self._window.values
        top = _highest(axial, 0, min(min(self._before, peak) + self._after, count))
        bottom = _lowest(axial, top, min(top + self._fall, count))
        fallen = _dropped(axial, top, bottom, 70)
        turned += start * 64
        return turned if fallen is None else (turned + fallen + first * 64) >> 1


def _highest(values, start, end):
    best = start
    for k in range(start, end + 1):
        if values[k] > values[best]:
            best = k
    return best


def _lowest(values, start, end):
    best = start
    for k in range(start, end + 1):
        if values[k] < values[best]:
            best = k
    return best


def _dropped(values, start, end, percent):
    """Where `values` have gone so much of their way from `start` down to `end`, in 1/64; None if they do not fall."""
    level = values[start] - (values[start] - values[end]) * percent // 100
    for k in range(start, end):
        if values[k + 1] <= level < values[k]:
            return 64 * k + (values[k] - level) * 64 // (values[k] - values[k + 1])
    return None
