"""What a watch makes of a virtual run: one fix per second along an invented line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from tests.rig.gait_schedule import Placed

FloatArray = NDArray[np.float64]

METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class Watch:
    """A watch and its habits.

    Attributes
    ----------
    started_s : float
        Time of the pod's clock at the watch's first fix; negative if the watch was started first.
    lat, lon, altitude_m : float
        Where the run starts.
    position_noise_m, altitude_noise_m : float
        Slow wander of the position and of a barometer.
    speed_noise_mps, cadence_noise_spm : float
        Scatter from second to second.
    lag_s : float
        Speed and cadence are means over this long.
    """

    started_s: float = 0.0
    lat: float = 46.5
    lon: float = 8.0
    altitude_m: float = 900.0
    position_noise_m: float = 1.5
    altitude_noise_m: float = 0.3
    speed_noise_mps: float = 0.06
    cadence_noise_spm: float = 1.0
    lag_s: float = 5.0


def _slow(count: int, size: float, rng: np.random.Generator) -> FloatArray:
    noise = gaussian_filter1d(rng.standard_normal(count + 240), 20)[120:-120]
    return np.asarray(size * noise * np.sqrt(2 * np.sqrt(np.pi) * 20))


def watched(bouts: list[list[Placed]], truth: pd.DataFrame, watch: Watch, rng: np.random.Generator) -> pd.DataFrame:
    """Route of a run, from `watch.started_s` to its end: time_s (pod clock), lat, lon, altitude, speed and cadence."""
    placed = [p for bout in bouts for p in bout]
    # Fine steps, so that a change of speed or grade between two fixes is in the distance and the altitude.
    fine_s = np.arange(min(0.0, watch.started_s), placed[-1].end_s, 0.1)
    of = np.clip(np.searchsorted([p.start_s for p in placed], fine_s, side="right") - 1, 0, None)
    moving = np.array([p.stretch.kind in {"run", "walk", "turn"} for p in placed])
    speed = np.where(moving, [p.stretch.speed_mps for p in placed], 0.0)[of] * (fine_s >= 0)
    slope = np.arctan([p.stretch.grade for p in placed])[of]
    distance_m = np.cumsum(speed * np.cos(slope)) * 0.1
    climbed_m = np.cumsum(speed * np.sin(slope)) * 0.1

    time_s = np.arange(np.ceil(fine_s[-1] - watch.started_s)) + watch.started_s
    count, lag = len(time_s), max(1, round(watch.lag_s))
    along_m = np.interp(time_s, fine_s, distance_m)
    bearing = np.radians(40 + 50 * np.sin(distance_m / 700) + 25 * np.sin(distance_m / 190))
    step_m = np.diff(distance_m, prepend=0.0)
    north_m = np.interp(along_m, distance_m, np.cumsum(step_m * np.cos(bearing))) + _slow(
        count, watch.position_noise_m, rng
    )
    east_m = np.interp(along_m, distance_m, np.cumsum(step_m * np.sin(bearing))) + _slow(
        count, watch.position_noise_m, rng
    )
    altitude_m = watch.altitude_m + np.interp(time_s, fine_s, climbed_m) + _slow(count, watch.altitude_noise_m, rng)

    cadence = np.zeros(count)
    if len(truth):
        middle = (truth.contact_s + truth.next_contact_s) / 2
        walking_or_running = speed[np.clip(np.searchsorted(fine_s, time_s), 0, len(fine_s) - 1)] > 0
        cadence = np.where(walking_or_running, np.interp(time_s, middle, truth.cadence_spm), 0.0)
    cadence = uniform_filter1d(cadence, lag) + watch.cadence_noise_spm * rng.standard_normal(count)
    speed_mps = uniform_filter1d(np.interp(time_s, fine_s, speed), lag) + watch.speed_noise_mps * rng.standard_normal(
        count
    )
    return pd.DataFrame(
        {
            "time_s": time_s,
            "lat": watch.lat + north_m / METRES_PER_DEGREE,
            "lon": watch.lon + east_m / METRES_PER_DEGREE / np.cos(np.radians(watch.lat)),
            "altitude_m": np.round(altitude_m, 1),
            "speed_mps": np.round(np.maximum(0.0, speed_mps), 3),
            "cadence_spm": np.where(cadence > 40, np.round(cadence / 2) * 2, 0.0),
        }
    )
