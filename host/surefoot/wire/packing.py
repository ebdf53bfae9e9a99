"""Samples packed without loss: differences along each channel, Rice-coded (docs/link.md, "Packed samples")."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from surefoot.errors import WireError

Int16Array = NDArray[np.int16]
IntArray = NDArray[np.int64]

CHANNELS = 6
PARAMETERS = 16
"""Rice parameters 0 to 15."""
ESCAPE_ZEROS = 16
ESCAPED_BITS = ESCAPE_ZEROS + 16
PACKETS_AT_ONCE = 4096
"""Decoded side by side: many enough for numpy, few enough for the processor's cache."""

_LEADING_ZEROS = np.concatenate([[16], 15 - np.floor(np.log2(np.arange(1, 1 << 16)))]).astype(np.int64)
"""Leading zeros of each number of 16 bits."""


def pack(values: Int16Array) -> bytes:
    """Pack samples (n, 6), n from 1; order and Rice parameter of each channel are the best ones."""
    return _to_bytes("".join(_channel_bits(channel) for channel in values.T.astype(np.int64)))


def _channel_bits(values: IntArray) -> str:
    first = np.diff(values)
    second = np.concatenate([first[:1], np.diff(first)])
    order, parameter, mapped = min((_best(order, numbers) for order, numbers in enumerate((first, second))), key=_bits)
    codes = [_code(number, parameter) for number in mapped.tolist()]
    return f"{values[0] & 0xFFFF:016b}{order:b}{parameter:04b}" + "".join(codes)


def _best(order: int, numbers: IntArray) -> tuple[int, int, IntArray]:
    """Return the order, the best Rice parameter and the numbers mapped to 0, 1, 2 ..."""
    numbers = (numbers + 0x8000 & 0xFFFF) - 0x8000
    mapped = np.where(numbers < 0, -2 * numbers - 1, 2 * numbers)
    return order, int(_lengths(mapped[:, None], np.arange(PARAMETERS)).sum(axis=0).argmin()), mapped


def _bits(choice: tuple[int, int, IntArray]) -> int:
    _, parameter, mapped = choice
    return int(_lengths(mapped, np.int64(parameter)).sum())


def _lengths(mapped: IntArray, parameter: IntArray | np.int64) -> IntArray:
    zeros = mapped >> parameter
    lengths: IntArray = np.where(zeros < ESCAPE_ZEROS, zeros + 1 + parameter, ESCAPED_BITS)
    return lengths


def _code(number: int, parameter: int) -> str:
    zeros = number >> parameter
    if zeros >= ESCAPE_ZEROS:
        return "0" * ESCAPE_ZEROS + f"{number:016b}"
    low = f"{number & (1 << parameter) - 1:0{parameter}b}" if parameter else ""
    return "0" * zeros + "1" + low


