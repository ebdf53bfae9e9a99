"""Services, characteristics and descriptors of a peer, as BlueZ shows them.

They stay on the bus after the link is gone and are the same objects when it is back. A program that wanted
notifications and is still on the bus gets them again at once, and if it asked twice under two names, each value comes
twice (bleak #2002). A value that is read comes as a notification too.
"""

from __future__ import annotations

import asyncio
import uuid as uuid128
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar

from bumble import att
from bumble.core import UUID
from bumble.gatt_client import CharacteristicProxy, ServiceProxy
from dbus_fast import Variant

from tests.rig.radio.bluez import errors
from tests.rig.radio.bluez.link import LinkLost
from tests.rig.radio.bluez.objects import Interface, Refused

if TYPE_CHECKING:
    from tests.rig.radio.bluez.device import RemoteDevice
    from tests.rig.radio.bluez.link import Link, Result

_CLIENT_CONFIGURATION = UUID(0x2902)
_NOTIFY, _INDICATE, _OFF = b"\x01\x00", b"\x02\x00", b"\x00\x00"
_FLAGS = {
    0x01: "broadcast",
    0x02: "read",
    0x04: "write-without-response",
    0x08: "write",
    0x10: "notify",
    0x20: "indicate",
    0x40: "authenticated-signed-writes",
    0x80: "extended-properties",
}


def uuid_text(uuid: UUID) -> str:
    """A UUID as programs write it: 128 bits, lower case."""
    return str(uuid128.UUID(bytes=uuid.to_bytes(force_128=True)[::-1]))


class RemoteService(Interface):
    """`org.bluez.GattService1`."""

    NAME = "org.bluez.GattService1"

    def __init__(self, device: RemoteDevice, found: ServiceProxy) -> None:
        super().__init__(
            f"{device.path}/service{found.handle:04x}",
            {
                "UUID": Variant("s", uuid_text(found.uuid)),
                "Device": Variant("o", device.path),
                "Primary": Variant("b", True),
                "Includes": Variant("ao", []),
            },
        )


class _Attribute(Interface):
    """What has a value that can be read and written."""

    def __init__(self, device: RemoteDevice, handle: int, path: str, properties: dict[str, Variant]) -> None:
        super().__init__(path, properties)
        self._device, self._handle = device, handle
        self._reading: asyncio.Task[bytes] | None = None
        self._writing = False

    async def read(self, _sender: str, _options: dict[str, Variant]) -> bytes:
        link = self._link()
        if self._reading is None:
            self._reading = self._device.objects.do(self._read(link))
        return await asyncio.shield(self._reading)

    async def write(self, _sender: str, value: bytes, _options: dict[str, Variant]) -> None:
        link = self._link()
        if self._writing:
            raise errors.in_progress()
        self._writing = True
        try:
            await self.ask(link, lambda: link.client.write_value(self._handle, value, with_response=True))
        finally:
            self._writing = False

    async def ask(self, link: Link, send: Callable[[], Awaitable[Result]]) -> Result:
        """Send a request; its errors become those of BlueZ."""
        try:
            return await link.request(send)
        except att.ATT_Error as error:
            raise errors.of_attribute(error.error_code) from error
        except LinkLost as lost:
            raise errors.of_attribute(att.ErrorCode.UNLIKELY_ERROR) from lost

    def show(self, value: bytes) -> None:
        """Tell a value, though it may be the one before."""
        self.properties["Value"] = Variant("ay", value)
        self.tell_properties({"Value": self.properties["Value"]})

    def _link(self) -> Link:
        if self._device.link is None:
            raise errors.failed("Not connected")
        return self._device.link

    async def _read(self, link: Link) -> bytes:
        try:
            value = bytes(await self.ask(link, lambda: link.client.read_value(self._handle)))
        finally:
            self._reading = None
        self.show(value)
        return value


