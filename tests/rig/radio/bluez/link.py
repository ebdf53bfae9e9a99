"""One connection: requests to its attributes, and what kernel and BlueZ do about security without being asked.

Where a request is answered with *insufficient authentication* or *encryption*, the program never hears of it. With a
key the link is encrypted and the request sent again. Without one pairing begins; when that fails, all is tried again
every 1.2 s, for ever (bluez #21), and every other request waits behind it (bluez #38).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bumble import att, core, hci
from bumble.device import Connection
from bumble.gatt_client import Client
from bumble.pairing import PairingConfig, PairingDelegate

_PAIR_AGAIN_AFTER_S = 1.2
_NEEDS_SECURITY = (att.ErrorCode.INSUFFICIENT_AUTHENTICATION, att.ErrorCode.INSUFFICIENT_ENCRYPTION)

Result = TypeVar("Result")


class LinkLost(Exception):
    """The connection ended before there was an answer."""


class KeyRefused(Exception):
    """The peer has not got the key, or another one."""


class PairingRefused(Exception):
    """One of the two sides did not want to pair."""


class Link:
    """A connection, and the requests that go over it one at a time."""

    def __init__(self, connection: Connection, consents: Callable[[], Awaitable[bool]]) -> None:
        self.connection = connection
        self.client: Client = connection.gatt_client
        self.asked_to_pair = False
        """A program asked for the pairing: then nobody is asked whether it is wanted."""
        self.consents = consents
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turn = asyncio.Lock()
        self._pairing: asyncio.Task[None] | None = None
        connection.once(Connection.EVENT_DISCONNECTION, self._disconnected)

    async def request(self, send: Callable[[], Awaitable[Result]]) -> Result:
        """Send a request and return its answer, when security let it through.

        Raises
        ------
        bumble.att.ATT_Error
            The peer answered with an error that better security does not mend.
        LinkLost
        """
        async with self._turn:
            while True:
                try:
                    return await self.or_lost(send())
                except att.ATT_Error as error:
                    if error.error_code not in _NEEDS_SECURITY or self.connection.is_encrypted:
                        raise
                await self._secure()

    async def encrypt(self) -> None:
        """Encrypt with the key of the bond.

        Raises
        ------
        KeyRefused
            Then the kernel drops the link.
        LinkLost
        """
        try:
            await self.or_lost(self.connection.encrypt())
        except hci.HCI_Error as error:
            raise KeyRefused from error

    async def pair(self) -> None:
        """Pair, or wait for the pairing that is going on.

        Raises
        ------
        PairingRefused
        LinkLost
        """
        if self._pairing is None or self._pairing.done():
            self._pairing = asyncio.get_running_loop().create_task(self.connection.pair())
        try:
            await self.or_lost(asyncio.shield(self._pairing))
        except core.ProtocolError as error:
            raise PairingRefused from error

    def cancel_pairing(self) -> bool:
        """End a pairing that is going on; whether there was one."""
        return self._pairing is not None and self._pairing.cancel()

    async def disconnect(self, reason: int = hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR) -> None:
        """End the connection."""
        if not self.lost.done():
            await self.connection.disconnect(reason)

    async def or_lost(self, work: Awaitable[Result]) -> Result:
        """Wait for `work`, or until the link is lost.

        Raises
        ------
        LinkLost
        """
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait((task, self.lost), return_when=asyncio.FIRST_COMPLETED)
        finally:
            task.cancel()
        # Bumble cancels what waited for an answer when the link goes.
        if not task.done() or task.cancelled():
            raise LinkLost
        return task.result()

    async def _secure(self) -> None:
        if await self._bonded():
            try:
                await self.encrypt()
            except KeyRefused as refused:
                await self.disconnect(hci.HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR)
                raise LinkLost from refused
            return
        try:
            await self.pair()
        except PairingRefused:
            await self.or_lost(asyncio.sleep(_PAIR_AGAIN_AFTER_S))

    async def _bonded(self) -> bool:
        keystore = self.connection.device.keystore
        return await keystore.get(str(self.connection.peer_address)) is not None

    def _disconnected(self, _reason: int) -> None:
        if not self.lost.done():
            self.lost.set_result(None)
        if self._pairing:
            self._pairing.cancel()


class _Consent(PairingDelegate):
    def __init__(self, link: Link | None) -> None:
        super().__init__(io_capability=PairingDelegate.IoCapability.NO_OUTPUT_NO_INPUT)
        self._link = link

    async def confirm(self, auto: bool = False) -> bool:
        return self._link is not None and await self._link.consents()


def pairing_of(link: Link | None) -> PairingConfig:
    """LE Secure Connections without anything to compare ("just works"), as for a peer with no screen and no keys."""
    return PairingConfig(sc=True, mitm=False, bonding=True, delegate=_Consent(link))
