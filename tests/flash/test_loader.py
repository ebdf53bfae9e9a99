"""What esptool prints, read: chips, places in flash, and its complaints as sentences."""

from __future__ import annotations

import sys

import pytest

from surefoot.flash.complaints import complaint
from surefoot.flash.loader import Loader, Region
from surefoot.flash.trouble import BoardError, LoaderError, LoaderLost, NoLoader
from surefoot.usb.trouble import PortBusy, PortForbidden, PortMissing, ProgramMissing

PORT = "/dev/ttyUSB7"


def speaking(tmp_path, said, code=0, then=""):
    """A program that stands for esptool: it prints and ends."""
    file = tmp_path / "speaks.py"
    file.write_text(f"import sys, time, pathlib\nprint({said!r}, flush=True)\n{then}\nsys.exit({code})\n")
    return Loader(PORT, (sys.executable, str(file)), silence_s=30)


def flash_id(chip, description, size="4MB"):
    return (
        f"Connected to {chip} on {PORT}:\nChip type:          {description}\nFeatures:           Wi-Fi, BT\n"
        f"MAC:                24:0a:c4:12:5f:6e\nDetected flash size: {size}\n"
    )


@pytest.mark.parametrize(
    ("chip", "told", "name"),
    [
        ("ESP32", "ESP32-D0WD-V3 (revision v3.1)", "esp32"),
        ("ESP32", "ESP32-PICO-D4 (revision v1.1)", "esp32"),
        ("ESP32-C3", "ESP32-C3 (QFN32) (revision v0.4)", "esp32c3"),
        ("ESP32-S3", "ESP32-S3-PICO-1 (LGA56) (revision v0.2)", "esp32s3"),
    ],
)
def test_the_chip_is_known_by_its_name(tmp_path, chip, told, name):
    found = speaking(tmp_path, flash_id(chip, told, "8MB")).chipset()
    assert (found.chip.name, found.description, found.mac, found.flash_mb) == (name, told, "24:0a:c4:12:5f:6e", 8)


@pytest.mark.parametrize("chip", ["ESP8266", "ESP32-C6", "ESP32-S2", "ESP32-H2", "ESP32-C61", "ESP32-S31", ""])
def test_a_chip_that_no_pod_has_is_refused(tmp_path, chip):
    with pytest.raises(BoardError, match="which no pod has"):
        speaking(tmp_path, flash_id(chip, f"{chip} (revision v1.0)")).chipset()


def test_a_flash_that_does_not_tell_its_size(tmp_path):
    assert speaking(tmp_path, flash_id("ESP32-C3", "ESP32-C3", "Unknown")).chipset().flash_mb == 0


def test_which_regions_are_there_already(tmp_path):
    """The lines of esptool 5.6, one region right and one not; it ends with an error then."""
    said = (
        "Verifying 0x4 (4) bytes at 0x00001000 in flash against '/tmp/1000.bin'...\n"
        "Verification successful (digest matched).\n"
        "Verifying 0x4 (4) bytes at 0x00010000 in flash against '/tmp/10000.bin'...\n"
        "Verification failed (digest mismatch).\n"
        "\nA fatal error occurred: Verification failed.\n"
    )
    regions = (Region("a", 0x1000, b"aaaa"), Region("b", 0x10000, b"bbbb"))
    assert speaking(tmp_path, said, 2).same(regions) == regions[:1]


def test_how_far_it_is(tmp_path):
    said = "Writing at 0x00001800 [=] 10.0%\nWriting at 0x00010010 [==] 100.0%"
    told = []
    regions = (Region("a", 0x1000, b"a" * 0x1000), Region("b", 0x10000, b"b" * 0x100))
    speaking(tmp_path, said).write(regions, lambda done, total: told.append((done, total)))
    assert told[-1] == (0x1010, 0x1100)


OPENING = "Could not open /dev/ttyUSB7, the port is busy or doesn't exist.\n"
FATAL = "A fatal error occurred: "


@pytest.mark.parametrize(
    ("said", "kind", "sentence"),
    [
        (OPENING + "([Errno 2] No such file or directory: '/dev/ttyUSB7')", PortMissing, "there is no such port"),
        (OPENING + "([Errno 13] Permission denied: '/dev/ttyUSB7')", PortForbidden, "may not open"),
        (OPENING + "([Errno 11] Could not exclusively lock port /dev/ttyUSB7)", PortBusy, "another program"),
        (FATAL + "Failed to connect to Espressif device: No serial data received.", NoLoader, "hold its BOOT button"),
        (FATAL + "Failed to connect to ESP32: Wrong boot mode detected (0x13)!", NoLoader, "hold its BOOT button"),
        (FATAL + "The 'flash-id' command is not available in Secure Download Mode.", LoaderError, "secure download"),
        (FATAL + "MD5 of file does not match data in flash!", LoaderError, "worn out"),
        (FATAL + "The chip stopped responding.", LoaderLost, "goes on where it was"),
        (
            "A serial exception error occurred: device reports readiness to read but returned no data",
            LoaderLost,
            "goes on where it was",
        ),
        (FATAL + "Packet content transfer stopped (received 8 bytes)", LoaderLost, "goes on where it was"),
        (FATAL + "something new", LoaderError, "esptool says: A fatal error occurred: something new"),
        ("Writing at 0x00010000\nStaying in bootloader.", LoaderLost, "goes on where it was"),
    ],
)
def test_its_complaints_become_sentences(tmp_path, said, kind, sentence):
    with pytest.raises(kind, match=sentence) as caught:
        speaking(tmp_path, said, 2).start()
    assert type(caught.value) is kind
    assert PORT in str(caught.value) and str(caught.value).endswith(".")
    assert isinstance(complaint(PORT, said), kind)


def test_one_that_falls_silent_is_ended(tmp_path):
    loader = speaking(tmp_path, "Connecting...", then="time.sleep(600)")
    loader._silence_s = 0.5
    with pytest.raises(LoaderLost):
        loader.start()


def test_without_esptool_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ProgramMissing, match=r"esptool is not installed; install it: pip install 'surefoot\[flash\]'"):
        Loader(PORT).start()


def test_too_few_bytes_are_noticed(tmp_path):
    loader = speaking(tmp_path, "Read", then="pathlib.Path(sys.argv[-1]).write_bytes(b'abc')")
    with pytest.raises(LoaderError, match="3 of 4 bytes"):
        loader.read(0, 4)
    assert loader.read(0, 3) == b"abc"
