"""Blue Trident (IMeasureU, Vicon): the CSV files of Capture.U, `..._lowg.csv` and `..._highg.csv`.

The maker's page is not public. What is read here is what public programs that read such files agree on (pyCGM2,
`pyCGM2/IMU`: columns `time_s`, `ax_m/s/s` ... `gz_deg/s`; others on GitHub: `unix_timestamp_microsec` before them,
and that the gyroscope is in the file of the low-g accelerometer). Units stand in the names of the columns. The low-g
accelerometer is taken to have a range of 16 g, the high-g one of 200 g, the gyroscope of 2000 deg/s; the maker's sheet
was not at hand.

The high-g file has no angular rates. In one zip with its low-g file it gives the accelerations; both need
`unix_timestamp_microsec`, which is their common clock.
"""

from __future__ import annotations

import numpy as np

from surefoot.errors import RecordingError
from surefoot.recording.foreign.parts import Part
from surefoot.recording.foreign.table import Header, Names, Text, read_columns, usable_rows
from surefoot.recording.samples import STANDARD_GRAVITY_MPS2

PROGRAM = "a Blue Trident sensor"
UNIX = "unix_timestamp_microsec"
SECONDS = "time_s"
ACCEL = ("ax_m/s/s", "ay_m/s/s", "az_m/s/s")
GYRO = ("gx_deg/s", "gy_deg/s", "gz_deg/s")
LOW_RANGE_G = 16.0
HIGH_RANGE_G = 200.0
LOW_LARGEST_G = 16.5
"""The low-g accelerometer cannot give more, but for its calibration."""


def recognises(names: Names) -> bool:
    """Tell the files by the names of their columns."""
    return ACCEL[0] in names and (UNIX in names or SECONDS in names)


def read(text: Text, header: Header) -> Part:
    """Read one file; a file without angular rates is of the high-g accelerometer.

    Raises
    ------
    RecordingError
    """
    has_gyro = GYRO[0] in header.names
    is_high = not has_gyro
    if is_high and "lowg" in text.name.lower():
        raise RecordingError(text.name, "it has no angular rates", "export the low-g file with its gyroscope")
    clock = UNIX if UNIX in header.names else SECONDS
    columns = read_columns(text, header, [clock, *ACCEL, *(GYRO if has_gyro else ())])
    time = columns.values[clock]
    values = np.column_stack([columns.values[name] for name in (*ACCEL, *(GYRO if has_gyro else ()))])
    kept, conditions = usable_rows(text, time, values, clock)
    time, values = time[kept], values[kept]
    accel_g = values[:, :3] / STANDARD_GRAVITY_MPS2
    if not is_high and float(np.abs(accel_g).max()) > LOW_LARGEST_G:
        # both in one table: then it is not said which accelerometer this is
        is_high = True
    return Part(
        name=text.name,
        program=PROGRAM,
        t_s=(time - time[0]) * 1e-6 if clock == UNIX else time,
        accel_g=accel_g,
        gyro_dps=values[:, 3:] if has_gyro else None,
        accel_range_g=HIGH_RANGE_G if is_high else LOW_RANGE_G,
        clock="UTC" if clock == UNIX else None,
        zero_utc_us=int(time[0]) if clock == UNIX else None,
        converted=("accelerations from m/s^2 to g",),
        conditions=(*columns.conditions, *conditions),
    )
