"""What the boot ROMs of three chips tell of themselves: registers, eFuses, security information.

From Espressif's technical reference manuals (eFuse controller) by way of what esptool 5 reads, and esptool's
documentation ("Serial Protocol"). Not compared with a chip.
"""

from __future__ import annotations

import struct

_RDID, _SFDP = 0x9F, 0x5A
_WINBOND = 0xEF
_CAPACITY = {1: 0x14, 2: 0x15, 4: 0x16, 8: 0x17, 16: 0x18, 32: 0x19}
_GO = 1 << 18
_MAGIC_AT = 0x40001000
_XTAL_HZ = 40_000_000
_SPI = {"esp32": (0x3FF42000, 0x24, 0x80), "esp32c3": (0x60002000, 0x20, 0x58), "esp32s3": (0x60002000, 0x20, 0x58)}
"""First register, and in it that of the command's code and that of the data."""
_CLOCK_DIVIDER = {"esp32": 0x3FF40014, "esp32c3": 0x60000014, "esp32s3": 0x60000014}
_EFUSES = {"esp32": 0x3FF5A000, "esp32c3": 0x60008800, "esp32s3": 0x60007000}
CHIP_IDS = {"esp32": 0, "esp32c3": 5, "esp32s3": 9}


class Chip:
    """One chip with a flash that says it has `flash_mb`."""

    def __init__(
        self,
        name: str,
        flash_mb: int,
        *,
        mac: bytes = b"\x24\x0a\xc4\x12\x5f\x6f",
        secure_boot: bool = False,
        flash_encryption: bool = False,
    ) -> None:
        self.name = name
        self.flash_mb = flash_mb
        self.mac = mac
        self.secure_boot = secure_boot
        self.flash_encryption = flash_encryption
        self.baud = 115200
        self._written: dict[int, int] = {}
        self._told = self._classic() if name == "esp32" else self._newer()

    def read(self, address: int) -> int:
        """A register."""
        if address == _CLOCK_DIVIDER[self.name]:
            return _XTAL_HZ // self.baud
        return self._written.get(address, self._told.get(address, 0))

    def write(self, address: int, value: int, mask: int) -> None:
        """A register; to write the one that starts a transfer over SPI does it."""
        self._written[address] = (self.read(address) & ~mask) | (value & mask)
        base, code, data = _SPI[self.name]
        if address == base and value & _GO:
            self._written[base] = 0
            self._written[base + data] = self._flash_says(self.read(base + code) & 0xFF)

    def security(self) -> bytes | None:
        """Flags, whether the flash is encrypted, what keys are for, number of the chip, version; an ESP32 has none."""
        if self.name == "esp32":
            return None
        flags = 1 if self.secure_boot else 0
        return struct.pack("<IB7xII", flags, 1 if self.flash_encryption else 0, CHIP_IDS[self.name], 0)

    def _flash_says(self, code: int) -> int:
        if code == _RDID:
            return _WINBOND | 0x40 << 8 | _CAPACITY[self.flash_mb] << 16
        return _WINBOND if code == _SFDP else 0

    def _classic(self) -> dict[int, int]:
        """An ESP32-D0WD-V3, revision 3.1."""
        base = _EFUSES["esp32"]
        high, low = struct.unpack(">HI", self.mac)
        return {
            _MAGIC_AT: 0x00F01D83,
            base: 1 << 20 if self.flash_encryption else 0,
            base + 4: low,
            base + 8: high,
            base + 12: 1 << 9 | 1 << 13 | 1 << 15,
            base + 20: 1 << 20 | 1 << 24,
            base + 24: 1 << 4 if self.secure_boot else 0,
            0x3FF6607C: 1 << 31,
        }

    def _newer(self) -> dict[int, int]:
        """An ESP32-C3 (QFN32), revision 0.4, its flash inside; or an ESP32-S3, revision 0.2, with 8 MB of PSRAM."""
        base = _EFUSES[self.name]
        high, low = struct.unpack(">HI", self.mac)
        block = base + 0x44
        c3 = self.name == "esp32c3"
        return {
            base + 0x34: 1 << 18 if self.flash_encryption else 0,
            base + 0x38: 1 << 20 if self.secure_boot else 0,
            block: low,
            block + 4: high,
            block + 12: (4 << 18 | (1 << 27 if self.flash_mb == 4 else 0)) if c3 else 2 << 18,
            block + 16: 2 if c3 else 1 << 3 | 1 << 7,
        }
