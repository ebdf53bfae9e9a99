"""MicroPython's raw REPL at the cable: enter it, run code, read what it prints.

mpremote's library opens and closes the port, as it knows how on each system; its interface may change, so it is used
here alone. Reading and writing is done here: mpremote takes a port that has gone for one that is silent, and prints.
"""

from __future__ import annotations

import contextlib
import importlib
import secrets
import time
from collections.abc import Generator, Iterator
from types import TracebackType
from typing import Any, Self

from surefoot.usb import ports
from surefoot.usb.trouble import (
    BoardRaised,
    CableError,
    CableLost,
    NoAnswer,
    NoPrompt,
    ProgramMissing,
    no_prompt,
    silent,
)

BAUD = 115200
"""MicroPython's on a UART; a port inside the chip does not care."""

ENTER_WITHIN_S = 12.0
"""A classic ESP32 may restart as its port is opened. Then it boots (1 s), boot.py looks at the button for up to a
second, and main.py begins; a Ctrl-C that comes before that is lost, so it is sent again until the prompt is there."""

INTERRUPT_WITHIN_S = 3.0
"""The same where code is ended that was handed over here: nothing restarts, and the board listens."""

ASK_EVERY_S = 0.3
"""Silence after which it is sent again: a turn of the pod's loop takes 12 ms, a step of its flash 45 ms."""

ANSWER_LASTS_S = 1.0
"""What has not come to an end by then is no answer but somebody else's log; and a board that has just shown its prompt
may be busy once more for a part of it, collecting memory or writing to flash."""

ANSWER_WITHIN_S = 10.0
"""Longest silence while code runs, unless told otherwise: erasing a block of flash takes 0.4 s at worst."""

LOOK_EVERY_S = 0.05
"""A read without a byte ends after this, to look at the clock; a byte ends it at once."""

BANNER = b"raw REPL; CTRL-B to exit\r\n"
EOT = b"\x04"
_REMEMBERED = 2000


