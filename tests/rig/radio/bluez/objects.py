"""Objects on the bus: what they are, who asks them, and what they tell.

Written on messages and not on the library's service classes, because BlueZ treats callers by their name on the bus,
has properties that come and go, and answers in the words of its own errors.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from dbus_fast import ErrorType, Message, MessageFlag, MessageType, Variant
from dbus_fast.aio import MessageBus

PROPERTIES = "org.freedesktop.DBus.Properties"
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
_log = logging.getLogger(__name__)
_PASSED_ON = ("org.freedesktop.DBus.Introspectable", "org.freedesktop.DBus.Peer")
_OWNERS = "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged'"


class Refused(Exception):
    """A call that is answered with an error: its name on the bus, and its text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")
        self.name, self.text = name, text


class Interface:
    """One interface of one object, at a path of the bus.

    `METHODS` maps a method's name to the signature of its answer and the name of the coroutine here that answers it;
    that gets the caller's name on the bus and then the arguments.
    """

    NAME: ClassVar[str]
    METHODS: ClassVar[dict[str, tuple[str, str]]] = {}
    WRITABLE: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, path: str, properties: dict[str, Variant]) -> None:
        self.path = path
        self.properties = properties
        self._tell: Callable[[Message], None] | None = None

    def appear(self, tell: Callable[[Message], None]) -> None:
        """The interface is on the bus from now on."""
        self._tell = tell

    def change(self, **changed: Variant) -> None:
        """Set properties, and tell those that are not what they were."""
        news = {name: value for name, value in changed.items() if self.properties.get(name) != value}
        self.properties |= news
        if news:
            self.tell_properties(news)

    def withdraw(self, *names: str) -> None:
        """Let properties go that are there no longer."""
        gone = [name for name in names if self.properties.pop(name, None)]
        if gone:
            self.tell_properties({}, gone)

    def tell_properties(self, changed: dict[str, Variant], gone: list[str] | None = None) -> None:
        """Send the signal, whether or not a value is new."""
        if self._tell:
            self._tell(
                Message.new_signal(
                    self.path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [self.NAME, changed, gone or []]
                )
            )


class Objects:
    """All objects that a service has on the bus; answers every call to them."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self._paths: dict[str, dict[str, Interface]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._when_owner_leaves: list[Callable[[str], None]] = []
        self.faults: list[BaseException] = []
        """Exceptions that no caller was meant to see: faults in this rig."""

    async def open(self) -> None:
        """Begin to answer."""
        self._bus.add_message_handler(self._received)
        await self.ask(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch", "s", _OWNERS
        )

    async def close(self) -> None:
        """End what is still going on; nothing is answered any more."""
        self._bus.remove_message_handler(self._received)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def when_owner_leaves(self, then: Callable[[str], None]) -> None:
        """Call `then` with the name on the bus of each program that left it, however it ended."""
        self._when_owner_leaves.append(then)

    def do(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Let `work` go on by itself, until this is closed."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def add(self, interface: Interface) -> None:
        """Put an interface on the bus, and tell everyone."""
        self._paths.setdefault(interface.path, {})[interface.NAME] = interface
        interface.appear(self._send)
        self._send(
            Message.new_signal(
                "/",
                OBJECT_MANAGER,
                "InterfacesAdded",
                "oa{sa{sv}}",
                [interface.path, {interface.NAME: dict(interface.properties)}],
            )
        )

    def remove(self, interface: Interface) -> None:
        """Take an interface off the bus, and tell everyone."""
        of_path = self._paths[interface.path]
        del of_path[interface.NAME]
        if not of_path:
            del self._paths[interface.path]
        self._send(
            Message.new_signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", [interface.path, [interface.NAME]])
        )

    async def ask(self, owner: str, path: str, interface: str, member: str, signature: str, *body: Any) -> None:
        """Call a method of somebody else.

        Raises
        ------
        Refused
            The answer was an error.
        """
        call = Message(
            destination=owner, path=path, interface=interface, member=member, signature=signature, body=list(body)
        )
        reply = await self._bus.call(call)
        if reply.message_type is MessageType.ERROR:
            raise Refused(str(reply.error_name), str(reply.body))

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) and not isinstance(fault, Refused):
            self.faults.append(fault)
            _log.error("a fault in the rig's BlueZ", exc_info=fault)

    def _send(self, message: Message) -> None:
        if self._bus.connected:
            self._bus.send(message)

    def _received(self, message: Message) -> bool | None:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            name, _, new_owner = message.body
            if name.startswith(":") and not new_owner:
                for then in self._when_owner_leaves:
                    then(name)
        if message.message_type is not MessageType.METHOD_CALL or message.interface in _PASSED_ON:
            return None
        self.do(self._answer(message))
        return True

    async def _answer(self, message: Message) -> None:
        try:
            signature, body = await self._result(message)
            reply = Message.new_method_return(message, signature, body)
        except Refused as refusal:
            reply = Message.new_error(message, refusal.name, refusal.text)
        if not message.flags & MessageFlag.NO_REPLY_EXPECTED:
            self._send(reply)

    async def _result(self, message: Message) -> tuple[str, list[Any]]:
        if message.interface == OBJECT_MANAGER:
            return "a{oa{sa{sv}}}", [
                {
                    path: {name: dict(interface.properties) for name, interface in interfaces.items()}
                    for path, interfaces in self._paths.items()
                }
            ]
        if message.path not in self._paths:
            raise Refused(ErrorType.UNKNOWN_OBJECT.value, self._missing(message))
        interfaces = self._paths[message.path]
        if message.interface == PROPERTIES and message.body and message.body[0] in interfaces:
            return self._property(interfaces[message.body[0]], message)
        interface = interfaces.get(str(message.interface))
        if interface is None or message.member not in interface.METHODS:
            raise Refused(ErrorType.UNKNOWN_METHOD.value, self._missing(message))
        signature, answer = interface.METHODS[message.member]
        result = await getattr(interface, answer)(message.sender, *message.body)
        return signature, [result] if signature else []

    @staticmethod
    def _missing(message: Message) -> str:
        return (
            f'Method "{message.member}" with signature "{message.signature}" '
            f'on interface "{message.interface}" doesn\'t exist'
        )

    @staticmethod
    def _property(interface: Interface, message: Message) -> tuple[str, list[Any]]:
        if message.member == "GetAll":
            return "a{sv}", [dict(interface.properties)]
        name = message.body[1]
        if name not in interface.properties:
            raise Refused("org.freedesktop.DBus.Error.InvalidArgs", f"No such property '{name}'")
        if message.member == "Get":
            return "v", [interface.properties[name]]
        if name not in interface.WRITABLE:
            raise Refused("org.freedesktop.DBus.Error.PropertyReadOnly", f"Property '{name}' is not writable")
        interface.change(**{name: message.body[2]})
        return "", []
