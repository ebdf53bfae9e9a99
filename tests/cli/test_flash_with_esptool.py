"""The command flash with the real esptool and a real MicroPython, on an emulated board at an emulated cable."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from surefoot.flash import install, loader, start
from surefoot.flash.build import boards, table_of
from surefoot.usb import ports
from surefoot.usb.ports import Port
from surefoot.usb.repl import Repl
from tests.command_line import run_command
from tests.rig.usb import image
from tests.rig.usb.board import EmulatedBoard
from tests.rig.usb.quick import quick

pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial's rfc2217
ROOT = Path(__file__).parents[2]
BODY = hashlib.shake_256(b"a program").digest(200_000)
ESPTOOL = (sys.executable, "-m", "tests.rig.usb.quick", "esptool")
START = f"from surefoot.flash import loader; loader.ESPTOOL = {ESPTOOL!r}; from surefoot.cli import main; main()"
KEPT = {"settings.0": b"settings " * 20, "bonds.1": bytes(range(200)), "run.0": b"\0\1\2\3"}


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    """Folders of its own, and an esptool that does not wait for a network that is not one."""
    monkeypatch.setattr(loader, "ESPTOOL", ESPTOOL)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT), str(ROOT / "host"))))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(start, "START_S", 2.5)
    for module in (install, start):
        monkeypatch.setattr(module, "RENEW_S", 0.1)
    with quick():
        yield


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    """Flash `board`, a kind of board of `firmware/boards`, with an image of its own."""

    def called(board, name, *more, **told):
        file = published(tmp_path, boards()[name].chip, **told)
        return run_command(
            monkeypatch, capsys, "flash", "--port", board.url, "--board", name, "--micropython", file, "--yes", *more
        )

    return called


def published(tmp_path, chip, **told):
    file = tmp_path / f"{chip}.bin"
    file.write_bytes(image.firmware(chip, **{"version": "v1.28.0", "body": BODY, **told}))
    return file


def plugged(tmp_path, name):
    return EmulatedBoard(tmp_path / "board", boards()[name].chip, boards()[name].flash_mb)


def is_a_pod(board, name):
    """By the emulated boot loaders and by what the pod itself answers."""
    board.press_reset()
    assert board.state == "micropython"
    time.sleep(start.START_S)
    with Repl.open(board.url) as repl:
        assert repl.run("import board\nprint(board.NAME, board.__file__, safe_mode)").split() == [
            boards()[name].name,
            "/rom/board.mpy",
            "False",
        ]
    return True


def place(board, name, part):
    where = next(one for one in table_of(boards()[name]) if one.name == part)
    return board.flash.read(where.offset, where.size)


def test_a_new_board_becomes_a_pod(call, tmp_path):
    with plugged(tmp_path, "xiao_esp32c3") as board:
        ended = call(board, "xiao_esp32c3")
        assert ended.code == 0, ended.err
        assert "The pod runs: xiao-esp32c3, firmware 0.1.0, MicroPython 1.28.0." in ended.out
        assert is_a_pod(board, "xiao_esp32c3")


@pytest.mark.soak
@pytest.mark.parametrize("name", ["esp32_devkitc", "lolin32_lite", "xiao_esp32s3"])
def test_every_board_becomes_a_pod_and_an_update_keeps_what_it_keeps(call, tmp_path, monkeypatch, name):
    with plugged(tmp_path, name) as board:
        ended = call(board, name, version="v1.27.0")
        assert ended.code == 0, ended.err
        board.press_reset()
        with Repl.open(board.url) as repl:
            for file, data in KEPT.items():
                repl.write_file(file, data)
            repl.write_file("main.py", b"older")
        board.flash.program(table_of(boards()[name])[-1].offset, b"a run that nobody fetched")
        before = {part: place(board, name, part) for part in ("nvs", "vfs", "runs")}
        with monkeypatch.context() as half:
            # only as far as flash, before a pod starts that writes there itself
            half.setattr(install, "settle", lambda *_: None)
            assert call(board, name, body=BODY[::-1]).code == 0
        assert {part: place(board, name, part) for part in before} == before
        ended = call(board, name, body=BODY[::-1])
        assert ended.code == 0, ended.err
        assert "Written, read back and compared: main.py." in ended.out
        with Repl.open(board.url) as repl:
            assert {file: repl.read_file(file) for file in KEPT} == KEPT
        ended = call(board, name, body=BODY[::-1])
        assert "Nothing had to be written" in ended.out
        assert is_a_pod(board, name)


@pytest.mark.soak
def test_nothing_is_touched_without_a_yes(tmp_path, monkeypatch, capsys):
    with plugged(tmp_path, "esp32_devkitc") as board:
        board.put(image.firmware("esp32", project="blink", version="1.0", body=BODY))
        before = board.flash.image()
        file = published(tmp_path, "esp32")
        arguments = ("--port", board.url, "--board", "esp32_devkitc", "--micropython", file)
        ended = run_command(monkeypatch, capsys, "flash", *arguments)
        assert ended.code == 2 and "is not known to be a pod's board" in ended.err
        ended = run_command(monkeypatch, capsys, "flash", *arguments, "--yes", "--dry-run")
        assert ended.code == 0 and "- Lost: blink 1.0, with all its files." in ended.out
        assert board.flash.image() == before


@pytest.mark.soak
@pytest.mark.parametrize("how", [{"secure_boot": True}, {"flash_encryption": True}])
@pytest.mark.parametrize("chip", ["esp32", "esp32s3"])
def test_a_locked_chip_is_refused(call, tmp_path, chip, how):
    name = {"esp32": "esp32_devkitc", "esp32s3": "xiao_esp32s3"}[chip]
    with EmulatedBoard(tmp_path / "board", chip, boards()[name].flash_mb, **how) as board:
        before = board.flash.image()
        ended = call(board, name)
        assert ended.code == 2 and " is on: it starts nothing but its maker's program" in ended.err
        assert board.flash.image() == before and board.state != "boot loader"


@pytest.mark.soak
def test_a_damaged_file_system_is_made_new(call, tmp_path):
    with plugged(tmp_path, "xiao_esp32c3") as board:
        assert call(board, "xiao_esp32c3").code == 0
        where = next(one for one in table_of(boards()["xiao_esp32c3"]) if one.name == "vfs")
        board.put(b"garbage." * (where.size // 8), where.offset)
        ended = call(board, "xiao_esp32c3")
        assert ended.code == 2 and "surefoot flash --erase makes it new" in ended.err
        ended = call(board, "xiao_esp32c3", "--erase")
        assert ended.code == 0, ended.err
        assert is_a_pod(board, "xiao_esp32c3")


@pytest.mark.soak
def test_a_board_whose_boot_is_held_runs_once_it_is_let_go(call, tmp_path, monkeypatch):
    with plugged(tmp_path, "xiao_esp32c3") as board:
        board.hold_boot = True
        said = []

        def say(sentence, *more, **how):
            said.append(sentence)
            if "Press its reset button now" in sentence:
                board.hold_boot = False
                board.press_reset()

        monkeypatch.setattr("surefoot.cli.flash_shown.say", say)
        ended = call(board, "xiao_esp32c3")
        assert ended.code == 0, ended.err
        assert said == ["The board does not answer yet. Press its reset button now, with BOOT not held."]
        assert is_a_pod(board, "xiao_esp32c3")


@pytest.mark.soak
def test_a_stuck_bit_is_found(call, tmp_path):
    with plugged(tmp_path, "xiao_esp32c3") as board:
        board.flash.stuck[0x12345] = 0xFF
        ended = call(board, "xiao_esp32c3")
        assert ended.code == 2 and "flash of this board is worn out" in ended.err


@pytest.mark.soak
def test_a_chip_that_does_not_enter_its_loader(call, tmp_path):
    with plugged(tmp_path, "xiao_esp32c3") as board:
        board.no_auto_reset = True
        ended = call(board, "xiao_esp32c3")
        assert ended.code == 2 and "hold its BOOT button while you plug it in" in ended.err


@pytest.mark.soak
@pytest.mark.parametrize("after", [3_000, 40_000, 90_000, 130_000, 200_000, 260_000])
def test_a_pulled_cable_that_comes_back_costs_nothing(call, tmp_path, after):
    """`after`: bytes that went to the board before: in mid-talk, in the program, in the firmware, in the files."""
    with plugged(tmp_path, "xiao_esp32c3") as board:
        board.line.cut_after_in = after
        stop = threading.Event()
        plugger = threading.Thread(target=_plug_in_again, args=(board, stop))
        plugger.start()
        try:
            ended = call(board, "xiao_esp32c3")
            if "goes on where it was" in ended.err and ended.code:
                # it was pulled while it was only looked at
                ports.wait_for(Port(board.url), 60)
                ended = call(board, "xiao_esp32c3")
        finally:
            stop.set()
            plugger.join()
        assert ended.code == 0, ended.err
        assert is_a_pod(board, "xiao_esp32c3")


def _plug_in_again(board, stop):
    while not stop.wait(0.2):
        if board.state == "off":
            time.sleep(1)
            board.plug_in()


@pytest.mark.soak
@pytest.mark.parametrize("after_s", [4, 8, 10, 12, 15])
def test_a_program_that_is_killed_is_gone_on_with(call, tmp_path, after_s):
    file = published(tmp_path, "xiao_esp32c3"[5:])
    with plugged(tmp_path, "xiao_esp32c3") as board:
        arguments = ("flash", "--port", board.url, "--micropython", str(file), "--yes")
        process = subprocess.Popen([sys.executable, "-c", START, *arguments], cwd=ROOT, stderr=subprocess.DEVNULL)
        time.sleep(after_s)
        process.send_signal(signal.SIGKILL)
        process.wait()
        time.sleep(2)  # an esptool without its caller ends at its next line
        ended = call(board, "xiao_esp32c3")
        assert ended.code == 0, ended.err
        assert is_a_pod(board, "xiao_esp32c3")
