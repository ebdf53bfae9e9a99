"""The newest packets in memory. What is overwritten before it was safe anywhere is counted."""

from micropython import const

from pod.wire.packet import HEADER, MAX_PACKET, SEQUENCE

_BEHIND = const(0x800000)


class PacketRing:
    """A ring of whole packets with consecutive sequence numbers, modulo 2^24.

    `next` is the number of the packet being filled, `oldest` of the oldest one still here. `to_send` is the next one
    for the link, `to_keep` the next one for flash; both stay between `oldest` and `next`. `acked` is the first one
    that the host has not acknowledged; it may lie behind `oldest` where flash holds what is between.
    """

    def __init__(self, slots=64):
        if slots & (slots - 1):
            raise ValueError("slots: a power of two, so that numbers wrap without a jump")
        self.slots = slots
        self._mask = slots - 1
        self._packets = [bytearray(MAX_PACKET) for _ in range(slots)]
        # Made before they are needed: a view made while sampling would allocate.
        self._bodies = [memoryview(packet)[HEADER:] for packet in self._packets]
        self._lengths = bytearray(slots)
        self.open(0)

    def open(self, first):
        """Forget all packets; the next one has the number `first`."""
        self.next = self.oldest = self.to_send = self.to_keep = self.acked = first
        self.dropped = 0

    def packet(self):
        """Bytes of the packet being filled."""
        return self._packets[self.next & self._mask]

    def body(self):
        """View of its body, 228 bytes."""
        return self._bodies[self.next & self._mask]

    def commit(self, length):
        """End the packet being filled; if the ring is full, the oldest makes room."""
        self._lengths[self.next & self._mask] = length
        self.next = (self.next + 1) & SEQUENCE
        if ((self.next - self.oldest) & SEQUENCE) > self._mask:
            self._evict()

    def holds(self, sequence):
        """Whether the packet `sequence` is here, whole."""
        return ((sequence - self.oldest) & SEQUENCE) < ((self.next - self.oldest) & SEQUENCE)

    def get(self, sequence):
        """The packet `sequence`, in its own length. Only packets shorter than the longest cost memory."""
        length = self._lengths[sequence & self._mask]
        whole = self._packets[sequence & self._mask]
        return whole if length == MAX_PACKET else memoryview(whole)[:length]

    def unacked(self):
        """Packets that the host has not acknowledged, here or in flash."""
        return (self.next - self.acked) & SEQUENCE

    def unkept(self):
        """Packets that are not in flash."""
        return (self.next - self.to_keep) & SEQUENCE

    def unsent(self):
        """Packets that the link has not taken."""
        return (self.next - self.to_send) & SEQUENCE

    def acknowledge(self, sequence):
        """All up to and with `sequence` are safe on the host. False for a number that was never given out."""
        ahead = (sequence + 1 - self.acked) & SEQUENCE
        if ahead > self.unacked():
            # An acknowledgement that comes late, or twice, is behind; anything else was invented.
            return ahead >= _BEHIND
        self.acked = (sequence + 1) & SEQUENCE
        return True

    def _evict(self):
        going = self.oldest
        self.oldest = (going + 1) & SEQUENCE
        safe = ((self.acked - self.oldest) & SEQUENCE) < _BEHIND
        if self.to_keep == going:
            self.to_keep = self.oldest
            if not safe:
                self.dropped += 1
        if self.to_send == going:
            self.to_send = self.oldest
