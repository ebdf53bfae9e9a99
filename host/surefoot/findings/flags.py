"""Single landings that stand out from the runner's own level running, and how often they come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surefoot.findings.baseline import fit_slope
from surefoot.findings.censored import quantile
from surefoot.findings.groups import Group
from surefoot.findings.measures import Measures
from surefoot.findings.parameters import FindingsParameters

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

FLAG_COLUMNS = (
    "group",
    "kind",
    "strides",
    "distance_m",
    "hard_reaching",
    "hard_reaching_per_km",
    "braking",
    "braking_per_km",
    "start_grade_low",
    "end_grade_high",
)


@dataclass(frozen=True)
class Flags:
    """Flags of every stride; False where it was not measured, rejected, or there is nothing to compare with.

    `hard_reaching_known` and `braking_known` say whether the level running could serve as the measure.
    """

    hard_reaching: BoolArray
    braking: BoolArray
    hard_reaching_known: bool
    braking_known: bool


def flag_strides(measures: Measures, params: FindingsParameters) -> Flags:
    """Flag the hard, reaching landings and the braking landings among the usable strides.

    Hard and reaching: axial shock above the runner's own level 90th percentile at that speed, and shin angle more
    than 4 degrees above the own level median. Braking: the shin loses more forward speed than the own level 90th
    percentile at that speed plus 15 % of the level median; that addition keeps the level tenth that lies above any
    90th percentile from being called braking. A clipped landing is hard if its lower bound already is.
    """
    hard_limit = _level_limit(measures, "shock_axial_g", params)
    braking_limit = _level_limit(measures, "braking_dv_mps", params)
    angle, braking = measures.metrics["shin_angle_deg"], measures.metrics["braking_dv_mps"]
    reach_limit = _level_median(measures, "shin_angle_deg", params) + params.reach_extra_deg
    extra = params.braking_extra_share * abs(_level_median(measures, "braking_dv_mps", params))
    # A comparison with nan is False: what was not measured is not flagged.
    hard = measures.metrics["shock_axial_g"] > hard_limit
    return Flags(
        hard_reaching=measures.usable & hard & (angle > reach_limit),
        braking=measures.usable & (braking > braking_limit + extra),
        hard_reaching_known=bool(np.isfinite(hard_limit).any() and np.isfinite(reach_limit)),
        braking_known=bool(np.isfinite(braking_limit).any()),
    )


def flags_table(measures: Measures, groups: Iterable[Group], flags: Flags, params: FindingsParameters) -> pd.DataFrame:
    """`Findings.flags`: per group the flagged landings and their rate over the whole recorded distance.

    Counts are empty on fewer than 20 usable strides and where the level running gives no measure. Level running comes
    first, for comparison.
    """
    level = measures.segment == "level"
    first = [Group("level", "segment", level, level)] if level.any() else []
    rows = []
    for group in [*first, *groups]:
        distance = float(np.sum(measures.distance_m[group.strides]))
        told = bool(np.count_nonzero(group.strides & measures.usable) >= params.min_strides)
        reaching = _count(flags.hard_reaching, group, told and flags.hard_reaching_known)
        braking = _count(flags.braking, group, told and flags.braking_known)
        per_km = 1000.0 / distance if distance > 0.0 else np.nan
        rows.append(
            (
                group.name,
                group.kind,
                int(np.count_nonzero(group.strides)),
                distance,
                reaching,
                reaching * per_km,
                braking,
                braking * per_km,
                group.grade_low,
                group.grade_high,
            )
        )
    return pd.DataFrame(rows, columns=list(FLAG_COLUMNS))


def _count(flag: BoolArray, group: Group, told: bool) -> float:
    return float(np.count_nonzero(flag & group.strides)) if told else np.nan


def _level(measures: Measures, metric: str) -> BoolArray:
    level = np.asarray(measures.segment == "level", dtype=bool)
    return level & measures.usable & np.isfinite(measures.metrics[metric])


def _level_median(measures: Measures, metric: str, params: FindingsParameters) -> float:
    ready = _level(measures, metric)
    if np.count_nonzero(ready) < params.min_strides:
        return np.nan
    return float(quantile(measures.metrics[metric][ready], measures.bound[metric][ready], 0.5)[0])


def _level_limit(measures: Measures, metric: str, params: FindingsParameters) -> FloatArray:
    """Own level 90th percentile at each stride's speed; nan where it lies beyond the sensor's limit or is not known."""
    ready = _level(measures, metric) & (measures.speed_mps > 0.0)
    if np.count_nonzero(ready) < params.min_strides:
        return np.full(measures.count, np.nan)
    values, bound, speeds = measures.metrics[metric][ready], measures.bound[metric][ready], measures.speed_mps[ready]
    slope = fit_slope(values, bound, speeds, params.smallest_changes[metric], params)
    limit, bounded = quantile(values - slope.per_mps * (speeds - slope.middle_mps), bound, params.hard_quantile)
    if bounded:
        return np.full(measures.count, np.nan)
    return float(limit) + slope.per_mps * (slope.within(measures.speed_mps) - slope.middle_mps)
