"""Recordings and their analyses as the tests need them: made once, never changed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surefoot.analysis import Analysis, analyze
from surefoot.recording import Recording, read_recording
from surefoot.settings import Settings
from tests.recordings import SHOE_HILL_IMU, TREADMILL
from tests.rig.sample_file import ACCEL_STEPS_PER_G, GYRO_STEPS_PER_DPS
from tests.rig.virtual_runner import VirtualRun

FloatArray = NDArray[np.float64]


@cache
def treadmill_recording(name: str, rate_hz: int | None = None, impact: bool = False) -> Recording:
    """Return one file of the catalogue, as the product reads it."""
    return read_recording(TREADMILL[name].imu_path(rate_hz, impact))


@cache
def treadmill_analysis(name: str, rate_hz: int | None = None, impact: bool = False) -> Analysis:
    """Analyse one file, told no more than its side and the sensor's height."""
    reference = TREADMILL[name]
    settings = Settings(side=reference.side, sensor_height_m=reference.sensor_height_m)
    return analyze(treadmill_recording(name, rate_hz, impact), settings)


@cache
def shoe_hill_analysis() -> Analysis:
    """Analyse the hobby sensor on a shoe, down and up a hill."""
    return analyze(read_recording(SHOE_HILL_IMU))


def recording_of(run: VirtualRun, name: str = "virtual.csv") -> Recording:
    """Hand a virtual run over as a reader would."""
    return Recording(run.t_s - run.t_s[0], run.accel_g, run.gyro_dps, name=name)


def turned(recording: Recording, rotation: FloatArray) -> Recording:
    """Return the same movement in a sensor that sits otherwise on the strap, in the steps of its registers."""
    accel_g = np.round(recording.accel_g @ rotation.T * ACCEL_STEPS_PER_G) / ACCEL_STEPS_PER_G
    gyro_dps = np.round(recording.gyro_dps @ rotation.T * GYRO_STEPS_PER_DPS) / GYRO_STEPS_PER_DPS
    return replace(recording, accel_g=accel_g, gyro_dps=gyro_dps)


def kept(recording: Recording, keep: NDArray[np.bool_]) -> Recording:
    """Leave samples out; the times of the others stay."""
    return replace(
        recording, t_s=recording.t_s[keep], accel_g=recording.accel_g[keep], gyro_dps=recording.gyro_dps[keep]
    )


def codes(analysis: Analysis) -> set[str]:
    """Return the codes of all conditions of a recording."""
    return {condition.code for condition in analysis.quality.conditions}


def usable(strides: pd.DataFrame) -> pd.DataFrame:
    """Return the strides that count in statistics."""
    return strides[strides["usable"]]
