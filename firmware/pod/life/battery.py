"""The battery gauge: voltage of the cell, what is left of it, and when to stop."""

from micropython import const

from pod.wire.packet import COUNTER

NOT_MEASURED = const(255)
STOP_MV = const(3400)
RESUME_MV = const(3600)
_ABSENT_MV = const(2500)
_PERIOD_MS = const(1000)
_READINGS = const(5)
_PATIENCE = const(10)

# Open-circuit voltage of a usual lithium polymer cell, from the tables that makers of model batteries publish; 0 % is
# where this pod stops. An estimate: 10 % off is normal, more under load, in the cold and with age.
_CURVE_MV = (3400, 3610, 3690, 3730, 3770, 3790, 3800, 3820, 3840, 3870, 3950, 4020, 4110, 4200)
_CURVE_PERCENT = (0, 5, 10, 20, 30, 35, 40, 45, 50, 60, 70, 80, 90, 100)


def percent(mv):
    """Give what is left in a cell of this voltage: 0 to 100."""
    if mv <= _CURVE_MV[0]:
        return 0
    for upper in range(1, len(_CURVE_MV)):
        if mv < _CURVE_MV[upper]:
            low = _CURVE_MV[upper - 1]
            share = _CURVE_PERCENT[upper] - _CURVE_PERCENT[upper - 1]
            return _CURVE_PERCENT[upper - 1] + (mv - low) * share // (_CURVE_MV[upper] - low)
    return 100


class Battery:
    """Reads once a second. `mv` is the middle of the last five readings, `low` says that the pod must stop.

    `low` comes when `mv` was below 3.4 V for 10 s on end, so that the peak of a landing or of the radio cannot stop a
    run, and goes when it was above 3.6 V for as long. `read_uv` is that of an ADC; None where the board has no gauge.
    Below 2.5 V there is no cell behind the pin: nothing is measured, and `low` stays away.
    """

    def __init__(self, read_uv, ratio):
        self._read_uv = read_uv
        self._ratio = ratio
        self._readings = [0] * _READINGS
        self._sorted = [0] * _READINGS
        self._taken = 0
        self._read_ms = 0
        self._against = 0
        self.mv = 0
        self.low = False

    @property
    def percent(self):
        """0 to 100; 255 while nothing is measured."""
        return percent(self.mv) if self.mv else NOT_MEASURED

    def step(self, now_ms):
        """Read the cell if a second has passed. A bounded time, about 20 us for the ADC."""
        if self._read_uv is None:
            return
        if not self._due(now_ms):
            return
        self._readings[self._taken % _READINGS] = self._read_uv() // 1000 * self._ratio
        self._taken = self._taken + 1 if self._taken < 2 * _READINGS - 1 else _READINGS
        self._take()

    def _due(self, now_ms):
        passed_ms = (now_ms - self._read_ms) & COUNTER
        if self._taken and passed_ms < _PERIOD_MS:
            return False
        # On the whole second, so that a caller that comes each second is not sent away for being a little early.
        late_ms = passed_ms - _PERIOD_MS if passed_ms < 2 * _PERIOD_MS and self._taken else 0
        self._read_ms = (now_ms - late_ms) & COUNTER
        return True

    def _take(self):
        count = self._taken if self._taken < _READINGS else _READINGS
        for index in range(_READINGS):
            self._sorted[index] = self._readings[index]
        self._sorted.sort()
        middle = self._sorted[_READINGS - count + count // 2]
        self.mv = middle if middle >= _ABSENT_MV else 0
        self._against = self._against + 1 if self._contradicts() else 0
        if self._against >= _PATIENCE:
            self.low = not self.low
            self._against = 0

    def _contradicts(self):
        if self.low:
            return self.mv > RESUME_MV or self.mv == 0
        return 0 < self.mv < STOP_MV
