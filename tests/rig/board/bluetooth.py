"""Stand-in for MicroPython's `bluetooth` as it is on an ESP32 (NimBLE), as nasty as the real one.

What it does and refuses to do was read in MicroPython's extmod/modbluetooth.c and extmod/nimble/modbluetooth_nimble.c
(1.22 to 1.26) and in NimBLE's ble_sm.c and ble_store.c. None of it was compared with a board.

The other side of the air is an object that is put in place with `attach`. It has

    registered(attributes)                        a dict: handle -> Attribute
    advertise(interval_us, adv_data, resp_data)   interval None: stop
    send(conn, handle, data, length) -> errno     a notification: the first `length` bytes of `data`; 0: taken
    terminate(conn) -> errno                      the pod ends a link; `disconnected` follows later
    subscribed(handle) -> connections             that asked for notifications; only the stack knows
    known_peer(value)                             a stored key of a bonded central, told while the stack wakes up

and calls the methods under "From the air". `air.py` is one, with centrals that a test drives.
"""

import struct

FLAG_READ = 0x0002
FLAG_WRITE_NO_RESPONSE = 0x0004
FLAG_WRITE = 0x0008
FLAG_NOTIFY = 0x0010
FLAG_INDICATE = 0x0020
_READ_ENCRYPTED = 0x0200
_WRITE_ENCRYPTED = 0x1000

_ENOMEM, _ENODEV, _EINVAL = 12, 19, 22
ENOTCONN = -128  # newlib's 128, kept in a table of int8_t

NOT_FOUND, READ_NOT_PERMITTED, WRITE_NOT_PERMITTED = 0x0A, 0x02, 0x03
INSUFFICIENT_AUTHENTICATION, INSUFFICIENT_ENCRYPTION = 0x05, 0x0F

_CONNECT, _DISCONNECT, _WRITE, _READ_REQUEST = 1, 2, 3, 4
_MTU, _CONNECTION_UPDATE, _ENCRYPTION_UPDATE, _GET_SECRET, _SET_SECRET = 21, 27, 28, 29, 30

OUR_KEYS, PEER_KEYS, IDENTITY_KEY = 1, 2, 10
NO_CONNECTION = 0xFFFF  # who reads, when the stack itself does

_DEFAULT_BYTES = 20
_DEFAULT_MTU = 23
_FIRST_HANDLE = 16
_POISON = 0xDD


class UUID(bytes):
    """Little-endian bytes, as the real one's buffer protocol gives them; a Python class can only inherit that."""

    def __init__(self, value):
        if isinstance(value, int):
            raw = struct.pack("<H", value)
        elif isinstance(value, str):
            digits = value.replace("-", "")
            raw = bytes(int(digits[i : i + 2], 16) for i in range(len(digits) - 2, -2, -2))
        else:
            raw = bytes(value)
        if len(raw) not in (2, 4, 16):
            raise ValueError("invalid UUID")
        super().__init__(raw)


class Attribute:
    """A characteristic's value in the stack's memory. `service` is the UUID of the service that it belongs to."""

    def __init__(self, uuid, flags, service):
        self.uuid = bytes(uuid)
        self.service = bytes(service)
        self.flags = flags
        self.value = b""
        self.size = _DEFAULT_BYTES
        self.append = False

    def written(self, value):
        """By a central: cut to what fits, silently."""
        before = self.value if self.append else b""
        self.value = (before + bytes(value))[: self.size]

    def readable(self):
        return bool(self.flags & FLAG_READ)

    def writable(self):
        return bool(self.flags & (FLAG_WRITE | FLAG_WRITE_NO_RESPONSE))


class _Link:
    def __init__(self, addr_type, addr):
        self.addr_type = addr_type
        self.addr = bytes(addr)
        self.mtu = _DEFAULT_MTU
        self.encrypted = False