class RemoteCharacteristic(_Attribute):
    """`org.bluez.GattCharacteristic1`."""

    NAME = "org.bluez.GattCharacteristic1"
    METHODS: ClassVar = {
        "ReadValue": ("ay", "read"),
        "WriteValue": ("", "write"),
        "StartNotify": ("", "start_notify"),
        "StopNotify": ("", "stop_notify"),
        "AcquireNotify": ("", "acquire"),
        "AcquireWrite": ("", "acquire"),
    }

    def __init__(self, device: RemoteDevice, service_path: str, found: CharacteristicProxy[bytes]) -> None:
        self._bits = int(found.properties)
        super().__init__(
            device,
            found.handle,
            f"{service_path}/char{found.handle - 1:04x}",
            {
                "UUID": Variant("s", uuid_text(found.uuid)),
                "Service": Variant("o", service_path),
                "Flags": Variant("as", [name for bit, name in _FLAGS.items() if self._bits & bit]),
                "MTU": Variant("q", att.ATT_DEFAULT_MTU),
            },
        )
        if self._can_notify():
            self.properties["Notifying"] = Variant("b", False)
        self._configuration = next(
            (descriptor.handle for descriptor in found.descriptors if descriptor.type == _CLIENT_CONFIGURATION), None
        )
        self._listeners: list[str] = []

    def linked(self, link: Link) -> None:
        """The link is there, or there again: take its notifications, and have them sent if somebody listens."""
        self.change(MTU=Variant("q", link.connection.att_mtu))
        if not self._can_notify():
            return
        link.client.notification_subscribers[self._handle] = {self._notified}
        link.client.indication_subscribers[self._handle] = {self._notified}
        if self._listeners:
            self._device.objects.do(self._configure_quietly(link, self._on()))

    async def write(self, sender: str, value: bytes, options: dict[str, Variant]) -> None:
        """Without an answer where the program asks for that, and then without waiting for a turn."""
        if not self._bits & 0x0C:
            raise errors.not_supported()
        if "type" in options and options["type"].value == "command":
            await self._link().client.write_value(self._handle, value, with_response=False)
        else:
            await super().write(sender, value, options)

    async def start_notify(self, sender: str) -> None:
        if not self._can_notify():
            raise errors.not_supported()
        if sender in self._listeners:
            raise errors.failed("Already notifying") if self._device.link else errors.in_progress()
        first = not self._listeners
        self._listeners.append(sender)
        if self._device.link and first:
            try:
                await self._configure(self._device.link, self._on())
            except BaseException:
                self._listeners.remove(sender)
                raise
        self.change(Notifying=Variant("b", True))

    async def stop_notify(self, sender: str) -> None:
        if sender not in self._listeners:
            raise errors.failed("No notify session started")
        self.owner_left(sender)

    def owner_left(self, owner: str) -> None:
        """A program left the bus, or wants no more: without any other the peer is told to stop."""
        if owner not in self._listeners:
            return
        self._listeners.remove(owner)
        if self._listeners:
            return
        self.change(Notifying=Variant("b", False))
        if self._device.link:
            self._device.objects.do(self._configure_quietly(self._device.link, _OFF))

    async def acquire(self, _sender: str, _options: dict[str, Variant]) -> None:
        """No values by file descriptor here; bleak does not use them unless it is told to."""
        raise errors.not_supported()

    def _can_notify(self) -> bool:
        return bool(self._bits & 0x30)

    def _on(self) -> bytes:
        return _NOTIFY if self._bits & 0x10 else _INDICATE

    def _notified(self, value: bytes) -> None:
        for _ in self._listeners:
            self.show(bytes(value))

    async def _configure(self, link: Link, value: bytes) -> None:
        if self._configuration is not None:
            handle = self._configuration
            await self.ask(link, lambda: link.client.write_value(handle, value, with_response=True))

    async def _configure_quietly(self, link: Link, value: bytes) -> None:
        try:
            await self._configure(link, value)
        except Refused:
            if value != _OFF:
                self._listeners.clear()


class RemoteDescriptor(_Attribute):
    """`org.bluez.GattDescriptor1`."""

    NAME = "org.bluez.GattDescriptor1"
    METHODS: ClassVar = {"ReadValue": ("ay", "read"), "WriteValue": ("", "write")}

    def __init__(self, device: RemoteDevice, characteristic_path: str, handle: int, uuid: UUID) -> None:
        self._is_configuration = uuid == _CLIENT_CONFIGURATION
        super().__init__(
            device,
            handle,
            f"{characteristic_path}/desc{handle:04x}",
            {"UUID": Variant("s", uuid_text(uuid)), "Characteristic": Variant("o", characteristic_path)},
        )

    async def write(self, sender: str, value: bytes, options: dict[str, Variant]) -> None:
        if self._is_configuration:  # only by StartNotify and StopNotify
            raise errors.of_attribute(att.ErrorCode.WRITE_NOT_PERMITTED)
        await super().write(sender, value, options)
