"""MicroPython's prompt at the cable: run code on a board, read and write its files.

mpremote's library opens and closes the port, as it knows how on each system; its interface may change, so it is used
here alone. Reading and writing is done here: mpremote takes a port that has gone for one that is silent, and prints.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import importlib
import time
from collections.abc import Generator, Iterator
from types import TracebackType
from typing import Any

from surefoot.usb import ports
from surefoot.usb.trouble import BoardRaised, CableError, CableLost, CopyDiffers, NoAnswer, NoPrompt, ProgramMissing

BAUD = 115200
"""MicroPython's on a UART; a port inside the chip does not care."""

ENTER_WITHIN_S = 12.0
"""A classic ESP32 may restart as its port is opened. Then it boots (1 s), boot.py looks at the button for up to a
second, and main.py begins; a Ctrl-C that comes before that is lost, so it is sent again until the prompt is there."""

ASK_EVERY_S = 0.3
"""Silence after which it is sent again: a turn of the pod's loop takes 12 ms, a step of its flash 45 ms."""

ANSWER_LASTS_S = 1.0
"""What has not come to an end by then is no answer but somebody else's log."""

ANSWER_WITHIN_S = 10.0
"""Longest silence while code runs, unless told otherwise: erasing a block of flash takes 0.4 s at worst."""

LOOK_EVERY_S = 0.05
"""A read without a byte ends after this, to look at the clock; a byte ends it at once."""

CHUNK = 1024
"""Bytes of a file that go in one program: 1.4 kB of text, which a board with little memory left still compiles."""

SYNCHRONIZE_TRIES = 3
"""A board that has just shown its prompt may be busy once more: collecting memory, writing to flash."""

QUIET_S = 0.2
"""Nothing for so long: what was under way has come. USB hands bytes over every 1 ms, a bridge every 16 ms."""

BANNER = b"raw REPL; CTRL-B to exit\r\n"
EOT = b"\x04"
_REMEMBERED = 2000
_SHOWN = 80
_SIGNS = (
    ("invalid header", "there is no program in its flash", "put one there: surefoot flash"),
    ("No bootable app", "there is no program in its flash that starts", "put one there: surefoot flash"),
    ("waiting for download", "it waits in its boot loader", "press its reset button, with BOOT not held"),
    (">>>", "its prompt is there but answers no command", "press its reset button and repeat the command"),
)
"""What boot loaders of the ESP32 say, and MicroPython's own prompt."""
_DRAFT = ".new"

_READ = """\
import binascii
with open({path!r}, "rb") as f:
    while True:
        b = f.read({chunk})
        if not b: break
        print(binascii.b2a_base64(b).decode(), end="")
"""
_HASH = """\
import binascii, hashlib
h = hashlib.sha256()
with open({path!r}, "rb") as f:
    while True:
        b = f.read({chunk})
        if not b: break
        h.update(b)
print(binascii.hexlify(h.digest()).decode())
"""
_EXISTS = """\
import os
try:
    print(1 if os.stat({path!r})[0] & 0x8000 else 0)
except OSError as e:
    if e.errno != 2: raise
    print(0)
"""
_REMOVE = """\
import os
try:
    f.close()
except NameError:
    pass
try:
    os.remove({path!r})
except OSError:
    pass
"""


