"""What an installation works with, how it shows what it does, and how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from surefoot.errors import SurefootError
from surefoot.flash.loader import Loader, Progress
from surefoot.flash.trouble import OtherBoard
from surefoot.usb import ports
from surefoot.usb.ports import Port
from surefoot.usb.repl import Repl
from surefoot.usb.trouble import NoAnswer, NoPrompt

RETURN_S = 60.0
"""How long a board that went away is waited for: time to find the cable and plug it in again."""
RENEW_S = 2.0
"""A port inside the chip goes away a moment after a reset and comes back, on an S3 under another number; before that
moment the old one still opens. MicroPython is up after about a second."""
OPENS = 3
"""How often the prompt is asked for: a Ctrl-C that comes while a board starts may be lost, and what it prints then
hides the answer."""
PRESSED_OPENS = 5
"""How often while somebody is asked to press reset: each waits some 12 s, a minute in all."""


@dataclass(frozen=True)
class Show:
    """How what happens is shown: `step` begins a piece of work, `progress` tells how far it is, `say` is a sentence."""

    step: Callable[[str], None]
    progress: Progress
    say: Callable[[str], None]


@dataclass
class Done:
    """How far it is, over as many tries as it took; whoever asked for it can read it after a failure, too.

    Attributes
    ----------
    begun, flashed : bool
        Something was written; all of flash is written and read back.
    written, files : list of str
        Regions and files that were.
    put_back : int
        Small files that were put back onto the pod.
    returns : int
        How often the board went away.
    """

    begun: bool = False
    flashed: bool = False
    written: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    put_back: int = 0
    returns: int = 0

    @property
    def left(self) -> str:
        """What is on the board now, as a sentence."""
        if self.flashed:
            return "MicroPython and the firmware are on the board, and right; what is missing is told above."
        if self.begun:
            return "The board is not finished; the same command goes on from there."
        return "Nothing on the board was changed."


@dataclass(frozen=True)
class Bench:
    """What an installation works with; a test has its own.

    Attributes
    ----------
    loader, repl : callable
        Make the boot loader and the prompt at a port.
    wait_for : callable
        Waits for a board to come back.
    sleep : callable
        Waits.
    """

    loader: Callable[[str], Loader] = Loader
    repl: Callable[[str], Repl] = Repl.open
    wait_for: Callable[[Port, float], Port] = ports.wait_for
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def prompt(self, port: Port, mac: str, when_silent: Callable[[], None] | None = None) -> Iterator[Repl]:
        """Wait for the board that was `port`, and yield its prompt; after a failure there restart it.

        Where it shows none, `when_silent` is called and it is asked for a minute more.

        Raises
        ------
        CableError
            It did not come back, or shows no prompt.
        OtherBoard
            Its chip is not the one with the number `mac`.
        """
        with self._opened(port, when_silent) as repl:
            try:
                # of MicroPython for the ESP32 it is the MAC that the chip was made with
                here = repl.run("import machine\nprint(machine.unique_id().hex())").strip()
                if here != mac.replace(":", ""):
                    raise OtherBoard(port.device, ":".join(here[at : at + 2] for at in range(0, len(here), 2)))
                yield repl
            except SurefootError:
                with suppress(SurefootError):
                    repl.reset()
                raise

    def _opened(self, port: Port, when_silent: Callable[[], None] | None) -> Repl:
        try:
            return self._asked(port, OPENS)
        except (NoAnswer, NoPrompt):
            if when_silent is None:
                raise
        when_silent()
        return self._asked(port, PRESSED_OPENS)

    def _asked(self, port: Port, opens: int) -> Repl:
        for _ in range(opens - 1):
            try:
                return self.repl(self.wait_for(port, RETURN_S).device)
            except (NoAnswer, NoPrompt):
                continue
        return self.repl(self.wait_for(port, RETURN_S).device)
