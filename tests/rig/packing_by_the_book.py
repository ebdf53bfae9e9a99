"""Packed samples as docs/link.md words them, in strings of 0 and 1: slow, and written apart from the firmware."""

from __future__ import annotations

from collections.abc import Sequence

HEADER = 16
Sample = Sequence[int]


def unpack(packet: bytes) -> list[tuple[int, ...]]:
    """Return the samples of a packed packet; ValueError where the bits are not as the text says."""
    bits = "".join(f"{byte:08b}" for byte in packet[HEADER:])
    channels = []
    for _ in range(6):
        channel, bits = _channel(bits, packet[2])
        channels.append(channel)
    if len(bits) >= 8 or "1" in bits:
        raise ValueError("more than the padding is left")
    return list(zip(*channels, strict=True))


def _channel(bits: str, count: int) -> tuple[list[int], str]:
    first, order, k = int(bits[:16], 2), int(bits[16]), int(bits[17:21], 2)
    bits = bits[21:]
    values, step = [first], 0
    for _ in range(count - 1):
        if bits.startswith("0" * 16):
            mapped, bits = int(bits[16:32], 2), bits[32:]
        else:
            zeros = bits.index("1")
            mapped, bits = zeros << k | int("0" + bits[zeros + 1 : zeros + 1 + k], 2), bits[zeros + 1 + k :]
        number = -(mapped + 1) // 2 if mapped % 2 else mapped // 2
        step = step + number if order else number
        values.append(values[-1] + step)
    return [(value + 0x8000) % 0x10000 - 0x8000 for value in values], bits
