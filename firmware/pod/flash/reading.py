"""The packets of one block, read from flash one after the other."""

from pod.flash.blocks import DATA_AT
from pod.wire import packet
from pod.wire.frame import GRAIN, OVERHEAD, PACKET, Frame, padded

_PEEK = 2 * GRAIN
"""Head of the frame and of the packet in it."""


class BlockReader:
    """A place in a block: at the packet `sequence`, or before the first one where that is -1."""

    def __init__(self, device, limit):
        self._device = device
        self._limit = limit
        self._peeked = Frame(_PEEK - OVERHEAD)
        self.frame = Frame()
        self.enter(0)

    def enter(self, block):
        """Go before the first packet of `block`."""
        self.block = block
        self.sequence = -1
        self._next = DATA_AT

    def advance(self):
        """Go to the next packet; return its sequence, or -1 where there is none. Its checksum is not looked at."""
        peeked = self._peeked
        while self._next + _PEEK <= self._limit:
            self._device.readblocks(self.block, peeked.bytes, self._next)
            length = peeked.length()
            if peeked.starts(PACKET) and self._fits(length):
                self._at = self._next
                self._length = length
                self._next += OVERHEAD + length
                self.sequence = packet.sequence(peeked.payload)
                return self.sequence
            passed = peeked.passed()
            if not passed:
                break
            self._next += passed
        return -1

    def _fits(self, length):
        return packet.HEADER <= length <= packet.MAX_PACKET and self._next + padded(length + OVERHEAD) <= self._limit

    def load(self):
        """Read the packet here into `frame`; return its length, 0 if it is damaged."""
        self._device.readblocks(self.block, self.frame.grains(self._length + OVERHEAD), self._at)
        return max(self.frame.check(PACKET), 0)

    def last(self, block):
        """Load the last whole packet of `block`; return its sequence, -1 if there is none."""
        packets = 0
        self.enter(block)
        while self.advance() >= 0:
            packets += 1
        while packets:
            self.enter(block)
            for _ in range(packets):
                self.advance()
            if self.load():
                return self.sequence
            packets -= 1
        return -1
