"""What the clients and scanners of a central share: it scans while anyone listens, and connects to one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bumble import hci
from bumble.device import Advertisement, Connection, Device

Listener = Callable[[Advertisement], None]


class CentralRadio:
    """The radio of `device`, shared."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._listeners: list[Listener] = []
        self._scanning = asyncio.Lock()
        self._connecting = asyncio.Lock()
        device.on(Device.EVENT_ADVERTISEMENT, self._hear)

    async def listen(self, listener: Listener, active: bool = True) -> None:
        """Hand over advertisements from now on."""
        self._listeners.append(listener)
        async with self._scanning:
            if not self.device.is_scanning:
                await self.device.start_scanning(active=active)

    async def leave(self, listener: Listener) -> None:
        """Hand over no more."""
        self._listeners.remove(listener)
        async with self._scanning:
            if self.device.is_scanning and not self._listeners:
                await self.device.stop_scanning()

    async def connect(self, target: hci.Address, timeout_s: float) -> Connection:
        """Connect as soon as the target is heard; TimeoutError if it is not."""
        async with asyncio.timeout(timeout_s):
            await self._heard(target)
            async with self._connecting, self._nothing_left_pending():
                return await self.device.connect(target, timeout=None)

    async def _heard(self, target: hci.Address) -> None:
        heard = asyncio.Event()

        def listener(advertisement: Advertisement) -> None:
            if advertisement.address == target:
                heard.set()

        await self.listen(listener)
        try:
            await heard.wait()
        finally:
            await self.leave(listener)

    @asynccontextmanager
    async def _nothing_left_pending(self) -> AsyncIterator[None]:
        """Who is cancelled while connecting leaves no connection that somebody else would get."""
        try:
            yield
        except asyncio.CancelledError:
            await self.device.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
            raise

    def _hear(self, advertisement: Advertisement) -> None:
        for listener in list(self._listeners):
            listener(advertisement)
