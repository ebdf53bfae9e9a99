"""Which port is a board's, and the sentence for each reason that one does not open."""

from __future__ import annotations

import dataclasses
import errno
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from serial.tools import list_ports as lister

from surefoot.usb import ports
from surefoot.usb.ports import Port
from surefoot.usb.trouble import (
    CableError,
    NoPort,
    PortBusy,
    PortForbidden,
    PortMissing,
    ProgramMissing,
    SeveralPorts,
)

XIAO = Port("/dev/ttyACM0", 0x303A, 0x1001, "24:0A:C4:12:5F:6F", "1-1.2", "USB JTAG/serial debug unit")
DEVKIT = Port("/dev/ttyUSB0", 0x10C4, 0xEA60, "0001", "1-1.3", "CP2102N USB to UART Bridge Controller")
LOLIN = Port("COM7", 0x1A86, 0x7523, None, "1-2", "USB Serial")
ARDUINO = Port("/dev/ttyACM1", 0x2341, 0x0043, "7563", "1-1.4", "Arduino Uno")
PHONE = Port("/dev/ttyACM2", 0x18D1, 0x4EE7, "A1", "1-4", "Pixel")
MODEM = Port("/dev/ttyUSB2", 0x2C7C, 0x0125, None, "2-1", "EC25")
PRINTER = Port("/dev/ttyACM3", 0x04B8, 0x0202, None, "2-2", "TM-T88V")
FTDI = Port("/dev/ttyUSB3", 0x0403, 0x6001, "A50285BI", "2-3", "FT232R USB UART")
ONBOARD = Port("/dev/ttyS0")
OTHERS = [ARDUINO, PHONE, MODEM, PRINTER, FTDI, ONBOARD]


@pytest.mark.parametrize(
    ("port", "kind"),
    [
        (XIAO, "Espressif USB-Serial/JTAG"),
        (DEVKIT, "CP210x bridge"),
        (LOLIN, "CH340 bridge"),
        (Port("COM3", 0x1A86, 0x55D4), "CH9102 bridge"),
        (Port("COM4", 0x303A, 0x4001), "Espressif chip"),
    ],
)
def test_what_may_be_a_board(port: Port, kind: str) -> None:
    assert port.kind == kind and port.likely
    assert ports.choose(None, [port, *OTHERS]) == port


@pytest.mark.parametrize("port", OTHERS, ids=lambda port: str(port.product))
def test_what_is_none_is_never_chosen(port: Port) -> None:
    assert not port.likely
    with pytest.raises(NoPort) as caught:
        ports.choose(None, [port])
    assert caught.value.seen == (port,)
    assert f"no port looks like a pod's board; passed over: {port}" in str(caught.value)
    assert ports.choose(port.device, [port]) == port


def test_no_port_at_all() -> None:
    with pytest.raises(
        NoPort, match=r"no port looks like a pod's board; plug the board in with a cable that carries data"
    ):
        ports.choose(None, [])


def test_several_boards_are_listed() -> None:
    with pytest.raises(SeveralPorts) as caught:
        ports.choose(None, [XIAO, ARDUINO, DEVKIT])
    assert caught.value.ports == (XIAO, DEVKIT)
    assert str(caught.value) == (
        "Cannot use a board at the cable: there are several: /dev/ttyACM0 (Espressif USB-Serial/JTAG, 303a:1001, "
        "'USB JTAG/serial debug unit'); /dev/ttyUSB0 (CP210x bridge, 10c4:ea60, "
        "'CP2102N USB to UART Bridge Controller'); name one with --port, such as --port /dev/ttyACM0."
    )
    assert ports.choose("/dev/ttyUSB0", [XIAO, DEVKIT]) == DEVKIT


@pytest.mark.parametrize("url", ["rfc2217://10.0.0.7:4000", "socket://lab:7777", "/dev/pod"])
def test_what_no_list_has_is_taken_as_it_is(url: str) -> None:
    assert ports.choose(url, [XIAO]) == Port(url)
    assert Port(url).is_url == ("://" in url)


@pytest.mark.parametrize(
    ("named", "listed"),
    [("com7", LOLIN), ("COM7", LOLIN), ("/dev/tty.usbmodem14", Port("/dev/cu.usbmodem14", 0x303A, 0x1001))],
)
def test_other_names_of_a_listed_port(named: str, listed: Port) -> None:
    assert ports.choose(named, [XIAO, listed]) == listed


def test_a_link_of_udev_names_a_listed_port(tmp_path: Path) -> None:
    (tmp_path / "ttyACM0").touch()
    listed = dataclasses.replace(XIAO, device=str(tmp_path / "ttyACM0"))
    link = tmp_path / "usb-Espressif_USB_JTAG_serial_debug_unit-if00"
    link.symlink_to("ttyACM0")
    assert ports.choose(str(link), [DEVKIT, listed]) == listed


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
def test_a_port_that_no_list_has_is_waited_for_by_its_name(tmp_path: Path) -> None:
    mine, theirs = os.openpty()
    link = tmp_path / "pod"
    link.symlink_to(os.ttyname(theirs))
    try:
        chosen = ports.choose(str(link), [XIAO])
        assert chosen == Port(os.ttyname(theirs))
        assert ports.wait_for(chosen, 0, look=lambda: [XIAO]) == chosen
    finally:
        os.close(mine)
        os.close(theirs)
    with pytest.raises(PortMissing, match="there is no such port"):
        ports.wait_for(Port(str(tmp_path / "gone")), 0, look=lambda: [XIAO])


