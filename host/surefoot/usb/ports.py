"""Serial ports of this computer: which may be a pod's board, and why one cannot be opened.

A port is told by the USB numbers of what is plugged in. Two of the bridges stand on other things too (printers, boards
with other chips), so "likely" means no more than: worth asking the chip.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from surefoot.usb.trouble import (
    CableError,
    CableLost,
    NoPort,
    PortBusy,
    PortForbidden,
    PortMissing,
    ProgramMissing,
    SeveralPorts,
)
from surefoot.words import printable

ESPRESSIF = 0x303A
USB_SERIAL_JTAG = 0x1001
"""Espressif's numbers of the port inside an ESP32-C3 and S3 (as in Espressif's own esptool)."""

KINDS = {
    (ESPRESSIF, USB_SERIAL_JTAG): "Espressif USB-Serial/JTAG",
    (0x10C4, 0xEA60): "CP210x bridge",
    (0x1A86, 0x7523): "CH340 bridge",
    (0x1A86, 0x7522): "CH340K bridge",
    (0x1A86, 0x55D3): "CH343 bridge",
    (0x1A86, 0x55D4): "CH9102 bridge",
}
"""What is between the cable and the chip on the boards of firmware/boards and their copies."""

OTHERS = {
    0x2341: "Arduino",
    0x2A03: "Arduino",
    0x239A: "Adafruit board",
    0x2E8A: "Raspberry Pi Pico",
    0x0483: "STMicroelectronics",
    0x0403: "FTDI bridge",
    0x067B: "Prolific bridge",
    0x18D1: "phone",
    0x04E8: "phone",
    0x05AC: "Apple",
    0x12D1: "modem",
    0x1199: "modem",
    0x2C7C: "modem",
    0x1546: "GPS receiver",
}
"""Makers of what else has a serial port, to name it; nothing depends on it."""

LOOK_EVERY_S = 0.1
"""Between two looks at the list of ports: the list itself takes some milliseconds."""

OPEN_WITHIN_S = 3.0
"""After a reset a port is listed before the system lets a user open it: udev sets its rights a moment later."""


@dataclass(frozen=True)
class Port:
    """A serial port, as the system lists it.

    Attributes
    ----------
    device : str
        Its name, as "/dev/ttyACM0", "COM5" or a URL of pyserial.
    vid, pid : int or None
        USB numbers of maker and product; None for a port that is not USB.
    serial_number, location, product : str or None
        As the device tells; `location` is the plug ("1-1.2"), the same after a reset.
    """

    device: str
    vid: int | None = None
    pid: int | None = None
    serial_number: str | None = None
    location: str | None = None
    product: str | None = None

    @property
    def kind(self) -> str:
        """What VID:PID say that it is, in words."""
        if self.vid is None or self.pid is None:
            return "serial port over the network" if self.is_url else "serial port without USB"
        if (self.vid, self.pid) in KINDS:
            return KINDS[self.vid, self.pid]
        return "Espressif chip" if self.vid == ESPRESSIF else OTHERS.get(self.vid, "unknown device")

    @property
    def likely(self) -> bool:
        """Whether it may be a pod's board: only such a port is ever opened without being named."""
        return (self.vid, self.pid) in KINDS or self.vid == ESPRESSIF

    @property
    def is_bridge(self) -> bool:
        """Whether it is a bridge that stands on other things, too, as on Zigbee sticks: their lines may reset those."""
        return (self.vid, self.pid) in KINDS and self.vid != ESPRESSIF

    @property
    def is_url(self) -> bool:
        """Whether it is somewhere else: no list has it, and it has no USB numbers."""
        return "://" in self.device

    def __str__(self) -> str:
        numbers = f", {self.vid:04x}:{self.pid:04x}" if self.vid is not None and self.pid is not None else ""
        product = f", '{printable(self.product)}'" if self.product else ""
        return f"{self.device} ({self.kind}{numbers}{product})"


def list_ports() -> list[Port]:
    """Return every serial port of this computer, those that may be a pod's board first.

    Raises
    ------
    ProgramMissing
        pyserial is not installed.
    """
    lister = _package("serial.tools.list_ports")
    found = [Port(p.device, p.vid, p.pid, p.serial_number, p.location, p.product) for p in lister.comports()]
    return sorted(found, key=lambda port: (not port.likely, port.device))


def choose(named: str | None = None, ports: list[Port] | None = None) -> Port:
    """Return the port that is `named`, else the only one that may be a pod's board.

    `ports` are those to choose from; those of this computer if None. Other names of a listed port will do: a link of
    udev, /dev/tty.* of macOS, com5. A name that no list has is taken as it is: a URL, a pseudo-terminal.

    Raises
    ------
    NoPort, SeveralPorts
        None was named and none, or more than one, is likely.
    ProgramMissing
        pyserial is not installed.
    """
    found = list_ports() if ports is None else ports
    if named:
        name = _as_listed(named)
        return next((port for port in found if port.device in (named, name)), Port(name))
    likely = tuple(port for port in found if port.likely)
    if not likely:
        raise NoPort(tuple(found))
    if len(likely) > 1:
        raise SeveralPorts(likely)
    return likely[0]