def _to_bytes(bits: str) -> bytes:
    size = -(-len(bits) // 8)
    return int(bits.ljust(8 * size, "0"), 2).to_bytes(size, "big")


def unpack(body: bytes, count: int) -> Int16Array:
    """Return the `count` samples (count, 6) packed in `body`; WireError if they are not there."""
    values, readable = unpack_many([body], np.array([count]))
    if not readable[0]:
        raise WireError("packed samples", f"{len(body)} bytes do not hold {count} samples")
    return values


def unpack_many(bodies: Sequence[bytes], counts: IntArray) -> tuple[Int16Array, NDArray[np.bool_]]:
    """Unpack many packets at once.

    Parameters
    ----------
    bodies : sequence of bytes
        Packed bodies.
    counts : array of int, shape (packets,)
        Samples in each, from 1.

    Returns
    -------
    values : array of int16, shape (sum of the counts of the readable ones, 6)
        Samples, one packet after the other.
    readable : array of bool, shape (packets,)
        False where a body does not hold its samples; those have no rows in `values`.
    """
    parts = [
        _unpack_side_by_side(bodies[first : first + PACKETS_AT_ONCE], counts[first : first + PACKETS_AT_ONCE])
        for first in range(0, len(bodies), PACKETS_AT_ONCE)
    ]
    values = [np.zeros((0, CHANNELS), np.int16)] + [values for values, _ in parts]
    readable = [np.zeros(0, np.bool_)] + [readable for _, readable in parts]
    return np.concatenate(values), np.concatenate(readable)


def _unpack_side_by_side(bodies: Sequence[bytes], counts: IntArray) -> tuple[Int16Array, NDArray[np.bool_]]:
    """Unpack packets in step: the n-th code of all of them, then the next."""
    reader = _BitReader(bodies)
    longest = int(counts.max())
    first = np.empty((len(bodies), 1, CHANNELS), np.int64)
    numbers = np.zeros((len(bodies), longest - 1, CHANNELS), np.int64)
    is_second = np.empty((len(bodies), 1, CHANNELS), np.bool_)
    for channel in range(CHANNELS):
        first[:, 0, channel] = reader.take(16)
        is_second[:, 0, channel] = reader.take(1)
        parameters = reader.take(4)
        for sample in range(1, longest):
            numbers[:, sample - 1, channel] = reader.take_code(parameters, sample < counts)
    differences = np.where(is_second, np.cumsum(numbers, axis=1), numbers)
    values = np.cumsum(np.concatenate([first, differences], axis=1), axis=1).astype(np.int16)
    readable = reader.ended_well()
    there = (np.arange(longest) < counts[:, None]) & readable[:, None]
    return values[there], readable


class _BitReader:
    """A place in each of many bit strings; what is read beyond the end of one is told by `ended_well`."""

    def __init__(self, bodies: Sequence[bytes]) -> None:
        sizes = np.array([len(body) for body in bodies], np.int64)
        ends = np.cumsum(sizes)
        self._ends = 8 * ends
        self._at = 8 * (ends - sizes)
        self._sane = np.ones(len(bodies), np.bool_)
        # behind the last body, zeros: a body that is too short is read on beyond its end, not beyond the array
        longest_bits = CHANNELS * (16 + 1 + 4 + 255 * ESCAPED_BITS)
        data = np.frombuffer(b"".join(bodies) + bytes(longest_bits // 8 + 5), np.uint8).astype(np.int64)
        words = data[:-4]
        for ahead in range(1, 5):
            words = words << 8 | data[ahead : len(data) - 4 + ahead]
        self._words = words
        """The 40 bits from each byte on."""

    def _next_32(self) -> IntArray:
        words: IntArray = self._words[self._at >> 3] >> 8 - (self._at & 7) & 0xFFFFFFFF
        return words

    def take(self, bits: int) -> IntArray:
        """Return the next `bits` bits of each."""
        taken = self._next_32() >> 32 - bits
        self._at += bits
        return taken

    def take_code(self, parameters: IntArray, wanted: NDArray[np.bool_]) -> IntArray:
        """Return the next difference of each that is `wanted`, 0 of the others."""
        ahead = self._next_32()
        zeros = _LEADING_ZEROS[ahead >> 16]
        escaped = zeros == ESCAPE_ZEROS
        low = ahead >> np.maximum(31 - zeros - parameters, 0) & (1 << parameters) - 1
        mapped = np.where(escaped, ahead & 0xFFFF, zeros << parameters | low)
        self._sane &= (mapped <= 0xFFFF) | ~wanted
        self._at += np.where(escaped, ESCAPED_BITS, zeros + 1 + parameters) * wanted
        differences: IntArray = (mapped >> 1 ^ -(mapped & 1)) * wanted
        return differences

    def ended_well(self) -> NDArray[np.bool_]:
        """Tell which ended in their last byte, with only zeros behind."""
        left = self._ends - self._at
        padding = self._next_32() >> 32 - np.clip(left, 0, 7)
        ended: NDArray[np.bool_] = self._sane & (left >= 0) & (left < 8) & (padding == 0)
        return ended
