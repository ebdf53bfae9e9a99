"""The emulated board in front of the real esptool and the real mpremote."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import esptool
import pytest
from esptool.loader import slip_reader
from esptool.util import FatalError
from hypothesis import given
from hypothesis import strategies as st

from surefoot.flash import partitions
from surefoot.usb.repl import Repl
from tests.rig.interpreter import ROOT
from tests.rig.usb import image, pod
from tests.rig.usb.board import EmulatedBoard
from tests.rig.usb.flash import Flash
from tests.rig.usb.quick import quick
from tests.rig.usb.rom_loader import Slip, slip

NAMES = {"esp32": "ESP32-D0WD-V3 (revision v3.1)", "esp32c3": "ESP32-C3 (QFN32) (revision v0.4)"}
NAMES["esp32s3"] = "ESP32-S3 (QFN56) (revision v0.2)"
OPTIONS = {"flash_size": "keep", "flash_mode": "keep", "flash_freq": "keep"}


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with quick():
        yield


def connected(board: EmulatedBoard, **how: object) -> esptool.ESPLoader:
    """The real esptool at the board, its stub uploaded and its flash attached."""
    esp = esptool.run_stub(esptool.detect_chip(board.url, **how))
    esptool.attach_flash(esp)
    return esp


def program(*command: str) -> subprocess.CompletedProcess[str]:
    """The real program, with pyserial's pauses shortened."""
    run = [sys.executable, "-m", "tests.rig.usb.quick", *command]
    return subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("chip", ["esp32", "esp32c3", "esp32s3"])
def test_esptool_knows_the_chip_writes_and_reads_back(tmp_path: Path, chip: str) -> None:
    firmware = image.firmware(chip, body=os.urandom(20_000) + bytes(30_000), flash_mb=8)
    at = image.BOOTLOADER_AT[chip]
    with EmulatedBoard(tmp_path, chip, flash_mb=8) as board:
        before = board.flash.read(0x400000, 0x1000)
        with connected(board) as esp:
            assert esp.get_chip_description() == NAMES[chip]
            assert bytes(esp.read_mac()) == board.chip.mac
            assert esp.flash_id() == 0x1740EF
            esptool.write_flash(esp, [(at, firmware)], **OPTIONS)
            esptool.verify_flash(esp, [(at, firmware)], **OPTIONS)
            assert esp.read_flash(at, len(firmware)) == firmware
            esp.erase_region(0x3000, 0x1000)
            esp.hard_reset()
        held = bytearray(firmware)
        held[0x3000 - at : 0x4000 - at] = b"\xff" * 0x1000
        assert board.flash.read(at, len(held)) == held
        assert board.flash.read(0x400000, 0x1000) == before
        assert board.state == "micropython"


def test_esptool_without_its_stub(tmp_path: Path) -> None:
    with EmulatedBoard(tmp_path, "esp32c3") as board:
        with esptool.detect_chip(board.url) as esp:
            esptool.attach_flash(esp)
            esptool.write_flash(esp, [(0x9000, b"settings" * 100)], **OPTIONS)
            assert esp.read_flash(0x9000, 64, None) == b"settings" * 8
        assert board.flash.read(0x9000, 800) == b"settings" * 100


def test_esptool_as_a_program(tmp_path: Path) -> None:
    file = tmp_path / "firmware.bin"
    file.write_bytes(image.firmware("esp32"))
    with EmulatedBoard(tmp_path / "board") as board:
        ended = program("esptool", "--port", board.url, "write-flash", "0x1000", str(file))
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "Hash of data verified." in ended.stdout
        assert board.flash.read(0x1000, file.stat().st_size) == file.read_bytes()
        with Repl.open(board.url) as repl:
            assert repl.run("print('up')") == "up\n"


def test_the_port_inside_the_chip_needs_its_own_reset(tmp_path: Path) -> None:
    with EmulatedBoard(tmp_path, "esp32s3", usb_jtag=True) as board:
        with esptool.detect_chip(board.url, connect_mode="usb-reset") as esp:
            assert esp.CHIP_NAME == "ESP32-S3"
        assert board.state == "boot loader"


def test_a_board_that_does_not_enter_its_boot_loader(tmp_path: Path) -> None:
    with EmulatedBoard(tmp_path) as board:
        board.no_auto_reset = True
        with pytest.raises(FatalError, match="Failed to connect"):
            esptool.detect_chip(board.url, connect_attempts=1)
        board.hold_boot = True
        board.press_reset()
        with esptool.detect_chip(board.url, connect_mode="no-reset") as esp:
            assert esp.CHIP_NAME == "ESP32"


def test_esptool_finds_a_bit_that_does_not_take(tmp_path: Path) -> None:
    with EmulatedBoard(tmp_path) as board:
        board.flash.stuck[0x9123] = 0x10
        with connected(board) as esp, pytest.raises(FatalError, match="MD5 of file does not match"):
            esptool.write_flash(esp, [(0x9000, bytes(4096))], **OPTIONS)


def test_a_cable_pulled_under_esptool(tmp_path: Path) -> None:
    content = os.urandom(40_000)
    with EmulatedBoard(tmp_path) as board:
        with connected(board) as esp:
            board.line.cut_after_in = 20_000
            with pytest.raises((FatalError, OSError)):
                esptool.write_flash(esp, [(0x10000, content)], **OPTIONS)
        assert board.state == "off"
        arrived = board.flash.read(0x10000, 40_000)
        assert arrived[:4096] == content[:4096] and arrived != content
        board.plug_in(same_name=False)
        with connected(board) as esp:
            esptool.write_flash(esp, [(0x10000, content)], **OPTIONS)
        assert board.flash.read(0x10000, 40_000) == content


