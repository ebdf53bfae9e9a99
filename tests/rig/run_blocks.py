"""What the blocks of a flash hold, read from the raw bytes by docs/run-file.md and nothing of the firmware."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = b"\x53\xf7"
PACKET, READY, BLOCK = 0x02, 0x04, 0x05


@dataclass(frozen=True)
class UsedBlock:
    serial: int
    run: int
    first: int
    erased: int
    released: bool
    packets: list[bytes]


def frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and payload of every whole frame, as a reader of run files finds them."""
    at = data.find(MAGIC)
    while 0 <= at <= len(data) - 9:
        kind, length = struct.unpack_from("<BH", data, at + 2)
        end = at + 5 + length
        if data[end : end + 4] == zlib.crc32(data[at + 2 : end]).to_bytes(4, "little"):
            yield kind, data[at + 5 : end]
            at = data.find(MAGIC, end + 4)
        else:
            at = data.find(MAGIC, at + 1)


def used_blocks(data: bytes, size: int) -> list[UsedBlock]:
    """All blocks in use or released, in order of their serial numbers."""
    found = []
    for start in range(0, len(data), size):
        block = bytes(data[start : start + size])
        parts = list(frames(block))
        if [kind for kind, _ in parts[:2]] != [READY, BLOCK] or not block.startswith(MAGIC):
            continue
        serial, run = struct.unpack_from("<II", parts[1][1])
        first = int.from_bytes(parts[1][1][8:11], "little")
        (erased,) = struct.unpack("<I", parts[0][1])
        packets = [payload for kind, payload in parts[2:] if kind == PACKET]
        found.append(UsedBlock(serial, run, first, erased, block.endswith(bytes(4)), packets))
    return sorted(found, key=lambda block: block.serial)


def kept_packets(data: bytes, size: int) -> dict[int, list[bytes]]:
    """The packets of each run that are not released, as its run file gives them."""
    kept: dict[int, list[bytes]] = {}
    for block in used_blocks(data, size):
        if block.packets and not block.released:
            kept.setdefault(block.run, []).extend(block.packets)
    return kept


def sequence(packet: bytes) -> int:
    return int.from_bytes(packet[4:7], "little")
