"""The pod's settings: numbers, names, values (docs/link.md, "Settings")."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from surefoot.wire.fields import UNKNOWN_I16

RATES_HZ = (200, 250, 500, 1000)
"""Sampling rates of a pod."""


class SettingNumber(IntEnum):
    """By which a setting is asked for; of the calibration those of the x axis, y and z follow."""

    RATE_HZ = 1
    KEEP = 2
    CUE_SHOCK = 3
    SIDE = 4
    START_ON_MOTION = 5
    SLEEP_AFTER_MIN = 6
    ACCEL_OFFSET = 7
    ACCEL_SCALE = 10


@dataclass(frozen=True)
class Setting:
    """One setting; its value is a whole number in the unit that `unit` says.

    Attributes
    ----------
    lowest, highest : int
        Ends of the range.
    default : int
        Value of a pod that was never set.
    only : tuple of int
        Where not empty, the only values there are.
    besides : tuple of int
        Values outside the range that mean something of their own.
    """

    number: int
    name: str
    unit: str
    lowest: int
    highest: int
    default: int
    only: tuple[int, ...] = ()
    besides: tuple[int, ...] = ()

    def allows(self, value: int) -> bool:
        """Whether the pod takes this value."""
        if value in self.besides:
            return True
        return value in self.only if self.only else self.lowest <= value <= self.highest


def _calibration(first: int, name: str, unit: str, limit: int) -> tuple[Setting, ...]:
    return tuple(
        Setting(first + at, f"{name}_{axis}", unit, -limit, limit, UNKNOWN_I16, besides=(UNKNOWN_I16,))
        for at, axis in enumerate("xyz")
    )


SETTINGS: dict[int, Setting] = {
    setting.number: setting
    for setting in (
        Setting(SettingNumber.RATE_HZ, "rate_hz", "Hz", 200, 1000, 500, only=RATES_HZ),
        Setting(SettingNumber.KEEP, "keep", "", 0, 2, 1),
        Setting(SettingNumber.CUE_SHOCK, "cue_shock", "0.01 g", 200, 3000, 0, besides=(0,)),
        Setting(SettingNumber.SIDE, "side", "", 0, 2, 0),
        Setting(SettingNumber.START_ON_MOTION, "start_on_motion", "", 0, 1, 0),
        Setting(SettingNumber.SLEEP_AFTER_MIN, "sleep_after_min", "min", 1, 240, 10),
        *_calibration(SettingNumber.ACCEL_OFFSET, "accel_offset", "0.0001 g", 3000),
        *_calibration(SettingNumber.ACCEL_SCALE, "accel_scale", "0.0001", 1000),
    )
}
