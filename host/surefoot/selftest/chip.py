"""What the sensor is, and what it says of itself; the battery gauge."""

from __future__ import annotations

from typing import Any

from surefoot.selftest.bench import Identity
from surefoot.selftest.checks import Check, judged, not_measured
from surefoot.selftest.datasheet import Datasheet
from surefoot.wire.answers import SelfTested
from surefoot.wire.fields import UNKNOWN_I16
from surefoot.words import printable

PRINTED = "MPU-6050"
"""What is printed on a GY-521, whatever sits on it."""
ALIKE = ("6050-like", "6500-like")
"""Names that the pod gives to a sensor whose number does not fit how it works (firmware/pod/sensing/parts.py)."""
AXES = ("ax", "ay", "az", "gx", "gy", "gz")
METER_MV = 50
"""How far the gauge may be from a meter: the ESP32's ADC after its factory calibration is good to about 1 % at
2.1 V, and two resistors of 1 % add 20 mV at 4.2 V. To be checked on boards."""
CELL_MV = (3400, 4300)
"""A lithium polymer cell that the pod runs on: it stops at 3.4 V (firmware/pod/life/battery.py), and a charger ends
at 4.2 V within 1 %, read to 50 mV."""


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


def check_self_test(tested: SelfTested, sheet: Datasheet) -> Check:
    """Judge the sensor's own test: each axis is pushed by a known force inside the chip."""
    what = ("self_test", "chip's own test")
    failed = [axis for bit, axis in enumerate(AXES) if not tested.passed >> bit & 1]
    change = tested.change_percent
    accel, gyro = (" ".join(f"{percent:+d}" for percent in change[at : at + 3]) for at in (0, 3))
    value = f"accel {accel} gyro {gyro} %"
    if failed and UNKNOWN_I16 in tested.gyro_bias_raw:
        return not_measured(*what, "it moved meanwhile; lay it on a firm table and do not touch it")
    note = f"out of limits, or never trimmed by its maker: {', '.join(failed)}" if failed else ""
    numbers: dict[str, Any] = {"change_percent": list(change), "failed": failed}
    return judged(*what, value, sheet.self_test, good=not failed, note=note, **numbers)


def check_battery(battery_mv: int, meter_mv: int | None) -> Check:
    """Judge the gauge: plausible, and near a meter where there is one. 0 is a pod without a cell or divider."""
    what = ("battery", "battery gauge")
    if battery_mv == 0:
        return not_measured(*what, "no cell behind the gauge, or a board without one")
    if meter_mv is not None:
        off_mv = battery_mv - meter_mv
        value = f"{battery_mv / 1000:.2f} V, {off_mv:+d} mV from the meter"
        note = "" if abs(off_mv) <= METER_MV else "see the two resistors of the divider"
        return judged(
            *what,
            value,
            f"within {METER_MV} mV",
            good=abs(off_mv) <= METER_MV,
            note=note,
            battery_mv=battery_mv,
            meter_mv=meter_mv,
            limit_mv=METER_MV,
        )
    good = CELL_MV[0] <= battery_mv <= CELL_MV[1]
    note = (
        "not compared with a meter (--meter)" if good else "see the two resistors of the divider, and charge the cell"
    )
    limit = f"{CELL_MV[0] / 1000:.1f} to {CELL_MV[1] / 1000:.1f} V"
    return judged(*what, f"{battery_mv / 1000:.2f} V", limit, good=good, note=note, battery_mv=battery_mv)
