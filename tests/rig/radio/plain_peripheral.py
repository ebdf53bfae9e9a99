"""A peripheral without firmware: a Bumble device with a few values, for tests of what stands on the host's side."""

from __future__ import annotations

import struct

from bumble import att, gatt, hci
from bumble.core import UUID, AdvertisingData
from bumble.device import AdvertisingType, Connection, Device, LegacyAdvertiser
from bumble.pairing import PairingConfig, PairingDelegate

from tests.rig.radio.air import Advertiser, Air, AirController
from tests.rig.radio.conditions import Conditions
from tests.rig.radio.device import radio_device

ADDRESS = "C4:4F:33:00:00:01"
NAME = "Plain 0001"
MANUFACTURER = 0xFFFF, b"\x01\x02"
SERVICE, OPEN, GUARDED, STREAM, STATUS = (f"7b0e{number:04x}-5a1c-4e57-9d0a-0a6d70757830" for number in range(1, 6))
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"

_INTERVAL_S = 0.03
_BOTH = gatt.Characteristic.READABLE | gatt.Characteristic.WRITEABLE
_GUARDED = gatt.Characteristic.READ_REQUIRES_ENCRYPTION | gatt.Characteristic.WRITE_REQUIRES_ENCRYPTION


class PlainPeripheral:
    """An open value, a guarded one, a stream, and a status that is guarded, read and notified.

    `with_battery` adds a guarded battery level.
    """

    def __init__(self, air: Air, address: str = ADDRESS, *, with_battery: bool = False) -> None:
        self.conditions = Conditions()
        self.conditions.interval_ms, self.conditions.per_event, self.conditions.pool = 2.0, 50, 1_000_000
        self._controller = AirController("plain", air, address)
        self._advertiser = Advertiser(air, self._controller, self.conditions)
        self.device = radio_device(self._controller, "plain")
        self.pairs, self.bonds = True, True
        self.device.pairing_config_factory = lambda _: PairingConfig(
            mitm=False, bonding=self.bonds, delegate=_Willing(self)
        )
        self.pairings = 0
        self.values = {OPEN: b"open", GUARDED: b"guarded", STATUS: b"status", BATTERY_LEVEL: b"\x50"}
        self.written: list[bytes] = []
        self.characteristics = {
            OPEN: self._characteristic(OPEN, 0x0E, _BOTH),
            GUARDED: self._characteristic(GUARDED, 0x0A, _BOTH | _GUARDED),
            STREAM: self._characteristic(STREAM, 0x10, gatt.Characteristic.Permissions(0)),
            STATUS: self._characteristic(STATUS, 0x12, _BOTH | _GUARDED),
        }
        self.device.add_service(gatt.Service(UUID(SERVICE), list(self.characteristics.values())))
        if with_battery:
            battery = self._characteristic(BATTERY_LEVEL, 0x12, _BOTH | _GUARDED)
            self.device.add_service(gatt.Service(UUID(0x180F), [battery]))
        self.connections: list[Connection] = []
        self.device.on(Device.EVENT_CONNECTION, self._connected)

    async def power_on(self) -> None:
        """Switch on and advertise."""
        await self.device.power_on()
        self.advertise()

    def advertise(self) -> None:
        """The services in the advertisement, name and maker in the scan response."""
        heard = [(AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, bytes(UUID(SERVICE)))]
        answered = [
            (AdvertisingData.COMPLETE_LOCAL_NAME, NAME.encode()),
            (AdvertisingData.MANUFACTURER_SPECIFIC_DATA, struct.pack("<H", MANUFACTURER[0]) + MANUFACTURER[1]),
        ]
        # What Bumble looks at when a central connects.
        self.device.legacy_advertiser = LegacyAdvertiser(
            self.device,
            AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE,
            hci.Address.ANY,
            hci.OwnAddressType.RANDOM,
            auto_restart=False,
        )
        self._controller.le_legacy_advertiser.own_address_type = hci.OwnAddressType.RANDOM
        self._controller.le_legacy_advertiser.enabled = True
        self._advertiser.start(_INTERVAL_S, bytes(AdvertisingData(heard)), bytes(AdvertisingData(answered)))

    def fall_silent(self) -> None:
        """Advertise no more."""
        self._advertiser.stop()

    async def forget_bonds(self) -> None:
        """Lose all keys."""
        await self.device.keystore.delete_all()

    async def notify(self, uuid: str, *values: bytes) -> None:
        """Send values to who subscribed."""
        for value in values:
            await self.device.notify_subscribers(self.characteristics[uuid], value)

    def subscriptions(self, uuid: str) -> int:
        """How many centrals are subscribed to a characteristic."""
        handle = self.characteristics[uuid].handle
        return sum(of_one.get(handle) == b"\x01\x00" for of_one in self.device.gatt_server.subscribers.values())

    def _connected(self, connection: Connection) -> None:
        self.connections.append(connection)
        self.fall_silent()
        connection.once(Connection.EVENT_DISCONNECTION, lambda _reason: self.advertise())

    def _characteristic(self, uuid: str, properties: int, permissions: int) -> gatt.Characteristic[bytes]:
        def read(_: Connection) -> bytes:
            if not properties & gatt.Characteristic.Properties.READ:
                raise att.ATT_Error(att.ErrorCode.READ_NOT_PERMITTED)
            return self.values[uuid]

        def write(_: Connection, value: bytes) -> None:
            self.values[uuid] = bytes(value)
            self.written.append(bytes(value))

        return gatt.Characteristic(
            UUID(uuid),
            gatt.Characteristic.Properties(properties),
            gatt.Characteristic.Permissions(permissions),
            gatt.CharacteristicValue(read=read, write=write),
        )


class _Willing(PairingDelegate):
    def __init__(self, peripheral: PlainPeripheral) -> None:
        super().__init__()
        self._peripheral = peripheral

    async def accept(self) -> bool:
        self._peripheral.pairings += 1
        return self._peripheral.pairs
