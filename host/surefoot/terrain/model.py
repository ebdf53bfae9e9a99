"""A route, its place on the recording's clock, and the parts of the run that it makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
AltitudeSource = Literal["barometer", "gps", "unknown"]
Sureness = Literal["sure", "likely", "unsure"]


@dataclass(frozen=True)
class Route:
    """A route as a watch or phone recorded it, one entry per fix; nan where a value is missing.

    `time_s` runs from the route's first fix; `cadence_spm` counts steps of both feet, or is all nan.
    """

    time_s: FloatArray
    distance_m: FloatArray
    altitude_m: FloatArray
    speed_mps: FloatArray
    cadence_spm: FloatArray
    start: datetime | None = None
    altitude_source: AltitudeSource = "unknown"
    name: str = "route"


@dataclass(frozen=True)
class Placement:
    """How the route was laid along the recording.

    `offset_s` is the recording time of the route's first fix; `clock_ratio` recording seconds per route second;
    `by` what was compared; `correlation` at the best offset; `margin` its lead over the best other offset;
    `uncertainty_s` one standard deviation of the offset.
    """

    offset_s: float
    clock_ratio: float
    by: Literal["cadence", "speed"]
    correlation: float
    margin: float
    uncertainty_s: float
    sureness: Sureness


@dataclass(frozen=True)
class Profile:
    """The ground under the run on the recording's clock: equal-length arrays."""

    time_s: FloatArray
    distance_m: FloatArray
    altitude_m: FloatArray
    grade: FloatArray
    speed_mps: FloatArray


@dataclass(frozen=True)
class Terrain:
    """The ground of a run.

    Attributes
    ----------
    source : 'route', 'pod' or 'none'
        Where grade comes from. 'pod' carries three classes only and is marked 'from the pod alone'.
    profile : Profile or None
        Present with a route, and with the pod's own path (altitude relative to its start).
    segments : DataFrame
        A row per part, in time order: segment ('level', 'climb-1', 'descent-1', ...), kind ('level', 'climb',
        'descent'), start_s, end_s, start_m, end_m, length_m, rise_m (negative on descents), mean_grade, steepest_grade.
        Level parts all carry the name 'level'.
    placement : Placement or None
        Only with a route.
    """

    source: Literal["route", "pod", "none"]
    profile: Profile | None
    segments: pd.DataFrame
    placement: Placement | None = None
