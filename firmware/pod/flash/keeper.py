"""Decides what of the run goes to flash, and puts it there: one packet at a time, in order of sequence."""

from micropython import const

from pod.wire.packet import END, MAX_PACKET, SAMPLES, SEQUENCE, after
from pod.wire.packing import pack

NEVER = const(0)
UNACKNOWLEDGED = const(1)
ALWAYS = const(2)


class Keeper:
    """Between the ring and the store. `keeping` and `full` tell what the last step found.

    What is kept of a run begins with its start packet, of which a copy waits here until the rest is to be kept.
    """

    def __init__(self, ring, store):
        self._ring = ring
        self._store = store
        self._half = ring.slots // 2
        self._packed = bytearray(MAX_PACKET)
        self._start = bytearray(MAX_PACKET)
        self._start_length = 0
        self._begun = False
        self._last = 0
        self.keeping = False
        self.full = False

    def open(self, run):
        """Begin `run`, whose start packet is the newest one in the ring."""
        packet = self._ring.get((self._ring.next - 1) & SEQUENCE)
        self._start_length = len(packet)
        for at in range(len(packet)):
            self._start[at] = packet[at]
        self._begun = False
        self._last = 0
        self.keeping = False
        self.full = False
        self._store.open(run)

    def step(self, link_up, keep):
        """Keep one packet if there is one to keep; whether one was. Allocates nothing.

        Without one, a mark that the store still has to make is made.
        """
        self.keeping = keep == ALWAYS or (keep == UNACKNOWLEDGED and self._at_risk(link_up))
        if self.keeping:
            self._skip_acknowledged(keep)
            if self._ring.unkept() and self._keep_next():
                return True
        self._store.tidy()
        if self.full:
            self.full = not self._store.accepts(SAMPLES)
        return False

    def close(self):
        """End the run: if some of it was kept, its end packet, the newest one, is kept too."""
        newest = (self._ring.next - 1) & SEQUENCE
        if self._begun and self._last != newest:
            packet = self._ring.get(newest)
            if packet[0] == END and self._store.append(packet, len(packet), newest):
                self._ring.to_keep = self._ring.next
        self._store.close()
        self.keeping = False

    def _at_risk(self, link_up):
        return self._ring.unacked() > self._half or not link_up

    def _skip_acknowledged(self, keep):
        if keep == UNACKNOWLEDGED and after(self._ring.acked, self._ring.to_keep):
            self._ring.to_keep = self._ring.acked

    def _keep_next(self):
        ring = self._ring
        if not self._begun:
            return self._begin()
        sequence = ring.to_keep
        packet = ring.get(sequence)
        self.full = not self._store.accepts(packet[0])
        if self.full:
            return False
        length = pack(packet, self._packed)
        if length:
            packet = self._packed
        else:
            length = len(packet)
        self.full = not self._store.append(packet, length, sequence)
        if self.full:
            return False
        ring.to_keep = (sequence + 1) & SEQUENCE
        self._last = sequence
        return True

    def _begin(self):
        """Keep the start packet first."""
        self.full = not self._store.append(self._start, self._start_length, 0)
        self._begun = not self.full
        if self._begun and self._ring.to_keep == 0:
            self._ring.to_keep = 1
        return self._begun
