"""The runner's own level running, carried to another speed, and how much it wanders by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surefoot.findings.censored import interval, quantile, resampled_medians
from surefoot.findings.groups import Group
from surefoot.findings.measures import Measures
from surefoot.findings.model import METRICS
from surefoot.findings.parameters import FindingsParameters, SmallestChange

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)

BASELINE_COLUMNS = ("metric", "n", "median", "median_low", "median_high", "p10", "p90")


@dataclass(frozen=True)
class Slope:
    """Change of a metric per m/s of speed in the reference strides.

    `error` is its standard error, `unknown` what it may be where no reference stride tells (both per m/s);
    `speed_low_mps` and `speed_high_mps` bound the speeds to which the reference may be carried.
    """

    per_mps: float
    error: float
    unknown: float
    middle_mps: float
    speed_low_mps: float
    speed_high_mps: float

    def within(self, speed_mps: FloatArray) -> FloatArray:
        """Speeds limited to those the reference can be carried to; the middle one where speed is not known."""
        known = np.where(np.isfinite(speed_mps), speed_mps, self.middle_mps)
        return np.clip(known, self.speed_low_mps, self.speed_high_mps)


@dataclass(frozen=True)
class Reference:
    """A metric of the reference strides at the speed of a group.

    `bounded`: the median is a lower bound. `variance` is of the median as a forecast for another stretch of the same
    running: its own error, the slope's, and the wander between stretches; `freedom` its degrees of freedom.
    `beyond_mps` is how far the group's speed lies beyond what the reference was carried to (negative: slower).
    """

    median: float
    bounded: bool
    variance: float
    freedom: float
    beyond_mps: float


def fit_slope(
    values: FloatArray, bound: BoolArray, speed_mps: FloatArray, smallest: SmallestChange, params: FindingsParameters
) -> Slope:
    """Fit a line through the medians of blocks of reference strides, pulled to no slope where speeds hardly vary.

    A ridge whose prior is 'about one smallest change worth telling per tenth of the speed': with little variation
    of speed the slope is near 0 and its error that prior, so a reference carried far is honestly unsure.
    """
    middle = float(np.median(speed_mps))
    unknown = smallest.beside(float(quantile(values, bound, 0.5)[0])) / (0.1 * middle)
    low, high = np.quantile(speed_mps, [0.05, 0.95])
    reach = params.matched_speed_share
    block_values = _block_medians(values, bound, params)
    block_speeds = np.median(_blocks(speed_mps, params), axis=-1)
    offsets = block_speeds - block_speeds.mean()
    spread = float(offsets @ offsets)
    slope, error = 0.0, unknown
    if spread > 0.0 and block_values.size > 2:
        moment = float(offsets @ block_values)
        residuals = block_values - block_values.mean() - offsets * moment / spread
        noise = float(residuals @ residuals) / (block_values.size - 2) * _dependence(residuals)
        stiffness = spread + noise / unknown**2
        slope, error = moment / stiffness, float(np.sqrt(noise / stiffness))
    return Slope(slope, error, unknown, middle, float(low) * (1.0 - reach), float(high) * (1.0 + reach))


def refer(
    measures: Measures, metric: str, group: Group, speed_mps: float, params: FindingsParameters
) -> Reference | None:
    """Carry a group's reference to the group's speed: the median that unchanged running would have shown there.

    With enough reference strides within 10 % of the speed only those are used, otherwise all of them; either way each
    is carried to the speed along the runner's own line (`fit_slope`), at most 10 % beyond the speeds that
    occurred. What lies further is not carried: the unknown slope widens the variance instead. Matching first and
    fitting second keeps a bent relation, or a few strides at odd speeds, from moving the baseline. None where there
    are fewer than 20 reference strides or no speed.
    """
    values, bound, speeds = measures.metrics[metric], measures.bound[metric], measures.speed_mps
    ready = measures.usable & np.isfinite(values) & (speeds > 0.0)
    chosen = group.reference & ready
    near = chosen & (np.abs(speeds - speed_mps) <= params.matched_speed_share * speed_mps)
    if np.count_nonzero(near) >= params.near_strides:
        chosen = near
    if np.count_nonzero(chosen) < params.min_strides or not np.isfinite(speed_mps):
        return None
    slope = fit_slope(values[chosen], bound[chosen], speeds[chosen], params.smallest_changes[metric], params)
    target = float(slope.within(np.array(speed_mps)))
    carried = values + slope.per_mps * (target - speeds)
    median, bounded = quantile(carried[chosen], bound[chosen], 0.5)
    blocks = _block_medians(carried[chosen], bound[chosen], params)
    wander = _wander(blocks)
    if group.kind == "third":
        # Both thirds show how such running wanders; on a slope only the level does, as grade itself changes there.
        own = group.strides & ready
        wander = max(wander, _wander(_block_medians(carried[own], bound[own], params)))
    beyond = speed_mps - target
    variance = (
        float(np.var(blocks, ddof=1)) / blocks.size
        + (slope.error * (target - float(speeds[chosen].mean()))) ** 2
        + (slope.unknown * beyond) ** 2
        + wander
    )
    return Reference(float(median), bool(bounded), variance, float(blocks.size - 1), beyond)


def baseline_table(measures: Measures, params: FindingsParameters) -> pd.DataFrame:
    """`Findings.baseline`: a row per metric of the level running as measured, at all its speeds."""
    level = (measures.segment == "level") & measures.usable
    rows = []
    for metric in METRICS:
        ready = level & np.isfinite(measures.metrics[metric])
        values, bound = measures.metrics[metric][ready], measures.bound[metric][ready]
        low = high = np.nan
        if values.size >= params.min_strides:
            low, high = interval(*resampled_medians(values, bound, params.resampling))
        median, p10, p90 = (float(quantile(values, bound, q)[0]) for q in (0.5, 0.1, 0.9))
        rows.append((metric, values.size, median, low, high, p10, p90))
    return pd.DataFrame(rows, columns=list(BASELINE_COLUMNS))


def _blocks(values: NDArray[Scalar], params: FindingsParameters) -> NDArray[Scalar]:
    """Whole blocks of neighbouring strides, shape (blocks, block); what is left over goes unused."""
    blocks = values.size // params.resampling.block
    return values[: blocks * params.resampling.block].reshape(blocks, params.resampling.block)


def _block_medians(values: FloatArray, bound: BoolArray, params: FindingsParameters) -> FloatArray:
    return quantile(_blocks(values, params), _blocks(bound, params), 0.5)[0]


def _dependence(residuals: FloatArray) -> float:
    """Factor by which slow drift makes blocks tell less than as many independent ones (that of an AR(1) series)."""
    total = float(residuals @ residuals)
    likeness = float(residuals[1:] @ residuals[:-1]) / total if total > 0.0 else 0.0
    likeness = min(max(likeness, 0.0), 0.9)
    return (1.0 + likeness) / (1.0 - likeness)


def _wander(block_medians: FloatArray) -> float:
    """Variance of slow changes between stretches: the blocks' variance less that of neighbours (von Neumann)."""
    if block_medians.size < 2:
        return 0.0
    neighbours = float(np.mean(np.diff(block_medians) ** 2)) / 2.0
    return max(0.0, float(np.var(block_medians, ddof=1)) - neighbours)
