"""CRC-32 of parts of a text from the CRC-32 of its beginnings, so that many overlapping parts cost one pass."""

from __future__ import annotations

import zlib
from functools import cache

import numpy as np
from numpy.typing import NDArray

Uint32Array = NDArray[np.uint32]

_POLYNOMIAL = np.uint32(0xEDB88320)
_ONE = 1 << 31
"""x^0: the CRC keeps the lowest power in its highest bit."""
_BYTE = 1 << 23
"""x^8."""


def crc_of_parts(data: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Uint32Array:
    """Return the CRC-32 of `data[start:end]` for each pair; the time is that of one pass, plus that of the pairs.

    From crc(AB) = crc(A) x^(8 len B) + crc(B), in polynomials over GF(2).
    """
    cuts, where = np.unique(np.concatenate([starts, ends]), return_inverse=True)
    up_to = np.empty(len(cuts), np.uint32)
    view = memoryview(data)
    crc = at = 0
    for number, cut in enumerate(cuts.tolist()):
        crc = zlib.crc32(view[at:cut], crc)
        up_to[number], at = crc, cut
    before, after = up_to[where[: len(starts)]], up_to[where[len(starts) :]]
    lengths = ends - starts
    return after ^ _product(before, _powers(int(lengths.max(initial=0)).bit_length())[lengths])


@cache
def _powers(bits: int) -> Uint32Array:
    """Return x^(8 n) for n below 2^bits."""
    powers, step = np.array([_ONE], np.uint32), np.array([_BYTE], np.uint32)
    for _ in range(bits):
        powers = np.concatenate([powers, _product(powers, step)])
        step = _product(step, step)
    return powers


def _product(left: Uint32Array, right: Uint32Array) -> Uint32Array:
    """Multiply modulo the polynomial."""
    left, right = np.broadcast_arrays(left, right)
    product = np.zeros(left.shape, np.uint32)
    for power in range(32):
        product ^= np.where(left >> np.uint32(31 - power) & np.uint32(1), right, np.uint32(0))
        right = right >> np.uint32(1) ^ np.where(right & np.uint32(1), _POLYNOMIAL, np.uint32(0))
    return product
