"""All that is on the bus below a device: found anew over each link, and the same objects where nothing changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from bumble.core import UUID
from bumble.gatt_client import ServiceProxy

from tests.rig.radio.bluez.attributes import RemoteCharacteristic, RemoteDescriptor, RemoteService, uuid_text

if TYPE_CHECKING:
    from tests.rig.radio.bluez.device import RemoteDevice
    from tests.rig.radio.bluez.link import Link

_GENERIC_ACCESS = UUID(0x1800)
"""BlueZ keeps that service to itself."""

Attribute = RemoteService | RemoteCharacteristic | RemoteDescriptor
Kind = TypeVar("Kind", RemoteService, RemoteCharacteristic, RemoteDescriptor)


class Tree:
    """Services, characteristics and descriptors of a device; they outlast the link."""

    def __init__(self, device: RemoteDevice) -> None:
        self._device = device
        self._shown: dict[str, Attribute] = {}

    @property
    def characteristics(self) -> list[RemoteCharacteristic]:
        """Those on the bus."""
        return [shown for shown in self._shown.values() if isinstance(shown, RemoteCharacteristic)]

    async def discover(self, link: Link) -> list[str]:
        """Look what the peer has, show that, and return the UUIDs of its services."""
        services = await link.client.discover_services()
        for service in services:
            for characteristic in await service.discover_characteristics():
                await characteristic.discover_descriptors()
        before, self._shown = self._shown, {}
        for service in services:
            if service.uuid != _GENERIC_ACCESS:
                self._show(service, before)
        self._remove([shown for path, shown in before.items() if path not in self._shown])
        self.linked(link)
        return [uuid_text(service.uuid) for service in services]

    def linked(self, link: Link) -> None:
        """The link is there, or there again."""
        for characteristic in self.characteristics:
            characteristic.linked(link)

    def owner_left(self, owner: str) -> None:
        """A program left the bus."""
        for characteristic in self.characteristics:
            characteristic.owner_left(owner)

    def remove(self) -> None:
        """Take everything off the bus."""
        self._remove(list(self._shown.values()))
        self._shown.clear()

    def _remove(self, gone: list[Attribute]) -> None:
        for attribute in reversed(gone):
            self._device.objects.remove(attribute)

    def _show(self, found: ServiceProxy, before: dict[str, Attribute]) -> None:
        service = self._keep(RemoteService(self._device, found), before)
        for inner in found.characteristics:
            characteristic = self._keep(RemoteCharacteristic(self._device, service.path, inner), before)
            for descriptor in inner.descriptors:
                self._keep(
                    RemoteDescriptor(self._device, characteristic.path, descriptor.handle, descriptor.type), before
                )

    def _keep(self, found: Kind, before: dict[str, Attribute]) -> Kind:
        known = before.get(found.path)
        if isinstance(known, type(found)) and known.properties["UUID"] == found.properties["UUID"]:
            found = known
        else:
            self._device.objects.add(found)
        self._shown[found.path] = found
        return found
