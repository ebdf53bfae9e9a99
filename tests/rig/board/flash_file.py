"""A serial NOR flash like that of `nor_flash`, in a file: it survives the process, and costs no memory."""

from nor_flash import ERASE_US, PAGE, PAGE_PROGRAM_US, READ_US, PowerCut


class FlashFile:
    """`blocks` of `size` bytes in the file `path`, made if it is not there. `clock` is moved by what operations take.

    The power goes when `cut_in` more bytes are programmed (an erase counts as one): then half of a page is programmed,
    or of a block erased.
    """

    def __init__(self, path, blocks, clock, size=4096):
        self.blocks = blocks
        self.size = size
        self.cut_in = -1
        self.erase_us = ERASE_US
        self._clock = clock
        self._blank = b"\xff" * size
        try:
            self._file = open(path, "r+b")
        except OSError:
            with open(path, "wb") as new:
                for _ in range(blocks):
                    new.write(self._blank)
            self._file = open(path, "r+b")

    def readblocks(self, block, buf, offset=0):
        self._seek(block, offset, len(buf))
        self._clock.advance(READ_US + len(buf) // 20)
        self._file.readinto(buf)

    def writeblocks(self, block, buf, offset):
        at = self._seek(block, offset, len(buf))
        self._clock.advance(PAGE_PROGRAM_US * ((at + len(buf) - 1) // PAGE - at // PAGE + 1))
        old = self._file.read(len(buf))
        wanted = int.from_bytes(buf, "big")
        if int.from_bytes(old, "big") & wanted != wanted:
            raise AssertionError(f"block {block} cannot be programmed at {offset} without erasing")
        done = self._reached(len(buf))
        self._file.seek(at)
        self._file.write(bytes(buf[:done]))
        if done < len(buf):
            raise PowerCut()

    def ioctl(self, operation, argument):
        if operation == 4:
            return self.blocks
        if operation == 5:
            return self.size
        if operation == 6:
            self._erase(argument)
        return 0

    def _erase(self, block):
        self._seek(block, 0, self.size)
        self._clock.advance(self.erase_us)
        whole = self._reached(1)
        self._file.write(self._blank if whole else self._blank[: self.size // 2])
        if not whole:
            raise PowerCut()

    def _reached(self, count):
        """How many of `count` bytes are programmed before the power goes."""
        if self.cut_in < 0:
            return count
        done = min(count, self.cut_in)
        self.cut_in -= done
        return done

    def _seek(self, block, offset, length):
        at = block * self.size + offset
        if not (0 <= block < self.blocks and offset >= 0 and at + length <= self.blocks * self.size):
            raise OSError(-0x102)
        self._file.seek(at)
        return at
