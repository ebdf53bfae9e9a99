"""What the sensor is, and what it says of itself; the battery gauge."""

from __future__ import annotations

from typing import Any

from surefoot.selftest.bench import Identity
from surefoot.selftest.checks import Check, Verdict, judged, not_measured
from surefoot.selftest.datasheet import Datasheet
from surefoot.wire.answers import SelfTested
from surefoot.wire.fields import UNKNOWN_I16
from surefoot.words import printable

PRINTED = "MPU-6050"
"""What is printed on a GY-521, whatever sits on it."""
ALIKE = ("6050-like", "6500-like")
"""Names that the pod gives to a sensor whose number does not fit how it works (firmware/pod/sensing/parts.py)."""
AXES = ("ax", "ay", "az", "gx", "gy", "gz")
METER_MV = 150
"""How far the gauge may be from a meter: the converter of the ESP32, calibrated by its maker, within 60 mV at this
range, which two equal resistors make 120 at the cell, and two of 1 % add 42 mV. From memory, to be checked."""
NEAR_METER_MV = 50
"""What is farther off is told, although it passes."""
CELL_MV = (3400, 4300)
"""A lithium polymer cell that the pod runs on: it stops at 3.4 V (firmware/pod/life/battery.py), and a charger ends
at 4.2 V within 1 %, read to 50 mV."""
_BATTERY = ("battery", "battery gauge")
_DIVIDER = "see the two resistors of the divider"


def check_identity(identity: Identity) -> Check:
    """Judge which sensor it is: one that the pod does not know fails, a relative passes and is named."""
    start, what = identity.start, ("identity", "sensor")
    if not identity.has_sensor:
        return judged(*what, printable(identity.hardware), "known to the pod", good=False, note="see its wires")
    value = f"{start.sensor_part}, number 0x{start.who_am_i:02x}"
    note = ""
    if start.sensor_part in ALIKE:
        note = f"a copy: its number is not that of a part that works so; it is run as {start.sensor_part}"
    elif start.sensor_part != PRINTED:
        note = f"a relative of the {PRINTED}, whatever is printed on its board"
    numbers: dict[str, Any] = {"part": start.sensor_part, "who_am_i": start.who_am_i, "fifo_bytes": start.fifo_bytes}
    return judged(*what, value, "known to the pod", good=True, note=note, **numbers)


def check_self_test(tested: SelfTested, sheet: Datasheet, *, rests: bool) -> Check:
    """Judge the sensor's own test: each axis is pushed by a known force inside the chip.

    `rests` tells whether the gyroscope was found quiet afterwards: only then does the pod's word that it did not rest
    during the test mean that somebody moved it.
    """
    what = ("self_test", "chip's own test")
    failed = [axis for bit, axis in enumerate(AXES) if not tested.passed >> bit & 1]
    change = tested.change_percent
    accel, gyro = (" ".join(f"{percent:+d}" for percent in change[at : at + 3]) for at in (0, 3))
    value = f"accel {accel} gyro {gyro} %"
    if failed and rests and UNKNOWN_I16 in tested.gyro_bias_raw:
        return not_measured(*what, "it moved meanwhile; lay it on a firm table and do not touch it")
    note = f"out of limits, or never trimmed by its maker: {', '.join(failed)}" if failed else ""
    numbers: dict[str, Any] = {"change_percent": list(change), "failed": failed}
    return judged(*what, value, sheet.self_test, good=not failed, note=note, **numbers)


def check_battery(battery_mv: int, meter_mv: int | None, *, ran_empty: bool = False) -> Check:
    """Judge the gauge: plausible, and near a meter where there is one. 0 is a pod without a cell or divider.

    `ran_empty` tells that the pod ended the stream for its battery.
    """
    against = None if meter_mv is None else _against_meter(battery_mv, meter_mv)
    if ran_empty and (against is None or against.verdict == Verdict.PASS):
        note = f"the pod found it empty meanwhile: charge it, or {_DIVIDER}"
        return _gauge(battery_mv, f"above {CELL_MV[0] / 1000:.1f} V to the end", good=False, note=note)
    if against is not None:
        return against
    if battery_mv == 0:
        return not_measured(*_BATTERY, "no cell behind the gauge, or a board without one", again=False)
    good = CELL_MV[0] <= battery_mv <= CELL_MV[1]
    note = "not compared with a meter (--meter)" if good else f"{_DIVIDER}, and charge the cell"
    return _gauge(battery_mv, f"{CELL_MV[0] / 1000:.1f} to {CELL_MV[1] / 1000:.1f} V", good=good, note=note)


def _against_meter(battery_mv: int, meter_mv: int) -> Check:
    off_mv = battery_mv - meter_mv
    good = abs(off_mv) <= METER_MV
    note = f"off by more than {NEAR_METER_MV} mV: what it says of the battery is as far off"
    if abs(off_mv) <= NEAR_METER_MV:
        note = ""
    elif battery_mv == 0:
        note = f"it reads nothing although there are {meter_mv / 1000:.2f} V: {_DIVIDER}"
    elif not good:
        note = _DIVIDER
    limit = f"within {METER_MV} mV"
    beside = f", {off_mv:+d} mV from the meter"
    return _gauge(battery_mv, limit, beside, good=good, note=note, meter_mv=meter_mv, limit_mv=METER_MV)


def _gauge(battery_mv: int, limit: str, beside: str = "", *, good: bool, note: str, **numbers: Any) -> Check:
    value = f"{battery_mv / 1000:.2f} V{beside}"
    return judged(*_BATTERY, value, limit, good=good, note=note, battery_mv=battery_mv, **numbers)
