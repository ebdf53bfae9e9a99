"""Courses of known grade, as a watch would record them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from surefoot.terrain.model import AltitudeSource, FloatArray, Route

ROUTES = Path(__file__).parents[1] / "fixtures" / "routes"


@dataclass(frozen=True)
class Course:
    """Straight slopes, one after the other: their lengths in m and their grades."""

    lengths_m: tuple[float, ...]
    grades: tuple[float, ...]

    @property
    def breaks_m(self) -> FloatArray:
        return np.concatenate([[0.0], np.cumsum(self.lengths_m)])

    def altitude_m(self, distance_m: FloatArray) -> FloatArray:
        corners = np.concatenate([[0.0], np.cumsum(np.multiply(self.lengths_m, self.grades))])
        return 100.0 + np.interp(distance_m, self.breaks_m, corners)

    def grade(self, distance_m: FloatArray) -> FloatArray:
        slope = np.searchsorted(self.breaks_m, distance_m, side="right") - 1
        return np.asarray(self.grades)[np.clip(slope, 0, len(self.grades) - 1)]

    def clear_of_breaks(self, distance_m: FloatArray, by_m: float) -> FloatArray:
        return np.abs(distance_m[:, None] - self.breaks_m).min(axis=1) > by_m

    def route(
        self,
        speed_mps: float = 3.0,
        error_m: FloatArray | float = 0.0,
        step_m: float = 0.2,
        source: AltitudeSource = "barometer",
    ) -> Route:
        """Run at an even speed, a fix a second; altitude with an error, rounded to `step_m`."""
        time_s = np.arange(0.0, self.breaks_m[-1] / speed_mps + 1)
        distance_m = np.minimum(time_s * speed_mps, self.breaks_m[-1])
        altitude_m = self.altitude_m(distance_m) + (error_m if np.isscalar(error_m) else error_m[: time_s.size])
        return Route(
            time_s=time_s,
            distance_m=distance_m,
            altitude_m=np.round(altitude_m / step_m) * step_m,
            speed_mps=np.full(time_s.shape, speed_mps),
            cadence_spm=np.full(time_s.shape, 165.0),
            altitude_source=source,
            name="course.gpx",
        )


def drifting(rng: np.random.Generator, n: int, sd_m: float, over_s: float) -> FloatArray:
    """Error that wanders: standard deviation `sd_m`, forgotten over `over_s` seconds (first-order Gauss-Markov)."""
    keep = np.exp(-1 / over_s)
    noise = rng.normal(size=n + int(5 * over_s))
    return lfilter([np.sqrt(1 - keep**2)], [1, -keep], noise)[-n:] * sd_m


def watch_table() -> pd.DataFrame:
    """The reference course's table, a row a second."""
    return pd.read_csv(ROUTES / "v01_course_watch.csv")


def strides_of(
    time_s: FloatArray, cadence_spm: FloatArray, speed_mps: FloatArray, seed: int = 0, noise_spm: float = 1.0
) -> pd.DataFrame:
    """Strides that a pod would have counted on that run: none where the runner stands, cadence with its own noise."""
    rng = np.random.default_rng(seed)
    cadence_spm, speed_mps = np.asarray(cadence_spm, dtype=float), np.asarray(speed_mps, dtype=float)
    both_feet = np.maximum(cadence_spm, 60.0)
    phase = np.concatenate([[0.0], np.cumsum(np.diff(time_s) * (both_feet[1:] + both_feet[:-1]) / 240)])
    contact_s = np.interp(np.arange(0.0, phase[-1]), phase, time_s)
    cadence = np.interp(contact_s, time_s, cadence_spm)
    running = cadence > 110
    return pd.DataFrame(
        {
            "contact_s": contact_s[running],
            "cadence_spm": (cadence + rng.normal(size=cadence.size) * noise_spm)[running],
            "speed_mps": np.interp(contact_s, time_s, speed_mps)[running] * (1 + 0.05 * rng.normal(size=running.sum())),
            "usable": True,
        }
    )
