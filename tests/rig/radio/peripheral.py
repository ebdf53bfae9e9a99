"""The pod's radio: a Bumble device in the hands of the firmware, which speaks through its board."""

from __future__ import annotations

import asyncio
import struct
from itertools import groupby

from bumble import att, gatt, hci, ll
from bumble.core import UUID
from bumble.device import AdvertisingType, Connection, Device, LegacyAdvertiser

from tests.rig.radio.air import Advertiser, Air, AirController
from tests.rig.radio.board_process import BoardProcess
from tests.rig.radio.bonds import Bonds
from tests.rig.radio.conditions import Conditions
from tests.rig.radio.device import radio_device

REGISTERED, ADVERTISE, SEND, TERMINATE, KNOWN_PEER, SUBSCRIBED = range(2, 8)
CONNECTED, DISCONNECTED, MTU_ASKED, UPDATED = range(1, 5)
WRITTEN, READ = 6, 7

_ENOMEM, _ENOTCONN = 12, -128
_STOP_ADVERTISING = 0xFFFFFFFF
_UPDATE_AFTER_S = 0.1
"""When a central that has just connected sets the interval that it wants to keep."""


class Peripheral:
    """Made with the board's power. `answer` is for the board's calls; what comes from the air is fired at the board."""

    def __init__(self, air: Air, address: str, conditions: Conditions) -> None:
        self._air = air
        self._conditions = conditions
        self._controller = AirController("pod", air, address)
        self._advertiser = Advertiser(air, self._controller, conditions)
        self.device: Device = radio_device(self._controller, "pod")
        self._connections: dict[int, Connection] = {}
        self._leaving: set[int] = set()
        self._by_handle: dict[int, gatt.Characteristic[bytes]] = {}
        self.notified = self.refused = 0

    async def power_on(self) -> None:
        """Make the radio ready; the board is switched on after it."""
        await self.device.power_on()
        self.device.on(Device.EVENT_CONNECTION, self._connected)

    def attach(self, board: BoardProcess) -> None:
        """The board that this is the radio of."""
        self._board = board
        self._bonds = Bonds(self.device, board, self.number)

    def power_cut(self) -> None:
        """Fall silent at once."""
        self._advertiser.stop()
        self._air.switch_off(self._controller)

    def called(self, kind: int, body: bytes) -> bytes:
        """Answer a call of the board."""
        if kind == SEND:
            conn, handle = struct.unpack_from("<BH", body)
            return struct.pack("<h", self._send(conn, handle, body[3:]))
        if kind == TERMINATE:
            return struct.pack("<h", self._terminate(body[0]))
        if kind == SUBSCRIBED:
            return self._subscribed(*struct.unpack("<H", body))
        if kind == ADVERTISE:
            self._advertise(*struct.unpack_from("<IB", body), body[5:])
        elif kind == REGISTERED:
            self._register(body)
        return b""

    # What the firmware wants.

    def _advertise(self, interval_us: int, data_length: int, both: bytes) -> None:
        if interval_us == _STOP_ADVERTISING:
            self._advertiser.stop()
            return
        legacy = LegacyAdvertiser(
            self.device,
            AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE,
            hci.Address.ANY,
            hci.OwnAddressType.RANDOM,
            auto_restart=False,
        )
        self.device.legacy_advertiser = legacy
        self._controller.le_legacy_advertiser.own_address_type = hci.OwnAddressType.RANDOM
        self._controller.le_legacy_advertiser.enabled = True
        self._advertiser.start(interval_us / 1e6, both[:data_length], both[data_length:])

    def _register(self, told: bytes) -> None:
        """The firmware's services, with a value that the board is asked for."""
        entries = []
        while told:
            handle, flags, service_size, size = struct.unpack_from("<HHBB", told)
            uuids, told = told[6 : 6 + service_size + size], told[6 + service_size + size :]
            entries.append((uuids[:service_size], handle, flags, uuids[service_size:]))
        for service, group in groupby(entries, lambda entry: entry[0]):
            characteristics = []
            for _, handle, flags, uuid in group:
                characteristic = self._characteristic(handle, flags, uuid)
                self._by_handle[handle] = characteristic
                characteristics.append(characteristic)
            self.device.add_service(gatt.Service(UUID.from_bytes(service), characteristics))

    def _characteristic(self, handle: int, flags: int, uuid: bytes) -> gatt.Characteristic[bytes]:
        """Open to all as far as Bumble knows: it is the board's stack that refuses."""

        def read(connection: Connection) -> bytes:
            return self._asked(READ, connection, handle)

        def write(connection: Connection, value: bytes) -> None:
            self._asked(WRITTEN, connection, handle, value)

        return gatt.Characteristic(
            UUID.from_bytes(uuid),
            gatt.Characteristic.Properties(flags & 0xFF),
            gatt.Characteristic.READABLE | gatt.Characteristic.WRITEABLE,
            gatt.CharacteristicValue(read=read, write=write),
        )

    def _asked(self, event: int, connection: Connection, handle: int, value: bytes = b"") -> bytes:
        """A central reads or writes: what the board's stack gives, or its refusal."""
        conn = self.number(connection)
        said = b"" if conn is None else self._board.fire(event, struct.pack("<BH", conn, handle) + value)
        if not said or said[0]:
            raise att.ATT_Error(att.ErrorCode(said[0] if said else att.ErrorCode.UNLIKELY_ERROR))
        return said[1:]

    def _send(self, conn: int, handle: int, value: bytes) -> int:
        connection = self._connections.get(conn)
        if connection is None or conn in self._leaving:
            return _ENOTCONN
        if self._air.waiting(self._controller) >= self._conditions.pool:
            self.refused += 1
            return _ENOMEM
        self.notified += 1
        notification = att.ATT_Handle_Value_Notification(
            attribute_handle=self._by_handle[handle].handle, attribute_value=value
        )
        self.device.gatt_server.send_gatt_pdu(connection, bytes(notification))
        return 0

    def _terminate(self, conn: int) -> int:
        connection = self._connections.get(conn)
        if connection is None:
            return _ENOTCONN
        self._leaving.add(conn)
        link = self._controller.find_le_connection_by_handle(connection.handle)
        if link is not None:
            link.send_ll_control_pdu(ll.TerminateInd(hci.HCI_REMOTE_USER_TERMINATED_CONNECTION_ERROR))
            self._controller.on_le_disconnected(link, hci.HCI_CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)
        return 0

    def _subscribed(self, handle: int) -> bytes:
        number = self._by_handle[handle].handle
        subscribers = self.device.gatt_server.subscribers
        return bytes(
            conn
            for conn, connection in self._connections.items()
            if subscribers.get(connection, {}).get(number, b"\0")[0] & 1
        )

    # What comes from the air.

    def _connected(self, connection: Connection) -> None:
        conn = min(number for number in range(len(self._connections) + 1) if number not in self._connections)
        self._connections[conn] = connection
        self._advertiser.stop()
        connection.on(Connection.EVENT_DISCONNECTION, lambda _reason: self._disconnected(conn))
        connection.on(Connection.EVENT_CONNECTION_ATT_MTU_UPDATE, lambda: self._mtu_asked(conn, connection.att_mtu))
        who = bytes([conn, connection.peer_address.address_type]) + bytes(connection.peer_address)[::-1]
        said = self._board.fire(CONNECTED, who)
        if said:
            self.device.gatt_server.max_mtu = int.from_bytes(said, "little")
        self._bonds.watch(connection)
        asyncio.get_running_loop().call_later(_UPDATE_AFTER_S, self._update, conn, connection)

    def _disconnected(self, conn: int) -> None:
        del self._connections[conn]
        self._leaving.discard(conn)
        self._board.fire(DISCONNECTED, bytes([conn]))

    def _mtu_asked(self, conn: int, mtu: int) -> None:
        self._board.fire(MTU_ASKED, struct.pack("<BH", conn, mtu))

    def _update(self, conn: int, connection: Connection) -> None:
        if self._connections.get(conn) is connection:
            interval = round(self._conditions.interval_ms / 1.25)
            self._board.fire(UPDATED, struct.pack("<BH", conn, interval))

    def number(self, connection: Connection) -> int | None:
        """The stack's number of a connection, by which the firmware knows it; None when it has gone."""
        return next((conn for conn, each in self._connections.items() if each is connection), None)
