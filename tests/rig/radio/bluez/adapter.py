"""The adapter: who scans, which devices there are, and when they are forgotten."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from bumble import hci
from bumble.device import Advertisement, Connection, Device
from bumble.pairing import PairingConfig
from dbus_fast import Variant

from tests.rig.radio.bluez import errors
from tests.rig.radio.bluez.agents import AgentManager
from tests.rig.radio.bluez.device import RemoteDevice, advertised_services
from tests.rig.radio.bluez.dialing import Dialer
from tests.rig.radio.bluez.link import pairing_of
from tests.rig.radio.bluez.objects import Interface, Objects

Filter = dict[str, Variant]


class Adapter(Interface):
    """`org.bluez.Adapter1` at hci0.

    A device that is neither connected nor bonded is forgotten `forget_after_s` after it was last heard.
    """

    NAME = "org.bluez.Adapter1"
    METHODS: ClassVar = {
        "StartDiscovery": ("", "start_discovery"),
        "StopDiscovery": ("", "stop_discovery"),
        "SetDiscoveryFilter": ("", "set_filter"),
        "GetDiscoveryFilters": ("as", "filters"),
        "RemoveDevice": ("", "remove_device"),
    }
    WRITABLE = frozenset({"Alias", "Powered", "Pairable", "Discoverable"})

    def __init__(self, central: Device, objects: Objects, agents: AgentManager, forget_after_s: float) -> None:
        super().__init__(
            "/org/bluez/hci0",
            {
                "Address": Variant("s", central.random_address.to_string(with_type_qualifier=False)),
                "AddressType": Variant("s", "public"),
                "Name": Variant("s", "laptop"),
                "Alias": Variant("s", "laptop"),
                "Class": Variant("u", 0),
                "Powered": Variant("b", True),
                "Discoverable": Variant("b", False),
                "Pairable": Variant("b", True),
                "Discovering": Variant("b", False),
                "UUIDs": Variant("as", []),
                "Roles": Variant("as", ["central", "peripheral"]),
            },
        )
        self._central, self._objects, self._agents = central, objects, agents
        self._forget_after_s = forget_after_s
        self._dialer = Dialer(central)
        self._devices: dict[hci.Address, RemoteDevice] = {}
        self._forgetting: dict[hci.Address, asyncio.TimerHandle] = {}
        self._filters: dict[str, Filter] = {}
        self._scanning: dict[str, Filter] = {}
        self._radio_follows = asyncio.Lock()
        objects.when_owner_leaves(self._owner_left)

    async def open(self) -> None:
        """Begin with the devices that are bonded."""
        for name, _ in await self._central.keystore.get_all():
            self._device(hci.Address(name)).set_bonded(True, True)
        self._central.on(Device.EVENT_ADVERTISEMENT, self._heard)

    async def close(self) -> None:
        """Stop scanning and drop all links."""
        self._central.remove_listener(Device.EVENT_ADVERTISEMENT, self._heard)
        if self._central.is_scanning:
            await self._central.stop_scanning()
        for device in self._devices.values():
            if device.busy:
                await device.disconnect()
        for timer in self._forgetting.values():
            timer.cancel()

    def pairing_of(self, connection: Connection) -> PairingConfig:
        """How to pair over a connection."""
        return pairing_of(next((device.link for device in self._devices.values() if device.over(connection)), None))

    async def start_discovery(self, sender: str) -> None:
        if sender in self._scanning:
            raise errors.busy()
        self._scanning[sender] = self._filters.get(sender, {})
        await self._scan_as_wanted()

    async def stop_discovery(self, sender: str) -> None:
        if sender not in self._scanning:
            raise errors.failed("No discovery started")
        await self._stop_for(sender)

    async def set_filter(self, sender: str, wanted: Filter) -> None:
        self._filters[sender] = wanted
        if sender in self._scanning:
            self._scanning[sender] = wanted

    async def filters(self, _sender: str) -> list[str]:
        return ["UUIDs", "RSSI", "Transport", "DuplicateData"]

    async def remove_device(self, _sender: str, path: str) -> None:
        for device in self._devices.values():
            if device.path == path:
                await self._remove(device)
                return
        raise errors.does_not_exist()

    async def _remove(self, device: RemoteDevice) -> None:
        await device.forget()
        self._devices.pop(device.address, None)
        if timer := self._forgetting.pop(device.address, None):
            timer.cancel()
        self._objects.remove(device)

    async def _stop_for(self, owner: str) -> None:
        del self._scanning[owner]
        await self._scan_as_wanted()

    async def _scan_as_wanted(self) -> None:
        """Let the radio follow; one program may begin while the end of another's is still under way."""
        async with self._radio_follows:
            if self._scanning and not self._central.is_scanning:
                await self._central.start_scanning(active=True)
                self.change(Discovering=Variant("b", True))
            elif not self._scanning and self._central.is_scanning:
                await self._central.stop_scanning()
                self.change(Discovering=Variant("b", False))
                for device in self._devices.values():
                    device.withdraw("RSSI", "TxPower")

    def _owner_left(self, owner: str) -> None:
        self._filters.pop(owner, None)
        if owner in self._scanning:
            self._objects.do(self._stop_for(owner))
        for device in self._devices.values():
            device.owner_left(owner)

    def _heard(self, report: Advertisement) -> None:
        if not any(_passes(report, wanted) for wanted in self._scanning.values()):
            return
        if report.address in self._devices:
            self._devices[report.address].heard(report)
        elif report.data.ad_structures:
            self._device(report.address, report)
        self._forget_later(report.address)

    def _device(self, address: hci.Address, report: Advertisement | None = None) -> RemoteDevice:
        device = RemoteDevice(
            self.path,
            address,
            self._central,
            self._dialer,
            self._objects,
            self._agents,
            when_left=lambda: self._forget_later(address),
        )
        if report:
            device.heard(report)
        self._devices[address] = device
        self._objects.add(device)
        return device

    def _forget_later(self, address: hci.Address) -> None:
        if timer := self._forgetting.pop(address, None):
            timer.cancel()
        self._forgetting[address] = asyncio.get_running_loop().call_later(
            self._forget_after_s, lambda: self._objects.do(self._forget(address))
        )

    async def _forget(self, address: hci.Address) -> None:
        del self._forgetting[address]
        device = self._devices.get(address)
        if device and not (device.bonded or device.busy):
            await self._remove(device)


def _passes(report: Advertisement, wanted: Filter) -> bool:
    if "RSSI" in wanted and report.rssi < wanted["RSSI"].value:
        return False
    return "UUIDs" not in wanted or bool({*wanted["UUIDs"].value} & {*advertised_services(report)})
