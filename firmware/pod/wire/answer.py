"""What goes out on control, written in place: answers and events (docs/link.md, "Control")."""

import struct

from micropython import const

ANSWER_MAX = const(20)

DONE = const(0)
NO_SUCH_REQUEST = const(1)
WRONG_LENGTH = const(2)
OUT_OF_RANGE = const(3)
WRONG_STATE = const(4)
NO_SUCH_RUN = const(5)
NOT_KEPT = const(6)
NO_STORE = const(7)
STORE_FULL = const(8)
NO_SENSOR = const(9)
BATTERY_LOW = const(10)
BUSY = const(11)
NOT_ACKNOWLEDGED = const(12)
VERSION_NOT_SPOKEN = const(13)
NO_SUCH_SETTING = const(14)
FAULT = const(15)

_FETCHED = const(0xC1)
_SELF_TESTED = const(0xC2)
_HEAD = const(3)


class Answer:
    """One answer: `bytes`, of which the first `length` go out."""

    def __init__(self):
        self.bytes = bytearray(ANSWER_MAX)
        self.length = 0
        self.tag = 0

    def begin(self, request, tag):
        """Forget what was written; the answer says *done* until `refuse`."""
        self.bytes[0] = request | 0x80
        self.bytes[1] = self.tag = tag
        self.bytes[2] = DONE
        self.length = _HEAD

    def refuse(self, error):
        """Say what is wrong, and nothing else."""
        self.bytes[2] = error
        self.length = _HEAD

    def u8(self, value):
        """Add one byte."""
        self.bytes[self.length] = value
        self.length += 1

    def u16(self, value):
        """Add two bytes."""
        struct.pack_into("<H", self.bytes, self.length, value)
        self.length += 2

    def u24(self, value):
        """Add three bytes."""
        struct.pack_into("<HB", self.bytes, self.length, value & 0xFFFF, value >> 16)
        self.length += 3

    def u32(self, value):
        """Add four bytes."""
        struct.pack_into("<I", self.bytes, self.length, value)
        self.length += 4

    def i32(self, value):
        """Add four bytes, signed."""
        struct.pack_into("<i", self.bytes, self.length, value)
        self.length += 4

    def fetched(self, run, sent, not_kept):
        """Make it the event that ends a fetch."""
        self._notice(_FETCHED)
        self.u32(run)
        self.u24(sent)
        self.u24(not_kept)

    def self_tested(self, passed, changes_percent, bias):
        """Make it the event that ends a self-test: six changes, three biases."""
        self._notice(_SELF_TESTED)
        struct.pack_into("<Bbbbbbbhhh", self.bytes, self.length, passed, *changes_percent, *bias)
        self.length += 13

    def _notice(self, code):
        self.bytes[0] = code
        self.bytes[1] = self.tag = 0
        self.length = 2
