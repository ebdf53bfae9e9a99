"""phyphox (RWTH Aachen): tables that the app for Android and iOS exports, alone or several in a zip.

Described by the app's own code, which is public (github.com/phyphox): `DataExport.java` in phyphox-android writes the
tables, the `meta` folder and all five combinations of separator and decimal mark; the experiments (`set` in their
`export` block) name the columns. A zip has one table per sensor, each with its own times on a clock that they share:
`Time (s)`, the experiment's time, which stands still while the experiment is paused (`ExperimentTimeReference.java`).
`meta/time.csv` tells UTC at each start and pause, `meta/device.csv` the range of each sensor in its own unit. Units
stand in the names of the columns: m/s^2 and rad/s. `Acceleration` and the table `Accelerometer` have gravity in them,
`Linear Acceleration` has not.
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import replace

import numpy as np

from surefoot.errors import RecordingError
from surefoot.recording.foreign.parts import Part
from surefoot.recording.foreign.table import Header, Names, Text, find_header, read_columns, usable_rows
from surefoot.recording.samples import STANDARD_GRAVITY_MPS2, Condition, FloatArray
from surefoot.words import count_of

PROGRAM = "phyphox"
CLOCK = "experiment time"
TIME = "time (s)"
_ACCEL = re.compile(r"(acceleration )?x \(m/s(\^2|²)\)")
_LINEAR = re.compile(r"linear acceleration x \(m/s(\^2|²)\)")
_GYRO = re.compile(r"(gyroscope )?x \(rad/s\)")
RANGES_G = (1.0, 400.0)
RANGES_DPS = (100.0, 10000.0)
"""A range beyond these is no sensor's; phones without one write 0 or nothing."""
META_BYTES_MAX = 1 << 20
TIME_S_MAX = 1e11
"""The year 5000, as UTC."""
PAUSE_S_MIN = 0.001
"""UTC in `meta/time.csv` is written to the millisecond."""


def recognises(names: Names) -> bool:
    """Tell a table of phyphox with accelerations or angular rates by its names."""
    first_axes = [name for name in names if _ACCEL.fullmatch(name) or _LINEAR.fullmatch(name) or _GYRO.fullmatch(name)]
    return TIME in names and bool(first_axes)


def read(text: Text, header: Header) -> Part:
    """Read one table.

    Raises
    ------
    RecordingError
    """
    accel = [] if _is_linear(text, header) else _axes(header, _ACCEL)
    gyro = _axes(header, _GYRO)
    if not accel and not gyro:
        raise RecordingError(
            text.name, "its accelerations are without gravity", "record the sensor 'Acceleration (with g)'"
        )
    columns = read_columns(text, header, [TIME, *accel, *gyro])
    t_s = columns.values[TIME]
    values = np.column_stack([columns.values[name] for name in (*accel, *gyro)])
    kept, conditions = usable_rows(text, t_s, values, TIME)
    values = values[kept]
    return Part(
        name=text.name,
        program=PROGRAM,
        t_s=t_s[kept],
        accel_g=values[:, :3] / STANDARD_GRAVITY_MPS2 if accel else None,
        gyro_dps=np.degrees(values[:, -3:]) if gyro else None,
        clock=CLOCK,
        converted=(
            *(("accelerations from m/s^2 to g",) if accel else ()),
            *(("angular rates from rad/s to deg/s",) if gyro else ()),
        ),
        conditions=(*columns.conditions, *conditions),
    )


def _is_linear(text: Text, header: Header) -> bool:
    """Tell a table without gravity; where its columns do not say, its name in the zip does."""
    if "x (m/s^2)" not in header.names and "x (m/s²)" not in header.names:
        return False
    name = text.name.lower().removesuffix(".csv")
    if name not in ("accelerometer", "linear accelerometer"):
        raise RecordingError(
            text.name, "its accelerations may be with or without gravity", "give the zip that phyphox exported"
        )
    return name == "linear accelerometer"


def _axes(header: Header, first_axis: re.Pattern[str]) -> list[str]:
    """Name the three columns of a sensor; empty where the table does not have it."""
    found = [name for name in header.names if first_axis.fullmatch(name)]
    return [re.sub(r"x(?= \()", axis, found[0]) for axis in "xyz"] if found else []


def with_meta(part: Part, device: Text | None, time: Text | None) -> Part:
    """Add what the `meta` folder tells: ranges, UTC, and pauses, which become gaps."""
    if device is not None:
        ranges = {row[0].lower(): _number(row[1]) for row in _rows(device) if len(row) > 1}
        accel_g = ranges.get("accelerometer range", math.nan) / STANDARD_GRAVITY_MPS2
        gyro_dps = math.degrees(ranges.get("gyroscope range", math.nan))
        if RANGES_G[0] <= accel_g <= RANGES_G[1]:
            part = replace(part, accel_range_g=accel_g)
        if RANGES_DPS[0] <= gyro_dps <= RANGES_DPS[1]:
            part = replace(part, gyro_range_dps=gyro_dps)
    return _with_utc(part, time) if time is not None else part


def _with_utc(part: Part, time: Text) -> Part:
    """Lay the experiment's time on UTC, so that what was paused is a gap."""
    starts = [
        (_number(row[1]), _number(row[2])) for row in _rows(time) if len(row) > 2 and row[0].strip().upper() == "START"
    ]
    starts = [start for start in starts if all(abs(time_s) < TIME_S_MAX for time_s in start)]
    if not starts:
        return part
    experiment_s, system_s = np.array(starts).T
    zero_s = float(system_s[0] - experiment_s[0])
    paused_s = system_s - experiment_s - zero_s
    if (np.diff(experiment_s) < 0).any() or (np.diff(paused_s) < -PAUSE_S_MIN).any():
        # the clock of the phone was set meanwhile: nothing can be said about pauses
        return replace(part, zero_utc_us=round(zero_s * 1e6))
    t_s = _after_pauses(part.t_s, experiment_s, np.maximum.accumulate(paused_s))
    pauses = int((np.diff(paused_s) > PAUSE_S_MIN).sum())
    paused = Condition("paused", f"The experiment had {count_of(pauses, 'pause')}; they are gaps.", pauses)
    return replace(
        part,
        t_s=t_s,
        zero_utc_us=round(zero_s * 1e6),
        conditions=(*part.conditions, paused) if pauses else part.conditions,
    )


def _after_pauses(t_s: FloatArray, experiment_s: FloatArray, paused_s: FloatArray) -> FloatArray:
    """Add to each time all pauses before it."""
    return t_s + paused_s[np.maximum(np.searchsorted(experiment_s, t_s, side="right") - 1, 0)]


def _rows(text: Text) -> list[list[str]]:
    """Read a table of the `meta` folder; whatever cannot be read is not there."""
    header = find_header(text.data, lambda names: names[:1] in (("property",), ("event",)))
    if header is None or len(text.data) > META_BYTES_MAX:
        return []
    lines = text.data[header.start :].decode("utf-8", errors="replace").replace("\0", "").splitlines()
    try:
        return list(csv.reader(lines, delimiter=header.separator))
    except csv.Error:
        return []


def _number(cell: str) -> float:
    try:
        return float(cell.strip().replace(",", "."))
    except ValueError:
        return math.nan
