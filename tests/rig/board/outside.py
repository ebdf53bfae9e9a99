"""The air around the stand-in `bluetooth`, when the world outside the pod is another process at the end of a pipe.

Each side sends frames: u16 length of what follows, u8 kind, then fields, little-endian. The pod calls, with its clock;
before the answer there may come events, each of which is handled at once, as an interrupt between two calls, and
answered with its result. While the pod computes, nothing reaches it; while it handles an event, no other one.

Every frame from outside says by how many microseconds the pod's clock is to move on before it is handled.
The other end: tests/rig/radio/board_process.py.
"""

import struct
import sys

ANSWER = 0
SLEEP, REGISTERED, ADVERTISE, SEND, TERMINATE, KNOWN_PEER, SUBSCRIBED, STOPPED = range(1, 9)
RESULT = 0x80
CONNECTED, DISCONNECTED, MTU_ASKED, UPDATED, ENCRYPTION, WRITTEN, READ, GET_SECRET, SET_SECRET, SETTINGS, RUN = range(
    1, 12
)

_HEADER = 7
_LONGEST = 1024
_STOP_ADVERTISING = 0xFFFFFFFF


class Outside:
    """What `bluetooth.BLE.attach` takes, and the pod's way to sleep. `names` are what a RUN event may use."""

    def __init__(self, pipe, clock, ble, names):
        self._pipe = pipe
        self._clock = clock
        self._ble = ble
        self._names = names
        self._out = bytearray(_HEADER + _LONGEST)
        self._out_view = memoryview(self._out)
        self._in = bytearray(5 + _LONGEST)
        self._in_view = memoryview(self._in)
        self._length = bytearray(2)
        self._handlers = (
            None,
            self._connected,
            self._disconnected,
            self._mtu_asked,
            self._updated,
            self._encryption,
            self._written,
            self._read,
            self._get_secret,
            self._set_secret,
            self._settings,
            self._run,
        )
        ble.attach(self)
        clock.wait_ms = self.sleep_ms

    # What the stand-ins ask for.

    def sleep_ms(self, ms):
        struct.pack_into("<I", self._out, _HEADER, ms)
        self._call(SLEEP, 4)

    def registered(self, attributes):
        told = b""
        for handle in sorted(attributes):
            attribute = attributes[handle]
            sizes = len(attribute.service), len(attribute.uuid)
            told += struct.pack("<HHBB", handle, attribute.flags, *sizes) + attribute.service + attribute.uuid
        self._call(REGISTERED, self._put(told))

    def advertise(self, interval_us, adv_data, resp_data):
        interval_us = _STOP_ADVERTISING if interval_us is None else interval_us
        adv_data, resp_data = bytes(adv_data or b""), bytes(resp_data or b"")
        self._call(ADVERTISE, self._put(struct.pack("<IB", interval_us, len(adv_data)) + adv_data + resp_data))

    def send(self, conn, handle, data, length):
        struct.pack_into("<BH", self._out, _HEADER, conn, handle)
        self._out_view[_HEADER + 3 : _HEADER + 3 + length] = memoryview(data)[:length]
        return self._number(SEND, 3 + length)

    def terminate(self, conn):
        self._out[_HEADER] = conn
        return self._number(TERMINATE, 1)

    def known_peer(self, value):
        self._call(KNOWN_PEER, self._put(value[:7]))

    def subscribed(self, handle):
        struct.pack_into("<H", self._out, _HEADER, handle)
        return bytes(self._in_view[5 : self._call(SUBSCRIBED, 2)])

    def stopped(self, why, kept):
        """The board resets or sleeps; `kept` is what the real-time clock's memory holds."""
        self._call(STOPPED, self._put(struct.pack("<B", len(why)) + why + kept))

    # Frames.

    def _put(self, body):
        self._out_view[_HEADER : _HEADER + len(body)] = body
        return len(body)

    def _write(self, kind, length):
        struct.pack_into("<HBI", self._out, 0, 5 + length, kind, self._clock.now_us)
        self._pipe.write(self._out_view[: _HEADER + length])

    def _next(self):
        """Wait for a frame and let its time pass: its kind, and where it ends in the buffer."""
        if self._pipe.readinto(self._length) != 2:
            sys.exit()  # nobody is there any more
        length = self._length[0] | self._length[1] << 8
        self._pipe.readinto(self._in_view[:length])
        kind, advance_us = struct.unpack_from("<BI", self._in)
        if advance_us:
            self._clock.advance(advance_us)
        return kind, length

    def _call(self, kind, length):
        """Call, and handle events until the answer is there: where it ends in the buffer."""
        self._write(kind, length)
        while True:
            said, end = self._next()
            if said == ANSWER:
                return end
            self._write(RESULT, self._put(self._handlers[said](bytes(self._in_view[5:end])) or b""))

    def _number(self, kind, length):
        self._call(kind, length)
        return struct.unpack_from("<h", self._in, 5)[0]

    # Events.

    def _connected(self, body):
        self._ble.connected(body[0], body[1], body[2:])
        return struct.pack("<H", self._ble.settings["mtu"])

    def _disconnected(self, body):
        self._ble.disconnected(body[0])

    def _mtu_asked(self, body):
        self._ble.mtu_asked(*struct.unpack("<BH", body))

    def _updated(self, body):
        self._ble.connection_updated(*struct.unpack("<BH", body))

    def _encryption(self, body):
        conn, encrypted, authenticated, bonded, key_size = body
        self._ble.encryption_changed(conn, bool(encrypted), bool(authenticated), bool(bonded), key_size)

    def _written(self, body):
        conn, handle = struct.unpack_from("<BH", body)
        return bytes([self._ble.written(conn, handle, body[3:])])

    def _read(self, body):
        denied, value = self._ble.read(*struct.unpack("<BH", body))
        return bytes([denied]) + value

    def _get_secret(self, body):
        value = self._ble.get_secret(body[0], body[1], body[2:] or None)
        return b"" if value is None else b"\x01" + value

    def _set_secret(self, body):
        kind, key_length = body[0], body[1]
        value = body[2 + key_length :]
        return bytes([self._ble.set_secret(kind, body[2 : 2 + key_length], value or None)])

    def _settings(self, body):
        settings = self._ble.settings
        return struct.pack("<BBH", settings["bond"], settings["le_secure"], settings["mtu"])

    def _run(self, body):
        text = body.decode()
        if text[0] != "=":
            exec(text, self._names)
            return b""
        return repr(eval(text[1:], self._names)).encode()
