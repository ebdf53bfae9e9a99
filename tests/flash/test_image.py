"""The reader of MicroPython's images: what it takes apart, and what it refuses."""

import contextlib
import functools
import hashlib
import operator
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.flash import partitions
from surefoot.flash.chips import CHIPS, locks
from surefoot.flash.image import _xor as folded
from surefoot.flash.image import for_flash, program_in, read_image
from surefoot.flash.trouble import ImageError
from tests.rig.usb import image

BODY = b"some program " * 500
WHOLE = {chip: image.firmware(chip, version="v1.28.0", body=BODY) for chip in CHIPS}


@pytest.mark.parametrize("chip", CHIPS)
def test_an_image_is_split_into_boot_loader_and_program(chip):
    found = read_image(WHOLE[chip], "a.bin")
    assert (found.chip.name, str(found.program)) == (chip, "MicroPython 1.28.0")
    assert found.app == image.app(chip, version="v1.28.0", body=BODY)
    assert found.bootloader == image.image(chip, b"boot loader" * 100)


def test_the_numbers_are_espressifs():
    """Against what the installed esptool has; it is not imported by the package."""
    from esptool.targets import CHIP_DEFS

    for chip in CHIPS.values():
        theirs = CHIP_DEFS[chip.name]
        assert chip.called == theirs.CHIP_NAME
        assert chip.image_id == theirs.IMAGE_CHIP_ID
        assert chip.bootloader_offset == theirs.BOOTLOADER_FLASH_OFFSET
        at, mask = chip.encryption
        assert (chip.fuses_at + at, mask) == (theirs.EFUSE_SPI_BOOT_CRYPT_CNT_REG, theirs.EFUSE_SPI_BOOT_CRYPT_CNT_MASK)
        at, mask = chip.secure_boot
        if chip.name == "esp32":
            register = theirs.EFUSE_RD_ABS_DONE_REG
            theirs_mask = theirs.EFUSE_RD_ABS_DONE_0_MASK | theirs.EFUSE_RD_ABS_DONE_1_MASK
        else:
            register, theirs_mask = theirs.EFUSE_SECURE_BOOT_EN_REG, theirs.EFUSE_SECURE_BOOT_EN_MASK
        assert (chip.fuses_at + at, mask) == (register, theirs_mask)
        assert chip.fuses_size >= max(chip.encryption[0], chip.secure_boot[0]) + 4


@pytest.mark.parametrize("chip", CHIPS.values(), ids=lambda chip: chip.name)
def test_what_the_fuses_lock(chip):
    def fuses(place, value):
        whole = bytearray(chip.fuses_size)
        whole[place : place + 4] = value.to_bytes(4, "little")
        return bytes(whole)

    assert locks(chip, bytes(chip.fuses_size)) == ()
    at, mask = chip.encryption
    lowest = mask & -mask
    assert locks(chip, fuses(at, lowest)) == ("flash encryption",)
    assert locks(chip, fuses(at, lowest | lowest << 1)) == ()  # switched on and off again
    assert locks(chip, fuses(at, ~mask & 0xFFFFFFFF)) == ()
    at, mask = chip.secure_boot
    assert locks(chip, fuses(at, mask & -mask)) == ("secure boot",)


@pytest.mark.parametrize(("megabytes", "code"), [(4, 2), (8, 3), (16, 4)])
def test_the_boot_loader_is_told_the_size_of_the_flash(megabytes, code):
    """Its header's codes are those of ESP-IDF's esp_image_format: 2 is 4 MB, 3 is 8, 4 is 16."""
    before = read_image(WHOLE["esp32s3"], "a.bin").bootloader
    after = for_flash(before, megabytes)
    assert after[3] >> 4 == code
    assert after[3] & 0x0F == before[3] & 0x0F
    assert after[:3] + after[4:-32] == before[:3] + before[4:-32]
    assert hashlib.sha256(after[:-32]).digest() == after[-32:]
    assert image.length(after) == len(after)


def other_chip(number):
    whole = bytearray(WHOLE["esp32c3"])
    whole[12:14] = number.to_bytes(2, "little")
    return bytes(whole)


