"""What the pod knows across resets, and whether it may start. Needs nothing of the package `pod`."""

import binascii
import io
import struct
import sys

from micropython import const

NORMAL = const(0)
SAFE = const(1)

GO = const(0)
HELD = const(1)
CRASHED = const(2)
ASKED = const(3)
NO_BOARD = const(4)
WHY = ("", "the button was held.", "three starts in a row failed.", "it was asked for.", "board.py is not there.")

WATCHDOG_MS = const(8000)
STARTS_TO_SAFE_MODE = const(3)
LONGEST_TEXT = const(60)
_LAYOUT = const(0x51)
_FORMAT = "<BBBBHHHHB60s"
_BODY = const(73)
_POWER_ON = (1, 6)


def describe(error):
    """Name an exception and where it was raised, as "OSError: 5 at sampler.py:88"; 60 characters at most.

    Where there is no memory left to say that much, its type.
    """
    try:
        return _described(error)
    except Exception:
        return type(error).__name__


def _described(error):
    trace = io.StringIO()
    sys.print_exception(error, trace)
    lines = trace.getvalue().strip().split("\n")
    place = ""
    for line in lines:
        if line.strip().startswith("File"):
            parts = line.split('"')
            place = parts[1].split("/")[-1] + ":" + parts[2].split(",")[1].split()[-1]
    place = " at " + place if place else ""
    return lines[-1][: LONGEST_TEXT - len(place)] + place


class Record:
    """A start that lasted less than a minute and had no orderly end is `unfinished`; three in a row lead to safe mode.

    Kept twice: in the memory of the real-time clock (`memory`, as that of machine.RTC), which a reset leaves alone on
    recent firmware and a loss of power clears, and in the file `path`. What cannot be read is as on the first day.
    `survived` says that the memory held it: the power never went.
    """

    def __init__(self, memory, path):
        self._memory = memory
        self._path = path
        self.unfinished = self.request = 0
        self.armed = False
        self.boots = self.watchdogs = self.faults = self.brownouts = 0
        self.text = b""
        self.survived = self._decode(memory())
        if not self.survived:
            self._decode(self._file())

    def cause(self, reset_cause):
        """Give docs/link.md's reset cause for machine's: the same numbers, but machine calls a brown-out a power-on."""
        if reset_cause == 1 and self.survived:
            return 6
        return reset_cause if 0 <= reset_cause <= 5 else 0

    def verdict(self, cause, button_down):
        """Tell whether the pod starts, or why not. A button that is down counts, unless it woke the pod."""
        if self.request == SAFE:
            return ASKED
        if self.unfinished >= STARTS_TO_SAFE_MODE and cause not in _POWER_ON:
            return CRASHED
        return HELD if button_down and cause != 4 else GO

    def starting(self, cause):
        """Count a start as unfinished until `settle`. Switching off and on starts the count anew."""
        self.unfinished = 1 if cause in _POWER_ON else (self.unfinished + 1) & 0xFF
        self.boots = (self.boots + 1) & 0xFFFF
        self.watchdogs = (self.watchdogs + (cause == 3)) & 0xFFFF
        self.brownouts = (self.brownouts + (cause == 6)) & 0xFFFF
        self.armed = False
        self.keep(True)

    def settle(self, to_flash):
        """Tell that the start was good, or ends in order."""
        self.unfinished = 0
        self.keep(to_flash)

    def ask(self, request):
        """Before a restart that was asked for: what the next start shall be."""
        self.unfinished = 0
        self.request = request
        self.keep(True)

    def fault(self, text):
        """Count a fault and keep its text, in memory only: flash is for later."""
        self.faults = (self.faults + 1) & 0xFFFF
        self.text = text.encode()[:LONGEST_TEXT]
        self.keep(False)

    def keep(self, to_flash):
        """Write it all down. To flash it takes as long as a file takes: not while sampling."""
        body = struct.pack(
            _FORMAT,
            _LAYOUT,
            self.unfinished,
            self.request,
            self.armed,
            self.boots,
            self.watchdogs,
            self.faults,
            self.brownouts,
            len(self.text),
            self.text,
        )
        whole = body + struct.pack("<I", binascii.crc32(body) & 0xFFFFFFFF)
        self._memory(whole)
        if to_flash:
            try:
                with open(self._path, "wb") as file:
                    file.write(whole)
            except OSError:
                pass  # a full or broken file system must not keep the pod from starting

    def _file(self):
        try:
            with open(self._path, "rb") as file:
                return file.read(_BODY + 5)
        except OSError:
            return b""

    def _decode(self, whole):
        if len(whole) != _BODY + 4:
            return False
        if struct.unpack_from("<I", whole, _BODY)[0] != binascii.crc32(whole[:_BODY]) & 0xFFFFFFFF:
            return False
        layout, unfinished, request, armed, boots, watchdogs, faults, brownouts, length, text = struct.unpack_from(
            _FORMAT, whole, 0
        )
        if layout != _LAYOUT:
            return False
        self.unfinished = unfinished
        self.request = request
        self.armed = bool(armed)
        self.boots = boots
        self.watchdogs = watchdogs
        self.faults = faults
        self.brownouts = brownouts
        self.text = text[:length]
        return True
