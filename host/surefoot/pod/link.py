"""One connection to a pod: opened once, lost once. Packets, status and a dialogue; no state of a recording."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import nullcontext, suppress
from typing import Any, NoReturn, TypeVar

from bleak import BleakClient
from bleak_retry_connector import BleakClientWithServiceCache, close_stale_connections_by_address, establish_connection

from surefoot.errors import LinkLost, PodError, SentAway, WireError
from surefoot.pod.bluez_agent import consent_to
from surefoot.pod.dialogue import ANSWER_S, Dialogue
from surefoot.pod.find import FoundPod
from surefoot.pod.gatt import CONTROL, DATA, HARDWARE, IDENTITY, STATUS
from surefoot.pod.pairing import has_no_bond, no_link, not_paired, read_identity
from surefoot.pod.race import first_of
from surefoot.pod.trouble import BLUETOOTH_ERRORS, described, is_not_paired
from surefoot.pod.utc_clock import UtcClock
from surefoot.wire.answers import Greeting
from surefoot.wire.fragments import Reassembly
from surefoot.wire.records import Start
from surefoot.wire.requests import Hello
from surefoot.wire.status import Status

SILENCE_S = 5.0
"""The pod tells its status once a second. Five missed are a link that hangs; an erase of flash takes 0.4 s."""
OPEN_S = 45.0
"""Two attempts of the connector, 20 s each, and what follows them."""
ATTEMPTS = 2
"""Of the connector; who reconnects looks for the pod anew after that, since its address or its path may have gone."""
CLOSE_S = 5.0
"""A disconnect that the operating system does not confirm is left to itself."""
_FORGOTTEN = "it does not know this computer any more; end here, pair again and fetch the rest with `surefoot pull`"

Result = TypeVar("Result")


class PodLink:
    """A link that is open. Every method raises `LinkLost` once it is broken, and a `PodError` where the pod refuses.

    Attributes
    ----------
    pod : FoundPod
        To whom.
    identity : Start
        What the pod said about itself when the link was opened.
    greeting : Greeting
        Its answer to *hello*.
    dialogue : Dialogue
        For all other requests.
    """

    identity: Start
    greeting: Greeting

    def __init__(
        self,
        pod: FoundPod,
        clock: UtcClock,
        on_packet: Callable[[int, bytes], None],
        on_status: Callable[[Status], None],
    ) -> None:
        self.pod = pod
        self._clock = clock
        self._on_packet = on_packet
        self._on_status = on_status
        self._client: BleakClient | None = None
        self._reassembly = Reassembly()
        self.dialogue = Dialogue(pod.name, self._write)
        self._broken = asyncio.Event()
        self._heard_s = clock.passed_s()

    @classmethod
    async def open(
        cls,
        pod: FoundPod,
        clock: UtcClock,
        on_packet: Callable[[int, bytes], None],
        on_status: Callable[[Status], None],
        *,
        pair: bool = False,
        again: bool = False,
    ) -> PodLink:
        """Connect, see that there is a bond, subscribe, and greet.

        Parameters
        ----------
        pod : FoundPod
        clock : UtcClock
            Stamps packets as they arrive.
        on_packet : callable
            Takes UTC in us and a whole packet, in the order of arrival.
        on_status : callable
        pair : bool
            Make a bond if there is none. The pod's button must have been pressed.
        again : bool
            This process was connected before: services are taken from the cache, stale connections are its own.

        Raises
        ------
        LinkLost
            It did not come about; trying again may help.
        PairingNeeded
            There is no bond, or it is not valid any more.
        PodBusy
            Another device drives the pod, or the pod has not noticed yet that an earlier link is gone.
        """
        link = cls(pod, clock, on_packet, on_status)
        try:
            async with asyncio.timeout(OPEN_S):
                await link._connect(pair, again)
                link.greeting = await link.dialogue.ask(Hello(), Greeting)
        except BaseException as error:
            await link.close()
            if isinstance(error, BLUETOOTH_ERRORS) and not again:
                raise await no_link(error, pod.device, pod.name, pair) from error
            if isinstance(error, BLUETOOTH_ERRORS):
                raise link._lost(
                    _FORGOTTEN if is_not_paired(error) else f"no link came about ({described(error)})"
                ) from error
            raise
        return link

    async def _connect(self, pair: bool, again: bool) -> None:
        if not (again or pair) and has_no_bond(self.pod.device):
            raise not_paired(self.pod.name)  # at once: the read that asks for a bond may never be answered
        if not again:
            # a recorder that was killed leaves its link to BlueZ, and with it half of what it subscribed to
            await close_stale_connections_by_address(self.pod.address)
        client = await self._established(once=pair, again=again)
        self._client = client
        if client.is_connected:
            self._broken.clear()  # an attempt before this one may have broken
        try:
            async with consent_to(self.pod.address) if pair else nullcontext():
                self.identity = await read_identity(client, self.pod.name, pair)
        except SentAway as error:
            if again:  # a pod that knew this computer before
                raise self._lost("the link broke again at once") from error
            raise
        except WireError as error:
            raise self._unreadable(error) from error
        self._heard()
        await client.start_notify(CONTROL, lambda _, data: self._take_control(bytes(data)))
        await client.start_notify(STATUS, lambda _, data: self._take_status(bytes(data)))
        await client.start_notify(DATA, lambda _, data: self._take_data(bytes(data)))

    async def _established(self, once: bool, again: bool) -> BleakClient:
        """Connect; `once` without the connector, whose ten tries with a wrong bond close the pod's pairing."""
        kind, device = BleakClientWithServiceCache, self.pod.device
        if once:
            client = kind(device, disconnected_callback=lambda _: self._broken.set())
            await client.connect()
            return client
        return await establish_connection(
            kind,
            device,
            self.pod.name,
            lambda _: self._broken.set(),
            max_attempts=ATTEMPTS,
            use_services_cache=again,
        )

    async def close(self) -> None:
        """End the link, whatever state it is in."""
        self._broken.set()
        if self._client is not None:
            with suppress(*BLUETOOTH_ERRORS):
                async with asyncio.timeout(CLOSE_S):
                    await self._client.disconnect()

    async def until_lost(self) -> NoReturn:
        """Wait for the end of the link, or for a silence that means the same; raises `LinkLost` with the reason."""
        while not self._broken.is_set():
            left_s = self._heard_s + SILENCE_S - self._clock.passed_s()
            if left_s <= 0:
                raise self._lost(f"nothing was heard for {SILENCE_S:.0f} s")
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._broken.wait()
        raise self._lost("the link broke")

    async def through(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Return what `work` returns; `LinkLost` as soon as the link is lost, whatever `work` waits for."""
        results: list[Result] = []

        async def do() -> None:
            results.append(await work)

        await first_of(self.until_lost(), do())
        return results[0]

    async def read_status(self) -> Status:
        """Read what the pod told last, up to a second ago."""
        try:
            return Status.from_bytes(await self._read(STATUS))
        except WireError as error:
            raise self._unreadable(error) from error

    async def read_identity(self) -> Start:
        """Read what the pod says about itself now; a second after a run began, it is of that run."""
        try:
            return Start.from_bytes(await self._read(IDENTITY))
        except WireError as error:
            raise self._unreadable(error) from error

    async def read_hardware(self) -> str:
        """Read board and sensor, or why there is no sensor, in the pod's words."""
        return (await self._read(HARDWARE)).decode("utf-8", errors="replace")

    async def _write(self, data: bytes) -> None:
        if self._client is None or self._broken.is_set():
            raise self._lost("the link broke")
        try:
            await self._client.write_gatt_char(CONTROL, data, response=True)
        except BLUETOOTH_ERRORS as error:
            raise self._lost(f"a request could not be sent ({described(error)})") from error

    async def _read(self, characteristic: str) -> bytes:
        assert self._client is not None
        try:
            async with asyncio.timeout(ANSWER_S):
                return bytes(await self._client.read_gatt_char(characteristic))
        except BLUETOOTH_ERRORS as error:
            raise self._lost(f"it could not be read ({described(error)})") from error

    def _take_data(self, data: bytes) -> None:
        self._heard()
        packet = self._reassembly.add(data)
        if packet is not None:
            self._on_packet(self._clock.utc_us(), packet)

    def _take_status(self, data: bytes) -> None:
        self._heard()
        with suppress(WireError):  # of a newer pod: recording goes on without figures
            self._on_status(Status.from_bytes(data))

    def _take_control(self, data: bytes) -> None:
        self._heard()
        self.dialogue.take(data)

    def _heard(self) -> None:
        self._heard_s = self._clock.passed_s()

    def _unreadable(self, error: WireError) -> PodError:
        return LinkLost(self.pod.name, f"the {error.part} it tells cannot be read ({error.why})", error.next_step)

    def _lost(self, why: str) -> PodError:
        return LinkLost(self.pod.name, why, "bring the pod nearer and try again")
