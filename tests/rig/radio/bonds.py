"""Pairing on the pod's side: Bumble's Security Manager, with keys that the firmware keeps, asked as NimBLE asks it.

With NimBLE's two traps: as long as a key is found for a central that pairs anew, it asks to delete it and looks again;
and when filing a key is refused, it makes room by deleting who is there.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

from bumble.device import Connection, Device
from bumble.keys import PairingKeys
from bumble.pairing import PairingConfig

from tests.rig.radio.board_process import BoardProcess
from tests.rig.radio.device import pairing_config

ENCRYPTION = 5
GET_SECRET, SET_SECRET, SETTINGS = 8, 9, 10

OUR_KEYS, PEER_KEYS = 1, 2
_KEY_SIZE = 16
_VALUE_BYTES = 80
_LTK = slice(24, 40)
_MOST_TRIES = 8


class StackHangs(AssertionError):
    """The real stack would ask for ever, and the board's watchdog would bite."""


class Bonds:
    """Answers the device's questions for keys, and tells the board what became of pairing and encryption."""

    def __init__(self, device: Device, board: BoardProcess, number: Callable[[Connection], int | None]) -> None:
        self._device = device
        self._board = board
        self._number = number
        device.smp_manager.pairing_config_factory = self._config
        device.host.long_term_key_provider = self._long_term_key

    def watch(self, connection: Connection) -> None:
        """Follow a connection that was just made."""
        connection.on(Connection.EVENT_PAIRING_START, lambda: self._begin(connection))
        connection.on(Connection.EVENT_PAIRING, lambda keys: self._paired(connection, keys))
        connection.on(Connection.EVENT_PAIRING_FAILURE, lambda _reason: self._tell(connection, False, False, 0))
        connection.on(Connection.EVENT_CONNECTION_ENCRYPTION_CHANGE, lambda: self._encrypted(connection))

    def _config(self, _connection: Connection) -> PairingConfig:
        said = self._board.fire(SETTINGS) or bytes(4)
        bonding, secure, _mtu = struct.unpack("<BBH", said)
        return pairing_config(bool(bonding), bool(secure))

    def _begin(self, connection: Connection) -> None:
        key = _key(connection)
        tries = 0
        while self._find(OUR_KEYS, key):
            tries += 1
            if tries > _MOST_TRIES:
                raise StackHangs("repeated pairing")
            self._delete(key)

    def _paired(self, connection: Connection, keys: PairingKeys) -> None:
        session = self._device.smp_manager.sessions[connection.handle]
        self._tell(connection, True, session.bonding, _KEY_SIZE)
        if session.bonding:
            key = _key(connection)
            long_term = keys.ltk or keys.ltk_peripheral
            assert long_term is not None
            value = bytearray(_VALUE_BYTES)
            value[: len(key)] = key
            value[len(key)] = _KEY_SIZE
            value[_LTK] = long_term.value
            self._file(OUR_KEYS, key, bytes(value))
            self._file(PEER_KEYS, key, bytes(value))

    def _encrypted(self, connection: Connection) -> None:
        """With keys of earlier; a pairing that is going on tells of itself when it has ended."""
        session = self._device.smp_manager.sessions.get(connection.handle)
        if session is None or session.completed:
            stored = self._find(OUR_KEYS, _key(connection))
            self._tell(connection, True, bool(stored), stored[7] if stored else 0)

    async def _long_term_key(self, handle: int, rand: bytes, ediv: int) -> bytes | None:
        connection = self._device.lookup_connection(handle)
        if connection is None:
            return None
        fresh = self._device.smp_manager.get_long_term_key(connection, rand, ediv)
        if fresh is not None:
            return bytes(fresh)
        stored = self._find(OUR_KEYS, _key(connection))
        if stored:
            return stored[_LTK]
        asyncio.get_running_loop().call_soon(self._tell, connection, False, False, 0)
        return None

    def _tell(self, connection: Connection, encrypted: bool, bonded: bool, key_size: int) -> None:
        conn = self._number(connection)
        if conn is not None:
            self._board.fire(ENCRYPTION, bytes([conn, encrypted, False, bonded, key_size]))

    # The firmware's table of keys.

    def _find(self, kind: int, key: bytes) -> bytes:
        said = self._board.fire(GET_SECRET, bytes([kind, 0]) + key)
        return said[1:]

    def _set(self, kind: int, key: bytes, value: bytes) -> bool:
        said = self._board.fire(SET_SECRET, bytes([kind, len(key)]) + key + value)
        return said != b"\0"

    def _delete(self, key: bytes) -> None:
        self._set(OUR_KEYS, key, b"")
        self._set(PEER_KEYS, key, b"")

    def _file(self, kind: int, key: bytes, value: bytes) -> None:
        tries = 0
        while not self._set(kind, key, value):
            oldest = self._find(PEER_KEYS, b"")
            tries += 1
            if not oldest or tries > _MOST_TRIES:
                raise StackHangs("filing a key")
            self._delete(oldest[:7])


def _key(connection: Connection) -> bytes:
    """What keys of a central are filed under: the type of its address, then the address, little-endian."""
    return bytes([connection.peer_address.address_type]) + bytes(connection.peer_address)
