"""BlueZ in small: bleak's real Linux backend, in a process of its own, against a peripheral without firmware."""

from __future__ import annotations

import asyncio
import re
import sys
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from bumble.device import Device

from tests.rig.radio.air import Air
from tests.rig.radio.bleak_remote import BleakFailed, Remote, bleak_program
from tests.rig.radio.bluez.service import Finished, run_app, service
from tests.rig.radio.device import central as laptop
from tests.rig.radio.plain_peripheral import (
    ADDRESS,
    GUARDED,
    MANUFACTURER,
    NAME,
    OPEN,
    SERVICE,
    STATUS,
    STREAM,
    PlainPeripheral,
)

ADAPTER, DEVICE, CHARACTERISTIC = ("org.bluez." + name for name in ("Adapter1", "Device1", "GattCharacteristic1"))
PROPERTIES = "org.freedesktop.DBus.Properties"
OTHER = "C4:4F:33:00:00:02"
HCI0 = "/org/bluez/hci0"
PATH = f"{HCI0}/dev_{ADDRESS.replace(':', '_')}"


@asynccontextmanager
async def bench(*, with_battery: bool = False, **options: Any) -> AsyncIterator[tuple[PlainPeripheral, Device, str]]:
    """A peripheral that advertises, a laptop's radio, and the bus of its BlueZ."""
    air = Air()
    peripheral, central = PlainPeripheral(air, with_battery=with_battery), await laptop(air)
    await peripheral.power_on()
    async with service(central, **options) as bus:
        yield peripheral, central, bus
    peripheral.fall_silent()


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in a loop, and see that it leaves no task there."""

    async def checked(*arguments: Any) -> None:
        async with asyncio.timeout(60):
            await test(*arguments)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    def run() -> None:
        asyncio.run(checked())

    def run_in(tmp_path: Path) -> None:
        asyncio.run(checked(tmp_path))

    chosen = run_in if test.__code__.co_argcount else run
    chosen.__name__, chosen.__doc__ = test.__name__, test.__doc__
    return chosen


async def until(true: Callable[[], bool]) -> None:
    """Wait for what takes its time in the air."""
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.005)


async def sent(peripheral: PlainPeripheral, app: Remote, value: bytes) -> list[bytes]:
    """Send a value by the stream; what the program hears before the next one."""
    await peripheral.notify(STREAM, value, b"next")
    heard = [bytes.fromhex(value) for value in await app("heard", b"next".hex())]
    return heard[: heard.index(b"next")]


async def bonded(app: Remote) -> None:
    """Find, connect and pair as a program with an agent does."""
    await app("register_agent")
    assert await app("find", ADDRESS)
    await app("connect", ADDRESS)
    await app("pair")


@in_loop
async def test_a_scan_tells_name_services_and_strength() -> None:
    async with bench() as (_, _, bus), bleak_program(bus) as app:
        seen = await app("discover", 1)
        assert seen.keys() == {ADDRESS}
        assert seen[ADDRESS]["name"] == NAME
        assert seen[ADDRESS]["services"] == [SERVICE]
        assert -60 < seen[ADDRESS]["rssi"] < -50
        assert (await app("discover", 1, 10, [SERVICE])).keys() == {ADDRESS}
        assert await app("discover", 1, 0.2, [OPEN]) == {}
        device = await app("call", PATH, PROPERTIES, "GetAll", "s", DEVICE)
        assert device[0]["UUIDs"] == [SERVICE]
        assert device[0]["ManufacturerData"] == {str(MANUFACTURER[0]): MANUFACTURER[1].hex()}
        assert "RSSI" not in device[0]  # no longer than somebody scans
        assert not device[0]["Connected"]


@in_loop
async def test_what_is_not_guarded_is_read_and_written_without_a_bond() -> None:
    async with bench() as (peripheral, _, bus), bleak_program(bus) as app:
        assert await app("find", ADDRESS)
        await app("connect", ADDRESS)
        assert sorted((await app("services"))[SERVICE]) == [OPEN, GUARDED, STREAM, STATUS]
        assert bytes.fromhex(await app("read", OPEN)) == b"open"
        await app("write", OPEN, b"with an answer".hex())
        await app("write", OPEN, b"without".hex(), False)
        assert bytes.fromhex(await app("read", OPEN)) == b"without"
        assert peripheral.written == [b"with an answer", b"without"]
        with pytest.raises(BleakFailed, match="Request Not Supported"):
            await app("write", STREAM, "00")
        assert await app("mtu") == 23  # whatever was agreed on: bleak #1269
        await app("disconnect")
        await until(lambda: not peripheral.device.connections)
        assert peripheral.pairings == 0


@in_loop
async def test_3000_notifications_arrive_in_order() -> None:
    values = [number.to_bytes(4, "little") * 61 for number in range(3000)]
    async with bench() as (peripheral, _, bus), bleak_program(bus) as app:
        assert await app("find", ADDRESS)
        await app("connect", ADDRESS)
        await app("listen", STREAM)
        await peripheral.notify(STREAM, *values)
        heard = await app("heard_many", len(values))
        assert heard["count"] == len(values)
        assert heard["crc"] == zlib.crc32(b"".join(values))
        await app("stop_listening", STREAM)
        await until(lambda: not peripheral.subscriptions(STREAM))


@in_loop
async def test_without_an_agent_nothing_pairs() -> None:
    async with bench() as (peripheral, _, bus), bleak_program(bus) as app:
        assert await app("find", ADDRESS)
        await app("connect", ADDRESS)
        with pytest.raises(BleakFailed, match="AuthenticationFailed"):
            await app("pair")
        assert await peripheral.device.keystore.get_all() == []


@in_loop
async def test_a_bond_opens_what_is_guarded_and_lasts(tmp_path: Path) -> None:
    bonds = tmp_path / "bonds.json"
    air = Air()
    peripheral = PlainPeripheral(air)
    await peripheral.power_on()
    central = await laptop(air)
    async with service(central, bonds=bonds) as bus, bleak_program(bus) as app:
        await bonded(app)
        assert bytes.fromhex(await app("read", GUARDED)) == b"guarded"
        await app("disconnect")
        await app("connect", ADDRESS)
        assert bytes.fromhex(await app("read", GUARDED)) == b"guarded"
    async with service(central, bonds=bonds) as bus, bleak_program(bus) as app:
        await app("connect", ADDRESS)
        assert bytes.fromhex(await app("read", GUARDED)) == b"guarded"
        assert peripheral.pairings == 1
        await app("unpair")
    async with service(central, bonds=bonds) as bus, bleak_program(bus) as app:
        peripheral.pairs = False
        await app("register_agent")
        assert await app("find", ADDRESS)
        await app("connect", ADDRESS)
        with pytest.raises(BleakFailed, match="AuthenticationFailed"):
            await app("pair")
    peripheral.fall_silent()


@in_loop
async def test_a_lost_link_is_told_and_values_come_once_after_it() -> None:
    async with bench() as (peripheral, _, bus), bleak_program(bus) as app:
        assert await app("find", ADDRESS)
        await app("establish", ADDRESS)
        await app("listen", STREAM)
        for value in b"one", b"two":
            assert await sent(peripheral, app, value) == [value]
            peripheral.conditions.lose(central_after_s=0.1)
            await app.event("lost")
            assert not await app("connected")
            await app("disconnect")  # what closes the client's own name on the bus
            await app("establish", ADDRESS)
            await app("listen", STREAM)
        assert await sent(peripheral, app, b"three") == [b"three"]


@in_loop
async def test_values_come_twice_where_the_lost_client_was_not_closed() -> None:
    """bleak #2002: BlueZ goes on for every name on the bus that ever asked, and tells all of them each time."""
    async with bench() as (peripheral, _, bus), bleak_program(bus) as app:
        assert await app("find", ADDRESS)
        await app("connect", ADDRESS)
        await app("listen", STREAM)
        peripheral.conditions.lose(central_after_s=0.1)
        await app.event("lost")
        await app("connect", ADDRESS)
        await app("listen", STREAM)
        assert await sent(peripheral, app, b"one") == [b"one", b"one"]


