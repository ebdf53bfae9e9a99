"""How much may go out now. The stack takes more than the air does, and then has no memory left to hear a *stop*."""

from micropython import const

from pod.wire.packet import COUNTER

_WHOLE_PER_INTERVAL = const(4)
_PIECES_PER_INTERVAL = const(8)
_UNKNOWN_INTERVAL_MS = const(30)
_MOST_INTERVALS = const(8)
_WELL = const(8)


class Pace:
    """A few notifications for each connection interval, fewer after the stack ran out of memory.

    The stack does not say when a notification has left, so this goes by time. When one is refused, half as many may go
    out in twice the time; after eight that went well, in half the time; after that, one more in each interval.
    """

    def __init__(self):
        self._since_ms = self._went_well = 0
        self._intervals = 1
        self._left = self._allowed = _WHOLE_PER_INTERVAL

    def left(self, now_ms, interval_ms, whole):
        """How many notifications may go out now; `whole`: packets, not pieces of them."""
        wait_ms = (interval_ms or _UNKNOWN_INTERVAL_MS) * self._intervals
        if ((now_ms - self._since_ms) & COUNTER) >= wait_ms:
            self._since_ms = now_ms
            if self._intervals == 1:
                self._allowed = min(self._allowed + 1, _WHOLE_PER_INTERVAL if whole else _PIECES_PER_INTERVAL)
            self._left = self._allowed
        return self._left

    def taken(self):
        """The stack has taken one."""
        self._left -= 1
        self._went_well += 1
        if self._went_well >= _WELL:
            self._went_well = 0
            self._intervals = max(1, self._intervals >> 1)

    def refused(self):
        """The stack has no memory: leave it alone for a while."""
        self._went_well = self._left = 0
        self._allowed = max(1, self._allowed >> 1)
        self._intervals = min(self._intervals * 2, _MOST_INTERVALS)
