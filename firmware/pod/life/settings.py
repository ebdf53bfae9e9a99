"""The settings of docs/link.md: what each may be, what is in force, and how they survive a reset."""

import struct

from micropython import const

from pod.wire.answer import DONE, NO_SUCH_SETTING, OUT_OF_RANGE, WRONG_STATE

RATE_HZ = const(1)
KEEP = const(2)
CUE_SHOCK = const(3)
SIDE = const(4)
START_ON_MOTION = const(5)
SLEEP_AFTER_MIN = const(6)
ACCEL_OFFSET = const(7)  # x; y and z follow
ACCEL_SCALE = const(10)  # x; y and z follow
NOT_CALIBRATED = const(32767)

_ENTRY = const(5)

# Lowest, highest, at first. The value at first is allowed even where it lies outside: no cue, not calibrated.
_TABLE = (
    (200, 1000, 500),
    (0, 2, 1),
    (200, 3000, 0),
    (0, 2, 0),
    (0, 1, 0),
    (1, 240, 10),
    (-3000, 3000, NOT_CALIBRATED),
    (-3000, 3000, NOT_CALIBRATED),
    (-3000, 3000, NOT_CALIBRATED),
    (-1000, 1000, NOT_CALIBRATED),
    (-1000, 1000, NOT_CALIBRATED),
    (-1000, 1000, NOT_CALIBRATED),
)
_RATES_HZ = (200, 250, 500, 1000)
COUNT = const(12)


def allowed(number, value):
    """Tell whether the setting `number`, which exists, may have this value."""
    lowest, highest, at_first = _TABLE[number - 1]
    if number == RATE_HZ:
        return value in _RATES_HZ
    return value == at_first or lowest <= value <= highest


class Settings:
    """Values in force. `file` has load() and save(data), as `SmallFile` has.

    A value is in force at once; it goes to flash at the next `store`, which the main loop calls while nothing is
    measured, because a flash that erases halts the processor. `unread` counts what could not be read at the start
    and has its first value instead: entries, or 1 for the file as a whole.
    """

    def __init__(self, file):
        self._file = file
        self._values = [row[2] for row in _TABLE]
        self.unstored = False
        self.unread = 0
        self._load()

    def get(self, number):
        """Value of a setting that exists; allocates nothing."""
        return self._values[number - 1]

    def lowest(self, number):
        """Lowest value of a setting that exists."""
        return _TABLE[number - 1][0]

    def highest(self, number):
        """Highest value of a setting that exists."""
        return _TABLE[number - 1][1]

    def check(self, number):
        """Error code: 0, or that there is no such setting."""
        return DONE if 1 <= number <= COUNT else NO_SUCH_SETTING

    def set(self, number, value, recording):
        """Put a value in force; returns an error code of docs/link.md."""
        if self.check(number):
            return NO_SUCH_SETTING
        if not allowed(number, value):
            return OUT_OF_RANGE
        if number == RATE_HZ and recording and value != self.get(number):
            return WRONG_STATE
        if value != self.get(number):
            self._values[number - 1] = value
            self.unstored = True
        return DONE

    def store(self):
        """Write what changed, if anything did. Takes as long as the flash does: only while nothing is measured."""
        if self.unstored and self._file.save(self._encoded()):
            self.unstored = False

    def _encoded(self):
        data = bytearray(COUNT * _ENTRY)
        for index in range(COUNT):
            struct.pack_into("<Bi", data, index * _ENTRY, index + 1, self._values[index])
        return bytes(data)

    def _load(self):
        data = self._file.load()
        if data is None:
            self.unread = 1 if self._file.damaged else 0
            return
        for at in range(0, len(data) - _ENTRY + 1, _ENTRY):
            number, value = struct.unpack_from("<Bi", data, at)
            if not self.check(number) and allowed(number, value):
                self._values[number - 1] = value
            else:
                self.unread += 1
        self.unread += 1 if len(data) % _ENTRY else 0
