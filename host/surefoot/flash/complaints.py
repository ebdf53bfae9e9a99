"""What esptool and pyserial say when something fails, as the sentence that a user is told."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

from surefoot.errors import SurefootError
from surefoot.flash.trouble import LoaderError, LoaderLost, NoLoader
from surefoot.usb.trouble import PortBusy, PortForbidden, PortMissing


def complaint(device: str, said: str) -> SurefootError:
    """Return the error for what esptool said as it failed."""
    last = next((line.strip() for line in reversed(said.splitlines()) if "error" in line.lower()), "")
    # a port may be called "socket://connection": what it was told is not what it says
    end = "\n".join(said.splitlines()[-_LINES:]).replace(device if "://" in device else "\0", "the port")
    for pattern, error in _TROUBLES:
        if re.search(pattern, end, re.IGNORECASE):
            return error(device, last)
    if not last:
        # ended while it waited, or without a word, as it does when a port over the network breaks
        return _lost(device, last)
    return LoaderError(device, last, f"esptool says: {last}", "run the command again")


def _lost(device: str, said: str) -> LoaderLost:
    return LoaderLost(
        device,
        said,
        "the chip stopped answering: the cable was pulled or is bad",
        "plug it in again and run the command again: it goes on where it was",
    )


_LINES = 8
"""An error of esptool is at the end, with a hint of some lines behind it."""
_HOLD = "hold its BOOT button while you plug it in, let go, and run the command again"
_TROUBLES: tuple[tuple[str, Callable[[str, str], SurefootError]], ...] = (
    # pyserial's words on Windows for a pulled cable, which speak of permission, too (serialwin32.py)
    (r"WriteFile failed|ReadFile failed|ClearCommError|GetOverlappedResult|Cannot configure port", _lost),
    (
        r"no module named|invalid choice|no such option|no such command|unrecognized arguments",
        lambda d, s: LoaderError(
            d,
            s,
            "the installed esptool is not one that fits (5 or newer)",
            "install a newer one: pip install -U esptool",
        ),
    ),
    (r"permission denied|errno 13", lambda d, s: PortForbidden(d, "this user may not open it", _rights())),
    (
        r"resource busy|exclusively lock|errno 16|could not open[\s\S]*(access is denied|PermissionError)",
        lambda d, s: PortBusy(d, "another program has it open", "close that program (a serial monitor, an editor)"),
    ),
    (
        r"No such file or directory: '/dev|FileNotFoundError|could not open|connection refused|port is busy or doesn't",
        lambda d, s: PortMissing(d, "there is no such port", "plug the board in, or name another port with --port"),
    ),
    (
        r"failed to connect|no serial data received|wrong boot mode|download mode.*successfully detected, but",
        lambda d, s: NoLoader(d, s, "the chip does not enter its boot loader", _HOLD),
    ),
    (
        r"secure download mode",
        lambda d, s: LoaderError(d, s, "secure download mode is on: only its maker can change it", "use another board"),
    ),
    (
        r"md5 of file does not match|digest mismatch|verification failed",
        lambda d, s: LoaderError(
            d,
            s,
            "flash does not hold what was written to it",
            "run the command again; if it stays so, the flash of this board is worn out",
        ),
    ),
    (
        r"stopped responding|serial exception|device disconnected|timed out|no data|returned no data|write timeout"
        r"|invalid head of packet|no more data|serial data stream stopped|input/output error|packet content transfer"
        r"|guru|failed to write|corrupt data|socket|connection",
        _lost,
    ),
)
"""What esptool and pyserial say, and what a user is told; the first that fits counts."""


def _rights() -> str:
    if sys.platform.startswith("linux"):
        return "add yourself to the group that owns it (sudo usermod -aG dialout $USER) and log in again"
    return "give this user the right to open it"