def test_a_bridge_is_something_that_stands_elsewhere_too() -> None:
    assert DEVKIT.is_bridge and LOLIN.is_bridge
    assert not XIAO.is_bridge and not PRINTER.is_bridge and not Port("socket://a").is_bridge


def test_the_computers_own_list(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = ("device", "vid", "pid", "serial_number", "location", "product")
    told = [SimpleNamespace(**{name: getattr(port, name) for name in fields}) for port in (ONBOARD, ARDUINO, XIAO)]
    monkeypatch.setattr(lister, "comports", lambda: told)
    assert ports.list_ports() == [XIAO, ARDUINO, ONBOARD]


@pytest.mark.parametrize(
    "after",
    [
        Port("/dev/ttyACM5", 0x303A, 0x1001, XIAO.serial_number, "1-1.2"),
        Port("/dev/ttyACM5", 0x303A, 0x4001, "other", XIAO.location),
        Port("/dev/ttyACM5", 0x303A, 0x1001, XIAO.serial_number, "3-1"),
    ],
    ids=["new name", "other numbers, same plug", "other plug, same chip"],
)
def test_the_same_board_after_a_reset(after: Port) -> None:
    stranger = Port("/dev/ttyACM0", 0x303A, 0x1001, "AA:BB:CC:00:11:22", "1-9")
    assert ports.same_board(XIAO, [stranger, *OTHERS, after]) == after
    assert ports.same_board(XIAO, [stranger, *OTHERS]) is None


def test_two_bridges_with_the_same_number_are_told_by_their_plug() -> None:
    """CP2102 are sold with the serial number 0001."""
    twin = Port("/dev/ttyUSB1", 0x10C4, 0xEA60, "0001", "1-1.9")
    moved = Port("/dev/ttyUSB4", 0x10C4, 0xEA60, "0001", DEVKIT.location)
    assert ports.same_board(DEVKIT, [twin, moved]) == moved
    assert ports.same_board(DEVKIT, [twin]) is None


def test_waiting_for_a_board_that_comes_back() -> None:
    looks = iter([[], [ARDUINO], [Port("/dev/ttyACM5", 0x303A, 0x1001, XIAO.serial_number, "1-1.2")]])
    asked: list[str] = []

    def not_yet(device: str) -> CableError | None:
        asked.append(device)
        return None

    assert ports.wait_for(XIAO, 60, look=lambda: next(looks), opens=not_yet).device == "/dev/ttyACM5"
    assert asked == ["/dev/ttyACM5"]


def test_waiting_until_the_system_lets_it_be_opened() -> None:
    answers = iter([PortForbidden(XIAO.device, "this user may not open it", "wait"), None])
    assert ports.wait_for(XIAO, 60, look=lambda: [XIAO], opens=lambda _: next(answers)) == XIAO


def test_waiting_in_vain() -> None:
    with pytest.raises(PortMissing, match=r"did not come back within 0 s; plug it in again"):
        ports.wait_for(XIAO, 0, look=lambda: [ARDUINO], opens=lambda _: None)
    busy = PortBusy(XIAO.device, "another program has it open", "close it")
    with pytest.raises(PortBusy):
        ports.wait_for(XIAO, 0, look=lambda: [XIAO], opens=lambda _: busy)


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
def test_a_port_that_another_program_has_open() -> None:
    mine, theirs = os.openpty()
    name = os.ttyname(theirs)
    held = ports.open_serial(name, exclusive=True)
    try:
        with pytest.raises(PortBusy, match="another program has it open") as caught:
            ports.open_serial(name, exclusive=True)
        assert caught.value.device == name
        assert isinstance(ports.why_closed(name), PortBusy)
    finally:
        held.close()
        os.close(mine)
        os.close(theirs)


def test_a_port_without_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("serial.serialposix.os.open", refuse)
    with pytest.raises(
        PortForbidden, match=r"add yourself to the group that owns it \(sudo usermod -aG dialout \$USER\)"
    ):
        ports.open_serial("/dev/ttyUSB0")


@pytest.mark.parametrize("name", ["/dev/ttyNONE", "rfc2217://127.0.0.1:1", "socket://127.0.0.1:1"])
def test_a_port_that_is_not_there(name: str) -> None:
    with pytest.raises(PortMissing, match="there is no such port"):
        ports.open_serial(name)


@pytest.mark.parametrize("name", ["", "nonsense://x", "rfc2217://", "/etc/hostname"])
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(CableError):
        ports.open_serial(name).close()


def test_windows_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    said = OSError("could not open port 'COM7': PermissionError(13, 'Access is denied.', None, 5)")
    assert isinstance(ports.refused("COM7", said), PortBusy)
    said = OSError(
        "could not open port 'COM9': FileNotFoundError(2, 'The system cannot find the file specified.', None, 2)"
    )
    assert isinstance(ports.refused("COM9", said), PortMissing)


def test_without_pyserial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "serial.tools.list_ports", None)
    monkeypatch.setitem(sys.modules, "serial", None)
    with pytest.raises(ProgramMissing, match="pyserial is not installed"):
        ports.list_ports()
    with pytest.raises(ProgramMissing, match="pyserial is not installed"):
        ports.open_serial("COM1")
