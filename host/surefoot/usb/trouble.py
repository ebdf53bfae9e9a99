"""What can go wrong at the cable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surefoot.errors import SurefootError

if TYPE_CHECKING:
    from surefoot.usb.ports import Port

_SHOWN = 80
_SIGNS = (
    ("invalid header", "there is no program in its flash", "put one there: surefoot flash"),
    ("No bootable app", "there is no program in its flash that starts", "put one there: surefoot flash"),
    ("waiting for download", "it waits in its boot loader", "press its reset button, with BOOT not held"),
    (">>>", "its prompt is there but answers no command", "press its reset button and repeat the command"),
)
"""What boot loaders of the ESP32 say, and MicroPython's own prompt."""


class CableError(SurefootError):
    """A board at a cable that cannot be used as asked; `device` names the port, empty where none is meant."""

    def __init__(self, device: str, why: str, next_step: str) -> None:
        self.device = device
        super().__init__(f"Cannot use {device}" if device else "Cannot use a board at the cable", why, next_step)


class ProgramMissing(CableError):
    """A Python package that speaks to the cable is not installed; `package` is its name."""

    def __init__(self, package: str) -> None:
        self.package = package
        super().__init__("", f"the package {package} is not installed", f"install it: pip install {package}")


class NoPort(CableError):
    """No port, or none that may be a pod's board; `seen` are those that were passed over."""

    def __init__(self, seen: tuple[Port, ...]) -> None:
        self.seen = seen
        others = f"; passed over: {'; '.join(str(port) for port in seen)}" if seen else ""
        super().__init__(
            "",
            f"no port looks like a pod's board{others}",
            "plug the board in with a cable that carries data, or name its port with --port",
        )


class SeveralPorts(CableError):
    """Several ports may be a pod's board and none was named; `ports` are they."""

    def __init__(self, ports: tuple[Port, ...]) -> None:
        self.ports = ports
        super().__init__(
            "",
            f"there are several: {'; '.join(str(port) for port in ports)}",
            f"name one with --port, such as --port {ports[0].device}",
        )


class PortMissing(CableError):
    """The port that was named is not there, or did not come back after a reset."""


class PortForbidden(CableError):
    """The user may not open the port."""


class PortBusy(CableError):
    """Another program has the port open."""


class CableLost(CableError):
    """The port went away in the middle: the cable was pulled, or the board lost its power."""


class NoAnswer(CableError):
    """Nothing came from the board, or nothing more, within `waited_s`."""

    def __init__(self, device: str, waited_s: float, why: str, next_step: str) -> None:
        self.waited_s = waited_s
        super().__init__(device, why, next_step)


class NoPrompt(CableError):
    """Something came from the board, but not MicroPython's prompt; `said` is the end of it."""

    def __init__(self, device: str, said: str, why: str, next_step: str) -> None:
        self.said = said
        super().__init__(device, why, next_step)


class BoardRaised(CableError):
    """The program that the board was given ended with an exception.

    Attributes
    ----------
    traceback : str
        All that the board said of it.
    exception : str
        Its last line, such as "OSError: [Errno 2] ENOENT".
    """

    def __init__(self, device: str, traceback: str) -> None:
        self.traceback = traceback
        lines = traceback.strip().splitlines()
        self.exception = lines[-1].strip() if lines else "an exception without a name"
        super().__init__(device, f"the board answered {self.exception}", "try again after a reset of the board")


class CopyDiffers(CableError):
    """What the board holds after writing the file `path` is not what was written; the old file is still there."""

    def __init__(self, device: str, path: str) -> None:
        self.path = path
        super().__init__(
            device,
            f"{path} reads back otherwise than it was written",
            "try again; if it stays so, the flash of this board is worn out",
        )


def silent(device: str, waited_s: float) -> NoAnswer:
    """Return the sentence for a board that said nothing, or nothing more, for `waited_s`."""
    return NoAnswer(
        device,
        waited_s,
        f"the board did not answer within {waited_s:g} s",
        "press its reset button and repeat the command",
    )


def no_prompt(device: str, heard: bytes, waited_s: float) -> CableError:
    """Return the sentence for a board that did not show the raw REPL within `waited_s` but sent `heard`."""
    if not heard.strip():
        return silent(device, waited_s)
    said = heard.decode("utf-8", "replace")
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
