"""A MicroPython image as it is published: boot loader, a partition table of its own and the program, in one file.

Of these, boot loader and program go onto a pod; the table does not, nor what fills the gaps between them: it would lie
over the pod's settings. The form is Espressif's (ESP-IDF, "App Image Format").
"""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass

from surefoot.flash import partitions
from surefoot.flash.chips import CHIPS, Chip, by_image_id
from surefoot.flash.partitions import TABLE_OFFSET, PartitionError
from surefoot.flash.trouble import ImageError
from surefoot.words import printable

OLDEST_MICROPYTHON = (1, 25)
"""The first with the read-only file system (ROMFS) that the firmware lies in."""

DESCRIPTOR_OFFSET = 0x20
"""Where in a program its name and version are: behind the header and that of the first segment."""

HEAD_SIZE = 0x120
"""Bytes from the start of a program to the end of its descriptor."""

_MAGIC = 0xE9
_HEADER = 24
_SEGMENT = struct.Struct("<II")
_MOST_SEGMENTS = 16
_SEED = 0xEF
_DESCRIPTOR = struct.Struct("<I12x32s32s")
_DESCRIPTOR_MAGIC = 0xABCD5432
_SIZE_CODES = {1: 0, 2: 1, 4: 2, 8: 3, 16: 4}
_ELSEWHERE = "take the .bin for the board from https://micropython.org/download"


@dataclass(frozen=True)
class Program:
    """Name and version that a program tells of itself."""

    name: str
    version: str

    @property
    def is_micropython(self) -> bool:
        """Whether it is MicroPython, or built from it."""
        return self.name == "micropython"

    def __str__(self) -> str:
        return f"{'MicroPython' if self.is_micropython else self.name} {self.version.removeprefix('v')}".strip()


@dataclass(frozen=True)
class Image:
    """What of a published image goes onto a board."""

    chip: Chip
    program: Program
    bootloader: bytes
    app: bytes


def read_image(data: bytes, name: str) -> Image:
    """Split a published image; `name` is what messages call it.

    Raises
    ------
    ImageError
        It is for a chip that no pod has, not whole, not MicroPython, too old, or no such image at all.
    """
    if data[:1] != bytes([_MAGIC]) or len(data) < _HEADER:
        raise ImageError(name, "it is no image for an ESP32", _ELSEWHERE)
    number = int.from_bytes(data[12:14], "little")
    chip = by_image_id(number)
    if chip is None:
        known = ", ".join(chip.called for chip in CHIPS.values())
        raise ImageError(name, f"it is for a chip that no pod has (number {number}; pods have {known})", _ELSEWHERE)
    try:
        table = partitions.decode(data[TABLE_OFFSET - chip.bootloader_offset :][: partitions.TABLE_SIZE])
    except PartitionError:
        if program_in(data) is not None:
            raise ImageError(name, "it is the program alone, without its boot loader", _ELSEWHERE) from None
        raise ImageError(name, "it has no partition table: it is cut short or of another kind", _ELSEWHERE) from None
    app_at = next((part.offset for part in table if part.type == "app"), 0) - chip.bootloader_offset
    if app_at <= 0:
        raise ImageError(name, "its partition table has no place for a program", _ELSEWHERE)
    bootloader = _whole(data[: TABLE_OFFSET - chip.bootloader_offset], chip, name, "boot loader")
    app = _whole(data[app_at:], chip, name, "program")
    program = program_in(app)
    if program is None or not program.is_micropython:
        raise ImageError(name, f"it is not MicroPython but {program or 'something without a name'}", _ELSEWHERE)
    _check_age(program, name)
    return Image(chip, program, bootloader, app)


def program_in(app: bytes) -> Program | None:
    """Return what the program whose first `HEAD_SIZE` bytes are in `app` says of itself, or None if it is none."""
    if len(app) < HEAD_SIZE or app[0] != _MAGIC:
        return None
    magic, version, name = _DESCRIPTOR.unpack_from(app, DESCRIPTOR_OFFSET)
    return Program(_text(name), _text(version)) if magic == _DESCRIPTOR_MAGIC else None


def for_flash(bootloader: bytes, flash_mb: int) -> bytes:
    """Return `bootloader` with the size of the flash that it is told, and its hash made right again.

    The boot loader refuses a partition table that ends behind the size in its own header, and published images say 4 MB
    (or what their board has), whatever the pod's table needs.
    """
    changed = bytearray(bootloader)
    changed[3] = changed[3] & 0x0F | _SIZE_CODES[flash_mb] << 4
    if changed[23]:
        changed[-32:] = hashlib.sha256(changed[:-32]).digest()
    return bytes(changed)


def _text(field: bytes) -> str:
    return printable(field.partition(b"\0")[0].decode("utf-8", "replace"))


def _check_age(program: Program, name: str) -> None:
    found = re.match(r"v?(\d+)\.(\d+)", program.version)
    if found is None or (int(found[1]), int(found[2])) < OLDEST_MICROPYTHON:
        oldest = ".".join(map(str, OLDEST_MICROPYTHON))
        raise ImageError(name, f"it is {program}, and the firmware needs {oldest} or newer", _ELSEWHERE)


def _whole(data: bytes, chip: Chip, name: str, part: str) -> bytes:
    """Return the image that `data` begins with, without what comes behind it; its checksum and hash are right."""
    if len(data) < _HEADER or data[0] != _MAGIC:
        raise ImageError(name, f"there is no {part} where it should be: it is cut short or of another kind", _ELSEWHERE)
    if int.from_bytes(data[12:14], "little") != chip.image_id:
        raise ImageError(name, f"its {part} is for another chip than {chip.called}", _ELSEWHERE)
    at, checksum = _HEADER, _SEED
    for _ in range(min(data[1], _MOST_SEGMENTS)):
        if at + _SEGMENT.size > len(data):
            raise _cut_short(name, part)
        size = _SEGMENT.unpack_from(data, at)[1]
        at += _SEGMENT.size
        checksum ^= _xor(data[at : at + size])
        at += size
    end = (at | 15) + 1
    if end + 32 * bool(data[23]) > len(data):
        raise _cut_short(name, part)
    if data[end - 1] != checksum:
        raise ImageError(name, f"its {part} is damaged (checksum)", "get it again")
    if not data[23]:
        return data[:end]
    if hashlib.sha256(data[:end]).digest() != data[end : end + 32]:
        raise ImageError(name, f"its {part} is damaged (SHA-256)", "get it again")
    return data[: end + 32]


def _cut_short(name: str, part: str) -> ImageError:
    return ImageError(name, f"it is cut short in its {part}", "get it again")


def _xor(data: bytes) -> int:
    """XOR of all bytes, by folding halves: 1.7 MB byte by byte would take a second."""
    total = int.from_bytes(data, "little")
    width = 1 << max(len(data) - 1, 0).bit_length()
    while width > 1:
        width //= 2
        total = (total >> 8 * width) ^ (total & ((1 << 8 * width) - 1))
    return total
