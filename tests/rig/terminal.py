"""A program in a terminal of its own: keys go in, and what it draws comes out."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[2]
TAKE_TERMINAL = (
    "import os, sys; os.open(os.ttyname(0), os.O_RDWR); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)
"""A program that leads its session gets the terminal that it opens: Ctrl-C then reaches it as a signal."""
PATIENCE_S = 30.0
"""How long something may take that always comes: only a failing test waits so long."""


class Terminal:
    """Runs Python with `arguments` in a terminal of `columns` times `lines`; ends it when left."""

    def __init__(
        self,
        arguments: Sequence[str],
        columns: int = 80,
        lines: int = 24,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.output = b""
        self._waited_for = 0
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.modes_before = self.modes()
        inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", TAKE_TERMINAL, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            cwd=ROOT,
            env={**inherited, "TERM": "xterm-256color", "PYTHONPATH": f"{ROOT}/host:{ROOT}", **(environment or {})},
        )
        self._theirs = theirs

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._theirs)
        os.close(self._ours)

    def modes(self) -> list[object]:
        """Return how the terminal treats keys, echo and signals."""
        return termios.tcgetattr(self._ours)[:4]

    def restore_modes(self) -> None:
        """Treat keys as before the program started, as a shell does when it takes the terminal back."""
        now = termios.tcgetattr(self._ours)
        termios.tcsetattr(self._ours, termios.TCSANOW, [*self.modes_before, *now[4:]])

    def wait_for_modes_other_than(self, modes: list[object]) -> None:
        """Wait until the program has changed how keys are treated."""
        deadline_s = time.monotonic() + PATIENCE_S
        while self.modes() == modes:
            assert time.monotonic() < deadline_s, "the modes never changed"
            time.sleep(0.01)

    def press(self, keys: str) -> None:
        """Press keys, one after the other."""
        os.write(self._ours, keys.encode())

    def fileno(self) -> int:
        """Where what is drawn comes out, for who waits for that among other things."""
        return self._ours

    def wait_for(self, text: str) -> None:
        """Read what is drawn until `text` comes, after what was waited for before."""
        deadline_s = time.monotonic() + PATIENCE_S
        while (at := self.output.find(text.encode(), self._waited_for)) < 0:
            assert time.monotonic() < deadline_s, f"{text!r} never came; last: {self.output[-2000:]!r}"
            assert self.read(0.1) or self.process.poll() is None, f"ended without {text!r}: {self.output[-2000:]!r}"
        self._waited_for = at + len(text)

    def end(self) -> int:
        """Read until the program ends; return its exit code."""
        deadline_s = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            self.read(0.05)
            assert time.monotonic() < deadline_s, f"never ended; last: {self.output[-2000:]!r}"
        while self.read(0):
            pass
        return self.process.returncode

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program, as the system would."""
        self.process.send_signal(number)

    @property
    def text(self) -> str:
        """All that was drawn, without the sequences that move and style."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", self.output.decode(errors="replace"))

    @property
    def last_frame(self) -> str:
        """What was drawn since the cursor went home last, with its styles."""
        return self.output.decode(errors="replace").rpartition("\x1b[H")[2]

    def read(self, wait_s: float) -> bool:
        """Take what was drawn, if some comes in that time; whether some came."""
        if not select.select([self._ours], [], [], wait_s)[0]:
            return False
        self.output += os.read(self._ours, 65536)
        return True
