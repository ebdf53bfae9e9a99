"""A resend by sequence range, out of memory or out of flash."""

from pod.wire.packet import MAX_PACKET, SEQUENCE


class Fetch:
    """Packets `first` to `last` of a run, one after the other; numbers wrap at 2^24.

    `sent` and `missing` count them; `missing` are those that are kept nowhere any more.
    """

    def __init__(self, ring, store):
        self._ring = ring
        self._store = store
        self._buffer = bytearray(MAX_PACKET)
        self._whole = memoryview(self._buffer)
        self.active = False
        self.run = self.sent = self.missing = 0
        self._next = self._left = 0

    def begin(self, run, first, last):
        """Resend from now on."""
        self.run = run
        self.sent = self.missing = 0
        self._next = first
        self._left = ((last - first) & SEQUENCE) + 1
        self.active = True

    def cancel(self):
        """End it before its end."""
        self.active = False

    def ended(self):
        """Whether all of the range was sent or found missing."""
        return self.active and not self._left

    def packet(self, ring_run):
        """The next packet, in a buffer of its own, or None if it was not found yet: one look-up a call.

        `ring_run` is the run in memory. Allocates a view unless the packet has full length.
        """
        if not self._left:
            return None
        length = self._read(ring_run)
        self._left -= 1
        self._next = (self._next + 1) & SEQUENCE
        if not length:
            self.missing += 1
            return None
        return self._whole if length == MAX_PACKET else self._whole[:length]

    def _read(self, ring_run):
        if self.run == ring_run and self._ring.holds(self._next):
            packet = self._ring.get(self._next)
            length = len(packet)
            if length == MAX_PACKET:
                self._buffer[:] = packet
            else:
                self._buffer[:length] = packet
            return length
        return self._store.read(self.run, self._next, self._whole) if self._store else 0
