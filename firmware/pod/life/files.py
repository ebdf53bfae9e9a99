"""Small files (settings, bonds) that are written whole or not at all."""

import binascii
import struct

from micropython import const

_MAGIC = const(0x5F)
_LAYOUT = const(1)
_HEADER = const(6)
_CHECK = const(4)
_LONGEST = const(4096)


def _is_whole(whole):
    end = len(whole) - _CHECK
    if end < _HEADER:
        return False
    magic, layout, _, length = struct.unpack_from("<BBHH", whole, 0)
    if magic != _MAGIC or layout != _LAYOUT or _HEADER + length != end:
        return False
    return struct.unpack_from("<I", whole, end)[0] == binascii.crc32(whole[:end]) & 0xFFFFFFFF


class SmallFile:
    """Two slots, `path`.0 and `path`.1, written in turn; the newer whole one counts.

    A loss of power while one slot is written leaves the other as it was, on any file system. `damaged` counts the
    slots that the last `load` found broken. Every call allocates and may erase flash: never while sampling.
    """

    def __init__(self, path):
        self._path = path
        self.damaged = 0

    def load(self):
        """Return what was saved last, or None."""
        return self._newest()[2]

    def save(self, data):
        """Keep `data`; True once it has been read back. Data that are there already are not written again."""
        slot, generation, current = self._newest()
        if current == data:
            return True
        slot = 1 - slot
        head = struct.pack("<BBHH", _MAGIC, _LAYOUT, (generation + 1) & 0xFFFF, len(data)) + data
        try:
            with open(self._name(slot), "wb") as file:
                file.write(head + struct.pack("<I", binascii.crc32(head) & 0xFFFFFFFF))
        except OSError:
            return False
        return self._newest()[2] == data

    def _newest(self):
        """Slot, generation and data of the newer whole slot."""
        self.damaged = 0
        first = self._read(0)
        second = self._read(1)
        if first and second:
            ahead = (second[1] - first[1]) & 0xFFFF
            return second if 0 < ahead < 0x8000 else first
        return first or second or (1, 0, None)

    def _read(self, slot):
        """Slot, generation and data of a slot, or None."""
        try:
            with open(self._name(slot), "rb") as file:
                whole = file.read(_HEADER + _LONGEST + _CHECK)
        except OSError:
            return None
        if not _is_whole(whole):
            self.damaged += 1
            return None
        return slot, struct.unpack_from("<H", whole, 2)[0], whole[_HEADER:-_CHECK]

    def _name(self, slot):
        return self._path + (".1" if slot else ".0")
