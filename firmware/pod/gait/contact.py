"""Contact of the foot, read from the turn and the axial force of the shin around the end of a swing."""

from array import array

from micropython import const

from pod.gait.smooth import Window

# 1024 a g.
_LEAST_RISE = const(768)


class Contact:
    """Reads contacts in two rings: `rate` of the shin's forward turn, `axial` force along it.

    Places are in 1/64 sample after a sample; they may be negative.
    """

    def __init__(self, rate, axial, hz):
        self._rate, self._axial = rate, axial
        self._back = round(0.08 * hz)
        self._before = round(0.06 * hz)
        self._after = round(0.07 * hz)
        self._reach = round(0.045 * hz)
        self._lead = round(0.0255 * hz * 64)
        self._limit = round(0.015 * hz * 64)
        self._late, self._early = round(0.035 * hz * 64), round(-0.06 * hz * 64)
        # A rise counts less the further it is from where contacts lie, 30 ms after the turn.
        self._weights = array("h", [_nearness((k / hz - 0.03) / 0.1) for k in range(-self._before, self._after + 1)])
        self._window = Window(hz, self._before + self._after + 2 * self._reach + 2)

    def turn(self, last):
        """Where the forward turn ends, not long before the sample `last`, as a place after it; None if nowhere."""
        back = self._back
        self._window.read(self._rate, last - back, back + 1)
        rate = self._window.values
        for k in range(back, 0, -1):
            if rate[k] < 0 <= rate[k - 1]:
                return (k - 1 - back) * 64 + rate[k - 1] * 64 // (rate[k - 1] - rate[k])
        return None

    def find(self, last, turn, newest):
        """Contact near the place `turn` after the sample `last`, as such a place; None if there is no landing.

        `newest` is the last sample there is.
        """
        reach = self._reach
        first = (turn >> 6) - self._before - reach
        count = min(self._before + self._after + 2 * reach, newest - self._window.margin - last - first)
        self._window.read(self._axial, last + first, count + 1)
        axial = self._window.values
        steepest, steepness = 0, 0
        for k in range(reach, count - reach):
            slope = (axial[k + 1] - axial[k - 1]) * self._weights[k - reach]
            if slope > steepness:
                steepest, steepness = k, slope
        if not steepest:
            return None
        foot = top = steepest
        for k in range(1, reach + 1):
            if axial[steepest - k] < axial[foot]:
                foot = steepest - k
            if axial[steepest + k] > axial[top]:
                top = steepest + k
        height = axial[top] - axial[foot]
        if height < _LEAST_RISE:
            return None
        level = axial[foot] + height * 35 // 100
        k = foot
        while axial[k + 1] < level:
            k += 1
        rise = (first + k) * 64 + (level - axial[k]) * 64 // (axial[k + 1] - axial[k])
        early = turn + self._lead - rise
        if not self._early <= early <= self._late:
            return None
        # The turn damps what a filter or a soft landing does to the rise.
        return rise + max(-self._limit, min(early, self._limit)) * 2 // 5


def _nearness(distance):
    return round(127 * max(0.0, 1 - distance * distance))
