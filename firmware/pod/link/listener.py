"""What the stack says, between any two lines of the program.

The handler only moves integers and sets flags; what follows from them is done in the main loop. Two things cannot
wait: keys, since the stack waits for them, and what was written to control, since the next write goes into the same
bytes, whoever it comes from. A handler that raises is switched off for good by the stack, so this one never does.
"""

from micropython import const

from pod.link.connection import Connection
from pod.link.inbox import Inbox

_CENTRAL_CONNECT = const(1)
_CENTRAL_DISCONNECT = const(2)
_WRITE = const(3)
_READ_REQUEST = const(4)
_MTU_EXCHANGED = const(21)
_CONNECTION_UPDATE = const(27)
_ENCRYPTION_UPDATE = const(28)
_GET_SECRET = const(29)
_SET_SECRET = const(30)

_NOT_AUTHORIZED = const(0x08)
_THE_STACK_ITSELF = const(0xFFFF)
_CONNECTIONS = const(2)


class Listener:
    """The connections as the stack reports them, and who drives the pod.

    `owner`: the connection that drives it, or None. `surplus`: a connection without a place, or -1. `advertising` ends
    when a central comes. `handles` is for the radio to set. `faults` counts exceptions of the handler.
    """

    def __init__(self, ble, pairing):
        self._ble = ble
        self._pairing = pairing
        self.connections = [Connection() for _ in range(_CONNECTIONS)]
        self.inbox = Inbox()
        self.handles = None
        self.owner = None
        self.surplus = -1
        self.advertising = False
        self.faults = 0
        ble.irq(self._irq)

    def left(self, connection):
        """The central at this place is there no more."""
        connection.clear()
        self.inbox.drop(connection)
        self._pairing.unshelve()
        if self.owner is connection:
            self.owner = None

    def _irq(self, event, data):
        try:
            return self._heard(event, data)
        except Exception:
            self.faults += 1
        if event == _SET_SECRET:
            return True  # the reason is told at Pairing.put
        return _NOT_AUTHORIZED if event == _READ_REQUEST else None

    def _heard(self, event, data):
        if event == _GET_SECRET:
            return self._pairing.get(data[0], data[1], data[2])
        if event == _SET_SECRET:
            return self._file_key(data[0], data[1], data[2])
        if event == _CENTRAL_CONNECT:
            return self._came(data[0], data[1], data[2])
        if event == _READ_REQUEST:
            return self._answer_read(data[0], data[1])
        if event == _WRITE:
            return self._fetch_write(data[0], data[1])
        connection = self._at(data[0])
        if connection is not None:
            self._told(connection, event, data)
        elif event == _CENTRAL_DISCONNECT:
            self.advertising = False  # a central that came and failed
        return None

    def _told(self, connection, event, data):
        if event == _CENTRAL_DISCONNECT:
            self.left(connection)
        elif event == _MTU_EXCHANGED:
            connection.mtu = data[1]
        elif event == _CONNECTION_UPDATE:
            connection.interval_ms = (data[1] * 5 + 3) >> 2
        elif event == _ENCRYPTION_UPDATE and connection.encryption(data[1], data[3], data[4], self._pairing.is_open):
            self._pairing.failed()

    def _came(self, handle, addr_type, addr):
        self.advertising = False
        place = self._at(-1)
        if place is None:
            self.surplus = handle
            return
        if self.owner is place:
            self.owner = None
        place.take(handle, addr_type, addr)
        place.known = self._pairing.knows(place.key)

    def _fetch_write(self, handle, attribute):
        written = self._ble.gatts_read(attribute)
        connection = self._at(handle)
        if connection is not None and connection.trusted and attribute == self.handles.control:
            self.inbox.put(connection, written, self.owner is None or self.owner is connection)

    def _answer_read(self, handle, attribute):
        if handle == _THE_STACK_ITSELF or attribute == self.handles.rsc_feature:
            return 0
        connection = self._at(handle)
        return 0 if connection is not None and connection.trusted else _NOT_AUTHORIZED

    def _file_key(self, kind, key, value):
        taken = self._pairing.put(kind, key, value)
        if taken and self._pairing.refuses(kind):
            for connection in self.connections:
                if connection.handle >= 0 and connection.key == key:
                    connection.keys_changed()
        return taken

    def _at(self, handle):
        for connection in self.connections:
            if connection.handle == handle:
                return connection
        return None
