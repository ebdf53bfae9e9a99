"""The blocks of the flash partition, as docs/run-file.md lays them out: erased, put to use, released."""

from micropython import const

from pod.flash import index
from pod.wire.frame import BLOCK, READY, Frame
from pod.wire.packet import COUNTER

BLOCK_AT = const(13)
DATA_AT = const(33)
MARK = const(4)

_READY_BODY = const(4)
_BLOCK_BODY = const(11)
_BLOCK_FRAME = const(20)


class Blocks:
    """The blocks of `device`, a partition in MicroPython's block protocol, and their `index`.

    `limit` is where the room for packets ends in each. `longest_erase_us` is of the erases since the start, 0 before.
    """

    def __init__(self, device, ticks_us):
        self._device = device
        self._ticks_us = ticks_us
        self.index = index.Index(device.ioctl(4, 0))
        self.limit = device.ioctl(5, 0) - MARK
        self.longest_erase_us = 0
        self._hand = 0
        self._most_erased = 0
        self._head = Frame(_BLOCK_BODY)
        self._read_back = Frame()
        self._mark = bytearray(MARK)

    def scan(self):
        """Learn all from the flash: reads some 50 bytes a block, allocates nothing."""
        known = self.index
        known.forget()
        for block in range(known.count):
            known.set(block, self._inspect(block))
        self._hand = known.newest

    def _inspect(self, block):
        erased = self._times_erased(block)
        if erased < 0:
            return index.NOT_READY
        self._most_erased = max(self._most_erased, erased)
        head = self._head
        self._device.readblocks(block, head.bytes, BLOCK_AT)
        if head.check(BLOCK) == _BLOCK_BODY:
            return self._inspect_used(block)
        for byte in head.bytes:
            if byte != 0xFF:
                return index.NOT_READY
        return index.READY

    def _inspect_used(self, block):
        body = self._head.payload
        self.index.note(block, _u32(body, 0), _u32(body, 4), body[8] | body[9] << 8 | body[10] << 16)
        self._device.readblocks(block, self._mark, self.limit)
        return index.RELEASED if _u32(self._mark, 0) == 0 else index.IN_USE

    def _times_erased(self, block):
        head = self._head
        self._device.readblocks(block, head.grains(BLOCK_AT), 0)
        return _u32(head.payload, 0) if head.check(READY) == _READY_BODY else -1

    def program(self, block, offset, view):
        """Write where nothing was written, and read it back; False if the flash did not keep it."""
        back = self._read_back.grains(len(view))
        self._device.writeblocks(block, view, offset)
        self._device.readblocks(block, back, offset)
        return back == view

    def take(self, run, first):
        """Put a ready block to use; return it, or -1. Going round and round wears all blocks alike."""
        known = self.index
        for _ in range(known.count):
            self._hand = (self._hand + 1) % known.count
            block = self._hand
            if known.states[block] == index.READY:
                serial = (known.newest_serial + 1) & COUNTER
                if self._write_head(block, serial, run, first):
                    known.note(block, serial, run, first)
                    known.set(block, index.IN_USE)
                    return block
                known.set(block, index.BAD)
        return -1

    def _write_head(self, block, serial, run, first):
        head = self._head
        _put_u32(head.payload, 0, serial)
        _put_u32(head.payload, 4, run)
        head.payload[8] = first & 0xFF
        head.payload[9] = first >> 8 & 0xFF
        head.payload[10] = first >> 16
        return self.program(block, BLOCK_AT, head.grains(head.seal(BLOCK, _BLOCK_BODY)))

    def release(self, block):
        """Write on the block that it is released."""
        _put_u32(self._mark, 0, 0)
        self._device.writeblocks(block, self._mark, self.limit)
        self.index.set(block, index.RELEASED)

    def make_ready(self, block):
        """Erase a block, which halts the processor: 45 ms typically, up to 400."""
        erased = self._times_erased(block) + 1
        if erased:
            # An erase that is cut off must not leave a right head before what is not erased.
            _put_u32(self._mark, 0, 0)
            self._device.writeblocks(block, self._mark, 0)
        else:
            # Unknown: after a cut erase, or a flash used for the first time.
            erased = max(self._most_erased, 1)
        self.index.set(block, index.NOT_READY)
        begun_us = self._ticks_us()
        self._device.ioctl(6, block)
        self.longest_erase_us = max(self.longest_erase_us, (self._ticks_us() - begun_us) & COUNTER)
        head = self._head
        _put_u32(head.payload, 0, erased)
        self._most_erased = max(self._most_erased, erased)
        ready = self.program(block, 0, head.grains(head.seal(READY, _READY_BODY)))
        self.index.set(block, index.READY if ready else index.BAD)


def _u32(buf, at):
    """Return the low 30 bits of a u32: more are never written, and would cost memory."""
    return buf[at] | buf[at + 1] << 8 | buf[at + 2] << 16 | (buf[at + 3] & 0x3F) << 24


def _put_u32(buf, at, value):
    for byte in range(at, at + 4):
        buf[byte] = value & 0xFF
        value >>= 8
