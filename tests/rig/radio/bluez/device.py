"""A device that BlueZ knows: heard, connected, bonded, or all of these."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar

from bumble import hci
from bumble.core import AdvertisingData
from bumble.device import Advertisement, Connection, Device
from dbus_fast import Variant

from tests.rig.radio.bluez import errors
from tests.rig.radio.bluez.agents import AgentManager
from tests.rig.radio.bluez.attributes import uuid_text
from tests.rig.radio.bluez.dialing import Dialer, NotConnected
from tests.rig.radio.bluez.link import KeyRefused, Link, LinkLost, PairingRefused
from tests.rig.radio.bluez.objects import Interface, Objects, Refused
from tests.rig.radio.bluez.tree import Tree

_WANTED_MTU = 517
_BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
_NOT_YET = ("Paired", "Bonded", "Trusted", "Blocked", "LegacyPairing", "Connected", "ServicesResolved")
_UUID_LISTS = (
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)


def advertised_services(heard: Advertisement) -> list[str]:
    """UUIDs of the services that an advertisement names."""
    return sorted({uuid_text(uuid) for kind in _UUID_LISTS for group in heard.data.get_all(kind) for uuid in group})


class RemoteDevice(Interface):
    """`org.bluez.Device1`, and all below it.

    `central` is the radio. `when_left` is called when the link ends.
    """

    NAME = "org.bluez.Device1"
    METHODS: ClassVar = {
        "Connect": ("", "connect"),
        "Disconnect": ("", "disconnect"),
        "Pair": ("", "pair"),
        "CancelPairing": ("", "cancel_pairing"),
    }
    WRITABLE = frozenset({"Alias", "Trusted", "Blocked", "WakeAllowed"})

    def __init__(
        self,
        adapter_path: str,
        address: hci.Address,
        central: Device,
        dialer: Dialer,
        objects: Objects,
        agents: AgentManager,
        when_left: Callable[[], None],
    ) -> None:
        text = address.to_string(with_type_qualifier=False)
        super().__init__(
            f"{adapter_path}/dev_{text.replace(':', '_')}",
            {
                "Address": Variant("s", text),
                "AddressType": Variant("s", "random" if address.is_random else "public"),
                "Alias": Variant("s", text.replace(":", "-")),
                "Adapter": Variant("o", adapter_path),
                "UUIDs": Variant("as", []),
            }
            | {name: Variant("b", False) for name in _NOT_YET},
        )
        self.address, self.objects = address, objects
        self.link: Link | None = None
        self._central, self._dialer, self._agents, self._when_left = central, dialer, agents, when_left
        self._connecting: asyncio.Task[Connection] | None = None
        self._pairing = False
        self._resolved = asyncio.Event()
        self._tree = Tree(self)
        self._reports = 0

    @property
    def bonded(self) -> bool:
        return bool(self.properties["Bonded"].value)

    @property
    def busy(self) -> bool:
        """Connected, or about to be."""
        return bool(self.link or self._connecting)

    def over(self, connection: Connection) -> bool:
        """Whether the link to the device is this connection."""
        return self.link is not None and self.link.connection is connection

    def heard(self, report: Advertisement) -> None:
        """Take in what the device advertises."""
        self._reports += 1
        # The strength of a real radio never stands still, and BlueZ tells only what changed.
        news = {"RSSI": Variant("n", report.rssi + self._reports % 2)}
        name = report.data.get(AdvertisingData.COMPLETE_LOCAL_NAME) or report.data.get(
            AdvertisingData.SHORTENED_LOCAL_NAME
        )
        if name:
            news |= {"Name": Variant("s", name), "Alias": Variant("s", name)}
        if services := advertised_services(report):
            news["UUIDs"] = Variant("as", sorted({*self.properties["UUIDs"].value, *services}))
        if made := report.data.get_all(AdvertisingData.MANUFACTURER_SPECIFIC_DATA):
            news["ManufacturerData"] = Variant("a{qv}", {int(who): Variant("ay", bytes(what)) for who, what in made})
        self.change(**news)

    def set_bonded(self, paired: bool, bonded: bool) -> None:
        """Paired: with a key, be it for this link only; bonded: the key is kept."""
        self.change(Paired=Variant("b", paired), Bonded=Variant("b", bonded))

    async def connect(self, _sender: str = "") -> None:
        """Wait until the device advertises, connect, and encrypt if there is a bond."""
        if self.link:
            return
        if self._connecting:
            raise errors.in_progress()
        self._connecting = asyncio.get_running_loop().create_task(self._dialer.connect(self.address))
        try:
            connection = await self._connecting
        except NotConnected as error:
            raise errors.failed("le-connection-abort-by-local") from error
        finally:
            self._connecting = None
        await self._connected(connection)

    async def disconnect(self, _sender: str = "") -> None:
        if self._connecting:
            self._dialer.give_up(self.address)
            await asyncio.wait({self._connecting})
        elif self.link:
            await self.link.disconnect()
        else:
            raise errors.not_connected()

    async def pair(self, _sender: str) -> None:
        """Connect if need be, pair, and answer when the services are known too."""
        if self.bonded:
            raise errors.already_exists()
        if self._pairing:
            raise errors.in_progress()
        self._pairing = True
        was_linked = self.link is not None
        try:
            await self.connect()
            await self._pair_on(self.link)
        except Refused:
            if self.link and not was_linked:
                await self.link.disconnect()
            raise
        finally:
            self._pairing = False

    async def cancel_pairing(self, _sender: str) -> None:
        if not (self._pairing and self.link and self.link.cancel_pairing()):
            raise errors.does_not_exist()

    async def forget(self) -> None:
        """Drop the link and the bond, and all that is on the bus of it."""
        if self.busy:
            await self.disconnect()
        await self._drop_key()
        self._tree.remove()

    def owner_left(self, owner: str) -> None:
        """A program left the bus: it wants no notifications any more. The link stays (bluez #89)."""
        self._tree.owner_left(owner)

    async def _connected(self, connection: Connection) -> None:
        connection.on(Connection.EVENT_PAIRING, lambda _keys: self._paired(connection))
        connection.once(Connection.EVENT_DISCONNECTION, lambda _reason: self._left())
        link = self.link = Link(connection, self._consents)
        self.change(Connected=Variant("b", True))
        try:
            if self.bonded:
                await link.encrypt()
        except KeyRefused as refused:
            # The bond stays and so does Paired; nothing says why (bluez #433, #1267).
            await link.disconnect(hci.HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR)
            raise errors.failed("br-connection-canceled") from refused
        except LinkLost as lost:
            raise errors.failed("br-connection-canceled") from lost
        self._tree.linked(link)
        self.objects.do(self._resolve(link))

    def _left(self) -> None:
        self.link = None
        self._resolved.clear()
        self.change(ServicesResolved=Variant("b", False))
        self.change(Connected=Variant("b", False))
        self.set_bonded(self.bonded, self.bonded)
        self._when_left()

    def _paired(self, connection: Connection) -> None:
        bonded = self._central.smp_manager.sessions[connection.handle].bonding
        self.set_bonded(True, bonded)
        if not bonded:
            self.objects.do(self._drop_key())

    async def _drop_key(self) -> None:
        if await self._central.keystore.get(str(self.address)):
            await self._central.keystore.delete(str(self.address))

    async def _pair_on(self, link: Link | None) -> None:
        if link is None:
            raise errors.authentication("Canceled")
        link.asked_to_pair = True
        try:
            await link.pair()
            await link.or_lost(self._resolved.wait())
        except PairingRefused as refused:
            raise errors.authentication("Failed") from refused
        except LinkLost as lost:
            raise errors.authentication("Canceled") from lost
        finally:
            link.asked_to_pair = False

    async def _consents(self) -> bool:
        if not self._agents.any:
            return False
        return (self.link is not None and self.link.asked_to_pair) or await self._agents.allows(self.path)

    async def _resolve(self, link: Link) -> None:
        try:
            await link.or_lost(link.client.request_mtu(_WANTED_MTU))
            services = await link.or_lost(self._tree.discover(link))
        except LinkLost:
            return
        self.change(UUIDs=Variant("as", sorted({*self.properties["UUIDs"].value, *services})))
        self._resolved.set()
        self.change(ServicesResolved=Variant("b", True))
        await self._read_battery()

    async def _read_battery(self) -> None:
        """BlueZ reads the level by itself; where that needs a bond, pairing begins with it (bluez #38)."""
        for characteristic in self._tree.characteristics:
            if characteristic.properties["UUID"].value == _BATTERY_LEVEL:
                with suppress(Refused):
                    await characteristic.read("", {})
