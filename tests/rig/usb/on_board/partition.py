"""Partitions of the emulated flash, as `esp32.Partition`, and the one for ROMFS as `vfs.rom_ioctl` gives it."""

_BLOCK = 4096
_BLANK = b"\xff" * _BLOCK


class Partition:
    """`size` bytes at `offset` of the open file `flash`. Bits in `stuck` [[at, mask]] stay set when programmed."""

    def __init__(self, flash, label, kind, subtype, offset, size, stuck=()):
        self._flash = flash
        self._told = (kind, subtype, offset, size, label, False)
        self._offset, self._size = offset, size
        self._stuck = [pair for pair in stuck if offset <= pair[0] < offset + size]

    def info(self):
        return self._told

    def readblocks(self, block, buf, offset=0):
        self._seek(block, offset, len(buf))
        self._flash.readinto(buf)

    def writeblocks(self, block, buf, offset=None):
        if offset is None:
            for at in range(len(buf) // _BLOCK):
                self._erase(block + at)
            offset = 0
        at = self._seek(block, offset, len(buf))
        old = self._flash.read(len(buf))
        new = (int.from_bytes(old, "big") & int.from_bytes(buf, "big")).to_bytes(len(buf), "big")
        for place, mask in self._stuck:
            if at <= place < at + len(new):
                new = new[: place - at] + bytes([new[place - at] | mask]) + new[place - at + 1 :]
        self._flash.seek(at)
        self._flash.write(new)
        self._flash.flush()

    def ioctl(self, operation, argument):
        if operation == 4:
            return self._size // _BLOCK
        if operation == 5:
            return _BLOCK
        if operation == 6:
            self._erase(argument)
        return 0

    def blank(self):
        """Whether the first block was never written: then MicroPython formats, otherwise it does not dare."""
        first = bytearray(_BLOCK)
        self.readblocks(0, first)
        return first == _BLANK

    def _erase(self, block):
        self._seek(block, 0, _BLOCK)
        self._flash.write(_BLANK)
        self._flash.flush()

    def _seek(self, block, offset, length):
        at = self._offset + block * _BLOCK + offset
        if not self._offset <= at <= at + length <= self._offset + self._size:
            raise OSError(-0x102)
        self._flash.seek(at)
        return at


class RomSegment:
    """The partition for ROMFS behind vfs.rom_ioctl (extmod/vfs_rom_ioctl.c): 2 its content, 3 to 5 write it anew."""

    def __init__(self, part):
        self._part = part
        self._size = part.info()[3]

    def image(self):
        """The file system in it, or None where there is none: it begins with d2 cd 31 (MicroPython's docs, ROMFS)."""
        content = bytearray(self._size)
        self._part.readblocks(0, content)
        return memoryview(content) if content[:3] == b"\xd2\xcd\x31" else None

    def ioctl(self, operation, *arguments):
        if operation == 2:
            content = bytearray(self._size)
            self._part.readblocks(0, content)
            return memoryview(content)
        if operation == 3:
            for block in range((arguments[0] + _BLOCK - 1) // _BLOCK):
                self._part.ioctl(6, block)
            return 4
        if operation == 4:
            self._part.writeblocks(0, arguments[1], arguments[0])
        return 0
