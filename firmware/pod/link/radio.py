"""The radio: advertises, sends away who may not stay, and hands bytes to the stack. What comes back: `listener`."""

from micropython import const

from pod.link import gatt
from pod.link.connection import GONE, NO_MEMORY, SENT
from pod.link.listener import Listener
from pod.wire.packet import COUNTER

_NO_INPUT_NO_OUTPUT = const(3)
_NOT_CONNECTED = const(-128)

_ADVERTISE_US = const(200000)
_RETRY_MS = const(1000)
_CROWDED_MS = const(30000)


class Radio:
    """Owner of the BLE object. `writer` is the connection that the last request came from.

    Counters: `refusals` of centrals that were sent away, `listener.faults`, `listener.inbox.lost`.
    """

    def __init__(self, ble, pairing, name):
        self._ble = ble
        self.pairing = pairing
        self.writer = None
        self.refusals = 0
        self._bonding = self._crowded = False
        self._tried_ms = -_RETRY_MS
        self._crowded_ms = 0
        self._advertisement = gatt.advertisement()
        self._scan_response = gatt.scan_response(name)
        # The listener before the rest: while it wakes up, the stack asks for the keys by which it knows its peers.
        self.listener = Listener(ble, pairing)
        self.connections = self.listener.connections
        ble.active(True)
        ble.config(gap_name=name, mtu=gatt.MTU, bond=False, le_secure=True, mitm=False, io=_NO_INPUT_NO_OUTPUT)
        self.handles = self.listener.handles = gatt.Handles(ble)

    @property
    def owner(self):
        """The connection that drives the pod, or None."""
        return self.listener.owner

    def step(self, now_ms, may_save=True):
        """Do what the interrupts asked for; every few ms. `may_save`: flash may be written now."""
        self.pairing.step(now_ms, may_save)
        if self._bonding != self.pairing.is_open:
            self._bonding = self.pairing.is_open
            self._ble.config(bond=self._bonding)
        places = strangers = 0
        for connection in self.connections:
            if connection.handle < 0:
                places += 1
            elif connection.refused or connection.gone:
                self._send_away(connection)
            elif not connection.trusted:
                strangers += 1
        if self.listener.surplus >= 0:
            self._disconnect(self.listener.surplus)
            self.listener.surplus = -1
        self._keep_a_place(strangers == len(self.connections), now_ms)
        if places and not self.listener.advertising and ((now_ms - self._tried_ms) & COUNTER) >= _RETRY_MS:
            self._advertise(now_ms)

    def receive(self):
        """The next thing that a trusted central wrote to control, or None. The first to write becomes the owner."""
        inbox = self.listener.inbox
        while not inbox.is_empty():
            writer, written = inbox.take()
            if writer is not None and writer.trusted:
                if self.listener.owner is None:
                    self.listener.owner = writer
                self.writer = writer
                return written
        return None

    def linked(self):
        """Whether the owner is there."""
        owner = self.listener.owner
        return owner is not None and owner.trusted

    def notify(self, connection, handle, data):
        """Hand `data` to the stack: SENT, NO_MEMORY or GONE. Allocates only where the stack raises."""
        if not connection.trusted:
            return GONE
        try:
            self._ble.gatts_notify(connection.handle, handle, data)
        except OSError as error:
            if error.errno == NO_MEMORY:
                return NO_MEMORY
            connection.gone = True
            connection.trusted = False
            return GONE
        return SENT

    def tell(self, handle, data):
        """Set a value for bonded centrals, and notify them of it."""
        self._ble.gatts_write(handle, data)
        for connection in self.connections:
            if connection.trusted:
                self.notify(connection, handle, data)

    def publish(self, handle, data):
        """Set a value that is open to anyone, and notify who subscribed to it."""
        self._ble.gatts_write(handle, data, True)

    def describe(self, handle, data):
        """Set a value that is only read."""
        self._ble.gatts_write(handle, data)

    def off(self):
        """Switch Bluetooth off for good: before deep sleep."""
        self._ble.active(False)

    def forget_all(self):
        """Drop every bond, and everyone who is there by one."""
        self.pairing.forget_all()
        for connection in self.connections:
            connection.refused = connection.trusted
            connection.trusted = connection.known = False

    def _advertise(self, now_ms):
        self._tried_ms = now_ms
        self.listener.advertising = True  # before the call: a central that comes while it runs ends advertising
        try:
            self._ble.gap_advertise(_ADVERTISE_US, adv_data=self._advertisement, resp_data=self._scan_response)
        except OSError:
            self.listener.advertising = False

    def _keep_a_place(self, crowded, now_ms):
        """Two strangers may not keep a bonded central out for long."""
        if crowded and not self._crowded:
            self._crowded_ms = now_ms
        elif crowded and ((now_ms - self._crowded_ms) & COUNTER) >= _CROWDED_MS:
            self.connections[-1].refused = True
            crowded = False
        self._crowded = crowded

    def _send_away(self, connection):
        if connection.refused:
            self.refusals += 1
        connection.refused = connection.gone = False
        if not self._disconnect(connection.handle):
            self.listener.left(connection)

    def _disconnect(self, handle):
        """Whether there was a link to end. That it has ended, the stack says later."""
        try:
            return self._ble.gap_disconnect(handle)
        except OSError as error:
            return error.errno != _NOT_CONNECTED
