"""Reads a run file as a recording: whatever survives of it, in g and deg/s, and what is to be known about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from surefoot.errors import RecordingError
from surefoot.recording.contents import Contents
from surefoot.recording.gaps import Gaps, find_gaps
from surefoot.recording.run_conditions import run_conditions
from surefoot.recording.run_packets import RunPackets, read_packets
from surefoot.recording.run_time import RunTime, time_run
from surefoot.recording.samples import FloatArray, Recording, said_side
from surefoot.recording.sorting import read_contents
from surefoot.recording.units import accel_g, accel_range_g, gyro_dps, gyro_range_dps
from surefoot.sensor_height import SENSOR_HEIGHTS_M


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
        accel_range_g=float(accel_range_g(start)),
        gyro_range_dps=float(gyro_range_dps(start)),
        nominal_rate_hz=file.time.nominal_hz,
        name=path.name,
        conditions=run_conditions(file.contents, file.run, file.time, file.gaps),
        side=said_side(file.contents.settings.get("side"), start.side if start else None),
        sensor_height_m=said_height_m(file.contents),
        start_utc_us=file.time.start_utc_us,
    )


def said_height_m(contents: Contents) -> float | None:
    """Return the height of the sensor above the ankle joint, m, where the runner said it."""
    height = contents.settings.get("sensor_height_m")
    if isinstance(height, (int, float)) and SENSOR_HEIGHTS_M[0] <= height <= SENSOR_HEIGHTS_M[1]:
        return float(height)
    return None


def _rising(time: RunTime, index: np.ndarray) -> FloatArray:
    """Return the time of each sample, s; by the nominal rate where the clock would make it stand still."""
    t_s = time.at_s(index)
    if np.any(np.diff(t_s) <= 0):
        t_s = (index - index[0]) / (time.nominal_hz or time.rate_hz)
    return t_s
