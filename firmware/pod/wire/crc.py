"""CRC-32 as in zlib, in two halves of 16 bits: the whole would not fit an integer that costs no memory."""

from array import array

_LOW = array("H", bytearray(512))
_HIGH = array("H", bytearray(512))


def _fill_tables():
    for byte in range(256):
        low, high = byte, 0
        for _ in range(8):
            odd = low & 1
            low = low >> 1 | (high & 1) << 15
            high >>= 1
            if odd:
                low ^= 0x8320
                high ^= 0xEDB8
        _LOW[byte] = low
        _HIGH[byte] = high


_fill_tables()


def begin(state):
    """Set `state`, an array("H") of two, to the checksum of nothing."""
    state[0] = state[1] = 0xFFFF


def update(state, buf, start, end):
    """Take in the bytes of `buf` from `start` to before `end`."""
    low_table = _LOW
    high_table = _HIGH
    low = state[0]
    high = state[1]
    for at in range(start, end):
        entry = (low ^ buf[at]) & 0xFF
        low = (low >> 8 | (high & 0xFF) << 8) ^ low_table[entry]
        high = high >> 8 ^ high_table[entry]
    state[0] = low
    state[1] = high


def write(state, buf, at):
    """Write the checksum as four bytes, lowest first."""
    low = state[0] ^ 0xFFFF
    high = state[1] ^ 0xFFFF
    buf[at] = low & 0xFF
    buf[at + 1] = low >> 8
    buf[at + 2] = high & 0xFF
    buf[at + 3] = high >> 8


def matches(state, buf, at):
    """Whether the four bytes at `at` are the checksum."""
    low = state[0] ^ 0xFFFF
    high = state[1] ^ 0xFFFF
    return buf[at] | buf[at + 1] << 8 == low and buf[at + 2] | buf[at + 3] << 8 == high
