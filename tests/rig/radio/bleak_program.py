"""A program of its own that speaks raw bleak: told what to do by lines of JSON, and tells by lines of JSON.

`python -m tests.rig.radio.bleak_program`; see `tests.rig.radio.bleak_remote` for the other end.
"""

from __future__ import annotations

import asyncio
import json
import sys
import zlib
from typing import Any

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.exc import BleakDBusError


def tell(**what: Any) -> None:
    """Print a line for the other end."""
    print(json.dumps(what, default=lambda value: bytes(value).hex()), flush=True)


def _consent(message: Any) -> Any:
    from dbus_fast import Message, MessageType

    if message.message_type is MessageType.METHOD_CALL and message.interface == "org.bluez.Agent1":
        return Message.new_method_return(message)
    return None


class Program:
    """What can be asked for: a method for each."""

    def __init__(self) -> None:
        self.found: dict[str, BLEDevice] = {}
        self.client: BleakClient | None = None
        self.values: list[bytes] = []
        self.bus: Any = None

    async def discover(self, count: int, seconds: float = 10, services: list[str] | None = None) -> Any:
        """Scan until so many devices are heard, or for so long."""
        end_s = asyncio.get_running_loop().time() + seconds
        async with BleakScanner(service_uuids=services) as scanner:
            while len(scanner.discovered_devices) < count and asyncio.get_running_loop().time() < end_s:
                await asyncio.sleep(0.01)
            seen = scanner.discovered_devices_and_advertisement_data
        self.found |= {address: device for address, (device, _) in seen.items()}
        return {
            address: {"name": device.name, "rssi": heard.rssi, "services": heard.service_uuids}
            for address, (device, heard) in seen.items()
        }

    async def find(self, address: str, seconds: float = 5) -> bool:
        device = await BleakScanner.find_device_by_address(address, timeout=seconds)
        if device:
            self.found[address] = device
        return device is not None

    async def find_connected(self, service: str) -> list[str]:
        """Those that BlueZ is connected to, whoever asked for it."""
        adapter = await BleakAdapter.get()
        devices = await adapter.get_connected_devices([service])
        self.found |= {device.address: device for device in devices}
        return [device.address for device in devices]

    async def connect(self, address: str, timeout_s: float = 10) -> None:
        def lost(_client: BleakClient) -> None:
            tell(event="lost")

        self.client = BleakClient(self.found.get(address, address), lost, timeout=timeout_s)
        await self.client.connect()

    async def establish(self, address: str, attempts: int = 4) -> None:
        """Connect as the recorder does, by bleak-retry-connector."""
        from bleak_retry_connector import BleakClientWithServiceCache, establish_connection

        self.client = await establish_connection(
            BleakClientWithServiceCache,
            self.found[address],
            "pod",
            lambda _: tell(event="lost"),
            max_attempts=attempts,
        )

    async def close_stale(self, address: str) -> None:
        from bleak_retry_connector import close_stale_connections

        await close_stale_connections(self.found[address])

    async def clear_cache(self, address: str) -> bool:
        from bleak_retry_connector import clear_cache

        return await clear_cache(address)

    async def call(self, path: str, interface: str, member: str, signature: str = "", *body: Any) -> Any:
        """Call a method of BlueZ without bleak; arguments of type variant are `[signature, value]`."""
        from dbus_fast import BusType, Message, MessageType, Variant, unpack_variants
        from dbus_fast.aio import MessageBus

        if self.bus is None:
            self.bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
        given = [{k: Variant(*v) for k, v in each.items()} if isinstance(each, dict) else each for each in body]
        reply = await self.bus.call(
            Message(
                destination="org.bluez", path=path, interface=interface, member=member, signature=signature, body=given
            )
        )
        if reply.message_type is MessageType.ERROR:
            raise BleakDBusError(reply.error_name, reply.body)
        return unpack_variants(reply.body)

    async def register_agent(self) -> None:
        """Consent to every pairing, as an agent without input and output does."""
        await self.call(
            "/org/bluez",
            "org.bluez.AgentManager1",
            "RegisterAgent",
            "os",
            "/program/agent",
            "NoInputNoOutput",
        )
        self.bus.add_message_handler(_consent)

    async def pair(self) -> None:
        await self.client.pair()

    async def unpair(self) -> None:
        await self.client.unpair()

    async def disconnect(self) -> None:
        await self.client.disconnect()

    async def connected(self) -> bool:
        return self.client.is_connected

    async def services(self) -> dict[str, list[str]]:
        return {
            service.uuid: [characteristic.uuid for characteristic in service.characteristics]
            for service in self.client.services
        }

    async def properties(self, uuid: str) -> list[str]:
        return self.client.services.get_characteristic(uuid).properties

    async def path(self, uuid: str) -> str:
        return self.client.services.get_characteristic(uuid).obj[0]

    async def mtu(self) -> int:
        return self.client.mtu_size

    async def read(self, uuid: str) -> str:
        return bytes(await self.client.read_gatt_char(uuid)).hex()

    async def write(self, uuid: str, value: str, response: bool = True) -> None:
        await self.client.write_gatt_char(uuid, bytes.fromhex(value), response=response)

    async def listen(self, uuid: str) -> None:
        await self.client.start_notify(uuid, lambda _, value: self.values.append(bytes(value)))

    async def stop_listening(self, uuid: str) -> None:
        await self.client.stop_notify(uuid)

    async def heard(self, last: str, seconds: float = 20) -> list[str]:
        """Wait for a value, or for so long; tell and forget all that came until then."""
        end_s = asyncio.get_running_loop().time() + seconds
        while bytes.fromhex(last) not in self.values and asyncio.get_running_loop().time() < end_s:
            await asyncio.sleep(0.01)
        values, self.values = self.values, []
        return [value.hex() for value in values]

    async def first_bytes(self, count: int, size: int, seconds: float = 20) -> list[str]:
        """Wait until so many values came, or for so long; tell how each begins, and forget them."""
        end_s = asyncio.get_running_loop().time() + seconds
        while len(self.values) < count and asyncio.get_running_loop().time() < end_s:
            await asyncio.sleep(0.01)
        values, self.values = self.values, []
        return [value[:size].hex() for value in values]

    async def heard_many(self, count: int, seconds: float = 20) -> dict[str, int]:
        """Wait until so many values came, or for so long; tell how many, and the CRC of all."""
        end_s = asyncio.get_running_loop().time() + seconds
        while len(self.values) < count and asyncio.get_running_loop().time() < end_s:
            await asyncio.sleep(0.01)
        values, self.values = self.values, []
        return {"count": len(values), "crc": zlib.crc32(b"".join(values))}


async def main() -> None:
    """Do what is asked, one thing after the other."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    program = Program()
    tell(event="ready")
    while line := await reader.readline():
        name, arguments = json.loads(line)
        try:
            tell(result=await getattr(program, name)(*arguments))
        except Exception as error:
            tell(error=type(error).__name__, text=str(error))


if __name__ == "__main__":
    asyncio.run(main())
