"""The strides table as plain arrays: what the comparisons read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surefoot.findings.model import METRICS
from surefoot.findings.parameters import CENSORED_METRICS

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Measures:
    """One entry per stride in every array.

    `metrics` by name, nan where not measured; `bound` likewise: the value is a lower bound. `speed_mps` along the
    route where most usable strides have it, otherwise the pod's; the two are never mixed, as their errors differ.
    `distance_m` that the stride covered, the median where not measured.
    """

    metrics: dict[str, FloatArray]
    bound: dict[str, BoolArray]
    speed_mps: FloatArray
    distance_m: FloatArray
    usable: BoolArray
    clipped: BoolArray
    segment: NDArray[Any]
    grade: FloatArray

    @property
    def count(self) -> int:
        """Number of strides, rejected ones included."""
        return self.usable.size


def measures_of(strides: pd.DataFrame) -> Measures:
    """Arrays of a strides table; a column that is missing is not measured."""
    usable = _flag(strides, "usable", True)
    clipped = _flag(strides, "clipped", False)
    never = np.zeros(len(strides), dtype=bool)
    route_speed = _number(strides, "route_speed_mps")
    by_route = np.count_nonzero(np.isfinite(route_speed[usable])) * 2 > np.count_nonzero(usable)
    pod_length, pod_speed = _number(strides, "stride_length_m"), _number(strides, "speed_mps")
    length = route_speed * _number(strides, "stride_time_s") if by_route else pod_length
    return Measures(
        metrics={metric: _number(strides, metric) for metric in METRICS},
        bound={metric: clipped if metric in CENSORED_METRICS else never for metric in METRICS},
        speed_mps=route_speed if by_route else pod_speed,
        distance_m=_filled(length),
        usable=usable,
        clipped=clipped,
        segment=strides["segment"].fillna("").to_numpy(dtype=object) if "segment" in strides else never.astype(object),
        grade=_number(strides, "route_grade"),
    )


def _number(strides: pd.DataFrame, name: str) -> FloatArray:
    if name not in strides:
        return np.full(len(strides), np.nan)
    values = strides[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def _flag(strides: pd.DataFrame, name: str, missing: bool) -> BoolArray:
    if name not in strides:
        return np.full(len(strides), missing)
    return strides[name].astype("boolean").fillna(missing).to_numpy(dtype=bool)


def _filled(length: FloatArray) -> FloatArray:
    measured = length[np.isfinite(length)]
    return np.where(np.isfinite(length), length, np.median(measured) if measured.size else np.nan)
