"""The raw REPL against a real MicroPython on the emulated board, with every fault that a cable has."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surefoot.flash import partitions
from surefoot.usb.repl import Repl
from surefoot.usb.trouble import (
    BoardRaised,
    CableError,
    CableLost,
    CopyDiffers,
    NoAnswer,
    NoPrompt,
    PortMissing,
    ProgramMissing,
)
from tests.rig.usb import image
from tests.rig.usb.board import EmulatedBoard
from tests.rig.usb.quick import quick

OLD = b"print('old')\n" * 100
NEW = bytes(range(256)) * 12

SMALL_FILES = """\
nvs,     data, nvs,     0x9000,   0x6000
factory, app,  factory, 0x10000,  0x1F0000
vfs,     data, fat,     0x200000, 0x8000
"""


@pytest.fixture(scope="module", autouse=True)
def without_waiting() -> Iterator[None]:
    with quick():
        yield


def bare(folder: Path) -> EmulatedBoard:
    """A board with MicroPython and nothing else."""
    board = EmulatedBoard(folder)
    board.put(image.firmware("esp32"))
    return board


@pytest.fixture(scope="module")
def repl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repl]:
    with bare(tmp_path_factory.mktemp("board")) as board, Repl.open(board.url) as opened:
        yield opened


@pytest.fixture
def board(tmp_path: Path) -> Iterator[EmulatedBoard]:
    with bare(tmp_path) as powered:
        yield powered


def test_what_the_board_prints_comes_back(repl: Repl) -> None:
    assert repl.run("print(6 * 7)\nprint('Schienbein \\u2264 16 g', end='')") == "42\nSchienbein ≤ 16 g\n"
    assert repl.run("x = 1") == ""


def test_lines_come_while_the_program_runs(repl: Repl) -> None:
    endless = repl.lines("n = 0\nwhile True:\n    print(n)\n    n += 1\n    import time\n    time.sleep_ms(5)")
    assert [next(endless) for _ in range(3)] == ["0", "1", "2"]
    endless.close()
    assert repl.run("print(n >= 2)") == "True\n"


def test_an_exception_on_the_board_is_a_sentence_and_the_prompt_stays(repl: Repl) -> None:
    with pytest.raises(BoardRaised, match="the board answered ZeroDivisionError: divide by zero;") as caught:
        repl.run("print('before')\n1 / 0")
    assert caught.value.exception == "ZeroDivisionError: divide by zero"
    assert 'File "<stdin>", line 2' in caught.value.traceback
    assert repl.run("print('after')") == "after\n"


def test_silence_ends_and_the_board_is_interrupted(repl: Repl) -> None:
    with pytest.raises(NoAnswer, match=r"did not answer within 0\.3 s") as caught:
        repl.run("import time\ntime.sleep(600)", timeout_s=0.3)
    assert caught.value.waited_s == 0.3
    assert repl.run("print('after')") == "after\n"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=3000))
def test_any_file_comes_back_as_it_was_written(repl: Repl, content: bytes) -> None:
    repl.write_file("any.bin", content)
    assert repl.read_file("any.bin") == content
    assert repl.hash("any.bin") == hashlib.sha256(content).hexdigest()
    assert not repl.exists("any.bin.new")


def test_what_is_not_there(repl: Repl) -> None:
    assert not repl.exists("none.bin") and repl.hash("none.bin") is None
    assert not repl.exists("/")
    with pytest.raises(BoardRaised, match="ENOENT"):
        repl.read_file("none.bin")
    with pytest.raises(BoardRaised, match="ENOENT"):
        repl.write_file("no_such_folder/file", b"x")


def test_a_copy_that_differs_leaves_the_old_file(repl: Repl) -> None:
    repl.write_file("kept.bin", OLD)
    repl.run(
        "import binascii as true\nimport sys\n"
        "class Flips:\n    b2a_base64, hexlify = true.b2a_base64, true.hexlify\n"
        "    def a2b_base64(s):\n        b = bytearray(true.a2b_base64(s))\n        b[-1] ^= 1\n        return b\n"
        "sys.modules['binascii'] = Flips"
    )
    try:
        with pytest.raises(CopyDiffers, match=r"kept\.bin reads back otherwise") as caught:
            repl.write_file("kept.bin", NEW)
        assert caught.value.path == "kept.bin"
    finally:
        repl.run("sys.modules['binascii'] = true")
    assert repl.read_file("kept.bin") == OLD
    assert not repl.exists("kept.bin.new")


def test_a_full_file_system_leaves_the_old_file(tmp_path: Path) -> None:
    with EmulatedBoard(tmp_path) as board:
        board.put(image.firmware("esp32"))
        board.put(partitions.encode(partitions.parse(SMALL_FILES)), 0x8000)
        board.press_reset()
        with Repl.open(board.url) as repl:
            repl.write_file("main.py", OLD)
            with pytest.raises(BoardRaised, match=r"ENOSPC|28"):
                repl.write_file("main.py", os.urandom(40_000))
            assert repl.read_file("main.py") == OLD
            assert not repl.exists("main.py.new")


@pytest.mark.parametrize(("cut_after", "battery"), [(200, False), (2500, True), (4800, False), (6500, False)])
def test_a_cable_pulled_while_writing_leaves_the_old_file_or_the_new(
    board: EmulatedBoard, cut_after: int, battery: bool
) -> None:
    """About 6,700 bytes go to the board for this file: program, content in base64, questions, renaming."""
    board.battery = battery
    with Repl.open(board.url) as repl:
        repl.write_file("main.py", OLD)
        board.line.cut_after_in = cut_after
        with pytest.raises(CableLost, match="the cable was pulled"):
            repl.write_file("main.py", NEW)
            repl.write_file("main.py", NEW)
    board.plug_in(same_name=False)
    with Repl.open(board.url) as repl:
        assert repl.read_file("main.py") in (OLD, NEW)
        repl.write_file("main.py", NEW)
        assert repl.read_file("main.py") == NEW
        assert sorted(repl.run("import os\nprint(*os.listdir())").split()) == ["boot.py", "main.py"]


def test_a_cable_pulled_while_the_board_prints(board: EmulatedBoard) -> None:
    with Repl.open(board.url) as repl:
        lines = repl.lines("while True: print('0123456789')")
        assert next(lines) == "0123456789"
        board.line.cut_after_out = 3000
        with pytest.raises(CableLost):
            for _ in lines:
                pass


@pytest.mark.parametrize(
    "program",
    [
        "n = 0\nwhile True:\n    n += 1\n",
        "import time\nwhile True:\n    print('running', time.ticks_ms())\n    time.sleep_ms(1)\n",
        "try:\n    while True: pass\nexcept KeyboardInterrupt:\n    pass\nwhile True: pass\n",
    ],
    ids=["silent", "talking", "catches the first Ctrl-C"],
)
def test_a_running_program_is_interrupted_without_a_reset(board: EmulatedBoard, program: str) -> None:
    with Repl.open(board.url) as repl:
        repl.write_file("main.py", program.encode())
        repl.reset()
    with Repl.open(board.url) as repl:
        repl.run("mark = 1")
    resets = board.resets
    with Repl.open(board.url) as repl:
        assert repl.run("print(mark)") == "1\n"
    assert board.resets == resets


def test_reset_starts_the_program_anew(board: EmulatedBoard) -> None:
    with Repl.open(board.url) as repl:
        repl.write_file("main.py", b"started = 'by itself'")
        repl.run("mark = 1")
        repl.reset()
    with Repl.open(board.url) as repl:
        assert repl.run("print(started, 'mark' in globals())") == "by itself False\n"
        assert repl.run("import machine\nprint(machine.reset_cause())") == "2\n"


def test_a_prompt_that_somebody_left_in_the_middle(board: EmulatedBoard) -> None:
    with Repl.open(board.url) as repl:
        repl._serial.write(b"print('half a program")
        repl._transport.close()
    with Repl.open(board.url) as repl:
        assert repl.run("print(1)") == "1\n"


def test_a_boot_log_and_rubbish_before_the_prompt(board: EmulatedBoard) -> None:
    noise = iter([b"\x00\xff\xfe\x04\x04>raw REPL; CTRL-B\x01" * 3, b"\xf0\x9f>>> "])
    board.line.spoil = lambda data: next(noise, b"") + data
    board.press_reset()
    with Repl.open(board.url) as repl:
        assert repl.run("print(1)") == "1\n"


def said(board: EmulatedBoard, within_s: float = 0.5) -> CableError:
    with pytest.raises(CableError) as caught:
        Repl.open(board.url, enter_within_s=within_s)
    return caught.value


def test_a_board_that_says_nothing(board: EmulatedBoard) -> None:
    board.line.deaf = True
    error = said(board)
    assert isinstance(error, NoAnswer) and error.waited_s == 0.5
    assert str(error).startswith(f"Cannot use {board.url}: the board did not answer within 0.5 s; press its reset")


def test_a_board_without_a_program(tmp_path: Path) -> None:
    with EmulatedBoard(tmp_path) as board:
        error = said(board)
    assert isinstance(error, NoPrompt) and "invalid header: 0xffffffff" in error.said
    assert "there is no program in its flash; put one there: surefoot flash" in str(error)


def test_a_board_in_its_boot_loader(board: EmulatedBoard) -> None:
    """Its one line is over before anybody listens, so what is left is silence; what helps there helps here too."""
    board.hold_boot = True
    board.press_reset()
    error = said(board)
    assert isinstance(error, NoAnswer) and "press its reset button" in str(error)


def test_a_board_that_goes_into_its_boot_loader_while_somebody_listens(board: EmulatedBoard) -> None:
    with Repl.open(board.url) as repl:
        board.hold_boot = True
        board.press_reset()
        with pytest.raises(NoPrompt, match="waits in its boot loader; press its reset button, with BOOT not held"):
            repl._enter(0.3)


def test_somebody_elses_program(board: EmulatedBoard) -> None:
    board.put(image.app("esp32", project="weather_station"), image.APP_AT)
    board.press_reset()
    error = said(board, 1.0)
    assert isinstance(error, NoPrompt)
    assert "something else than MicroPython answers (last line: I (312) weather_station: still here)" in str(error)


def test_no_port() -> None:
    with pytest.raises(PortMissing, match="there is no such port"):
        Repl.open("/dev/no-such-port")
    with pytest.raises(PortMissing):
        Repl.open("rfc2217://127.0.0.1:1")


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpremote.transport_serial", None)
    with pytest.raises(ProgramMissing, match=r"mpremote is not installed; install it: pip install mpremote"):
        Repl.open("/dev/ttyUSB0")
