"""A client of bleak's on a Bumble device: as unhelpful as the one for BlueZ.

It says an MTU of 23 whatever was agreed, may hand over a notification after `stop_notify`, and encrypts when it
connects to a device that it is bonded with.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import Any, TypeVar

from bleak.args import SizedBuffer
from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError
from bumble import hci
from bumble.att import ATT_Error
from bumble.core import BaseBumbleError, ProtocolError
from bumble.device import Connection, Peer

from tests.rig.radio.bleak_scanner import uuid_text
from tests.rig.radio.central_radio import CentralRadio

T = TypeVar("T")
_MTU_BEFORE_ASKED = 23
_WORDS = {hci.HCI_CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR: "le-connection-abort-by-local"}
"""What BlueZ calls a disconnection."""


class BumbleClient(BaseBleakClient):
    """`radio` and the MTU that it asks for are set by `bleak_backend.installed`."""

    radio: CentralRadio
    asked_mtu: int

    def __init__(self, address_or_ble_device: BLEDevice | str, services: Any = None, **others: Any) -> None:
        super().__init__(address_or_ble_device, **others)
        is_known = isinstance(address_or_ble_device, BLEDevice)
        self._target = address_or_ble_device.details if is_known else hci.Address(self.address)
        self._name = (address_or_ble_device.name if is_known else None) or self.address
        self._connection: Connection | None = None
        self._callbacks: dict[int, NotifyCallback] = {}

    @property
    def name(self) -> str:
        return self._name

    @property
    def mtu_size(self) -> int:
        return _MTU_BEFORE_ASKED

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool, **others: Any) -> None:
        try:
            self._connection = await self.radio.connect(self._target, others.get("timeout", self._timeout))
        except (BaseBumbleError, hci.HCI_Error) as error:
            raise BleakError(str(error)) from error
        self._reason = 0
        self._connection.on(Connection.EVENT_DISCONNECTION, self._gone)
        try:
            await self._prepare(self._connection, pair)
        except BaseException:
            await self.disconnect()
            raise

    async def _prepare(self, connection: Connection, pair: bool) -> None:
        peer = Peer(connection)
        if self.asked_mtu > _MTU_BEFORE_ASKED:
            await self._do(peer.request_mtu(self.asked_mtu))
        if await self.radio.device.keystore.get(str(connection.peer_address)):
            await self._do(connection.encrypt())
        elif pair:
            await self.pair()
        await self._do(_discover(peer))
        self.services = self._collect(peer)

    async def disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(BaseBumbleError):  # it had just gone
                await self._connection.disconnect()

    async def pair(self, *_arguments: Any, **_others: Any) -> None:
        connection = self._need()
        await self._do(connection.pair())

    async def unpair(self) -> None:
        await self.radio.device.keystore.delete(str(self._target))

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_others: Any
    ) -> bytearray:
        self._need()
        return bytearray(await self._do(characteristic.obj.read_value()))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_others: Any
    ) -> bytearray:
        self._need()
        return bytearray(await self._do(descriptor.obj.read_value()))

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool) -> None:
        self._need()
        await self._do(characteristic.obj.write_value(bytes(data), with_response=response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        self._need()
        await self._do(descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_others: Any
    ) -> None:
        self._need()
        if characteristic.handle in self._callbacks:
            raise BleakError("notifications are on already")

        def hand_over(value: bytes) -> None:
            # As from D-Bus: in a later turn of the loop, even if notifications were switched off in between.
            asyncio.get_running_loop().call_soon(callback, bytearray(value))

        self._callbacks[characteristic.handle] = hand_over
        await self._do(characteristic.obj.subscribe(hand_over))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        self._need()
        await self._do(characteristic.obj.unsubscribe(self._callbacks.pop(characteristic.handle)))

    def _need(self) -> Connection:
        if self._connection is None:
            raise BleakError("Not connected")
        return self._connection

    async def _do(self, action: Awaitable[T]) -> T:
        """Wait for the radio, but no longer than the link lasts; all its errors are bleak's.

        A request that nobody waits for any more goes on: its response would else be taken for that of the next one.
        """
        going = asyncio.ensure_future(self._need().cancel_on_disconnection(action))
        going.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            return await asyncio.shield(going)
        except ATT_Error as error:
            raise BleakError(str(error)) from error
        except (ProtocolError, BaseBumbleError, hci.HCI_Error, TimeoutError) as error:
            raise BleakError(str(error) or type(error).__name__) from error
        except asyncio.CancelledError:
            if self._connection is None:
                raise BleakError(_WORDS.get(self._reason, "Disconnected")) from None
            raise

    def _gone(self, reason: int) -> None:
        self._connection = None
        self._reason = reason
        self._callbacks.clear()
        if self._disconnected_callback:
            self._disconnected_callback()

    def _collect(self, peer: Peer) -> BleakGATTServiceCollection:
        collection = BleakGATTServiceCollection()
        for of_peer in peer.services:
            service = BleakGATTService(of_peer, of_peer.handle, uuid_text(of_peer.uuid))
            collection.add_service(service)
            for each in of_peer.characteristics:
                properties = list(gatt_char_props_to_strs(int(each.properties)))
                characteristic = BleakGATTCharacteristic(
                    each, each.handle, uuid_text(each.uuid), properties, lambda: _MTU_BEFORE_ASKED - 3, service
                )
                collection.add_characteristic(characteristic)
                for descriptor in each.descriptors:
                    collection.add_descriptor(
                        BleakGATTDescriptor(descriptor, descriptor.handle, uuid_text(descriptor.type), characteristic)
                    )
        return collection


async def _discover(peer: Peer) -> None:
    await peer.discover_services()
    for service in peer.services:
        await service.discover_characteristics()
        for characteristic in service.characteristics:
            await characteristic.discover_descriptors()