@in_loop
async def test_a_value_that_is_read_comes_as_a_notification_too() -> None:
    async with bench() as (_, _, bus), bleak_program(bus) as app:
        await bonded(app)
        await app("listen", STATUS)
        assert bytes.fromhex(await app("read", STATUS)) == b"status"
        assert await app("heard", b"status".hex()) == [b"status".hex()]


@in_loop
async def test_who_is_not_bonded_waits_for_ever_and_holds_up_everything() -> None:
    """bluez #21 and #38: neither an answer nor an error until the link goes."""
    async with bench() as (peripheral, _, bus), bleak_program(bus) as app, bleak_program(bus) as other:
        assert await app("find", ADDRESS)
        await app("connect", ADDRESS)
        await other("find_connected", SERVICE)
        await other("connect", ADDRESS)
        guarded = asyncio.create_task(app("read", GUARDED))
        await until(lambda: peripheral.pairings == 1)
        unguarded = asyncio.create_task(other("read", OPEN))
        await until(lambda: peripheral.pairings == 2)
        assert not guarded.done()
        assert not unguarded.done()
        peripheral.conditions.lose(central_after_s=0.1)
        for reading in guarded, unguarded:
            with pytest.raises(BleakFailed, match="Unlikely Error"):
                await reading


@in_loop
async def test_a_guarded_value_pairs_by_itself_where_an_agent_consents() -> None:
    async with bench() as (peripheral, _, bus), bleak_program(bus) as app:
        await app("register_agent")
        assert await app("find", ADDRESS)
        await app("connect", ADDRESS)
        assert bytes.fromhex(await app("read", GUARDED)) == b"guarded"
        assert peripheral.pairings == 1


