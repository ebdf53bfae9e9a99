"""One place for a central: when it is trusted, and what sending to it can come to."""

from micropython import const

_KEY_BYTES = const(16)
_DEFAULT_MTU = const(23)

SENT = const(0)
GONE = const(1)
NO_MEMORY = const(12)


class Connection:
    """A central's link. The interrupt handler writes all of it; nothing here allocates.

    `handle` is -1 where nobody is connected. `trusted`: encrypted with a bond that was made while pairing was open.
    `refused`: to be disconnected; `gone`: the stack has no such link any more. `interval_ms` is 0 until the stack tells
    it, which it does only when it changes. `visit` tells one central in this place from the next.
    """

    def __init__(self):
        self.key = bytearray(7)
        self.visit = 0
        self.clear()

    def clear(self):
        """Nobody is here."""
        self.handle = -1
        self.mtu = _DEFAULT_MTU
        self.interval_ms = 0
        self.known = self.trusted = self.refused = self.gone = False

    def take(self, handle, addr_type, addr):
        """A central has come. `key` becomes its address in the form under which the stack files its keys."""
        self.clear()
        self.visit = (self.visit + 1) & 0xFFFF
        self.handle = handle
        self.key[0] = addr_type
        for i in range(6):
            self.key[i + 1] = addr[5 - i]

    def encryption(self, encrypted, bonded, key_bytes, pairing_open):
        """The stack says how the link is protected now; returns whether that was a try to pair that failed.

        While pairing is closed the stack is told not to bond, so `bonded` then means that a stored key was used.
        """
        sound = encrypted and bonded and key_bytes == _KEY_BYTES
        self.trusted = bool(sound and (self.trusted or pairing_open or self.known))
        if encrypted and not self.trusted:
            self.refused = True
        return not self.trusted

    def keys_changed(self):
        """Somebody pairs anew in the name of a bonded central while pairing is closed."""
        self.known = self.trusted = False
        self.refused = True
