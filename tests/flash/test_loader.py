"""What esptool prints, read: chips, places in flash, and its complaints as sentences."""

from __future__ import annotations

import json
import sys
from pathlib import Path

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


@pytest.mark.parametrize(
    "said",
    [
        "WriteFile failed (PermissionError(13, 'The device does not recognize the command.', None, 22))",
        "ClearCommError failed (PermissionError(13, 'The device does not recognize the command.', None, 22))",
        "GetOverlappedResult failed (PermissionError(13, 'Access is denied.', None, 5))",
        "Cannot configure port, something went wrong. Original message: OSError(22, 'x', None, 31)",
    ],
)
def test_a_cable_that_is_pulled_on_windows(said):
    """pyserial 3.5, serialwin32.py: they speak of permission, and the port is not there any more."""
    for form in (
        "A serial exception error occurred: {}\n",
        "Traceback (most recent call last):\nserial.serialutil.SerialException: {}\n",
        FATAL + "Could not open COM5, the port is busy or doesn't exist.\n({})\n",
    ):
        assert isinstance(complaint("COM5", form.format(said)), LoaderLost), form


def test_a_port_that_windows_does_not_open():
    could_not = FATAL + "Could not open COM5, the port is busy or doesn't exist.\n(could not open port 'COM5': "
    busy = complaint("COM5", could_not + "PermissionError(13, 'Zugriff verweigert', None, 5))\n")
    assert type(busy) is PortBusy
    missing = complaint("COM5", could_not + "FileNotFoundError(2, 'Das System kann ...', None, 2))\n")
    assert type(missing) is PortMissing


@pytest.mark.parametrize(
    "said",
    [
        "esptool: error: argument --after: invalid choice: 'no-reset' (choose from 'hard_reset', 'no_reset')",
        "/usr/bin/python: No module named esptool.__main__; 'esptool' is a package and cannot be directly executed",
        "ModuleNotFoundError: No module named 'rich_click'",
    ],
)
def test_an_esptool_that_does_not_fit(said):
    """The words of 4.8.1, and of an installation that is not whole."""
    error = complaint(PORT, said)
    assert type(error) is LoaderError and "pip install -U esptool" in str(error)


def test_the_name_of_a_port_is_not_taken_for_a_complaint():
    url = "socket://connection:7777"
    error = complaint(url, f"Connected to ESP32 on {url}:\nerror at {url}: something new\n")
    assert type(error) is LoaderError and "something new" in str(error)


def test_esptool_is_called_without_what_the_user_set_for_it(tmp_path, monkeypatch):
    """ESPTOOL_CHIP would contradict, ESPTOOL_CFGFILE and an esptool.cfg of the folder set anything at all."""
    monkeypatch.setenv("ESPTOOL_CHIP", "esp32")
    monkeypatch.setenv("ESPTOOL_CFGFILE", "x")
    monkeypatch.setenv("KEPT", "1")
    monkeypatch.chdir(tmp_path)
    told = tmp_path / "told"
    then = (
        "import os, json\npathlib.Path(" + repr(str(told)) + ").write_text(json.dumps("
        "[os.getcwd(), sorted(os.environ), sys.argv]))"
    )
    speaking(tmp_path, "Done.", then=then).write([Region("a", 0x1000, b"abcd")])
    folder, names, arguments = json.loads(told.read_text())
    assert Path(folder) != tmp_path and not Path(folder).exists()
    assert not [name for name in names if name.startswith("ESPTOOL_")] and "KEPT" in names
    # an image is written as it is: with another size in its header its hash would be wrong
    for what in ("mode", "freq", "size"):
        assert arguments[arguments.index(f"--flash-{what}") + 1] == "keep"


def test_one_that_falls_silent_is_ended(tmp_path):
    loader = speaking(tmp_path, "Connecting...", then="time.sleep(600)")
    loader._silence_s = 0.5
    with pytest.raises(LoaderLost):
        loader.start()


def test_without_esptool_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ProgramMissing, match=r"esptool is not installed; install it: pip install esptool"):
        Loader(PORT).start()


def test_too_few_bytes_are_noticed(tmp_path):
    loader = speaking(tmp_path, "Read", then="pathlib.Path(sys.argv[-1]).write_bytes(b'abc')")
    with pytest.raises(LoaderError, match="3 of 4 bytes"):
        loader.read(0, 4)
    assert loader.read(0, 3) == b"abc"
