"""Single keys from the terminal, without Enter, while an event loop runs; and an orderly end on Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

POLL_S = 0.05
"""Windows has no file to wait on for keys of the console; nobody notices 50 ms."""
SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?")
"""What arrow, function and Alt keys send."""
CALLS = 2
"""The first asks for the end, the second for haste. Who presses on is not being heard."""


@contextmanager
def keys(on_key: Callable[[str], None]) -> Iterator[bool]:
    """Call `on_key` with each key that is pressed; yield whether there is a terminal to press them in.

    The terminal is as before afterwards, whatever happens. Needs a running event loop. Arrow and function keys, which
    send several characters, are left out.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        yield False
    elif sys.platform == "win32":
        with _polled(on_key):
            yield True
    else:
        with _cbreak(on_key) as listening:
            yield listening


@contextmanager
def interrupts(on_interrupt: Callable[[], None]) -> Iterator[None]:
    """Turn the first two Ctrl-C (or requests to end from outside) into calls; a third one cancels the task.

    Needs a running event loop, and is entered by the task that the third one cancels. After that they are as if nobody
    listened.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    pressed = 0

    def handle(number: int, _frame: Any) -> None:
        nonlocal pressed
        pressed += 1
        if pressed <= CALLS:
            loop.call_soon_threadsafe(on_interrupt)
        else:
            signal.signal(number, signal.default_int_handler)
            loop.call_soon_threadsafe(task.cancel)

    with ExitStack() as stack:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            # Windows has no SIGHUP; outside the main thread there are no signals
            with suppress(AttributeError, ValueError):
                number = getattr(signal, name)
                stack.callback(signal.signal, number, signal.signal(number, handle))
        yield


@contextmanager
def _cbreak(on_key: Callable[[str], None]) -> Iterator[bool]:
    """Take keys as they come on POSIX; Ctrl-C stays a signal."""
    import termios
    import tty

    terminal = sys.stdin.fileno()
    if os.tcgetpgrp(terminal) != os.getpgrp():
        # in the background a change of the terminal would stop the recording
        yield False
        return
    loop = asyncio.get_running_loop()
    before = termios.tcgetattr(terminal)

    def read() -> None:
        pressed = os.read(terminal, 1024)
        if not pressed:
            loop.remove_reader(terminal)
        for key in single_keys(pressed.decode(errors="ignore")):
            on_key(key)

    loop.add_signal_handler(signal.SIGCONT, tty.setcbreak, terminal, termios.TCSANOW)
    try:
        tty.setcbreak(terminal, termios.TCSANOW)
        loop.add_reader(terminal, read)
        yield True
    finally:
        loop.remove_reader(terminal)
        loop.remove_signal_handler(signal.SIGCONT)
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


@contextmanager
def _polled(on_key: Callable[[str], None]) -> Iterator[None]:
    """Look for keys now and then, as the Windows console has it."""
    import msvcrt

    console: Any = msvcrt

    async def poll() -> None:
        while True:
            while console.kbhit():
                key = console.getwch()
                if key in ("\x00", "\xe0"):
                    # a function key: its second half says which
                    console.getwch()
                else:
                    on_key(key)
            await asyncio.sleep(POLL_S)

    task = asyncio.get_running_loop().create_task(poll())
    try:
        yield
    finally:
        task.cancel()


def single_keys(pressed: str) -> str:
    """Return what was pressed without the sequences that arrow and function keys send."""
    return SEQUENCE.sub("", pressed)
