"""Connecting to several devices at once with a controller that waits for one at a time."""

from __future__ import annotations

import asyncio

from bumble import core, hci
from bumble.device import Connection, Device

_TIMEOUT_S = 20.0
"""After that the kernel gives up waiting for a device to advertise."""
_TURN_S = 0.5
"""Longer than a pod's interval of advertising, short beside what a program waits."""


class NotConnected(Exception):
    """It did not advertise in time, refused, or the program gave up."""


class Dialer:
    """Takes turns among the devices that are to be connected."""

    def __init__(self, central: Device) -> None:
        self._central = central
        self._turn = asyncio.Lock()
        self._wanted: set[hci.Address] = set()

    def give_up(self, address: hci.Address) -> None:
        """`connect` ends, at the end of its turn at the latest."""
        self._wanted.discard(address)

    async def connect(self, address: hci.Address) -> Connection:
        """Wait for an advertisement and connect.

        Raises
        ------
        NotConnected
        """
        self._wanted.add(address)
        end_s = asyncio.get_running_loop().time() + _TIMEOUT_S
        try:
            while address in self._wanted and asyncio.get_running_loop().time() < end_s:
                async with self._turn:
                    connection = await self._try(address)
                if connection and address in self._wanted:
                    return connection
                if connection:
                    await connection.disconnect()
        finally:
            self.give_up(address)
        raise NotConnected

    async def _try(self, address: hci.Address) -> Connection | None:
        try:
            return await self._central.connect(address, timeout=_TURN_S)
        except core.TimeoutError:
            return None
        except (core.BaseError, hci.HCI_Error) as error:
            raise NotConnected from error
