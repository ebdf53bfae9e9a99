"""Packets of runs for tests, each different from every other, by docs/link.md."""

from __future__ import annotations

import random
import struct

HEAD = "<BBBB3sBII"
RATE_HZ = 500


def sample_packet(run: int, sequence: int, samples: int = 19) -> bytes:
    """Samples that cannot be packed."""
    noise = random.Random(run << 24 | sequence)
    return _head(0x10, samples, run, sequence) + noise.randbytes(12 * samples)


def smooth_packet(run: int, sequence: int, samples: int = 19) -> bytes:
    """Samples that can be packed."""
    noise = random.Random(run << 24 | sequence)
    values = [(4 * (c + 1) * (19 * sequence + n)) % 2000 + noise.randrange(8) for n in range(samples) for c in range(6)]
    return _head(0x10, samples, run, sequence) + struct.pack(f">{len(values)}h", *values)


def start_packet(run: int) -> bytes:
    body = bytearray(102)
    body[0] = 1
    struct.pack_into("<I", body, 1, run)
    struct.pack_into("<H", body, 51, RATE_HZ)
    return _head(0x12, len(body), run, 0) + bytes(body)


def event_packet(run: int, sequence: int) -> bytes:
    return _head(0x15, 5, run, sequence) + struct.pack("<BI", 5, sequence)


def end_packet(run: int, sequence: int) -> bytes:
    return _head(0x16, 15, run, sequence) + struct.pack("<BIHHHI", 0, 19 * sequence, 0, 0, 0, 0)


def _head(form: int, count: int, run: int, sequence: int) -> bytes:
    index = 19 * sequence % 2**30
    return struct.pack(HEAD, form, 0, count, 0, sequence.to_bytes(3, "little"), run % 256, index, 2000 * index % 2**30)