def _as_listed(name: str) -> str:
    """Return the name that the list of ports has for what people call `name`."""
    if "://" in name:
        return name
    if name.startswith("/dev/tty."):  # macOS: the one for calls that come in, which waits for a modem
        return "/dev/cu." + name.removeprefix("/dev/tty.")
    if name[:3].lower() == "com" and name[3:].isdecimal():
        return name.upper()
    return os.path.realpath(name) if "/" in name else name


def same_board(port: Port, ports: list[Port]) -> Port | None:
    """Return which of `ports` is the board that was `port` before a reset, or None.

    The numbers may change (boot loader and MicroPython on an S3 have their own) and so may the name. The plug it is in
    stays; an Espressif chip's serial number stays with the board, whichever plug it is in. That of a bridge may be
    "0001" on every board that was sold. Where it tells neither it must be the same name. Which chip is behind it is
    for whoever talks to it to ask.
    """
    candidates = [other for other in ports if other.likely == port.likely or other.device == port.device]
    own = port.vid == ESPRESSIF or not port.location
    if port.serial_number and own:
        ways = [[other for other in candidates if other.serial_number == port.serial_number]]
    else:
        ways = []
    if port.location:
        ways.append([other for other in candidates if other.location == port.location])
    if not (port.serial_number or port.location):
        ways.append([other for other in candidates if other.device == port.device])
    return next((matching[0] for matching in ways if len(matching) == 1), None)


def wait_for(
    port: Port,
    seconds: float,
    *,
    look: Callable[[], list[Port]] = list_ports,
    opens: Callable[[str], CableError | None] | None = None,
) -> Port:
    """Wait until the board that was `port` is there again and can be opened; its name may be another then.

    `look` lists the ports and `opens` says why one does not open, which are this computer's unless a test has its own.

    Raises
    ------
    PortMissing
        It did not come back within `seconds`.
    CableError
        It is back but does not open, for the reason that is said.
    """
    why_not = opens or why_closed
    until_s = time.monotonic() + seconds
    refusal: CableError | None = None
    while True:
        # what no list tells anything of can only be opened
        listed = port.vid is not None or port.location is not None
        found = same_board(port, look()) if listed else port
        refusal = why_not(found.device) if found else refusal
        if found and refusal is None:
            return found
        if time.monotonic() >= until_s:
            break
        time.sleep(LOOK_EVERY_S)
    if refusal is not None:
        raise refusal
    raise PortMissing(port.device, f"the board did not come back within {seconds:g} s", "plug it in again where it was")


def open_serial(device: str, **settings: Any) -> Any:
    """Open `device` with pyserial; `settings` are those of its serial_for_url.

    Raises
    ------
    PortMissing, PortForbidden, PortBusy, CableError
        Why it does not open.
    ProgramMissing
        pyserial is not installed.
    """
    serial = _package("serial")
    try:
        return serial.serial_for_url(device, **settings)
    except (OSError, ValueError) as error:
        raise refused(device, error) from None


def _package(name: str) -> Any:
    """Import a module of pyserial, which has no types to check against."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise ProgramMissing("pyserial") from None


def why_closed(device: str) -> CableError | None:
    """Return why `device` does not open, or None if it does."""
    try:
        open_serial(device, exclusive=True).close()
    except CableError as error:
        return error
    return None


def refused(device: str, error: Exception) -> CableError:
    """Return the sentence for what pyserial raised as it opened `device`."""
    told = str(error)
    number = getattr(error, "errno", None)
    if number == errno.ENOENT or "FileNotFoundError" in told or "Connection refused" in told:
        return PortMissing(device, "there is no such port", "plug the board in, or name another port with --port")
    if number in (errno.EACCES, errno.EPERM) and not sys.platform.startswith("win"):
        return PortForbidden(device, "this user may not open it", _permit())
    if number in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in told or "PermissionError" in told:
        return PortBusy(device, "another program has it open", "close that program (a serial monitor, an editor)")
    if number in (errno.EIO, errno.ENXIO, errno.ENODEV):
        return CableLost(device, "it went away as it was opened", "plug the board in again")
    return CableError(device, f"it does not open ({told.strip().rstrip('.')})", "name another port with --port")


def _permit() -> str:
    if sys.platform.startswith("linux"):
        return "add yourself to the group that owns it (sudo usermod -aG dialout $USER) and log in again"
    return "give this user the right to open it"
