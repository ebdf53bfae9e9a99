"""An invented run as a strides table: known medians, strides that resemble their neighbours, and a slow drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

from surefoot.terrain.model import Terrain

MIDDLES = {
    "shock_axial_g": 8.0,
    "shin_angle_deg": 7.0,
    "braking_dv_mps": 0.60,
    "off_plane": 0.20,
    "frontal_rms_dps": 90.0,
    "settle_ms": 70.0,
    "cadence_spm": 168.0,
    "contact_time_s": 0.25,
}
SPREADS = {
    "shock_axial_g": 1.4,
    "shin_angle_deg": 2.0,
    "braking_dv_mps": 0.10,
    "off_plane": 0.06,
    "frontal_rms_dps": 25.0,
    "settle_ms": 18.0,
    "cadence_spm": 2.5,
    "contact_time_s": 0.010,
}
PER_MPS = {"shock_axial_g": 2.0, "braking_dv_mps": 0.1, "cadence_spm": 6.0, "contact_time_s": -0.05}


@dataclass(frozen=True)
class Part:
    """Strides of one segment at one grade and speed."""

    segment: str
    strides: int
    grade: float = 0.0
    speed_mps: float = 3.0


HILLY: tuple[Part, ...] = (
    Part("level", 250),
    Part("descent-1", 120, -0.12, 3.3),
    Part("level", 200),
    Part("climb-1", 150, 0.07, 2.7),
    Part("level", 200, speed_mps=3.2),
    Part("descent-2", 120, -0.12, 3.3),
    Part("level", 250),
    Part("descent-3", 150, -0.08, 3.2),
    Part("level", 200),
)


def invented_run(
    parts: Sequence[Part] = HILLY, seed: int = 0, likeness: float = 0.5, drift: float = 0.2
) -> pd.DataFrame:
    """An unchanged run: the landing depends on speed and chance alone, not on grade.

    `likeness` is the correlation of neighbouring strides (AR(1)); `drift` the size of two slow waves over the run, as a
    share of the spread of single strides.
    """
    rng = np.random.default_rng(seed)
    n = sum(part.strides for part in parts)
    counts = [part.strides for part in parts]
    speed = np.repeat([part.speed_mps for part in parts], counts) + 0.08 * _alike(rng, n, 0.8)
    table = pd.DataFrame({"stride": np.arange(n)})
    table["stride_time_s"] = 0.71
    table["contact_s"] = 0.71 * np.arange(n)
    table["speed_mps"] = speed
    table["route_speed_mps"] = speed
    table["stride_length_m"] = speed * 0.71
    table["route_grade"] = np.repeat([part.grade for part in parts], counts)
    table["segment"] = np.repeat([part.segment for part in parts], counts)
    phase = np.linspace(0.0, 2.0 * np.pi, n)
    for metric, middle in MIDDLES.items():
        waves = sum(np.sin(turns * phase + rng.uniform(0.0, 2.0 * np.pi)) for turns in (0.7, 3.1))
        chance = _alike(rng, n, likeness) + drift * waves
        table[metric] = middle + PER_MPS.get(metric, 0.0) * (speed - 3.0) + SPREADS[metric] * chance
    table["clipped"] = False
    table["usable"] = True
    table["reject_reason"] = ""
    return table


def changed(
    table: pd.DataFrame, where: NDArray[np.bool_], metric: str, factor: float = 1.0, more: float = 0.0
) -> pd.DataFrame:
    """The same run with one metric changed in some strides."""
    other = table.copy()
    other.loc[where, metric] = other.loc[where, metric] * factor + more
    return other


def ground_of(parts: Sequence[Part] = HILLY, source: str = "route") -> Terrain:
    """The terrain that the invented run went over."""
    frame = pd.DataFrame(
        {
            "segment": [part.segment for part in parts],
            "kind": [part.segment.split("-")[0] for part in parts],
            "mean_grade": [part.grade for part in parts],
            "length_m": [0.71 * part.strides * part.speed_mps for part in parts],
        }
    )
    return Terrain(source=source, profile=None, segments=frame)  # type: ignore[arg-type]


def _alike(rng: np.random.Generator, n: int, likeness: float) -> NDArray[np.float64]:
    """AR(1) noise of unit variance."""
    fresh = rng.standard_normal(n) * np.sqrt(1.0 - likeness**2)
    fresh[0] /= np.sqrt(1.0 - likeness**2)
    return np.asarray(lfilter([1.0], [1.0, -likeness], fresh))
