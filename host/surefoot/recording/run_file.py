"""Reads a run file as a recording: whatever survives of it, in g and deg/s, and what is to be known about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from surefoot.errors import RecordingError
from surefoot.recording.contents import Contents, read_contents
from surefoot.recording.gaps import Gaps, find_gaps
from surefoot.recording.run_conditions import run_conditions
from surefoot.recording.run_packets import RunPackets, read_packets
from surefoot.recording.run_time import RunTime, time_run
from surefoot.recording.samples import FloatArray, Leg, Recording
from surefoot.wire.packing import Int16Array
from surefoot.wire.records import Start

NOMINAL_ACCEL_RANGE_G = 16
NOMINAL_GYRO_RANGE_DPS = 2000
ACCEL_COUNTS = 32768
"""At the end of the range."""
GYRO_COUNTS_PER_DPS = {250: 131.0, 500: 65.5, 1000: 32.8, 2000: 16.4}
"""By range, as the data sheet of the MPU6050 says: a little more than 32768 over the range."""
SENSOR_HEIGHTS_M = (0.02, 0.45)
"""What `Settings` takes; another height in a file is left aside."""
SIDES: tuple[Leg, ...] = ("unknown", "left", "right")


@dataclass(frozen=True)
class RunFile:
    """One run file, read once: its frames, its packets in order, their time, and the gaps."""

    contents: Contents
    run: RunPackets
    time: RunTime
    gaps: Gaps


def open_run(path: Path) -> RunFile | Contents:
    """Read a run file; only its contents where it holds no packet.

    Raises
    ------
    RecordingError
        It cannot be read, or is no run file.
    """
    contents = read_contents(path)
    run = read_packets(contents)
    if run is None:
        return contents
    # their bytes would stay in memory beside the samples made of them
    contents.packets = bytearray()
    return RunFile(contents, run, time_run(contents, run), find_gaps(run))


def read_run(path: Path) -> Recording:
    """Read the samples of a run file; what is lost stays open, and is said.

    Raises
    ------
    RecordingError
        It cannot be read, is no run file, or holds fewer than two samples.
    """
    file = open_run(path)
    if isinstance(file, Contents):
        raise RecordingError(path, "it holds no packet of a pod", "record again, or give another file")
    if len(file.run.index) < 2:
        raise RecordingError(path, "it holds fewer than two samples", "record at least 10 s of running")
    start = file.run.start
    values = file.run.values
    return Recording(
        t_s=_rising(file.time, file.run.index),
        accel_g=accel_g(values, start),
        gyro_dps=gyro_dps(values, start),
        accel_range_g=float(_accel_range_g(start)),
        gyro_range_dps=float(_gyro_range_dps(start)),
        nominal_rate_hz=file.time.nominal_hz,
        name=path.name,
        conditions=run_conditions(file.contents, file.run, file.time, file.gaps),
        side=said_side(file.contents, start),
        sensor_height_m=said_height_m(file.contents),
        start_utc_us=file.time.start_utc_us,
    )


def accel_g(values: Int16Array, start: Start | None) -> FloatArray:
    """Return accelerations, shape (n, 3), g: (measured - offset) / (1 + scale error), where the pod is calibrated."""
    unit_g = _accel_range_g(start) / ACCEL_COUNTS
    if start is None or not start.calibrated:
        return np.asarray(values[:, :3] * unit_g)
    scale = 1 + np.array(start.accel_scale_e4) * 1e-4
    accel = values[:, :3] * (unit_g / scale)
    accel -= np.array(start.accel_offset_100ug) * 1e-4 / scale
    return np.asarray(accel)


def gyro_dps(values: Int16Array, start: Start | None) -> FloatArray:
    """Return angular rates, shape (n, 3), deg/s, as measured: the bias is found in the run itself."""
    range_dps = _gyro_range_dps(start)
    return np.asarray(values[:, 3:] * (1 / GYRO_COUNTS_PER_DPS.get(range_dps, ACCEL_COUNTS / range_dps)))


def said_side(contents: Contents, start: Start | None) -> Leg:
    """Return the leg that the runner said last, or else the pod's setting."""
    side = contents.settings.get("side")
    if side in SIDES[1:]:
        return SIDES[SIDES.index(side)]
    return SIDES[start.side] if start is not None and start.side < len(SIDES) else "unknown"


def said_height_m(contents: Contents) -> float | None:
    """Return the height of the sensor above the ankle joint, m, where the runner said it."""
    height = contents.settings.get("sensor_height_m")
    if isinstance(height, (int, float)) and SENSOR_HEIGHTS_M[0] <= height <= SENSOR_HEIGHTS_M[1]:
        return float(height)
    return None


def _accel_range_g(start: Start | None) -> int:
    return start.accel_range_g if start and start.accel_range_g else NOMINAL_ACCEL_RANGE_G


def _gyro_range_dps(start: Start | None) -> int:
    return start.gyro_range_dps if start and start.gyro_range_dps else NOMINAL_GYRO_RANGE_DPS


def _rising(time: RunTime, index: np.ndarray) -> FloatArray:
    """Return the time of each sample, s; by the nominal rate where the clock would make it stand still."""
    t_s = time.at_s(index)
    if np.any(np.diff(t_s) <= 0):
        t_s = (index - index[0]) / (time.nominal_hz or time.rate_hz)
    return t_s
