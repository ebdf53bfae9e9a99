"""A packet on its way out: whole, or cut into pieces where the MTU is small (docs/link.md)."""

from micropython import const

from pod.wire.packet import MAX_PACKET

_ATT_HEADER = const(3)
WHOLE_MTU = const(247)
_PIECE = const(0x80)
_LAST = const(0x40)


class Pieces:
    """One packet, notification by notification. `done` between packets.

    Allocates nothing for whole packets; for pieces a view for each length that occurs, once.
    """

    def __init__(self):
        self._buffer = bytearray(MAX_PACKET)
        self._views = {}
        self.done = True
        self._packet = None
        self._length = self._at = self._number = self._room = 0

    def load(self, packet, mtu):
        """Begin with `packet`, whose bytes must stay until `done`."""
        self._packet = packet
        self._length = len(packet)
        self._room = 0 if mtu >= WHOLE_MTU else mtu - _ATT_HEADER - 1
        self._at = self._number = 0
        self.done = False

    def next(self):
        """The notification to send now; the same again until `sent`."""
        if not self._room:
            return self._packet
        count = min(self._room, self._length - self._at)
        last = _LAST if self._at + count == self._length else 0
        self._buffer[0] = _PIECE | last | self._number
        for i in range(count):
            self._buffer[i + 1] = self._packet[self._at + i]
        return self._view(count + 1)

    def sent(self):
        """The stack has taken it."""
        self._at += self._room
        self._number += 1
        self.done = not self._room or self._at >= self._length

    def drop(self):
        """Give the packet up; the reader of pieces begins anew at the next first one."""
        self.done = True

    def _view(self, length):
        view = self._views.get(length)
        if view is None:
            view = self._views[length] = memoryview(self._buffer)[:length]
        return view