@pytest.mark.parametrize("chip", ["esp32c3", "esp32s3"])
def test_locked_chips_say_so(tmp_path: Path, chip: str) -> None:
    with EmulatedBoard(tmp_path, chip, secure_boot=True, flash_encryption=True) as board:
        esp = esptool.detect_chip(board.url)
        told = esp.get_security_info()
        assert told["parsed_flags"]["SECURE_BOOT_EN"] and told["flash_crypt_cnt"] == 1
        assert esp.get_secure_boot_enabled() and esp.get_flash_encryption_enabled()
        esp._port.close()


def test_a_flash_that_tells_more_than_it_has(tmp_path: Path) -> None:
    with EmulatedBoard(tmp_path, flash_mb=4, told_flash_mb=16) as board, connected(board) as esp:
        assert esp.flash_id() >> 16 == 0x18
        esptool.write_flash(esp, [(0x410000, b"beyond" * 100)], **OPTIONS)
        assert board.flash.read(0x10000, 600) == b"beyond" * 100


def test_a_stub_that_did_not_arrive_whole_is_not_started(tmp_path: Path) -> None:
    with EmulatedBoard(tmp_path) as board, esptool.detect_chip(board.url) as esp:
        esp.mem_begin(0x1000, 1, 0x1000, 0x40090000)
        esp.mem_block(bytes(0x0FFF), 0)
        with pytest.raises(FatalError):
            esp.check_command("start", esp.ESP_CMDS["MEM_END"], b"\0\0\0\0\0\0\x09\x40")
        with pytest.raises(FatalError):
            esp.check_command("write", esp.ESP_CMDS["MEM_DATA"], bytes(16) + b"x", chk=0)


@given(st.lists(st.binary(min_size=1), min_size=1, max_size=5), st.integers(1, 7))
def test_packets_are_those_of_esptool(packets: list[bytes], piece: int) -> None:
    line = b"".join(slip(packet) for packet in packets)
    ours = Slip()
    assert [p for at in range(0, len(line), piece) for p in ours.feed(line[at : at + piece])] == packets
    port = SimpleNamespace(inWaiting=lambda: len(line), read=lambda _: line)
    theirs = slip_reader(port, lambda *_: None)
    assert [next(theirs) for _ in packets] == packets


@given(st.data())
def test_flash_only_clears_bits_until_it_is_erased(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    flash = Flash(tmp_path_factory.mktemp("flash") / "f", 0x2000)
    first, second = data.draw(st.binary(min_size=1, max_size=300)), data.draw(st.binary(min_size=1, max_size=300))
    at = data.draw(st.integers(0, 0x1F00 - 300))
    flash.program(at, first)
    flash.program(at, second)
    both = bytes(a & b for a, b in zip(first, second, strict=False))
    assert flash.read(at, len(both)) == both
    flash.erase(at, 1)
    assert flash.read(at // 0x1000 * 0x1000, 0x1000) == b"\xff" * 0x1000
    flash.close()


def test_mpremote_as_a_program(tmp_path: Path) -> None:
    """Its soft reset, its files, its way to write ROMFS; what is in flash stays over a loss of power."""
    (tmp_path / "rom").mkdir()
    (tmp_path / "rom" / "module.py").write_text("answer = 42\n")
    (tmp_path / "file.bin").write_bytes(bytes(range(256)) * 8)
    table = partitions.parse((ROOT / "firmware" / "partitions" / "4MB.csv").read_text())
    with EmulatedBoard(tmp_path / "board") as board:
        board.put(image.firmware("esp32"))
        board.put(partitions.encode(table), 0x8000)
        board.press_reset()
        connect = ("mpremote", "connect", board.url)
        for command in (["cp", f"{tmp_path}/file.bin", ":file.bin"], ["romfs", "deploy", f"{tmp_path}/rom"]):
            done = program(*connect, *command)
            assert done.returncode == 0, done.stdout + done.stderr
        asked = program(*connect, "exec", "import module; print(module.answer)")
        assert asked.stdout == "42\n", asked.stdout + asked.stderr
        board.unplug()
        board.plug_in()
        with Repl.open(board.url) as repl:
            assert repl.read_file("file.bin") == bytes(range(256)) * 8


@pytest.mark.parametrize("chip", ["esp32c3", "esp32s3"])
def test_the_pods_firmware_starts_from_flash(tmp_path: Path, chip: str) -> None:
    """And, once the firmware is gone, its safe mode."""
    with EmulatedBoard(tmp_path / "board", chip, 8 if chip == "esp32s3" else 4) as board:
        pod.put(board)
        board.press_reset()
        board.wait_until_it_advertises()
        with Repl.open(board.url) as repl:
            told = repl.run("import board, pod\nprint(board.NAME.replace('-', '_'), safe_mode, 'main' in globals())")
            assert told == f"{pod.BOARDS[chip]} False True\n"
            board.flash.erase(0x220000, 0x20000)
            repl.reset()
        with Repl.open(board.url) as repl:
            assert repl.run("print(safe_mode, 'main' in globals())") == "True False\n"
