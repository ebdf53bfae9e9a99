"""Packets cut for a link whose notifications are short, and put together again."""

from __future__ import annotations

from surefoot.wire.packets import PACKET_BYTES_MAX

PIECE = 0x80
LAST = 0x40
NUMBERS = 0x40
ATT_BYTES = 3
"""Bytes of each notification that the protocol below takes from the MTU."""


def cut(packet: bytes, mtu: int) -> list[bytes]:
    """Return the notifications that carry `packet` at this MTU: itself, or its pieces."""
    if mtu >= PACKET_BYTES_MAX + ATT_BYTES:
        return [packet]
    room = mtu - ATT_BYTES - 1
    parts = [packet[at : at + room] for at in range(0, len(packet), room)]
    last = len(parts) - 1
    return [bytes([PIECE | (LAST if at == last else 0) | at]) + part for at, part in enumerate(parts)]


class Reassembly:
    """Puts the notifications of one link together; start anew with each connection.

    Attributes
    ----------
    broken : int
        Packets of which a piece was missing or too much; they are lost, as their sequence numbers will show.
    """

    def __init__(self) -> None:
        self.broken = 0
        self._parts: list[bytes] = []
        self._skipping = False

    def add(self, notification: bytes) -> bytes | None:
        """Take the next notification; return the packet that it completes, if any."""
        if not notification:
            return None
        if notification[0] < PIECE:
            self._begin()
            return notification
        number = notification[0] % NUMBERS
        if number == 0:
            self._begin()
        elif number != len(self._parts):
            self._break()
        if self._skipping:
            return None
        self._parts.append(notification[1:])
        if sum(map(len, self._parts)) > PACKET_BYTES_MAX:
            self._break()
            return None
        if not notification[0] & LAST:
            return None
        packet = b"".join(self._parts)
        self._parts = []
        return packet

    def _begin(self) -> None:
        """Begin a packet; one whose last piece never came is lost."""
        if self._parts:
            self.broken += 1
        self._parts = []
        self._skipping = False

    def _break(self) -> None:
        """Lose the packet that these pieces are of, and all pieces up to the next packet."""
        if not self._skipping:
            self.broken += 1
        self._parts = []
        self._skipping = True
