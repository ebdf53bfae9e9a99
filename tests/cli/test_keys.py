"""Keys from a real pseudo-terminal: taken one by one, and the terminal given back however it ends."""

from __future__ import annotations

import asyncio
import signal
import sys
import termios
import types

import pytest

from surefoot.cli import keys as keys_module
from surefoot.cli.keys import single_keys
from tests.rig.terminal import Terminal

LISTENER = """
import asyncio
from surefoot.cli.keys import interrupts, keys

async def listen():
    ended = asyncio.Event()
    def on_key(key):
        print("key", ascii(key), flush=True)
        if key == "q":
            ended.set()
        if key == "x":
            raise SystemExit(5)
    with interrupts(lambda: print("asked to end", flush=True)), keys(on_key) as there:
        print("listening", there, flush=True)
        await ended.wait()
    print("left", flush=True)

asyncio.run(listen())
"""
LOCAL_MODES = 3


def _listening() -> Terminal:
    return Terminal(["-c", LISTENER])


def test_keys_come_without_enter_and_without_echo() -> None:
    with _listening() as terminal:
        terminal.wait_for("listening True")
        modes = terminal.modes()[LOCAL_MODES]
        assert isinstance(modes, int)
        assert not modes & (termios.ICANON | termios.ECHO)
        assert modes & termios.ISIG
        terminal.press("m")
        terminal.wait_for("key 'm'")
        terminal.press("\x1b[A")
        terminal.press("Mq")
        terminal.wait_for("left")
        assert terminal.end() == 0
        assert terminal.text.count("key") == 3
        assert terminal.modes() == terminal.modes_before


@pytest.mark.parametrize(("ending", "code"), [("x", 5), ("\x03\x03\x03", None)])
def test_the_terminal_is_given_back_however_it_ends(ending: str, code: int | None) -> None:
    with _listening() as terminal:
        terminal.wait_for("listening True")
        for number, key in enumerate(ending):
            terminal.press(key)
            if key == "\x03" and number < 2:
                terminal.wait_for("asked to end")
        ended = terminal.end()
        assert ended == code if code is not None else ended != 0
        assert terminal.modes() == terminal.modes_before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_request_to_end_from_outside_is_heard_once(number: signal.Signals) -> None:
    with _listening() as terminal:
        terminal.wait_for("listening True")
        terminal.send(number)
        terminal.wait_for("asked to end")
        terminal.press("q")
        assert terminal.end() == 0
        assert terminal.text.count("asked") == 1


def test_keys_still_come_after_a_pause() -> None:
    """Ctrl-Z, fg: a shell gives the terminal back in its own modes."""
    with _listening() as terminal:
        terminal.wait_for("listening True")
        terminal.restore_modes()
        terminal.send(signal.SIGCONT)
        terminal.wait_for_modes_other_than(terminal.modes_before)
        terminal.press("q")
        terminal.wait_for("left")
        assert terminal.end() == 0


def test_no_terminal_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    async def listen() -> bool:
        with keys_module.keys(lambda _key: None) as there:
            return there

    for stdin in (None, types.SimpleNamespace(isatty=lambda: False)):
        monkeypatch.setattr(sys, "stdin", stdin)
        assert asyncio.run(listen()) is False


def test_arrow_and_function_keys_are_left_out() -> None:
    assert single_keys("m") == "m"
    assert single_keys("mq") == "mq"
    assert single_keys("\x1b[A") == ""
    assert single_keys("\x1bOPq") == "q"
    assert single_keys("m\x1b[15~\x1b[1;5Cq\x1b") == "mq"
    assert single_keys("\x1bq") == ""


def test_keys_of_the_windows_console(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its functions stand in: a function key sends two halves, of which the second may look like a letter."""
    waiting = ["m", "\xe0", "q", "\x00", "m", "q"]
    console = types.SimpleNamespace(kbhit=lambda: bool(waiting), getwch=lambda: waiting.pop(0))
    monkeypatch.setitem(sys.modules, "msvcrt", console)  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(isatty=lambda: True))
    pressed: list[str] = []

    async def listen() -> None:
        with keys_module.keys(pressed.append) as there:
            assert there
            while waiting:
                await asyncio.sleep(0)

    asyncio.run(listen())
    assert pressed == ["m", "q"]
