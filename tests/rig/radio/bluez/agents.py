"""Agents: the programs that say on the user's behalf whether pairing is wanted.

A desktop registers one (some only while their Bluetooth settings are open), `bluetoothctl` does, bleak does not. With
none, BlueZ refuses even a pairing that asks nothing of anyone (bleak #1434): `Pair` fails with *AuthenticationFailed*.
"""

from __future__ import annotations

from typing import ClassVar

from tests.rig.radio.bluez import errors
from tests.rig.radio.bluez.objects import Interface, Objects, Refused

_AGENT = "org.bluez.Agent1"


class AgentManager(Interface):
    """`org.bluez.AgentManager1`: who registered as an agent, the default one first."""

    NAME = "org.bluez.AgentManager1"
    METHODS: ClassVar = {
        "RegisterAgent": ("", "register"),
        "UnregisterAgent": ("", "unregister"),
        "RequestDefaultAgent": ("", "make_default"),
    }

    def __init__(self, objects: Objects) -> None:
        super().__init__("/org/bluez", {})
        self._objects = objects
        self._paths: dict[str, str] = {}
        objects.when_owner_leaves(self._owner_left)

    @property
    def any(self) -> bool:
        """Whether there is an agent. The first to register is the default, so one is enough for everybody."""
        return bool(self._paths)

    def _owner_left(self, owner: str) -> None:
        self._paths.pop(owner, None)

    async def register(self, sender: str, path: str, _capability: str) -> None:
        if sender in self._paths:
            raise errors.already_exists()
        self._paths[sender] = path

    async def unregister(self, sender: str, path: str) -> None:
        if self._paths.get(sender) != path:
            raise errors.does_not_exist()
        del self._paths[sender]

    async def make_default(self, sender: str, path: str) -> None:
        if self._paths.get(sender) != path:
            raise errors.does_not_exist()
        self._paths = {sender: path} | self._paths

    async def allows(self, device_path: str) -> bool:
        """Ask the default agent whether a device may pair that no program asked to pair."""
        if not self._paths:
            return False
        owner, path = next(iter(self._paths.items()))
        try:
            await self._objects.ask(owner, path, _AGENT, "RequestAuthorization", "o", device_path)
        except Refused:
            return False
        return True