class RawRepl:
    """The raw REPL of one board. While it is open the board's own program stands still; `reset` lets it start again.

    Every method raises `CableLost` if the port goes away, `NoAnswer` if the board falls silent and `NoPrompt` if what
    comes is not MicroPython; what was printed until then is lost.
    """

    def __init__(self, transport: Any, device: str) -> None:
        self.device = device
        self._transport = transport
        self._serial = transport.serial

    @classmethod
    def open(cls, device: str, *, enter_within_s: float = ENTER_WITHIN_S) -> Self:
        """Open the port `device`, interrupt what runs on the board, and enter the raw REPL without a reset.

        Raises
        ------
        CableError
            The port does not open, nothing answers, or what answers is not MicroPython.
        ProgramMissing
            mpremote or pyserial is not installed.
        """
        repl = cls(_transport(device), device)
        try:
            repl._enter(enter_within_s)
        except BaseException:
            repl.close()
            raise
        return repl

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Leave the raw REPL and close the port; the board stays at its prompt."""
        with contextlib.suppress(OSError):
            self._serial.write(b"\x03\x02")
        self._shut()

    def run(self, code: str, timeout_s: float = ANSWER_WITHIN_S) -> str:
        r"""Run `code` on the board and return what it printed, with "\n" at the end of lines.

        `timeout_s` is the longest silence.

        Raises
        ------
        BoardRaised
            The code ended with an exception.
        """
        return "".join(f"{line}\n" for line in self.lines(code, timeout_s))

    def lines(self, code: str, timeout_s: float = ANSWER_WITHIN_S) -> Generator[str]:
        """Run `code` on the board and yield each line as soon as the board has printed it, without its end.

        `timeout_s` is the longest silence. Who stops early ends the code by Ctrl-C.

        Raises
        ------
        BoardRaised
            The code ended with an exception.
        """
        self._start(code)
        ended = False
        try:
            rest = b""
            for piece in self._until_eot(timeout_s):
                *whole, rest = (rest + piece).split(b"\n")
                for line in whole:
                    yield _text(line)
            if rest:
                yield _text(rest)
            raised = b"".join(self._until_eot(timeout_s))
            ended = True
        finally:
            if not ended:
                self._interrupt()
        if raised:
            raise BoardRaised(self.device, raised.decode("utf-8", "replace").replace("\r\n", "\n"))

    def reset(self) -> None:
        """Restart the board as its reset button would, and close the port; `ports.wait_for` says when it is back."""
        self._start("import machine\nmachine.reset()")
        self._shut()

    def _shut(self) -> None:
        # mpremote drops the lines first, which fails where the port is gone; then it has not closed it.
        with contextlib.suppress(OSError):
            self._transport.close()
        with contextlib.suppress(OSError):
            self._serial.close()

    def _enter(self, within_s: float) -> None:
        """Interrupt what runs and ask for the raw REPL, until it is there and nothing else is on its way."""
        heard = b""
        until_s = time.monotonic() + within_s
        while time.monotonic() < until_s:
            # Ctrl-C twice, for where a handler goes on after the first; Ctrl-B out of a raw REPL with half a program.
            self._write(b"\r\x03\x03\x02\r\x01")
            answer = self._heard(BANNER, ASK_EVERY_S)
            if answer.endswith(BANNER) and self._alone():
                return
            heard = (heard + answer)[-_REMEMBERED:]
        raise no_prompt(self.device, heard, within_s)

    def _alone(self) -> bool:
        """Let the board say a word that it cannot have said before: what came until then answers earlier tries."""
        word = secrets.token_hex(8)
        self._write(f"print('{word}')".encode() + EOT)
        said = b"OK" + word.encode() + b"\r\n" + EOT + EOT
        return self._heard(said, ANSWER_LASTS_S).endswith(said)

    def _interrupt(self) -> None:
        """End what runs; where that fails the next call says why."""
        with contextlib.suppress(CableError):
            self._enter(INTERRUPT_WITHIN_S)

    def _start(self, code: str) -> None:
        """Hand `code` over in raw-paste mode (MicroPython's docs, "The MicroPython Interactive Interpreter Mode").

        The board takes it in windows, so that none of it gets lost, and runs it when this returns.
        """
        self._expect(b">")
        self._write(b"\x05A\x01")
        self._expect(b"R\x01")
        window = room = int.from_bytes(self._byte() + self._byte(), "little")
        rest = code.encode()
        while rest:
            while room == 0 or self._waiting():
                told = self._byte()
                if told == EOT:  # it takes no more; what it has ends with an error, which is read as any other
                    self._write(EOT)
                    return
                room += window
            self._write(rest[:room])
            rest, room = rest[room:], room - len(rest[:room])
        self._write(EOT)
        while self._byte() != EOT:
            pass

    def _expect(self, wanted: bytes) -> None:
        got = b"".join(self._byte() for _ in wanted)
        if got != wanted:
            raise NoPrompt(
                self.device,
                _text(got),
                "it lost its thread, or its MicroPython is older than 1.14",
                "reset it and repeat the command; surefoot flash puts a newer MicroPython onto it",
            )

    def _until_eot(self, timeout_s: float) -> Iterator[bytes]:
        """Bytes up to the next Ctrl-D, one by one: what comes behind it is for whoever reads next."""
        while (byte := self._byte(timeout_s)) != EOT:
            yield byte

    def _heard(self, wanted: bytes, silence_s: float) -> bytes:
        """Return what comes until `wanted` is there, or nothing for `silence_s`, or too long to be an answer."""
        heard = bytearray()
        until_s = time.monotonic() + ANSWER_LASTS_S
        while not heard.endswith(wanted) and time.monotonic() < until_s:
            try:
                heard += self._byte(silence_s)
            except NoAnswer:
                break
        return bytes(heard)

    def _byte(self, timeout_s: float = ANSWER_WITHIN_S) -> bytes:
        until_s = time.monotonic() + timeout_s
        with self._cable():
            while not (byte := self._serial.read(1)):
                if time.monotonic() >= until_s:
                    raise silent(self.device, timeout_s)
            return bytes(byte)

    def _write(self, data: bytes) -> None:
        with self._cable():
            self._serial.write(data)

    def _waiting(self) -> bool:
        with self._cable():
            return bool(self._serial.in_waiting)

    @contextlib.contextmanager
    def _cable(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            raise CableLost(
                self.device,
                "the port went away: the cable was pulled or the board lost its power",
                "plug it in again and repeat the command",
            ) from None


def _transport(device: str) -> Any:
    """Open the port with mpremote's library."""
    try:
        serial_transport: Any = importlib.import_module("mpremote.transport_serial")
    except ImportError as error:
        raise ProgramMissing("pyserial" if error.name == "serial" else "mpremote") from None
    try:
        return serial_transport.SerialTransport(device, baudrate=BAUD, timeout=LOOK_EVERY_S)
    except (serial_transport.TransportError, OSError, ValueError) as error:
        # mpremote does not say why; opening it once more does.
        raise ports.why_closed(device) or ports.refused(device, error) from None


def _text(line: bytes) -> str:
    return line.rstrip(b"\r").decode("utf-8", "replace")