@in_loop
async def test_a_guarded_battery_level_begins_pairing_that_nobody_asked_for() -> None:
    async with bench(with_battery=True) as (peripheral, _, bus), bleak_program(bus) as app:
        await app("register_agent")
        assert await app("find", ADDRESS)
        await app("connect", ADDRESS)
        async with asyncio.timeout(20):
            while not await peripheral.device.keystore.get_all():
                await asyncio.sleep(0.01)
        assert bytes.fromhex(await app("read", GUARDED)) == b"guarded"


@in_loop
async def test_a_bond_that_the_peripheral_forgot_shows_as_connections_that_break() -> None:
    """bluez #433: the laptop stays paired, and only forgetting the device helps."""
    async with bench() as (peripheral, _, bus), bleak_program(bus) as app:
        await bonded(app)
        await app("disconnect")
        await peripheral.forget_bonds()
        with pytest.raises(BleakFailed, match="br-connection-canceled"):
            await app("connect", ADDRESS)
        with pytest.raises(BleakFailed, match="br-connection-canceled"):
            await app("connect", ADDRESS)
        await app("unpair")
        assert await app("find", ADDRESS)
        await app("connect", ADDRESS)
        await app("pair")
        assert bytes.fromhex(await app("read", GUARDED)) == b"guarded"


@in_loop
async def test_a_key_without_a_bond_ends_with_the_link() -> None:
    async with bench() as (peripheral, central, bus), bleak_program(bus) as app:
        peripheral.bonds = False
        await bonded(app)
        assert bytes.fromhex(await app("read", GUARDED)) == b"guarded"
        await app("disconnect")
        assert await central.keystore.get_all() == []
        await app("connect", ADDRESS)
        await app("pair")
        assert peripheral.pairings == 2


@in_loop
async def test_a_killed_program_leaves_the_link_and_the_next_one_finds_it() -> None:
    async with bench() as (peripheral, _, bus):
        async with bleak_program(bus) as first:
            await bonded(first)
            await first("listen", STREAM)
            await first.kill()
        await until(lambda: not peripheral.subscriptions(STREAM))
        assert len(peripheral.device.connections) == 1
        async with bleak_program(bus) as second:
            assert await second("discover", 1, 0.2) == {}  # who is connected may advertise no more
            assert await second("find_connected", SERVICE) == [ADDRESS]
            await second("establish", ADDRESS)
            assert bytes.fromhex(await second("read", GUARDED)) == b"guarded"
            await second("listen", STREAM)
            assert await sent(peripheral, second, b"one") == [b"one"]
            assert len(peripheral.connections) == 1
            await second("disconnect")
        await until(lambda: not peripheral.device.connections)


@in_loop
async def test_a_stale_connection_is_closed_and_made_anew() -> None:
    async with bench() as (peripheral, _, bus):
        async with bleak_program(bus) as first:
            await bonded(first)
            await first.kill()
        async with bleak_program(bus) as second:
            await second("find_connected", SERVICE)
            await second("close_stale", ADDRESS)
            await second("establish", ADDRESS)
            assert bytes.fromhex(await second("read", GUARDED)) == b"guarded"
            assert len(peripheral.connections) == 2


@in_loop
async def test_clearing_the_cache_forgets_the_device_and_its_bond() -> None:
    async with bench() as (peripheral, central, bus), bleak_program(bus) as app:
        await bonded(app)
        assert await app("clear_cache", ADDRESS)
        await app.event("lost")
        async with asyncio.timeout(20):
            while await central.keystore.get_all():
                await asyncio.sleep(0.01)
        assert await app("find", ADDRESS)
        await app("establish", ADDRESS)
        await app("pair")
        assert peripheral.pairings == 2


@in_loop
async def test_a_device_not_heard_any_more_is_forgotten() -> None:
    async with bench(forget_after_s=0.3) as (peripheral, _, bus), bleak_program(bus) as app:
        assert await app("find", ADDRESS)
        peripheral.fall_silent()
        await asyncio.sleep(0.6)
        with pytest.raises(BleakFailed, match="not found"):
            await app("connect", ADDRESS)


@in_loop
async def test_connecting_waits_for_an_advertisement_and_can_be_given_up() -> None:
    async with bench() as (peripheral, central, bus), bleak_program(bus) as app:
        assert await app("find", ADDRESS)
        peripheral.fall_silent()
        with pytest.raises(BleakFailed, match="Timeout"):
            await app("connect", ADDRESS, 0.5)
        await until(lambda: not central.is_le_connecting)
        connecting = asyncio.create_task(app("connect", ADDRESS))
        await asyncio.sleep(0.2)
        peripheral.advertise()
        await connecting
        assert await app("connected")


