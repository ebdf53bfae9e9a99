"""What was written to control, on its way from the interrupt to the main loop."""

from micropython import const

_PLACES = const(4)
_COUNT = const(2 * _PLACES - 1)


class Inbox:
    """Four writes with their writers. The interrupt only moves `_last`, the main loop only `_first`.

    Who does not drive the pod gets one place, so that a flood leaves room for who does. `lost` counts what found none.
    """

    def __init__(self):
        self._writers = [None] * _PLACES
        self._writes = [None] * _PLACES
        self._first = self._last = 0
        self.lost = 0

    def put(self, writer, written, drives):
        """From the interrupt. With no place left the write is lost, and counted."""
        if ((self._last - self._first) & _COUNT) >= (_PLACES if drives else 1):
            self.lost += 1
            return
        place = self._last % _PLACES
        self._writers[place] = writer
        self._writes[place] = written
        self._last = (self._last + 1) & _COUNT

    def drop(self, writer):
        """From the interrupt: the writer has gone, and its place may be another's soon."""
        for place in range(_PLACES):
            if self._writers[place] is writer:
                self._writers[place] = None

    def is_empty(self):
        """Whether nothing waits."""
        return self._first == self._last

    def take(self):
        """Writer and bytes of the next one; the writer is None if it has gone. Not when empty."""
        place = self._first % _PLACES
        taken = self._writers[place], self._writes[place]
        self._first = (self._first + 1) & _COUNT
        return taken
