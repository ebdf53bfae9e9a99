"""Movesense: the CSV files of the showcase app for Android, one per sensor.

No page describes them; the app's code does, as public programs made from it repeat it (`appendHeader` of its logger):
`Timestamp (ms),X: (m/s^2),Y: (m/s^2),Z: (m/s^2)` for `/Meas/Acc`, whose values have gravity in them, and the same
with the unit of angular rate for `/Meas/Gyro`, which gives degrees per second (Movesense API). Some versions write
`Sensor time (ms),System time (ms)` before the axes. Times are of the sensor's clock, which both files share; the two
come in one zip.

The showcase app for iOS (`Recorder.swift`) writes `timestamp,x,y,z` for both sensors: neither sensor nor unit is in
the file, so it is refused. Once its columns are named as above it can be read: a time at the first sample of each
notification and none at the others, which are then spread evenly up to the next notification.
"""

from __future__ import annotations

import re

import numpy as np

from surefoot.errors import RecordingError
from surefoot.recording.foreign.parts import Part
from surefoot.recording.foreign.table import Header, Names, Text, read_columns, usable_rows
from surefoot.recording.samples import STANDARD_GRAVITY_MPS2, FloatArray

PROGRAM = "Movesense"
TIMES = ("timestamp (ms)", "sensor time (ms)")
NO_UNITS: Names = ("timestamp", "x", "y", "z")
_ACCEL = re.compile(r"([xyz]):? \(m/s(\^2|²)\)")
_GYRO = re.compile(r"([xyz]):? \((degrees? per second|deg/s|dps|°/s)\)")
STRETCH_MAX = 1.5
"""A notification that seems to last longer than this, in usual ones, was followed by a lost one."""


def recognises(names: Names) -> bool:
    """Tell the files by their time in ms and the axes of one sensor."""
    return names[:4] == NO_UNITS or (names[:1] in {(time,) for time in TIMES} and bool(_axes(names)[1]))


def read(text: Text, header: Header) -> Part:
    """Read one file.

    Raises
    ------
    RecordingError
    """
    if header.names[:4] == NO_UNITS:
        raise RecordingError(
            text.name,
            "it does not say which sensor it is of, and in which unit",
            "name its columns 'Timestamp (ms),X (m/s^2),Y (m/s^2),Z (m/s^2)', or with dps",
        )
    is_accel, axes = _axes(header.names)
    clock = header.names[0]
    columns = read_columns(text, header, [clock, *axes])
    values = np.column_stack([columns.values[name] for name in axes])
    t_s = _spread(columns.values[clock] * 1e-3)
    kept, conditions = usable_rows(text, t_s, values, clock)
    return Part(
        name=text.name,
        program=PROGRAM,
        t_s=t_s[kept],
        accel_g=values[kept] / STANDARD_GRAVITY_MPS2 if is_accel else None,
        gyro_dps=None if is_accel else values[kept],
        clock="Movesense",
        converted=("accelerations from m/s^2 to g",) if is_accel else (),
        conditions=(*columns.conditions, *conditions),
    )


def _axes(names: Names) -> tuple[bool, list[str]]:
    """Tell whether the table is of the accelerometer, and name its three axes; none if it is not of one sensor."""
    for is_accel, pattern in ((True, _ACCEL), (False, _GYRO)):
        found = {match[1]: name for name in names if (match := pattern.fullmatch(name))}
        if len(found) == 3:
            return is_accel, [found[axis] for axis in "xyz"]
    return False, []


def _spread(t_s: FloatArray) -> FloatArray:
    """Give samples without a time their place between the times of their notification and of the next."""
    stated = np.flatnonzero(np.isfinite(t_s))
    if len(stated) == len(t_s) or len(stated) < 2:
        return t_s
    sizes = np.diff(stated, append=len(t_s))
    steps_s = np.diff(t_s[stated]) / sizes[:-1]
    usual_s = float(np.median(steps_s))
    steps_s = np.append(np.where(steps_s > STRETCH_MAX * usual_s, usual_s, steps_s), usual_s)
    spread = np.full(len(t_s), np.nan)
    within = np.arange(stated[0], len(t_s)) - np.repeat(stated, sizes)
    spread[stated[0] :] = np.repeat(t_s[stated], sizes) + within * np.repeat(steps_s, sizes)
    return spread