class BLE:
    """The singleton. `before_call(name)`, if set, runs at each call: the place for interrupts between two calls."""

    _only = None

    def __new__(cls):
        if BLE._only is None:
            BLE._only = object.__new__(cls)
            BLE._only._power_on()
        return BLE._only

    def _power_on(self):
        self._air = None
        self._handler = None
        self._active = False
        self._in_handler = False
        self._data = []
        self._memory = bytearray(512)
        self.before_call = None
        self.handler_failed = None
        self.settings = {"mtu": _DEFAULT_MTU, "gap_name": b"MPY ESP32", "bond": True, "mitm": False, "io": 3}
        self.settings.update({"le_secure": False, "rxbuf": 0, "addr_mode": 0})
        self._forget()

    def _forget(self):
        self.attributes = {}
        self.links = {}
        self.advertising = None

    def attach(self, air):
        self._air = air

    # The module's own interface.

    def active(self, on=None):
        self._called("active")
        if on is not None and bool(on) != self._active:
            self._active = bool(on)
            self._forget()
            if on:
                self._wake_up()
        return self._active

    def config(self, *names, **values):
        self._called("config")
        for name in names:
            if name == "mac":
                self._need_active()
                return 0, b"\xc4\x4f\x33\x12\xab\xcd"
            if name not in ("gap_name", "mtu", "rxbuf"):
                raise ValueError("unknown config param")
            return self.settings[name]
        for name, value in values.items():
            if name not in self.settings:
                raise ValueError("unknown config param")
            if name == "mtu":
                self._need_active()
            self.settings[name] = value.encode() if name == "gap_name" else value
        return None

    def irq(self, handler):
        self._called("irq")
        self._handler = handler

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        self._called("gap_advertise")
        self._need_active()
        if interval_us is None:
            self.advertising = None
            self._air.advertise(None, None, None)
            return
        for data in (adv_data, resp_data):
            if data is not None and len(data) > 31:
                raise OSError(_EINVAL)
        self.advertising = (bytes(adv_data or b""), bytes(resp_data or b"")) if connectable else None
        self._air.advertise(interval_us, adv_data, resp_data)

    def gap_disconnect(self, conn):
        self._called("gap_disconnect")
        self._need_active()
        _raise(self._air.terminate(conn) if conn in self.links else ENOTCONN)
        return True

    def gatts_register_services(self, services):
        self._called("gatts_register_services")
        self._need_active()
        if self.advertising or self.links:
            raise OSError(16)
        self.attributes = {}
        groups = []
        handle = _FIRST_HANDLE
        for service, characteristics in services:
            group = []
            for uuid, flags in characteristics:
                self.attributes[handle] = Attribute(uuid, flags, service)
                group.append(handle)
                handle += 3
            groups.append(tuple(group))
            handle += 1
        self._air.registered(self.attributes)
        return tuple(groups)

    def gatts_read(self, handle):
        self._called("gatts_read")
        attribute = self._attribute(handle)
        value = attribute.value
        if attribute.append:
            attribute.value = b""
        return value

    def gatts_write(self, handle, data, send_update=False):
        self._called("gatts_write")
        attribute = self._attribute(handle)
        attribute.value = bytes(data)
        attribute.size = max(attribute.size, len(data))
        if send_update:
            # To who subscribed, and the stack reads the value through the handler.
            for conn in self._air.subscribed(handle):
                if not self._fire(_READ_REQUEST, NO_CONNECTION, handle):
                    self._air.send(conn, handle, attribute.value, self._fits(conn, attribute.value))

    def gatts_notify(self, conn, handle, data=None):
        """To the connection, subscribed or not, encrypted or not."""
        if self.before_call:
            self.before_call("gatts_notify")
        self._need_active()
        if conn not in self.links:
            raise OSError(ENOTCONN)
        if data is None:
            data = self._attribute(handle).value
        said = self._air.send(conn, handle, data, self._fits(conn, data))
        if said:
            raise OSError(said)

    def gatts_indicate(self, conn, handle, data=None):
        self.gatts_notify(conn, handle, data)

    def gatts_set_buffer(self, handle, size, append=False):
        self._called("gatts_set_buffer")
        attribute = self._attribute(handle)
        attribute.size = size
        attribute.append = append
        attribute.value = b""

    # From the air.

    def connected(self, conn, addr_type, addr):
        """`addr` is the identity of a central that the stack knows, as a stack with its keys resolves it."""
        self.advertising = None
        self.links[conn] = _Link(addr_type, addr)
        self._fire(_CONNECT, conn, addr_type, bytes(addr))

    def disconnected(self, conn):
        link = self.links.pop(conn)
        self._fire(_DISCONNECT, conn, link.addr_type, link.addr)

    def mtu_asked(self, conn, theirs):
        self.links[conn].mtu = max(_DEFAULT_MTU, min(theirs, self.settings["mtu"]))
        self._fire(_MTU, conn, self.links[conn].mtu)
        return self.links[conn].mtu

    def connection_updated(self, conn, interval, latency=0, timeout=400, status=0):
        """`interval` in 1.25 ms."""
        self._fire(_CONNECTION_UPDATE, conn, interval, latency, timeout, status)

    def encryption_changed(self, conn, encrypted, authenticated, bonded, key_size):
        self.links[conn].encrypted = encrypted
        self._fire(_ENCRYPTION_UPDATE, conn, encrypted, authenticated, bonded, key_size)

    def written(self, conn, handle, value):
        """A central writes. Returns the ATT error; the handler hears only of what was permitted."""
        attribute = self.attributes.get(handle)
        if attribute is None:
            return NOT_FOUND
        if not attribute.writable():
            return WRITE_NOT_PERMITTED
        if attribute.flags & _WRITE_ENCRYPTED and not self.links[conn].encrypted:
            return self._not_encrypted(conn)
        attribute.written(value[: self.links[conn].mtu - 3])
        self._fire(_WRITE, conn, handle)
        return 0

    def read(self, conn, handle):
        """A central reads: (ATT error, value)."""
        attribute = self.attributes.get(handle)
        if attribute is None:
            return NOT_FOUND, b""
        if not attribute.readable():
            return READ_NOT_PERMITTED, b""
        if attribute.flags & _READ_ENCRYPTED and not self.links[conn].encrypted:
            return self._not_encrypted(conn), b""
        denied = self._fire(_READ_REQUEST, conn, handle)
        return (denied, b"") if denied else (0, attribute.value)

    def get_secret(self, kind, index, key):
        """Bytes or None. Raises where the real one would in C: for anything else."""
        said = self._fire(_GET_SECRET, kind, index, key)
        return None if said is None else bytes(said)

    def set_secret(self, kind, key, value):
        """Whether it was filed; with the value None: deleted."""
        return bool(self._fire(_SET_SECRET, kind, key, value))

    def _wake_up(self):
        if self.get_secret(IDENTITY_KEY, 0, b"irk") is None:
            self.set_secret(IDENTITY_KEY, b"irk", bytes(range(16)))
        index = 0
        value = self.get_secret(PEER_KEYS, index, None)
        while value is not None:
            self._air.known_peer(value)
            index += 1
            value = self.get_secret(PEER_KEYS, index, None)

    def _not_encrypted(self, conn):
        link = self.links[conn]
        stored = self.get_secret(OUR_KEYS, 0, secret_key(link.addr_type, link.addr))
        return INSUFFICIENT_AUTHENTICATION if stored is None else INSUFFICIENT_ENCRYPTION

    def _fits(self, conn, data):
        return min(len(data), self.links[conn].mtu - 3)

    def _attribute(self, handle):
        self._need_active()
        if handle not in self.attributes:
            raise OSError(_EINVAL)
        return self.attributes[handle]

    def _need_active(self):
        if not self._active:
            raise OSError(_ENODEV)

    def _called(self, name):
        if self.before_call:
            self.before_call(name)

    def _fire(self, event, *values):
        """Call the handler as the stack does: its data are views into memory that is used again at once."""
        if self._handler is None:
            return None
        if self._in_handler:
            raise AssertionError("the stack runs one event after the other")
        self._data.clear()  # one tuple for all events; a list, since a tuple cannot be emptied
        used = 0
        for value in values:
            if isinstance(value, bytes):
                self._memory[used : used + len(value)] = value
                self._data.append(memoryview(self._memory)[used : used + len(value)])
                used += len(value)
            else:
                self._data.append(value)
        before = bytes(self._memory[:used])
        self._in_handler = True
        try:
            return self._handler(event, self._data)
        except Exception as error:
            self._handler = None
            self.handler_failed = error
            print("the handler raised and is switched off for good:", repr(error))
            return None
        finally:
            self._in_handler = False
            if bytes(self._memory[:used]) != before:
                raise AssertionError("the views are read-only")
            for i in range(used):
                self._memory[i] = _POISON
            self._data.clear()


def secret_key(addr_type, addr):
    """The address as the stack files keys under it: its type, then little-endian."""
    return bytes([addr_type]) + bytes(reversed(bytes(addr)))


def power_cycle():
    """Forget the singleton, as a reset does."""
    BLE._only = None


def _raise(errno):
    if errno:
        raise OSError(errno)
