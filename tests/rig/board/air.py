"""The other side of the stand-in `bluetooth`, in the same interpreter: centrals that a test drives, and the link.

Pairing goes as NimBLE does it, with the two traps of its key store: as long as a key is found for a central that pairs
anew, it asks to delete it and looks again; and when filing a key is refused, it makes room by unpairing who is there.
"""

import bluetooth

_POOL = 12  # buffers of the stack by default
_MOST_LINKS = 3
_ENOMEM = 12
_LTK_AT, _LTK_END = 24, 40


class HostHangs(Exception):
    """The real stack would ask for ever, and the board's watchdog would bite."""


class Air:
    """`per_event` notifications leave for each connection in each connection event; the stack holds `pool` of them."""

    def __init__(self, ble, per_event=4, pool=_POOL):
        self.ble = ble
        self.per_event = per_event
        self.pool = pool
        self.queue = []
        self.centrals = {}
        self.terminated = []
        self.interval_us = self.adv_data = self.resp_data = None
        self.identities = []
        self._keys_made = 0
        ble.attach(self)

    # What the stand-in asks for.

    def registered(self, attributes):
        self.handles = {bytes(a.uuid): handle for handle, a in attributes.items()}

    def advertise(self, interval_us, adv_data, resp_data):
        self.interval_us, self.adv_data, self.resp_data = interval_us, adv_data, resp_data

    def send(self, conn, handle, data, length):
        if conn in self.terminated:
            return bluetooth.ENOTCONN
        if len(self.queue) >= self.pool:
            return _ENOMEM
        self.queue.append((conn, handle, bytes(data)[:length]))
        return 0

    def subscribed(self, handle):
        return [conn for conn, central in self.centrals.items() if handle in central.subscriptions]

    def terminate(self, conn):
        self.terminated.append(conn)
        return 0

    def known_peer(self, value):
        self.identities.append(value[:7])

    # What a test drives.

    def event(self):
        """One connection event: notifications arrive, links that the pod ended are gone."""
        for conn in list(self.terminated):
            self.lose(conn)
        room = dict.fromkeys(self.centrals, self.per_event)
        waiting = []
        for conn, handle, data in self.queue:
            if conn not in room:
                continue
            if room[conn]:
                room[conn] -= 1
                self.centrals[conn].received.append((handle, data))
            else:
                waiting.append((conn, handle, data))
        self.queue = waiting

    def lose(self, conn):
        """The link is gone, and with it what the stack still held for it."""
        self.centrals.pop(conn).conn = None
        self.queue = [entry for entry in self.queue if entry[0] != conn]
        if conn in self.terminated:
            self.terminated.remove(conn)
        self.ble.disconnected(conn)

    def new_key(self):
        self._keys_made += 1
        return bytes([self._keys_made] * 16)

    def file(self, kind, key, value):
        """As ble_store_write with MicroPython's status callback."""
        tries = 0
        while not self.ble.set_secret(kind, key, value):
            oldest = self.ble.get_secret(bluetooth.PEER_KEYS, 0, None)
            tries += 1
            if oldest is None or tries > 8:
                raise HostHangs("filing a key")
            self.delete(oldest[:7])

    def delete(self, key):
        self.ble.set_secret(bluetooth.OUR_KEYS, key, None)
        self.ble.set_secret(bluetooth.PEER_KEYS, key, None)


class Central:
    """A laptop, phone or watch. `address` is its own; a private one hides it from a pod that has no key of it."""

    def __init__(self, air, address=b"\x10\x20\x30\x40\x50\x60", private=None):
        self.air = air
        self.address = address
        self.private = private
        self.conn = None
        self.keys = None
        self.received = []
        self.subscriptions = []

    def connect(self):
        """Whether the pod took the connection."""
        ble = self.air.ble
        if ble.advertising is None or len(ble.links) >= _MOST_LINKS:
            return False
        self.conn = min(n for n in range(_MOST_LINKS) if n not in ble.links)
        self.air.centrals[self.conn] = self
        self.received = []
        self.subscriptions = []
        self._key = bluetooth.secret_key(0, self.address)
        if self.private and self._key not in self.air.identities:
            self._key = bluetooth.secret_key(1, self.private)
        ble.connected(self.conn, self._key[0], bytes(reversed(self._key[1:])))
        return True

    def disconnect(self):
        self.air.lose(self.conn)

    def exchange_mtu(self, mtu):
        return self.air.ble.mtu_asked(self.conn, mtu)

    def handle(self, uuid):
        return self.air.handles[bytes(bluetooth.UUID(uuid))]

    def subscribe(self, uuid):
        """Open to anyone: this stack asks for no encryption here, and tells nobody."""
        self.subscriptions.append(self.handle(uuid))

    def read(self, uuid):
        return self.air.ble.read(self.conn, self.handle(uuid))

    def write(self, uuid, value):
        """The ATT error; None if the stack has no buffer left to hear it: try again after a connection event."""
        if len(self.air.queue) >= self.air.pool:
            return None
        return self.air.ble.written(self.conn, self.handle(uuid), value)

    def values(self, uuid):
        """What was notified on this characteristic."""
        handle = self.handle(uuid)
        return [value for number, value in self.received if number == handle]

    def pair(self, bonding=True, key_size=16):
        """Pair anew, just works. Returns whether both keep the keys."""
        air, ble = self.air, self.air.ble
        looks = 0
        while ble.get_secret(bluetooth.OUR_KEYS, 0, self._key) is not None:
            looks += 1
            if looks > 8:
                raise HostHangs("repeated pairing")
            air.delete(self._key)
        bonded = bool(bonding and ble.settings["bond"])
        ble.encryption_changed(self.conn, True, False, bonded, key_size)
        if bonded:
            self.keys = air.new_key()
            identity = bluetooth.secret_key(0, self.address)
            value = bytearray(80)
            value[:7] = identity
            value[7] = key_size
            value[_LTK_AT:_LTK_END] = self.keys
            air.file(bluetooth.OUR_KEYS, identity, bytes(value))
            air.file(bluetooth.PEER_KEYS, identity, bytes(value))
            air.identities.append(identity)
        return bonded

    def fail_to_pair(self):
        self.air.ble.encryption_changed(self.conn, False, False, False, 0)

    def encrypt(self):
        """Encrypt with the keys of an earlier pairing; whether it worked. With a wrong key the link ends."""
        ble = self.air.ble
        stored = ble.get_secret(bluetooth.OUR_KEYS, 0, self._key)
        if stored is None:
            ble.encryption_changed(self.conn, False, False, False, 0)
            return False
        if stored[_LTK_AT:_LTK_END] != self.keys:
            self.air.lose(self.conn)
            return False
        ble.encryption_changed(self.conn, True, False, True, stored[7])
        return True
