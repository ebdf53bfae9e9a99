"""What operating systems say about Bluetooth, in plain words."""

from __future__ import annotations

import sys

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
    BleakGATTProtocolError,
)
from bleak_retry_connector import (
    BleakAbortedError,
    BleakConnectionError,
    BleakNotFoundError,
    BleakOutOfConnectionSlotsError,
)

from surefoot.errors import BluetoothUnavailable

BLUETOOTH_ERRORS = (BleakError, OSError, EOFError, TimeoutError, AttributeError, KeyError)
"""What bleak and what lies below it raise when a radio, a bus or a link fails. AttributeError and KeyError come from
its D-Bus part when a device vanishes in the middle of a call."""

_OF_THE_CONNECTOR = (BleakNotFoundError, BleakConnectionError, BleakAbortedError, BleakOutOfConnectionSlotsError)
_REASON = BleakBluetoothNotAvailableReason
_SWITCH_ON = {
    "darwin": "switch Bluetooth on in System Settings",
    "win32": "switch Bluetooth on in the Settings of Windows",
    "linux": "switch Bluetooth on in the settings, or by `bluetoothctl power on`",
}
_ALLOW = {
    "darwin": "allow Bluetooth for your terminal in System Settings, Privacy & Security, and start it anew",
    "win32": "allow apps to use Bluetooth in the Settings of Windows, Privacy & security",
    "linux": "see that you may use the system's D-Bus (group bluetooth on some systems)",
}
_START = (
    "install the package bluez and start it, usually by `sudo systemctl start bluetooth`; `surefoot record --pod "
    "virtual` needs none, in a checkout of the project"
)
_OFF_ERRORS = ("org.bluez.Error.NotReady", "org.bluez.Error.NotAvailable")
_NO_SERVICE_ERRORS = ("org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner")
_NOT_PAIRED_CODES = (0x05, 0x08, 0x0C, 0x0F)
"""Insufficient authentication, authorization, key size, encryption."""
_NOT_PAIRED_WORDS = (
    *("not paired", "access denied", "authentication", "encryption", "pairing", "not authorized"),
    *("peer removed pairing", "key missing", "key_missing", "could not pair"),
)


def bluetooth_trouble(error: BaseException, platform: str = sys.platform) -> BluetoothUnavailable:
    """Say in one sentence why Bluetooth cannot be used; `error` is what bleak raised while scanning."""
    reason = error.reason if isinstance(error, BleakBluetoothNotAvailableError) else None
    bus_error = error.dbus_error if isinstance(error, BleakDBusError) else ""
    no_bus = platform == "linux" and isinstance(error, (FileNotFoundError, ConnectionError))
    if reason == _REASON.POWERED_OFF or bus_error in _OFF_ERRORS:
        why, next_step = "Bluetooth is switched off", _on(platform, _SWITCH_ON)
    elif reason in (_REASON.DENIED_BY_USER, _REASON.DENIED_BY_SYSTEM, _REASON.DENIED_BY_UNKNOWN):
        why, next_step = "Bluetooth is not allowed for this program", _on(platform, _ALLOW)
    elif reason in (_REASON.NO_BLUETOOTH, _REASON.NO_BLE_CENTRAL_ROLE):
        why, next_step = "this computer has no Bluetooth LE", "plug in an adapter for Bluetooth LE"
    elif no_bus or bus_error in _NO_SERVICE_ERRORS:
        why, next_step = "the Bluetooth service of this computer is not running", _START
    else:
        why = f"this computer's Bluetooth fails ({described(error)})"
        next_step = f"{_on(platform, _SWITCH_ON)}, or off and on again"
    return BluetoothUnavailable(why, next_step)


def is_not_paired(error: BaseException) -> bool:
    """Whether this is how an operating system says that a characteristic needs a bond that is not there."""
    error = _bottom(error)
    if isinstance(error, BleakGATTProtocolError):
        return int(error.args[0]) in _NOT_PAIRED_CODES
    return isinstance(error, BleakError) and any(words in str(error).casefold() for words in _NOT_PAIRED_WORDS)


def described(error: BaseException) -> str:
    """Return what was said at the bottom of it; the connector says more, for programmers."""
    error = _bottom(error)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__


def is_silence(error: BaseException) -> bool:
    """Whether nobody answered."""
    return isinstance(_bottom(error), TimeoutError)


def _bottom(error: BaseException) -> BaseException:
    while isinstance(error, _OF_THE_CONNECTOR) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _on(platform: str, words: dict[str, str]) -> str:
    return words.get(platform, words["linux"])
