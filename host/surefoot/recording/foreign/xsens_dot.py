"""Xsens (Movella) DOT: the CSV files that its app and its exporter write.

Units and clock are described in the Xsens DOT User Manual (document XD0502P, revisions D and E): 4.2.2 acceleration
in m/s^2 and angular velocity in degree/s, in the sensor's axes; 4.2.4 free acceleration, from which gravity is
deducted, in the axes of the earth; 4.2.5 `SampleTimeFine`, microseconds in 32 bits, which begins anew every 71.6 min.
The layout is that of the SDK's logger, as public programs use it: lines of facts (`sep=,`, `DeviceTag`, `OutputRate`,
...), then names of columns that depend on the measurement mode, blanks behind the commas. The file itself names no
units. `FreeAcc_X` and the increments `dV`, `dq` cannot be used. Ranges 16 g and 2000 deg/s.

Other Xsens devices write columns of the same names, in rad/s (MTw Awinda), and with a `SampleTimeFine` that counts in
100 us (MTi). The steps must therefore be those of a rate that the DOT has; rates in rad/s fail the check of units
that every recording goes through before analysis.
"""

from __future__ import annotations

import re

import numpy as np

from surefoot.errors import RecordingError
from surefoot.recording.foreign.parts import Part
from surefoot.recording.foreign.table import Header, Names, Text, read_columns, usable_rows
from surefoot.recording.samples import STANDARD_GRAVITY_MPS2, FloatArray

PROGRAM = "an Xsens DOT"
TIME = "sampletimefine"
ACCEL = ("acc_x", "acc_y", "acc_z")
GYRO = ("gyr_x", "gyr_y", "gyr_z")
RATES_HZ = (1, 4, 10, 12, 15, 20, 30, 60, 120)
RATE_TOLERANCE = 0.05
WRAP = 2**32
_OUTPUT_RATE = re.compile(r"outputrate:?[,;\s]*(\d+)\s*hz", re.IGNORECASE)


def recognises(names: Names) -> bool:
    """Tell the files by the counter of packets and the time of the sample."""
    return "packetcounter" in names and TIME in names


def read(text: Text, header: Header) -> Part:
    """Read one file.

    Raises
    ------
    RecordingError
    """
    if not {*ACCEL, *GYRO} <= set(header.names):
        free = " (free acceleration is without gravity)" if "freeacc_x" in header.names else ""
        raise RecordingError(
            text.name,
            f"it lacks the measured accelerations or angular rates, Acc_X and Gyr_X{free}",
            "record in a measurement mode with inertial data",
        )
    columns = read_columns(text, header, [TIME, *ACCEL, *GYRO])
    ticks = columns.values[TIME]
    values = np.column_stack([columns.values[name] for name in (*ACCEL, *GYRO)])
    known = np.isfinite(ticks)
    ticks, values = _unwrapped(ticks[known]), values[known]
    kept, conditions = usable_rows(text, ticks, values, "SampleTimeFine")
    ticks, values = ticks[kept], values[kept]
    return Part(
        name=text.name,
        program=PROGRAM,
        t_s=(ticks - ticks[0]) * 1e-6,
        accel_g=values[:, :3] / STANDARD_GRAVITY_MPS2,
        gyro_dps=values[:, 3:],
        nominal_rate_hz=_rate_hz(text, header, ticks),
        converted=("accelerations from m/s^2 to g",),
        conditions=(*columns.conditions, *conditions),
    )


def _unwrapped(ticks: FloatArray) -> FloatArray:
    """Count on where the 32 bits begin anew; a small step back stays one."""
    if not len(ticks):
        return ticks
    steps = (np.diff(ticks) + WRAP / 2) % WRAP - WRAP / 2
    return np.concatenate([[0.0], np.cumsum(steps)])


def _rate_hz(text: Text, header: Header, ticks: FloatArray) -> float:
    """Return the rate of the DOT that the steps are of."""
    measured_hz = 1e6 / float(np.median(np.diff(ticks)))
    nearest_hz = min(RATES_HZ, key=lambda rate_hz: abs(rate_hz - measured_hz))
    stated = next((int(found[1]) for line in header.preamble if (found := _OUTPUT_RATE.search(line))), nearest_hz)
    if abs(measured_hz - nearest_hz) > RATE_TOLERANCE * nearest_hz or stated != nearest_hz:
        raise RecordingError(
            text.name,
            f"its SampleTimeFine does not count the microseconds of a DOT (read so, it has {measured_hz:.4g} Hz)",
            "give the CSV that the Xsens DOT app or exporter wrote",
        )
    return float(nearest_hz)