class Repl:
    """The raw REPL of one board. While it is open the board's own program stands still; `reset` lets it start again.

    Every method raises `CableLost` if the port goes away, `NoAnswer` if the board falls silent and `NoPrompt` if what
    comes is not MicroPython; what was printed until then is lost.
    """

    def __init__(self, transport: Any, device: str) -> None:
        self.device = device
        self._transport = transport
        self._serial = transport.serial

    @classmethod
    def open(cls, device: str, *, enter_within_s: float = ENTER_WITHIN_S) -> Repl:
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

    def __enter__(self) -> Repl:
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

    def exists(self, path: str) -> bool:
        """Whether the board has the file `path`."""
        return self.run(_EXISTS.format(path=path)).strip() == "1"

    def hash(self, path: str) -> str | None:
        """SHA-256 of the board's file `path` in hex, or None if it has none."""
        if not self.exists(path):
            return None
        return self.run(_HASH.format(path=path, chunk=CHUNK)).strip()

    def read_file(self, path: str) -> bytes:
        """Return the content of the board's file `path`.

        Raises
        ------
        BoardRaised
            There is no such file.
        """
        return b"".join(base64.b64decode(line) for line in self.lines(_READ.format(path=path, chunk=CHUNK)))

    def write_file(self, path: str, content: bytes) -> None:
        """Make `content` the board's file `path`, whole or not at all.

        It is written under another name, read back, and renamed only if every byte is right; until then, and if the
        cable or the power goes, the old file stays.

        Raises
        ------
        BoardRaised
            The board cannot write it: its file system is full, or the folder is not there.
        CopyDiffers
            It read back otherwise than it was written.
        """
        draft = path + _DRAFT
        try:
            self.run(f"import binascii\nf = open({draft!r}, 'wb')")
            for at in range(0, len(content), CHUNK):
                text = base64.b64encode(content[at : at + CHUNK]).decode()
                self.run(f"f.write(binascii.a2b_base64({text!r})) and None")
            self.run("f.close()")
            # Twice: that the file system took it, and that it comes back over the cable byte for byte.
            if self.hash(draft) != hashlib.sha256(content).hexdigest() or self.read_file(draft) != content:
                raise CopyDiffers(self.device, path)
            self.run(f"import os\nos.rename({draft!r}, {path!r})")
        except (BoardRaised, CopyDiffers):
            self.run(_REMOVE.format(path=draft))
            raise

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
        """Interrupt what runs and ask for the raw REPL, until its banner comes."""
        heard = b""
        until_s = time.monotonic() + within_s
        while time.monotonic() < until_s:
            # Ctrl-C twice, for where a handler goes on after the first; Ctrl-B out of a raw REPL with half a program.
            self._write(b"\r\x03\x03\x02\r\x01")
            answer = self._heard(ASK_EVERY_S)
            if answer.endswith(BANNER):
                self._synchronize()
                return
            heard = (heard + answer)[-_REMEMBERED:]
        raise _no_prompt(self.device, heard, within_s)

    def _synchronize(self) -> None:
        """Let answers to earlier tries run out, then ask once more: after that banner there is exactly one prompt."""
        for _ in range(SYNCHRONIZE_TRIES):
            while self._heard(QUIET_S).endswith(BANNER):
                pass
            self._write(b"\x03\x02\x01")
            answer = self._heard(ANSWER_LASTS_S)
            if answer.endswith(BANNER):
                return
        raise _no_prompt(self.device, answer, SYNCHRONIZE_TRIES * ANSWER_LASTS_S)

    def _interrupt(self) -> None:
        """End what runs; where that fails the next call says why."""
        with contextlib.suppress(CableError):
            self._write(b"\x03")
            self._synchronize()

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

    def _heard(self, silence_s: float) -> bytes:
        """Return what comes until the banner is there, or nothing for `silence_s`, or too long to be an answer."""
        heard = bytearray()
        until_s = time.monotonic() + ANSWER_LASTS_S
        while not heard.endswith(BANNER) and time.monotonic() < until_s:
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
                    raise _silent(self.device, timeout_s)
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


def _silent(device: str, waited_s: float) -> NoAnswer:
    return NoAnswer(
        device,
        waited_s,
        f"the board did not answer within {waited_s:g} s",
        "press its reset button and repeat the command",
    )


def _no_prompt(device: str, heard: bytes, waited_s: float) -> CableError:
    """Return the sentence for a board that did not show the raw REPL but sent `heard`."""
    if not heard.strip():
        return _silent(device, waited_s)
    said = _text(heard)
    for sign, why, next_step in _SIGNS:
        if sign in said:
            return NoPrompt(device, said, why, next_step)
    whole = said.splitlines()[1:-1]  # the first and the last may be cut off
    printable = [line.strip() for line in whole if line.strip() and line.isprintable()]
    last = f" (last line: {printable[-1][:_SHOWN]})" if printable else ""
    return NoPrompt(
        device,
        said,
        f"something else than MicroPython answers{last}",
        "look whether this is the right board; surefoot flash puts MicroPython onto it",
    )


def _text(line: bytes) -> str:
    return line.rstrip(b"\r").decode("utf-8", "replace")
