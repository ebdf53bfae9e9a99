"""The ESP32's partition table: from the lines of a CSV file to the bytes at 0x8000 of its flash, and back.

The form is Espressif's (ESP-IDF, "Partition Tables"): an entry of 32 bytes for each partition, then one with the MD5 of
those before it, then ff up to 3072 bytes.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from surefoot.errors import SurefootError

TABLE_OFFSET = 0x8000
TABLE_SIZE = 0xC00
_FIRST_OFFSET = 0x9000
_ENTRY = struct.Struct("<2sBBII16sI")
_TYPES = {"app": 0, "data": 1}
_SUBTYPES = {
    ("app", "factory"): 0,
    ("data", "phy"): 1,
    ("data", "nvs"): 2,
    ("data", "undefined"): 6,
    ("data", "fat"): 0x81,
    ("data", "0x8f"): 0x8F,  # MicroPython's read-only file system, which Espressif's generator has no name for
}
_ALIGNMENT = {"app": 0x10000, "data": 0x1000}


class PartitionError(SurefootError):
    """A partition table that no board could use."""

    def __init__(self, why: str) -> None:
        super().__init__("Cannot make the partition table", why, "correct the table")


@dataclass(frozen=True)
class Partition:
    """One part of the flash.

    Attributes
    ----------
    offset, size : int
        Bytes from the start of the flash, and bytes.
    """

    name: str
    type: str
    subtype: str
    offset: int
    size: int

    @property
    def end(self) -> int:
        """First byte behind it."""
        return self.offset + self.size


def parse(csv: str) -> list[Partition]:
    """Read the lines `name, type, subtype, offset, size`; `#` begins a remark.

    Raises
    ------
    PartitionError
        A line is not of this form.
    """
    found = []
    for line in csv.splitlines():
        fields = [field.strip() for field in line.partition("#")[0].split(",")]
        if fields == [""]:
            continue
        try:
            name, kind, subtype, offset, size = fields
            partition = Partition(name, kind, subtype, int(offset, 0), int(size, 0))
        except ValueError:
            raise PartitionError(f"the line '{line.strip()}' is not name, type, subtype, offset, size") from None
        if (kind, subtype) not in _SUBTYPES or not 0 < len(name.encode()) < 16:
            raise PartitionError(f"'{name}' has a name, type or subtype that is not known")
        found.append(partition)
    return found


def check(partitions: list[Partition], flash_bytes: int) -> None:
    """Refuse a table whose partitions overlap, lie where none may start, or do not fit the flash.

    Raises
    ------
    PartitionError
        Says which partition, and what is wrong with it.
    """
    free, names = _FIRST_OFFSET, set()
    for partition in sorted(partitions, key=lambda p: p.offset):
        if partition.name in names:
            raise PartitionError(f"'{partition.name}' is there twice")
        if partition.offset % _ALIGNMENT[partition.type] or partition.size % 0x1000 or partition.size <= 0:
            raise PartitionError(f"'{partition.name}' does not begin or end where a partition may")
        if partition.offset < free:
            raise PartitionError(f"'{partition.name}' lies over what is before it")
        if partition.end > flash_bytes:
            raise PartitionError(f"'{partition.name}' ends behind the {flash_bytes >> 20} MB of the flash")
        free = partition.end
        names.add(partition.name)


def encode(partitions: list[Partition]) -> bytes:
    """Bytes of a table that was checked, to be written at 0x8000."""
    entries = b"".join(
        _ENTRY.pack(b"\xaa\x50", _TYPES[p.type], _SUBTYPES[p.type, p.subtype], p.offset, p.size, p.name.encode(), 0)
        for p in partitions
    )
    digest = b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(entries).digest()
    return (entries + digest).ljust(TABLE_SIZE, b"\xff")


def decode(table: bytes) -> list[Partition]:
    """Read a table out of flash; a type or subtype that `parse` has no name for is told as its number.

    Raises
    ------
    PartitionError
        It is no table, or its MD5 is wrong.
    """
    types = {number: name for name, number in _TYPES.items()}
    subtypes = {(kind, number): name for (kind, name), number in _SUBTYPES.items()}
    found: list[Partition] = []
    for at in range(0, len(table) - _ENTRY.size + 1, _ENTRY.size):
        magic, kind, subtype, offset, size, name, _ = _ENTRY.unpack_from(table, at)
        if magic == b"\xeb\xeb":
            if table[at + 16 : at + 32] != hashlib.md5(table[:at]).digest():
                raise PartitionError("its MD5 is wrong")
            return found
        if magic != b"\xaa\x50":
            break
        told = types.get(kind, f"{kind:#x}")
        text = name.partition(b"\0")[0].decode("utf-8", "replace")
        found.append(Partition(text, told, subtypes.get((told, subtype), f"{subtype:#x}"), offset, size))
    raise PartitionError("it is no partition table")