@in_loop
async def test_two_devices_are_waited_for_at_once() -> None:
    air = Air()
    absent, other = PlainPeripheral(air), PlainPeripheral(air, OTHER)
    await absent.power_on()
    await other.power_on()
    async with service(await laptop(air)) as bus, bleak_program(bus) as first, bleak_program(bus) as second:
        assert (await first("discover", 2)).keys() == {ADDRESS, OTHER}
        absent.fall_silent()
        waiting = asyncio.create_task(first("connect", ADDRESS))
        await second("connect", OTHER)
        assert not waiting.done()
        absent.advertise()
        await waiting
        assert sorted(await first("find_connected", SERVICE)) == [ADDRESS, OTHER]
    absent.fall_silent()
    other.fall_silent()


@in_loop
async def test_pairing_is_canceled_by_a_program_and_by_a_lost_link() -> None:
    async with bench() as (peripheral, central, bus), bleak_program(bus) as app, bleak_program(bus) as other:
        await app("register_agent")
        assert await app("find", ADDRESS)
        await app("connect", ADDRESS)

        def cancel_by_program() -> Awaitable[None]:
            return other("call", PATH, DEVICE, "CancelPairing")

        async def cancel_by_loss() -> None:
            peripheral.conditions.lose(central_after_s=0.1)

        peripheral.conditions.supervision_s = 60
        peripheral.conditions.hang(30)
        for cancel in cancel_by_program, cancel_by_loss:
            before = dict(central.smp_manager.sessions)
            pairing = asyncio.create_task(app("pair"))
            await until(lambda before=before: central.smp_manager.sessions != before)
            await cancel()
            with pytest.raises(BleakFailed, match="AuthenticationCanceled"):
                await pairing


@in_loop
async def test_errors_have_the_names_and_words_of_bluez() -> None:
    async with bench() as (_, _, bus), bleak_program(bus) as app:

        async def refused(name: str, *call: Any) -> None:
            with pytest.raises(BleakFailed, match=re.escape(f"[{name}]")):
                await app("call", *call)

        await refused("org.freedesktop.DBus.Error.UnknownObject", PATH, DEVICE, "Connect")
        await refused("org.bluez.Error.DoesNotExist", HCI0, ADAPTER, "RemoveDevice", "o", PATH)
        await refused("org.bluez.Error.Failed", HCI0, ADAPTER, "StopDiscovery")
        await app("call", HCI0, ADAPTER, "StartDiscovery")
        await refused("org.bluez.Error.InProgress", HCI0, ADAPTER, "StartDiscovery")
        assert await app("find", ADDRESS)
        await refused("org.freedesktop.DBus.Error.UnknownMethod", PATH, DEVICE, "Dance")
        await refused("org.bluez.Error.NotConnected", PATH, DEVICE, "Disconnect")
        await refused("org.bluez.Error.DoesNotExist", PATH, DEVICE, "CancelPairing")
        await app("connect", ADDRESS)
        stream = await app("path", STREAM)
        await refused("org.bluez.Error.Failed", stream, CHARACTERISTIC, "StopNotify")
        await refused("org.bluez.Error.NotSupported", stream, CHARACTERISTIC, "AcquireNotify", "a{sv}", {})
        await refused("org.bluez.Error.NotPermitted", stream, CHARACTERISTIC, "ReadValue", "a{sv}", {})
        await refused("org.bluez.Error.NotSupported", await app("path", OPEN), CHARACTERISTIC, "StartNotify")
        await app("call", stream, CHARACTERISTIC, "StartNotify")
        await refused("org.bluez.Error.Failed", stream, CHARACTERISTIC, "StartNotify")
        await app("register_agent")
        await app("pair")
        await refused("org.bluez.Error.AlreadyExists", PATH, DEVICE, "Pair")
        await app("disconnect")
        await refused("org.bluez.Error.Failed", stream, CHARACTERISTIC, "ReadValue", "a{sv}", {})
        await app("call", HCI0, ADAPTER, "StopDiscovery")


@in_loop
async def test_any_program_can_be_run_on_the_bus() -> None:
    async with bench() as (_, _, bus):
        told = await run_app(
            bus, sys.executable, "-c", "import os; print(os.environ['DBUS_SYSTEM_BUS_ADDRESS']); exit(3)"
        )
        assert told == Finished(3, bus + "\n", "")
        with pytest.raises(TimeoutError):
            await run_app(bus, sys.executable, "-c", "import time; time.sleep(60)", timeout_s=0.2)
