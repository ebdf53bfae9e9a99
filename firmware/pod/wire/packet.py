"""Packets of a run, written in place: the header, and the bodies that the pod itself makes (docs/link.md)."""

import struct

from micropython import const

HEADER = const(16)
SAMPLE = const(12)
MAX_SAMPLES = const(19)
MAX_PACKET = const(244)

SAMPLES = const(0x10)
PACKED = const(0x11)
START = const(0x12)
MARK = const(0x13)
CLOCK = const(0x14)
EVENT = const(0x15)
END = const(0x16)

OVERFLOW = const(0x01)
CLIPPED = const(0x02)
RESTARTED = const(0x04)
BUS_FAULT = const(0x08)

COUNTER = const(0x3FFFFFFF)
SEQUENCE = const(0xFFFFFF)


def write_header(buf, form, flags, count, behind, sequence, run, index, clock_us):
    """Write the 16 bytes at the start of `buf`; no allocation.

    `sequence` below 2^24; `index` and `clock_us` below 2^30; `run` is cut to its low byte.
    """
    struct.pack_into(
        "<BBBBHBBII",
        buf,
        0,
        form,
        flags,
        count,
        behind if behind < 255 else 255,
        sequence & 0xFFFF,
        sequence >> 16,
        run & 0xFF,
        index,
        clock_us,
    )


def length(buf):
    """Bytes of the packet that starts `buf`. Not for packed samples, whose length their frame knows."""
    if buf[0] == SAMPLES:
        return HEADER + buf[2] * SAMPLE
    return HEADER + buf[2]


def sequence(buf):
    """Sequence number of the packet in `buf`."""
    return buf[4] | buf[5] << 8 | buf[6] << 16


def after(sequence, other):
    """Whether `sequence` comes after `other`, across the wrap at 2^24."""
    return 0 < ((sequence - other) & SEQUENCE) < 0x800000
