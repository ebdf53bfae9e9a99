"""What can go wrong at the cable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surefoot.errors import SurefootError

if TYPE_CHECKING:
    from surefoot.usb.ports import Port


class CableError(SurefootError):
    """A board at a cable that cannot be used as asked; `device` names the port, empty where none is meant."""

    def __init__(self, device: str, why: str, next_step: str) -> None:
        self.device = device
        super().__init__(f"Cannot use {device}" if device else "Cannot use a board at the cable", why, next_step)


class ProgramMissing(CableError):
    """A Python package that speaks to the cable is not installed; `package` is its name."""

    def __init__(self, package: str) -> None:
        self.package = package
        super().__init__("", f"the package {package} is not installed", "install it: pip install 'surefoot[flash]'")


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
