"""On Linux somebody must consent to a pairing, even to one without questions: an agent on the system's D-Bus.

A desktop has one, often only while its Bluetooth settings are open; without any BlueZ refuses to pair (bleak #1434).
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbus_fast import Message

_PATH = "/org/surefoot/agent"
_AGENT = "org.bluez.Agent1"
_MANAGER = "org.bluez.AgentManager1"


@asynccontextmanager
async def consent_to(address: str) -> AsyncIterator[None]:
    """Within it, this program consents to pairing with the device of this address, and with no other.

    Nothing happens on other systems, and where there is no BlueZ or it does not take an agent.
    """
    if sys.platform != "linux":
        yield
        return
    from dbus_fast import BusType, Message
    from dbus_fast.aio import MessageBus

    ours = f"dev_{address.upper().replace(':', '_')}"

    def answer(message: Message) -> Message | None:
        if message.interface != _AGENT or message.path != _PATH:
            return None
        if message.body and ours not in str(message.body[0]):
            return Message.new_error(message, "org.bluez.Error.Rejected", "another device")
        return Message.new_method_return(message)

    try:
        bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    except (OSError, EOFError):
        yield
        return
    try:
        bus.add_message_handler(answer)
        for member, signature, body in (
            ("RegisterAgent", "os", [_PATH, "NoInputNoOutput"]),
            ("RequestDefaultAgent", "o", [_PATH]),
        ):
            await bus.call(Message("org.bluez", "/org/bluez", _MANAGER, member, signature=signature, body=body))
        yield
    finally:
        bus.disconnect()
