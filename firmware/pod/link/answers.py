"""Answers on their way out. They go before data, and to whoever asked."""

from micropython import const

_PLACES = const(8)
_LONGEST = const(20)


class Answers:
    """A queue of eight, each at most 20 bytes, so that none is ever cut."""

    def __init__(self):
        self._data = [bytearray(_LONGEST) for _ in range(_PLACES)]
        self._lengths = bytearray(_PLACES)
        self._to = [None] * _PLACES
        self._visits = [0] * _PLACES
        self._first = self.waiting = 0

    def room(self):
        """How many more will fit."""
        return _PLACES - self.waiting

    def put(self, connection, data, length):
        """Queue the first `length` bytes of `data`, copied; False if there is no room."""
        if self.waiting == _PLACES:
            return False
        place = (self._first + self.waiting) % _PLACES
        self._data[place][:length] = memoryview(data)[:length]
        self._lengths[place] = length
        self._to[place] = connection
        self._visits[place] = connection.visit
        self.waiting += 1
        return True

    def to(self):
        """Whom the next one is for, or None if that central has gone. Not when none waits."""
        connection = self._to[self._first]
        return connection if connection.visit == self._visits[self._first] else None  # type: ignore[attr-defined]

    def next(self):
        """The next one. Allocates a view."""
        return memoryview(self._data[self._first])[: self._lengths[self._first]]

    def done(self):
        """The next one was sent or is given up."""
        self._first = (self._first + 1) % _PLACES
        self.waiting -= 1
