"""A serial NOR flash behind MicroPython's block protocol, as `esp32.Partition` gives it; its power can go at any byte.

Programming only clears bits, a page of 256 bytes at a time; erasing sets a whole block. Times of a W25Q16BV: page
program 0.7 ms (at most 3), erase 30 to 400 ms, of which 45 are typical for the family.
"""

PAGE = 256
PAGE_PROGRAM_US = 700
ERASE_US = 45000
READ_US = 60
"""Of one read, and the 12.5 us for each 256 bytes at 20 MB/s beside it: a guess for what the driver costs."""


class PowerCut(BaseException):
    """The power went; whatever the pod had in memory is gone."""


class NorFlash:
    """`blocks` of `size` bytes. The power goes when `cut_in` more bytes are programmed (an erase counts as one byte).

    `us` is the time that all operations took, by which `clock` (a VirtualClock), if there is one, is moved; `erases`
    how often each block was erased.
    """

    def __init__(self, blocks, size=4096, garbage=0):
        self.blocks = blocks
        self.size = size
        self.data = bytearray(blocks * size)
        blank = b"\xff" * size
        for block in range(blocks):
            self.data[block * size : (block + 1) * size] = blank
        self.erases = [0] * blocks
        self.us = 0
        self.clock = None
        self.cut_in = -1
        self.programmed = 0
        self.erase_us = ERASE_US
        self.stuck_block = -1
        self.seed(garbage)
        if garbage:
            for at in range(len(self.data)):
                self.data[at] = self._random_byte()

    def seed(self, seed):
        """Begin the garbage that cuts leave anew."""
        self._seed = seed % 65536 + 1

    def ticks_us(self):
        """Clock that only the flash moves."""
        return self.us & 0x3FFFFFFF

    def readblocks(self, block, buf, offset=0):
        at = self._at(block, offset, len(buf))
        self._pass(READ_US + len(buf) // 20)
        for i in range(len(buf)):
            buf[i] = self.data[at + i]

    def writeblocks(self, block, buf, offset):
        at = self._at(block, offset, len(buf))
        self._pass(PAGE_PROGRAM_US * ((at + len(buf) - 1) // PAGE - at // PAGE + 1))
        for i in range(len(buf)):
            if buf[i] != 0xFF:
                self._program(block, at + i, buf[i])

    def _program(self, block, at, byte):
        old = self.data[at]
        if old & byte != byte:
            raise AssertionError(f"byte {at} holds {old:02x} and cannot be made {byte:02x} without erasing")
        if self._power_goes():
            self.data[at] = old & (byte | self._random_byte())
            raise PowerCut()
        self.programmed += 1
        if block != self.stuck_block:
            self.data[at] = byte

    def ioctl(self, operation, argument):
        if operation == 4:
            return self.blocks
        if operation == 5:
            return self.size
        if operation == 6:
            self._erase(argument)
        return 0

    def _erase(self, block):
        at = self._at(block, 0, self.size)
        self._pass(self.erase_us)
        self.erases[block] += 1
        if self._power_goes():
            self._half_erase(at)
            raise PowerCut()
        self.programmed += 1
        for i in range(at, at + self.size):
            self.data[i] = 0xFF

    def _half_erase(self, at):
        """Leave a part as it was, a part erased, and between them bytes with some bits set."""
        untouched = self._random_byte() * self.size // 255
        reversed_order = self._random_byte() & 1
        for i in range(self.size):
            place = at + (self.size - 1 - i if reversed_order else i)
            if i < untouched:
                continue
            self.data[place] = 0xFF if i > untouched + 40 else self.data[place] | self._random_byte()

    def _pass(self, us):
        self.us += us
        if self.clock:
            self.clock.advance(us)

    def _power_goes(self):
        if self.cut_in < 0:
            return False
        self.cut_in -= 1
        return self.cut_in < 0

    def _at(self, block, offset, length):
        at = block * self.size + offset
        if not (0 <= block < self.blocks and offset >= 0 and at + length <= len(self.data)):
            raise OSError(-0x102)
        return at

    def _random_byte(self):
        # Of 30 bits, so that it allocates nothing on the board either.
        self._seed = (self._seed * 75 + 74) % 65537
        return self._seed >> 4 & 0xFF
