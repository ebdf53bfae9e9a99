"""The command flash: what it asks, refuses and tells. What esptool makes of it is in test_flash_with_esptool.py."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil

import pytest

from surefoot.cli import flash as command
from surefoot.flash import bench as works_with
from surefoot.flash import build, loader, published
from surefoot.flash.build import boards
from surefoot.flash.trouble import NoLoader
from surefoot.usb import ports
from surefoot.usb.ports import Port
from tests.command_line import run_command
from tests.rig.flash_bench import DEVICE, BytesBoard, BytesLoader, bench
from tests.rig.usb import image

BODY = bytes(range(256)) * 100
XIAO = Port(DEVICE, 0x303A, 0x1001, "24:0A:C4:12:5F:6E", "1-1")
CP210X = Port(DEVICE, 0x10C4, 0xEA60, "0001", "1-1", "Sonoff Zigbee 3.0 USB Dongle Plus")
PRINTER = Port("/dev/ttyUSB0", 0x0416, 0x5011)
PLUGGED = [XIAO]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """`build`, which compiles for each board once."""
    folder, compiling = tmp_path_factory.mktemp("compiled"), build.build

    def built(board, out, firmware):
        if not (folder / board).exists():
            compiling(board, folder / board, firmware)
        shutil.copytree(folder / board, out)

    return built


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path, compiled):
    """One likely port, nobody at the keys, folders of its own."""
    monkeypatch.setattr(build, "build", compiled)
    monkeypatch.setattr(ports, "list_ports", lambda: list(PLUGGED))
    monkeypatch.setattr(command, "somebody_is_there", lambda: False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def call(monkeypatch, capsys):
    """Call the command with a board at the cable."""

    def called(board, *arguments):
        if board is not None:
            monkeypatch.setattr(works_with, "Bench", lambda: bench(board))
        return run_command(monkeypatch, capsys, "flash", *arguments)

    return called


@pytest.fixture
def micropython(tmp_path):
    """An image for the C3."""
    return published_image(tmp_path, "esp32c3")


def published_image(tmp_path, chip, **told):
    file = tmp_path / f"{chip}.bin"
    file.write_bytes(image.firmware(chip, **{"version": "v1.28.0", "body": BODY, **told}))
    return file


def new(name="xiao_esp32c3"):
    board = BytesBoard(boards()[name].chip, boards()[name].flash_mb)
    board.answer = f"{boards()[name].name} 0.1.0\n"
    return board


def somebody_elses():
    board = new()
    board.put(0, image.firmware("esp32c3", project="blink", version="1.0"))
    board.flash[0x300000:0x301000] = b"their files " * 341 + b"...."
    return board


def test_a_new_board_becomes_a_pod_and_then_there_is_nothing_to_do(call, micropython):
    board = new()
    ended = call(board, "--micropython", micropython)
    assert ended.code == 0, ended.err
    assert "At /dev/ttyTEST (Espressif USB-Serial/JTAG, 303a:1001)." in ended.err
    assert "ESP32-C3 (revision v1.0), 4 MB of flash, MAC 24:0a:c4:12:5f:6e." in ended.err
    assert "In its flash: nothing." in ended.err
    assert "- Write the firmware: " in ended.out and "- Empty 'runs': " in ended.out
    assert ended.out.splitlines()[-1] == "The pod runs: xiao-esp32c3, firmware 0.1.0, MicroPython 1.28.0."
    assert "surefoot selftest" in ended.err
    before = bytes(board.flash)
    ended = call(board, "--micropython", micropython)
    assert ended.code == 0
    assert "a Surefoot pod, firmware 0.1.0 for xiao_esp32c3, MicroPython 1.28.0" in ended.err
    assert "- Skip the firmware: it is there already." in ended.out and "- Write" not in ended.out
    assert "Nothing had to be written: all of it was there and right." in ended.out
    assert bytes(board.flash) == before


def test_as_json(call, micropython):
    ended = call(new(), "--micropython", micropython, "--json")
    told = json.loads(ended.out)
    assert (told["board"], told["firmware"], told["micropython"]) == ("xiao_esp32c3", "0.1.0", "MicroPython 1.28.0")
    assert told["found"]["mac"] == "24:0a:c4:12:5f:6e" and told["found"]["holds"] == "nothing"
    assert [one["offset"] for one in told["plan"]["write"]] == [0, 0x8000, 0x10000, 0x220000]
    assert told["written"] == [one["name"] for one in told["plan"]["write"]]
    assert (sorted(told["files"]), told["returns"]) == (["boot.py", "main.py"], 0)


@pytest.mark.parametrize("make", [new, somebody_elses])
def test_a_dry_run_touches_nothing(call, micropython, make):
    board = make()
    before = bytes(board.flash)
    ended = call(board, "--micropython", micropython, "--dry-run")
    assert ended.code == 0 and bytes(board.flash) == before
    assert "- Write the partition table: 4 KB at 0x8000." in ended.out
    assert ("- Lost: blink 1.0, with all its files." in ended.out) == (make is somebody_elses)
    assert json.loads(call(board, "--micropython", micropython, "--dry-run", "--json").out)["plan"]["same"] == []
    assert bytes(board.flash) == before


def test_a_dry_run_without_a_board_shows_the_plan_for_a_new_one(call, micropython, monkeypatch):
    monkeypatch.setattr(ports, "list_ports", lambda: [PRINTER])
    ended = call(None, "--micropython", micropython, "--dry-run", "--board", "xiao_esp32c3")
    assert ended.code == 0 and "No board is plugged in" in ended.err
    assert "- Write MicroPython 1.28.0: " in ended.out
    ended = call(None, "--micropython", micropython, "--dry-run")
    assert ended.code == 2 and "no port looks like a pod's board; passed over: /dev/ttyUSB0" in ended.err


def test_somebody_elses_program_is_not_overwritten_unasked(call, micropython):
    board = somebody_elses()
    before = bytes(board.flash)
    ended = call(board, "--micropython", micropython)
    assert ended.code == 2 and bytes(board.flash) == before
    assert "In its flash: another program: blink 1.0, with the partitions" not in ended.err
    assert "In its flash: another program: blink 1.0." in ended.err
    assert "it has to be asked first, and nobody is there" in ended.err and "--yes" in ended.err


@pytest.mark.parametrize("answer", [False, True])
def test_the_answer_counts(call, micropython, monkeypatch, answer):
    asked = []
    monkeypatch.setattr(command, "somebody_is_there", lambda: True)
    monkeypatch.setattr(command.typer, "confirm", lambda what, default, err: asked.append((what, default)) or answer)
    board = somebody_elses()
    before = bytes(board.flash)
    ended = call(board, "--micropython", micropython)
    assert asked[0] == ("Restart it now?", False)
    if answer:
        assert asked[1:] == [("This is lost: blink 1.0, with all its files. Go on?", False)]
        assert ended.code == 0 and board.starts
    else:
        assert ended.code == 2 and "Nothing on the board was changed." in ended.err
        assert bytes(board.flash) == before and len(asked) == 1 and board.resets == 0


def test_yes_answers_it(call, micropython):
    board = somebody_elses()
    assert call(board, "--micropython", micropython, "--yes").code == 0
    assert b"their files" not in board.flash


def test_a_port_that_is_not_known_is_asked_about_before_it_is_opened(call, micropython, monkeypatch):
    monkeypatch.setattr(ports, "list_ports", lambda: [PRINTER])
    board = new()
    ended = call(board, "--port", "/dev/ttyUSB0", "--micropython", micropython)
    assert ended.code == 2 and board.work == 0
    assert "This port is not known to be a pod's board" in ended.err
    assert call(board, "--port", "/dev/ttyUSB0", "--micropython", micropython, "--yes").code == 0


def test_what_is_lost_is_asked_after_the_restart_is_agreed_to(call, micropython, monkeypatch):
    monkeypatch.setattr(command, "somebody_is_there", lambda: True)
    monkeypatch.setattr(command.typer, "confirm", lambda what, default, err: what == "Restart it now?")
    board = somebody_elses()
    before = bytes(board.flash)
    ended = call(board, "--micropython", micropython)
    assert ended.code == 2 and "Nothing on the board was changed." in ended.err
    assert bytes(board.flash) == before
    assert not board.in_loader and board.resets == 1


def test_that_a_run_ends_is_said_before_the_board_is_touched(call, micropython, monkeypatch):
    said, board = [], new()
    monkeypatch.setattr(command, "say", lambda sentence, *_: said.append((sentence, board.in_loader)))
    assert call(board, "--micropython", micropython, "--dry-run").code == 0
    warned = [touched for sentence, touched in said if "a run that a pod is recording ends" in sentence]
    assert warned == [False] and not board.in_loader and board.resets == 1


def test_a_bridge_that_was_not_named_is_asked_about(call, micropython, monkeypatch):
    monkeypatch.setattr(ports, "list_ports", lambda: [CP210X])
    board = new()
    ended = call(board, "--micropython", micropython, "--dry-run")
    assert ended.code == 2 and board.work == 0 and not board.in_loader
    assert "'Sonoff Zigbee 3.0 USB Dongle Plus'" in ended.err
    assert "A CP210x bridge stands on other things than boards, too. Is this the board?" in ended.err
    assert call(board, "--micropython", micropython, "--dry-run", "--yes").code == 0
    assert call(board, "--micropython", micropython, "--dry-run", "--port", DEVICE).code == 0


def test_another_boards_pins_are_asked_about(call, tmp_path):
    file = published_image(tmp_path, "esp32")
    board = new("lolin32_lite")
    assert call(board, "--board", "lolin32_lite", "--micropython", file).code == 0
    before = bytes(board.flash)
    board.answer = "esp32-devkitc 0.1.0\n"
    ended = call(board, "--board", "esp32_devkitc", "--micropython", file, "--dry-run")
    assert ended.code == 0 and "The pod says that it is lolin32_lite, and esp32_devkitc has other pins" in ended.err
    ended = call(board, "--board", "esp32_devkitc", "--micropython", file)
    assert ended.code == 2 and "nobody is there: The pod says that it is lolin32_lite" in ended.err
    assert bytes(board.flash) == before
    ended = call(board, "--board", "esp32_devkitc", "--micropython", file, "--yes")
    assert ended.code == 0 and f"The pod runs: {boards()['esp32_devkitc'].name}" in ended.out


def test_a_damaged_file_system_is_made_new_only_if_that_is_asked_for(call, micropython):
    board = new()
    assert call(board, "--micropython", micropython).code == 0
    board.flash[board.place("vfs")] = b"\0garbage" * (0x40000 // 8)
    ended = call(board, "--micropython", micropython)
    assert ended.code == 2 and "surefoot flash --erase makes it new: settings, bonds and runs are lost" in ended.err
    before = bytes(board.flash)
    ended = call(board, "--micropython", micropython, "--erase")
    assert ended.code == 2 and "This is lost: settings, bonds and runs, if there are any" in ended.err
    assert bytes(board.flash) == before
    ended = call(board, "--micropython", micropython, "--erase", "--yes")
    assert ended.code == 0 and sorted(board.files) == ["boot.py", "main.py"]


def test_which_of_two_boards_it_is_is_asked(call, tmp_path, monkeypatch):
    file = published_image(tmp_path, "esp32")
    ended = call(new("lolin32_lite"), "--micropython", file)
    assert ended.code == 2 and "it may be esp32_devkitc or lolin32_lite; say which with --board" in ended.err
    monkeypatch.setattr(command, "somebody_is_there", lambda: True)
    monkeypatch.setattr(command.typer, "confirm", lambda what, default, err: True)
    answers = iter(["3", "x", "2"])
    monkeypatch.setattr(command.typer, "prompt", lambda what, err: next(answers))
    board = new("lolin32_lite")
    ended = call(board, "--micropython", file)
    assert (
        ended.code == 0 and "this one is at a Espressif USB-Serial/JTAG" in ended.err and "2  lolin32_lite" in ended.err
    )
    # the pod in it says so from now on
    assert call(board, "--micropython", file, "--dry-run").out.startswith("lolin32_lite, ")


def test_chip_and_board_contradict(call, tmp_path, micropython):
    board = new()
    before = bytes(board.flash)
    ended = call(board, "--board", "xiao_esp32s3", "--micropython", published_image(tmp_path, "esp32s3"))
    assert ended.code == 2 and "it has ESP32-C3 and xiao_esp32s3 has esp32s3" in ended.err
    ended = call(board, "--board", "xiao_esp32s3", "--micropython", micropython)
    assert ended.code == 2 and "it is for ESP32-C3 and xiao_esp32s3 has esp32s3" in ended.err
    assert bytes(board.flash) == before


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--board", "esp8266"), "there is no such board; choose one of esp32_devkitc"),
        (("--micropython", "missing.bin"), "no such file or directory"),
        (("--micropython", "."), "is a directory"),
        (("--micropython", __file__), "it is no image for an ESP32"),
        (("--micropython", __file__, "--sha256", "00" * 32), "and not 00"),
        (("--micropython", __file__, "--sha256", ""), "'' is no SHA-256; give its 64 hex digits"),
        (("--sha256", "0g" * 32), "is no SHA-256; give its 64 hex digits"),
    ],
)
def test_what_cannot_be_used_is_refused_before_the_board_is_asked(call, arguments, why):
    board = new()
    ended = call(board, *arguments)
    assert ended.code == 2 and why in ended.err and "Traceback" not in ended.err
    assert board.work == 0 and len(ended.err.strip().splitlines()) == 1


def test_the_known_image_is_fetched_and_its_hash_checked(call, monkeypatch, micropython):
    monkeypatch.setattr(published, "fetched", lambda url, told: micropython.read_bytes())
    board = new()
    ended = call(board)
    assert ended.code == 2 and "its SHA-256 is" in ended.err and "c749c22b" in ended.err
    assert board.flash == b"\xff" * len(board.flash)


def test_a_failure_says_what_is_on_the_board(call, micropython):
    board = new()
    board.stuck = {0x10123: 0xFF}
    ended = call(board, "--micropython", micropython)
    assert ended.code == 2 and "reads back otherwise than it was written, first at 0x10123" in ended.err
    assert "The board is not finished; the same command goes on from there." in ended.err
    board = new()
    board.answer = "another-board 0.0.9\n"
    ended = call(board, "--micropython", micropython)
    assert ended.code == 2 and "it calls itself 'another-board 0.0.9'" in ended.err
    assert "MicroPython and the firmware are on the board, and right" in ended.err


def test_a_failure_is_told_to_programs(call, micropython):
    board = new()
    board.answer = "another-board 0.0.9\n"
    told = json.loads(call(board, "--micropython", micropython, "--json").out)
    assert "it calls itself 'another-board 0.0.9'" in told["error"] and told["files"] == ["boot.py", "main.py"]
    assert len(told["written"]) == 4 and told["left"].startswith("MicroPython and the firmware are on the board")


def test_a_pod_in_safe_mode_does_not_count_as_running(call, micropython):
    board = new()
    board.start = "0\nThe button was held.\nOSError: 19\n"
    ended = call(board, "--micropython", micropython)
    assert ended.code == 2 and "The pod runs" not in ended.out
    assert "in safe mode: The button was held. Its last fault: OSError: 19" in ended.err


def test_whether_an_image_is_the_published_one_is_told(call, micropython, monkeypatch):
    data = micropython.read_bytes()
    assert "is not known here" in call(new(), "--micropython", micropython, "--dry-run").err
    known = dataclasses.replace(published.PUBLISHED["xiao_esp32c3"], sha256=hashlib.sha256(data).hexdigest())
    monkeypatch.setitem(published.PUBLISHED, "xiao_esp32c3", known)
    assert "is not known here" not in call(new(), "--micropython", micropython, "--dry-run").err


def test_a_stop_by_the_user_says_what_is_on_the_board(call, micropython, monkeypatch):
    board = new()
    monkeypatch.setattr(board, "tick", ticks(board.tick, 12, KeyboardInterrupt))
    ended = call(board, "--micropython", micropython)
    assert ended.code == 130 and "the same command goes on from there" in ended.err


def ticks(tick, until, error):
    """Let so much work be done, then be interrupted."""
    left = [until]

    def counted(lost):
        left[0] -= 1
        if not left[0]:
            raise error
        tick(lost)

    return counted


def test_a_locked_chip_is_refused_even_with_yes(call, micropython):
    board = new()
    board.locked = ("flash encryption", "secure boot")
    ended = call(board, "--micropython", micropython, "--yes")
    assert ended.code == 2 and "flash encryption and secure boot is on" in ended.err
    assert not board.in_loader and board.resets == 1


def test_a_chip_that_is_not_in_its_loader_is_not_restarted(call, micropython, monkeypatch):
    """It would be tried for as long again before the sentence comes."""
    asked = []

    def silent(self):
        asked.append("chipset")
        raise NoLoader(DEVICE, "", "the chip does not enter its boot loader", "hold its BOOT button")

    monkeypatch.setattr(BytesLoader, "chipset", silent)
    monkeypatch.setattr(BytesLoader, "start", lambda self: asked.append("start"))
    ended = call(new(), "--micropython", micropython)
    assert ended.code == 2 and "hold its BOOT button" in ended.err and asked == ["chipset"]


def test_without_esptool_it_is_said_what_to_install(call, micropython, monkeypatch):
    monkeypatch.setattr(loader.importlib.util, "find_spec", lambda name: None)
    ended = call(None, "--micropython", micropython)
    assert ended.code == 2 and "pip install esptool" in ended.err
