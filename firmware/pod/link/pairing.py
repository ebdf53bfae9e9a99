"""Who may pair, and the keys of those who did.

The pod has no screen and no keys, so pairing is "just works" with LE Secure Connections. The keys come from a
Diffie-Hellman exchange: who only listens, even to the pairing itself, learns nothing, now or later; and a bonded
central is known again by its key, not by its address. It does not protect against somebody who is near in the minute
after the button was pressed and pairs first, or stands between the two and relays. A central that cannot do Secure
Connections may pair by the old method in that minute, and MicroPython has no way to refuse it: then who listens to
that exchange has the key. Hence the minute, the button, and `forget_all`.
"""

import struct

from micropython import const

from pod.wire.packet import COUNTER

_OUR_KEYS = const(1)
_PEER_KEYS = const(2)
_IDENTITY_KEY = const(10)

_WINDOW_MS = const(60000)
_MAX_FAILURES = const(5)
_MAX_BONDS = const(4)
_SAVE_AGAIN_MS = const(10000)
_LAYOUT = const(1)


class Pairing:
    """The window for pairing, and the table of keys: [type, key, value], the oldest first.

    `storage` has load() -> bytes or None and save(bytes) -> whether it was written. `get` and `put` answer the stack,
    from its interrupt, out of memory; saving is left to `step`. `failures` counts tries of this window, `damaged`
    unreadable key files, `save_faults` what storage could not write.
    """

    def __init__(self, storage):
        self._storage = storage
        self.is_open = False
        self.failures = self.damaged = self.save_faults = 0
        self._opened_ms = self._save_ms = 0
        self._unsaved = self._failing = False
        self._shelved = None
        self._secrets = self._load()

    def open(self, now_ms):
        """The button was pressed: for a minute anyone near may pair."""
        self.failures = 0
        self._opened_ms = now_ms
        self.is_open = True

    def close(self):
        """Nobody may pair any more."""
        self.is_open = False

    def failed(self):
        """Somebody tried to pair and could not. From the interrupt."""
        if self.is_open:
            self.failures += 1
            if self.failures >= _MAX_FAILURES:
                self.is_open = False

    def step(self, now_ms, may_save):
        """Close the window in time; save what changed if flash may be written now."""
        if self.is_open and ((now_ms - self._opened_ms) & COUNTER) >= _WINDOW_MS:
            self.is_open = False
        if self._failing and ((now_ms - self._save_ms) & COUNTER) < _SAVE_AGAIN_MS:
            return
        if self._unsaved and may_save:
            self._save_ms = now_ms
            self._save()

    def bonds(self):
        """How many centrals are bonded."""
        return len(_bonded(self._secrets))

    def knows(self, key):
        """Whether the central with this address is bonded. From the interrupt; no allocation."""
        return self._find(_OUR_KEYS, key) is not None

    def forget_all(self):
        """Drop every key. Who is connected must be disconnected too."""
        self._secrets = []
        self._shelved = None
        self._unsaved = True

    def get(self, kind, index, key):
        """What the stack asked for: the value filed under `key`, or, without one, the `index`-th of its kind."""
        if key:
            found = None if key == self._shelved else self._find(kind, key)
            return found[2] if found else None
        for secret in self._secrets:
            if secret[0] == kind and secret[1] != self._shelved:
                if index == 0:
                    return secret[2]
                index -= 1
        return None

    def put(self, kind, key, value):
        """The stack files a value or, without one, deletes it. The answer is hardly ever no, and that matters.

        When a store is refused, this stack makes room by deleting the oldest bonds, one after the other. When a
        deletion is refused, it asks for the same key for ever. So while pairing is closed it is told yes: a new key is
        thrown away, and a deleted one only laid aside until that central has gone.
        """
        if not key or kind not in (_OUR_KEYS, _PEER_KEYS, _IDENTITY_KEY):
            return False
        found = self._find(kind, key)
        if not value and found is None:
            return False
        if self.refuses(kind):
            if not value:
                self._shelved = bytes(key)
            return True
        # A new list, since the main loop may be reading the old one.
        secrets = [secret for secret in self._secrets if secret is not found]
        if value:
            secrets.append((kind, bytes(key), bytes(value)))
        self._secrets = _newest_bonds(secrets)
        self._unsaved = True
        return True

    def refuses(self, kind):
        """Whether `put` does not really take a key of this kind now."""
        return kind != _IDENTITY_KEY and not self.is_open

    def unshelve(self):
        """A central has gone: what was laid aside is valid again."""
        self._shelved = None

    def _find(self, kind, key):
        for secret in self._secrets:
            if secret[0] == kind and secret[1] == key:
                return secret
        return None

    def _save(self):
        self._unsaved = False  # before reading the table: a change from now on asks for another save
        parts = [bytes((_LAYOUT,))]
        for kind, key, value in self._secrets:
            parts.append(struct.pack("<BBH", kind, len(key), len(value)) + key + value)
        self._failing = not self._storage.save(b"".join(parts))
        if self._failing:
            self._unsaved = True
            self.save_faults += 1

    def _load(self):
        saved = self._storage.load()
        if not saved:
            return []
        try:
            return _parse(saved)
        except ValueError:
            self.damaged += 1
            return []


def _bonded(secrets):
    """Addresses of the bonded, the oldest first."""
    return [key for kind, key, _ in secrets if kind == _OUR_KEYS]


def _newest_bonds(secrets):
    gone = _bonded(secrets)[:-_MAX_BONDS]
    return [secret for secret in secrets if secret[0] == _IDENTITY_KEY or secret[1] not in gone]


def _parse(saved):
    if saved[0] != _LAYOUT:
        raise ValueError("layout")
    secrets = []
    at = 1
    while at < len(saved):
        if at + 4 > len(saved):
            raise ValueError("cut off")
        kind, key_bytes, value_bytes = struct.unpack_from("<BBH", saved, at)
        value_at = at + 4 + key_bytes
        at = value_at + value_bytes
        if at > len(saved):
            raise ValueError("cut off")
        secrets.append((kind, bytes(saved[value_at - key_bytes : value_at]), bytes(saved[value_at:at])))
    return secrets
