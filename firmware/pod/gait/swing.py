"""The forward swings of the leg, followed sample by sample."""

from micropython import const

NOTHING = const(0)
BEGINS = const(1)
TURNS_BACK = const(2)
CONTACT_IS_PAST = const(3)

_WAITING = const(0)
_SWINGING = const(1)
_LANDING = const(2)
_RESTING = const(3)

# 150 deg/s: walking swings reach 300 and more, running 400 and more.
_SWING = const(1230)


class Swings:
    """One swing per stride: a fast turn forward, its end, and the time in which the landing follows.

    `turned` is the number of the sample with which the last one was seen to end, `interval` the samples since the one
    before, 0 where that is not known; `peak_dps` is the fastest turn of the slower one of the two.
    """

    def __init__(self, hz):
        self._landing = round(0.115 * hz)
        self._refractory = round(0.30 * hz)
        self.lose()

    def lose(self):
        """Forget the swings before: a gap, or a leg that no longer swings."""
        self._state = _WAITING
        self._rate = self._peak = self._last_peak = self._due = 0
        self.turned = self.interval = self.peak_dps = 0
        self._turned_before = False

    def follow(self, now, rate):
        """Take the rate of sample number `now`, in 1/8.2 deg/s, and say what happens with it."""
        smooth = self._rate = self._rate + ((rate - self._rate) >> 2)
        if self._state == _WAITING:
            if smooth > _SWING:
                self._state, self._peak = _SWINGING, smooth
                return BEGINS
        elif self._state == _SWINGING:
            if smooth > self._peak:
                self._peak = smooth
            elif smooth < 0:
                self._turn_back(now)
                return TURNS_BACK
        elif now == self._due:
            if self._state == _LANDING:
                self._state, self._due = _RESTING, self.turned + self._refractory
                return CONTACT_IS_PAST
            self._state = _WAITING
        return NOTHING

    def _turn_back(self, now):
        self.interval = now - self.turned if self._turned_before else 0
        self.peak_dps = min(self._peak, self._last_peak) * 5 // 41
        self.turned, self._last_peak, self._turned_before = now, self._peak, True
        self._state, self._due = _LANDING, now + self._landing
