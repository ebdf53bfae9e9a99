"""Frames of the run file, built and checked in place (docs/run-file.md)."""

import struct
from array import array

from micropython import const

from pod.wire import crc
from pod.wire.packet import MAX_PACKET

PACKET = const(0x02)
READY = const(0x04)
BLOCK = const(0x05)

HEAD = const(5)
TAIL = const(4)
OVERHEAD = const(9)
GRAIN = const(16)

_MAGIC_0 = const(0x53)
_MAGIC_1 = const(0xF7)


class Frame:
    """Room for one frame. `bytes` starts with it, `payload` is the view of what it carries.

    A view of any length would cost memory each time, so flash is written and read in whole grains of 16 bytes:
    behind a frame come bytes of 0xFF, which change nothing on a flash that is still unwritten there.
    """

    def __init__(self, room=MAX_PACKET):
        grains = (room + OVERHEAD + GRAIN - 1) // GRAIN
        self.bytes = bytearray(grains * GRAIN)
        whole = memoryview(self.bytes)
        self.payload = whole[HEAD : HEAD + room]
        self._room = room
        self._grains = [whole[: GRAIN * (n + 1)] for n in range(grains)]
        self._crc = array("H", (0, 0))

    def copy(self, packet, length):
        """Take the first `length` bytes of `packet` as the payload."""
        if len(packet) == MAX_PACKET:
            struct.pack_into("244s", self.bytes, HEAD, packet)
        else:
            for at in range(length):
                self.bytes[HEAD + at] = packet[at]

    def seal(self, kind, length):
        """Make the first `length` bytes of the payload a frame; return the bytes of the frame."""
        buf = self.bytes
        end = HEAD + length
        buf[0] = _MAGIC_0
        buf[1] = _MAGIC_1
        buf[2] = kind
        buf[3] = length & 0xFF
        buf[4] = length >> 8
        crc.begin(self._crc)
        crc.update(self._crc, buf, 2, end)
        crc.write(self._crc, buf, end)
        end += TAIL
        for at in range(end, padded(end)):
            buf[at] = 0xFF
        return end

    def grains(self, length):
        """View of the whole grains that hold `length` bytes."""
        return self._grains[(length - 1) // GRAIN]

    def starts(self, kind):
        """Whether a frame of this kind starts here, by its first three bytes."""
        buf = self.bytes
        return buf[0] == _MAGIC_0 and buf[1] == _MAGIC_1 and buf[2] == kind

    def length(self):
        """Bytes of the payload, as the head tells."""
        return self.bytes[3] | self.bytes[4] << 8

    def check(self, kind):
        """Payload length of the whole and right frame of this kind that is here, else -1."""
        length = self.length()
        if not self.starts(kind) or length > self._room:
            return -1
        crc.begin(self._crc)
        crc.update(self._crc, self.bytes, 2, HEAD + length)
        return length if crc.matches(self._crc, self.bytes, HEAD + length) else -1

    def passed(self):
        """Bytes to pass over where no frame starts: up to the next magic that may be one; 0 if all is unwritten."""
        buf = self.bytes
        unwritten = buf[0] == 0xFF
        for at in range(1, len(buf)):
            if buf[at] == _MAGIC_0:
                return at
            if buf[at] != 0xFF:
                unwritten = False
        return 0 if unwritten else len(buf)


def padded(length):
    """`length` rounded up to whole grains."""
    return (length + GRAIN - 1) & -GRAIN
