"""Made-up program images in Espressif's form (esptool docs, "Firmware Image Format"), and what a boot loader checks."""

from __future__ import annotations

import functools
import hashlib
import operator
import struct

from surefoot.flash import partitions

CHIP_IDS = {"esp32": 0, "esp32c3": 5, "esp32s3": 9}
BOOTLOADER_AT = {"esp32": 0x1000, "esp32c3": 0, "esp32s3": 0}
APP_AT = 0x10000
_SIZES = {1: 0, 2: 1, 4: 2, 8: 3, 16: 4}
_APP_MAGIC = 0xABCD5432
_HEADER = struct.Struct("<BBBBIB3sHBHH4sB")


def image(chip: str, content: bytes, flash_mb: int = 4) -> bytes:
    """One segment with `content`, its checksum, and the SHA-256 of all."""
    content += b"\0" * (-len(content) % 4)
    size_freq = _SIZES[flash_mb] << 4 | (0xF if chip != "esp32" else 0)
    head = _HEADER.pack(0xE9, 1, 2, size_freq, 0x40080000, 0xEE, b"\0\0\0", CHIP_IDS[chip], 0, 0, 0xFFFF, b"\0" * 4, 1)
    body = head + struct.pack("<II", 0x3F400020, len(content)) + content
    body += b"\0" * (15 - len(body) % 16)
    body += bytes([0xEF ^ _folded(content)])
    return body + hashlib.sha256(body).digest()


def app(
    chip: str, project: str = "micropython", version: str = "v1.27.0", body: bytes = b"", flash_mb: int = 4
) -> bytes:
    """A program with the description that every ESP-IDF program carries."""
    told = struct.pack(
        "<IIII32s32s16s16s32s",
        _APP_MAGIC,
        0,
        0,
        0,
        version.encode(),
        project.encode(),
        b"12:00:00",
        b"Jan 1 2026",
        b"v5.5.1",
    )
    return image(chip, told.ljust(256, b"\0") + body, flash_mb)


TABLE_OF_MICROPYTHON = """\
nvs,      data, nvs, 0x9000,   0x6000
phy_init, data, phy, 0xf000,   0x1000
factory,  app, factory, 0x10000,  0x1F0000
vfs,      data, fat, 0x200000, 0x200000
"""
"""MicroPython's own table for 4 MB (its ports/esp32/partitions-4MiB.csv), which an image of it brings along."""


def firmware(
    chip: str, project: str = "micropython", version: str = "v1.27.0", body: bytes = b"", flash_mb: int = 4
) -> bytes:
    """What MicroPython's download page gives, for the boot loader's offset: boot loader, partition table, program."""
    start = BOOTLOADER_AT[chip]
    table = partitions.encode(partitions.parse(TABLE_OF_MICROPYTHON))
    whole = bytearray(b"\xff" * APP_AT)
    loader = image(chip, b"boot loader" * 100, flash_mb)
    whole[start : start + len(loader)] = loader
    whole[0x8000 : 0x8000 + len(table)] = table
    return bytes(whole[start:]) + app(chip, project, version, body, flash_mb)


def length(raw: bytes) -> int | None:
    """Bytes of the whole image at the start of `raw`, or None where there is none that a boot loader would start."""
    if len(raw) < 24 or raw[0] != 0xE9:
        return None
    at, checksum = 24, 0xEF
    for _ in range(raw[1]):
        if at + 8 > len(raw):
            return None
        (size,) = struct.unpack_from("<I", raw, at + 4)
        if at + 8 + size > len(raw):
            return None
        checksum ^= _folded(raw[at + 8 : at + 8 + size])
        at += 8 + size
    at += 15 - at % 16
    if at >= len(raw) or raw[at] != checksum:
        return None
    at += 1
    if not raw[23]:
        return at
    return at + 32 if hashlib.sha256(raw[:at]).digest() == raw[at : at + 32] else None


def chip_of(raw: bytes) -> int:
    """The chip's number in an image."""
    return int(struct.unpack_from("<H", raw, 12)[0])


def description(raw: bytes) -> tuple[str, str] | None:
    """Project and version of a program, where it has a description."""
    if len(raw) < 0x20 + 256 or struct.unpack_from("<I", raw, 0x20)[0] != _APP_MAGIC:
        return None
    version, project = struct.unpack_from("<32s32s", raw, 0x30)
    return project.split(b"\0")[0].decode("ascii", "replace"), version.split(b"\0")[0].decode("ascii", "replace")


def table(raw: bytes) -> list[tuple[str, int, int, int, int]] | None:
    """Label, type, subtype, offset and size of each partition in the table `raw`, or None where its digest is wrong."""
    found, at = [], 0
    while raw[at : at + 2] == b"\xaa\x50":
        kind, subtype, offset, size, label = struct.unpack_from("<BBII16s", raw, at + 2)
        found.append((label.split(b"\0")[0].decode("ascii", "replace"), kind, subtype, offset, size))
        at += 32
    whole = raw[at : at + 2] == b"\xeb\xeb" and raw[at + 16 : at + 32] == hashlib.md5(raw[:at]).digest()
    return found if found and whole else None


def _folded(content: bytes) -> int:
    return functools.reduce(operator.xor, content, 0)
