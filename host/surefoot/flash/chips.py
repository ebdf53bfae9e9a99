"""The chips that a pod may have: what their boot ROM fixes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Chip:
    """One kind of chip.

    Attributes
    ----------
    name : str
        As in `CHIP` of a board's file, and as esptool takes it.
    called : str
        As esptool and people say it.
    image_id : int
        Its number in the header of an image.
    bootloader_offset : int
        Where its ROM looks for the second boot loader.
    fuses_at, fuses_size : int
        Address and bytes of the eFuse words that tell encryption and secure boot.
    encryption, secure_boot : tuple of (int, int)
        Byte within those words, and mask, of a little-endian word. Encryption is on where an odd number of bits is set.
    """

    name: str
    called: str
    image_id: int
    bootloader_offset: int
    fuses_at: int
    fuses_size: int
    encryption: tuple[int, int]
    secure_boot: tuple[int, int]


# Numbers of images and offsets: ESP-IDF, "App Image Format" and "Bootloader". eFuses: the register tables of the three
# Technical Reference Manuals (EFUSE_BLK0_RDATA0 and 6; EFUSE_RD_REPEAT_DATA1 and 2).
CHIPS = {
    chip.name: chip
    for chip in (
        Chip("esp32", "ESP32", 0, 0x1000, 0x3FF5A000, 0x1C, (0, 0x7F << 20), (0x18, 0b11 << 4)),
        Chip("esp32c3", "ESP32-C3", 5, 0, 0x60008834, 8, (0, 0b111 << 18), (4, 1 << 20)),
        Chip("esp32s3", "ESP32-S3", 9, 0, 0x60007034, 8, (0, 0b111 << 18), (4, 1 << 20)),
    )
}


def by_image_id(number: int) -> Chip | None:
    """Return the chip whose images carry this number, if it is one of ours."""
    return next((chip for chip in CHIPS.values() if chip.image_id == number), None)


def locks(chip: Chip, fuses: bytes) -> tuple[str, ...]:
    """Return what of flash encryption and secure boot the eFuses `fuses` say is on."""

    def word(at: int, mask: int) -> int:
        return int.from_bytes(fuses[at : at + 4], "little") & mask

    on = []
    if word(*chip.encryption).bit_count() % 2:
        on.append("flash encryption")
    if word(*chip.secure_boot):
        on.append("secure boot")
    return tuple(on)