def changed(chip, at, value):
    whole = bytearray(WHOLE[chip])
    whole[at] ^= value
    return bytes(whole)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no image for an ESP32"),
        (b"MZ" * 4000, "no image for an ESP32"),
        (b"\xe9", "no image for an ESP32"),
        (other_chip(13), r"a chip that no pod has \(number 13"),
        (WHOLE["esp32c3"][:0x9000], "no program where it should be"),
        (WHOLE["esp32c3"][:0x7000], "no partition table"),
        (WHOLE["esp32"][:-1], "cut short in its program"),
        (WHOLE["esp32"][:-1000], "cut short in its program"),
        (image.app("esp32s3"), "the program alone"),
        (changed("esp32s3", 0x10200, 1), "its program is damaged"),
        (changed("esp32c3", 40, 1), "its boot loader is damaged"),
        (changed("esp32c3", 0x8004, 1), "no partition table"),
        (changed("esp32", 0xF00C, 5), "its program is for another chip than ESP32"),
        (image.firmware("esp32", project="blink", version="1.0"), "not MicroPython but blink 1.0"),
        (image.firmware("esp32", version="v1.24.1"), "it is MicroPython 1.24.1, and the firmware needs 1.25"),
        (image.firmware("esp32", version="?"), "the firmware needs 1.25"),
    ],
)
def test_what_no_pod_could_start_is_refused(data, why):
    with pytest.raises(ImageError, match=why) as caught:
        read_image(data, "a.bin")
    assert str(caught.value).startswith("Cannot use the image a.bin: ")


def test_a_damaged_hash_alone_is_noticed():
    """The checksum is of the segments; the SHA-256 sees the header, too."""
    whole = bytearray(WHOLE["esp32c3"])
    whole[0x10000 + 5] ^= 1
    with pytest.raises(ImageError, match="its program is damaged"):
        read_image(bytes(whole), "a.bin")


@settings(max_examples=200)
@given(data=st.binary(max_size=600), where=st.integers(0, len(WHOLE["esp32c3"]) - 1), chip=st.sampled_from([*CHIPS]))
def test_any_change_of_an_image_is_refused_or_does_not_matter(data, where, chip):
    """Whatever is read out of a changed image is whole by the other reader's rules, too."""
    whole = WHOLE[chip][:where] + data + WHOLE[chip][where + len(data) :]
    with contextlib.suppress(ImageError):
        found = read_image(whole, "a.bin")
        assert image.length(found.app) == len(found.app)
        assert image.length(found.bootloader) == len(found.bootloader)
        assert image.chip_of(found.app) == found.chip.image_id


@given(data=st.binary(max_size=2000))
def test_any_bytes_are_an_image_or_an_error(data):
    with contextlib.suppress(ImageError):
        read_image(data, "a.bin")
    program_in(data)


@given(data=st.binary(max_size=3000))
def test_the_fold_is_the_xor_of_all_bytes(data):
    assert folded(data) == functools.reduce(operator.xor, data, 0)


def test_a_name_that_would_steer_a_terminal_is_made_plain():
    told = bytearray(image.app("esp32c3", project="a"))
    told[0x50:0x54] = b"\x1b[2J"
    assert program_in(bytes(told)).name == "\ufffd[2J"


@given(
    names=st.lists(st.text("abcdefghij", min_size=1, max_size=15), unique=True, max_size=8),
    sizes=st.lists(st.integers(1, 64), min_size=8, max_size=8),
)
def test_a_table_that_was_written_reads_back(names, sizes):
    at, table = 0x9000, []
    for name, size in zip(names, sizes, strict=False):
        table.append(partitions.Partition(name, "data", "undefined", at, size * 0x1000))
        at += size * 0x1000
    assert partitions.decode(partitions.encode(table)) == table


@given(data=st.binary(max_size=300))
def test_any_bytes_are_a_table_or_an_error(data):
    with contextlib.suppress(partitions.PartitionError):
        partitions.decode(data)


def test_a_table_of_others_is_read_with_the_numbers_of_its_types():
    entry = struct.pack("<2sBBII16sI", b"\xaa\x50", 0x40, 0x07, 0x110000, 0x1000, b"theirs", 0)
    whole = entry + b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(entry).digest()
    assert partitions.decode(whole) == [partitions.Partition("theirs", "0x40", "0x7", 0x110000, 0x1000)]
    with pytest.raises(partitions.PartitionError, match="MD5"):
        partitions.decode(whole[:-1] + b"\0")
