"""Cadence: the mean of the last four strides, so that it is steady and still follows a change within three seconds."""

from array import array

from micropython import const

_LAST = const(4)


class Cadence:
    """Fed with stride times in 1/64 sample, below 2^15."""

    def __init__(self):
        self._strides = array("h", (0,) * _LAST)
        self.forget()

    def forget(self):
        """Begin anew."""
        self._next = self._known = 0

    def add(self, stride):
        """Take one more stride."""
        self._strides[self._next] = stride
        self._next = (self._next + 1) % _LAST
        if self._known < _LAST:
            self._known += 1

    def spm(self, steps):
        """Return steps per minute of both feet; `steps` is their number at a stride of 1/64 sample."""
        time = 0
        for k in range(self._known):
            time += self._strides[k]
        return (steps * self._known + (time >> 1)) // time
