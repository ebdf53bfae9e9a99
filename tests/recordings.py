"""The reference recordings in `tests/fixtures`: where they are, what they are, and how to load them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

FIXTURES = Path(__file__).parent / "fixtures"

LEFT_UP_FORWARD = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
"""Rows are `ap, axial, ml` in sensor axes x left, y up, z forward (the rbds001 recordings)."""

FORWARD_LEFT_UP = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
"""Rows are `ap, axial, ml` in sensor axes x forward, y left, z up (the jdx recordings)."""


@dataclass(frozen=True)
class TreadmillRecording:
    """One shin of one treadmill run, computed from markers, with force-plate contacts.

    Attributes
    ----------
    name : str
        Folder in `tests/fixtures/treadmill`.
    side : 'left' or 'right'
    speed_mps, grade : float
        Belt speed, and grade (rise over run) of the turned-gravity variants.
    sensor_height_m : float
        Sensor above the ankle joint. Measured for rbds001. For jdx it is an estimate: a quarter of the shank, which
        is about 0.246 of the body height (Winter), 0.11 m for a runner of 1.75 to 1.80 m.
    height_measured : bool
    axes : array, shape (3, 3)
        Turns sensor axes into shin axes (ap, axial, ml).
    rates_hz : tuple of int
        Rates of the clean files, highest first.
    impact_rates_hz : tuple of int
        Rates of the files with an invented impact, noise and gyro bias.
    """

    name: str
    side: Literal["left", "right"]
    speed_mps: float
    grade: float
    sensor_height_m: float
    height_measured: bool
    axes: FloatArray
    rates_hz: tuple[int, ...]
    impact_rates_hz: tuple[int, ...]

    @property
    def folder(self) -> Path:
        """Folder of the recording."""
        return FIXTURES / "treadmill" / self.name

    def imu_path(self, rate_hz: int | None = None, impact: bool = False) -> Path:
        """Path of the gzipped samples; the highest rate unless told."""
        rates = self.impact_rates_hz if impact else self.rates_hz
        return self.folder / f"imu_{rate_hz or rates[0]}hz{'_impact' if impact else ''}.csv.gz"

    def imu(self, rate_hz: int | None = None, impact: bool = False) -> pd.DataFrame:
        """Samples in sensor axes: t_s, ax ay az (g), gx gy gz (deg/s)."""
        return read_table(self.imu_path(rate_hz, impact)).copy()

    def samples(self, rate_hz: int | None = None, impact: bool = False) -> tuple[FloatArray, FloatArray, FloatArray]:
        """`t_s`, `accel_g` and `gyro_dps` in sensor axes."""
        table = read_table(self.imu_path(rate_hz, impact)).to_numpy(dtype=float)
        return table[:, 0], table[:, 1:4], table[:, 4:7]

    def shin_samples(
        self, rate_hz: int | None = None, impact: bool = False
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """`t_s`, `accel_g` and `gyro_dps` in shin axes (ap, axial, ml)."""
        t_s, accel_g, gyro_dps = self.samples(rate_hz, impact)
        return t_s, accel_g @ self.axes.T, gyro_dps @ self.axes.T

    def truth(self) -> pd.DataFrame:
        """Return one row per stride of the reference."""
        return read_table(self.folder / "truth.csv").copy()


@cache
def read_table(path: Path) -> pd.DataFrame:
    """Read a fixture once; callers take a copy before they change it."""
    return pd.read_csv(path)


def _rbds(
    name: str, speed_mps: float, grade: float, rates: tuple[int, ...], impact: tuple[int, ...]
) -> TreadmillRecording:
    side: Literal["left", "right"] = "left" if name.split("_")[2] == "L" else "right"
    return TreadmillRecording(name, side, speed_mps, grade, 0.145, True, LEFT_UP_FORWARD, rates, impact)


TREADMILL: dict[str, TreadmillRecording] = {
    recording.name: recording
    for recording in (
        _rbds("rbds001_25_L", 2.5, 0.0, (200,), (500,)),
        _rbds("rbds001_25_R", 2.5, 0.0, (500, 200), (500,)),
        _rbds("rbds001_35_L", 3.5, 0.0, (200,), (500,)),
        _rbds("rbds001_35_R", 3.5, 0.0, (500, 200), (500, 200)),
        _rbds("rbds001_35_R_down08", 3.5, -0.08, (200,), (500,)),
        _rbds("rbds001_35_R_down15", 3.5, -0.15, (200,), (500,)),
        _rbds("rbds001_35_R_up06", 3.5, 0.06, (200,), (500,)),
        TreadmillRecording("jdx_s999_L", "left", 4.018, 0.0, 0.11, False, FORWARD_LEFT_UP, (240,), ()),
        TreadmillRecording("jdx_s999_R", "right", 4.018, 0.0, 0.11, False, FORWARD_LEFT_UP, (240,), ()),
    )
}

SHOE_HILL_IMU = FIXTURES / "shoe_hill" / "imu_run.csv.gz"
SHOE_HILL_STRYD = FIXTURES / "shoe_hill" / "stryd_up_and_down_aligned.csv"
SLOPES_EVENTS = FIXTURES / "slopes_sacrum" / "events_from_grf.csv"
SLOPES_TRIALS = FIXTURES / "slopes_sacrum" / "trials.csv"


def shank_mean_cycle(
    gait: Literal["running", "walking"], side: Literal["left", "right"] = "right"
) -> tuple[FloatArray, FloatArray]:
    """Mean cycle of a real shank sensor: `accel_g` and `gyro_dps`, shape (100, 3), shin axes (ap, axial, ml)."""
    table = read_table(FIXTURES / "real_shank_mean_cycle" / f"P01_norm{gait}_mean_cycle_g_dps.csv")
    leg = "L" if side == "left" else "R"
    accel = table[[f"{leg}_acc_{axis}" for axis in "xyz"]].to_numpy(dtype=float)
    gyro = table[[f"{leg}_gyro_{axis}" for axis in "xyz"]].to_numpy(dtype=float)
    return accel, gyro
