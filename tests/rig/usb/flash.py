"""A serial NOR flash in a file: programming only clears bits, erasing sets a sector of 4096 bytes."""

from __future__ import annotations

import mmap
from pathlib import Path

SECTOR = 4096


class Flash:
    """`size` bytes in the file `path`, made blank if it is not there; the interpreter opens the same file.

    `stuck` maps an offset to the bits there that stay 1 whatever is programmed: a worn cell.
    """

    def __init__(self, path: Path, size: int) -> None:
        if not path.exists():
            with path.open("wb") as new:
                for _ in range(size // SECTOR):
                    new.write(b"\xff" * SECTOR)
        self.path = path
        self.size = path.stat().st_size
        self.stuck: dict[int, int] = {}
        self.erased = 0
        self.programmed = 0
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)

    def read(self, offset: int, length: int) -> bytes:
        """Bytes as they stand; beyond the end addresses begin again, as on the chip."""
        if offset + length <= self.size:
            return self._map[offset : offset + length]
        whole = bytearray()
        while length:
            at = offset % self.size
            part = self._map[at : min(self.size, at + length)]
            whole += part
            offset, length = offset + len(part), length - len(part)
        return bytes(whole)

    def program(self, offset: int, content: bytes) -> None:
        """Clear the bits that are 0 in `content`."""
        at = offset % self.size
        if at + len(content) > self.size:
            split = self.size - at
            self.program(at, content[:split])
            self.program(0, content[split:])
            return
        old = int.from_bytes(self._map[at : at + len(content)], "big")
        new = bytearray((old & int.from_bytes(content, "big")).to_bytes(len(content), "big"))
        for place, bits in self.stuck.items():
            if at <= place < at + len(new):
                new[place - at] |= bits
        self._map[at : at + len(new)] = bytes(new)
        self.programmed += len(new)

    def erase(self, offset: int, length: int) -> None:
        """Erase every sector that the span touches."""
        first, last = offset // SECTOR, (offset + length + SECTOR - 1) // SECTOR
        for sector in range(first, last):
            at = sector * SECTOR % self.size
            self._map[at : at + SECTOR] = b"\xff" * SECTOR
            self.erased += 1

    def image(self) -> bytes:
        """All of it."""
        return self._map[:]

    def close(self) -> None:
        """Let go of the file, which stays."""
        self._map.close()
