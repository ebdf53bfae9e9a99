"""The pod's board: a process of the real MicroPython that runs the real firmware, at the other end of a pipe.

`tests/rig/board/outside.py` says how the two speak. The board is answered when the loop's time has reached the clock of
its call; so it computes in no time of its own, and what happens meanwhile waits for its next call. On a `VirtualLoop`
time stands still until that call is there; on any other loop the answer says how much later it has become.
"""

from __future__ import annotations

import ast
import asyncio
import json
import os
import socket
import struct
import subprocess
from pathlib import Path
from typing import Any, Protocol

from tests.rig import interpreter
from tests.rig.radio.virtual_loop import VirtualLoop

PROGRAM = interpreter.STAND_INS / "pod_on_air.py"
HEAP_KB = 1000
"""The firmware is compiled in it, and shares it with what stands in for the hardware: no measure of a board."""

ANSWER = 0
SLEEP, STOPPED, RESULT = 1, 8, 0x80
_RUN = 11
_HEADER = struct.Struct("<HBI")
_COUNTER = 0x3FFFFFFF
_US = 1_000_000


class BoardFailed(AssertionError):
    """The program on the board ended with an error; its output is the message."""


class Outside(Protocol):
    """What the board can ask for, and where its end is told."""

    def called(self, kind: int, body: bytes) -> bytes:
        """Answer a call other than to sleep."""

    def stopped(self, why: str, kept: bytes) -> None:
        """The board reset itself or went to sleep, with this in the memory of its clock; or its power went."""


class BoardProcess:
    """A board that is switched on. `given` goes to the program; what it prints goes to the file `log`."""

    def __init__(self, outside: Outside, given: dict[str, Any], log: Path, heap_kb: int = HEAP_KB) -> None:
        self._outside = outside
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._origin_s = self._loop.time()
        self._clock_us = 0
        self._low_us = 0
        self._call: tuple[int, bytes] | None = None
        self._received = b""
        self._timer: asyncio.TimerHandle | None = None
        self.is_on = True
        self.failure = ""
        self._socket, theirs = socket.socketpair()
        with theirs, log.open("ab") as output:
            path = f"{interpreter.STAND_INS}:{interpreter.FIRMWARE}:.frozen"
            command = [interpreter.micropython(), "-X", f"heapsize={heap_kb}K", str(PROGRAM)]
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno())],
                env=os.environ | {"MICROPYPATH": path},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for the recorder, not for the board
            )
        told = json.dumps(given).encode()
        self._socket.sendall(len(told).to_bytes(2, "little") + told)
        if isinstance(self._loop, VirtualLoop):
            self._loop.holders.append(self._settle)
        else:
            self._loop.add_reader(self._socket, self._settle)

    def power_cut(self) -> None:
        """Kill it: only what is in its files stays."""
        if not self.is_on:
            return
        self.is_on = False
        self._process.kill()
        self._process.wait()
        if self._timer:
            self._timer.cancel()
        if isinstance(self._loop, VirtualLoop):
            self._loop.holders.remove(self._settle)
        else:
            self._loop.remove_reader(self._socket)
        self._socket.close()

    def fire(self, event: int, body: bytes = b"") -> bytes:
        """Let the board handle an event now, and give its result; b"" where it is off."""
        self._settle()
        if not self.is_on:
            return b""
        self._send(event, body)
        while True:
            kind, said = self._receive()
            if kind == RESULT:
                return said
            if kind == STOPPED:
                self._end(said)
                return b""
            if kind == SLEEP:
                raise AssertionError("a handler sleeps")
            self._send(ANSWER, self._outside.called(kind, said))

    def tell(self, statements: str) -> None:
        """Run statements on the board; names: tests/rig/board/pod_on_air.py."""
        self.fire(_RUN, statements.encode())

    def ask(self, expression: str) -> Any:
        """Value of an expression on the board."""
        said = self.fire(_RUN, b"=" + expression.encode())
        if not said:
            raise BoardFailed(f"the board is off: {expression} is not known")
        return ast.literal_eval(said.decode())

    def _settle(self) -> None:
        """Wait for the next call, if the board computes, and set the time when it is answered."""
        if self._call is not None or not self.is_on:
            return
        kind, body = self._receive()
        if kind == STOPPED:
            self._end(body)
            return
        self._call = kind, body
        due_us = self._clock_us + (int.from_bytes(body, "little") * 1000 if kind == SLEEP else 0)
        self._timer = self._loop.call_at(self._origin_s + due_us / _US, self._answer, due_us)

    def _end(self, told: bytes) -> None:
        """The board reset itself, or its program has ended: by a power cut where it did so silently."""
        self.power_cut()
        output = self._log.read_text(errors="replace")
        why, kept = (told[1 : 1 + told[0]].decode(), told[1 + told[0] :]) if told else ("power cut", b"")
        if "Traceback" in output or "switched off for good" in output:
            self.failure = output[-4000:]
            why = "failed"
        self._outside.stopped(why, kept)
        if self.failure:
            raise BoardFailed(self.failure)

    def _answer(self, due_us: int) -> None:
        assert self._call is not None
        kind, body = self._call
        said = b"" if kind == SLEEP else self._outside.called(kind, body)
        self._send(ANSWER, said, due_us)
        self._call = None

    def _send(self, kind: int, body: bytes, due_us: int = 0) -> None:
        """Send a frame; the board's clock, which may be ahead, moves to the loop's time."""
        now_us = max(due_us, round((self._loop.time() - self._origin_s) * _US))
        advance_us = max(0, now_us - self._clock_us)
        self._socket.sendall(_HEADER.pack(5 + len(body), kind, advance_us) + body)

    def _receive(self) -> tuple[int, bytes]:
        """Wait for a frame. Without one the board has ended."""
        while len(self._received) < 2 or len(self._received) < 2 + int.from_bytes(self._received[:2], "little"):
            more = self._socket.recv(4096)
            if not more:
                return STOPPED, b""
            self._received += more
        length, kind, clock_us = _HEADER.unpack_from(self._received)
        body, self._received = self._received[7 : 2 + length], self._received[2 + length :]
        self._clock_us += (clock_us - self._low_us) & _COUNTER
        self._low_us = clock_us
        return kind, body
