"""What differs from the runner's own level running at the same speed, by how much and how surely."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr

from surefoot.columns import STRIDE_COLUMNS
from surefoot.findings.baseline import Reference, baseline_table, refer
from surefoot.findings.censored import interval, quantile, resampled_medians
from surefoot.findings.comparison import COMPARISON_COLUMNS, Comparison, Difference
from surefoot.findings.flags import flag_strides, flags_table
from surefoot.findings.groups import Group, groups_of
from surefoot.findings.measures import Measures, measures_of
from surefoot.findings.model import METRICS, Findings
from surefoot.findings.parameters import DEFAULTS, FindingsParameters
from surefoot.findings.rule import Compared, raised
from surefoot.findings.sentences import baseline_note, sentences_of
from surefoot.terrain.model import Terrain

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

EXPERIMENTAL: frozenset[str] = frozenset(column.name for column in STRIDE_COLUMNS if column.evidence == "C")


def find(strides: pd.DataFrame, terrain: Terrain, params: FindingsParameters = DEFAULTS) -> Findings:
    """Compare every descent, climb, grade band and the last third with the runner's own level running.

    The baseline is level running at the group's speed (`baseline.refer`); the last third is compared with the first.
    Intervals are 95 %, from a moving-block bootstrap of the group's strides; the difference's interval and z
    also hold the baseline's error and the wander between stretches of unchanged level running. `rule.raised` says
    which differences are findings. Clipped shocks are lower bounds throughout (`censored.quantile`); rejected strides
    count in the distance and the rates, not in the statistics.

    Parameters
    ----------
    strides : DataFrame
        The strides table (`columns.STRIDE_COLUMNS`); may be empty.
    terrain : Terrain
        Source of grade, and the segments that the strides name.
    params : FindingsParameters

    Returns
    -------
    Findings
        With all columns, also where there is nothing to compare. An open end of an interval is nan.
    """
    measures = measures_of(strides)
    groups = groups_of(measures, terrain.source, params)
    compared = [_compare(measures, group, metric, params) for group in groups for metric in METRICS]
    up = raised(compared, lambda group, metric: _compare(measures, group, metric, params), params)
    rows = [replace(one.row, raised=is_up) for one, is_up in zip(compared, up, strict=True)]
    flags = flag_strides(measures, params)
    rates = flags_table(measures, groups, flags, params)
    level = baseline_table(measures, params)
    return Findings(
        comparisons=pd.DataFrame([astuple(row) for row in rows], columns=list(COMPARISON_COLUMNS)).astype(
            {
                "raised": bool,
                "experimental": bool,
                "censored": bool,
                "median_censored": bool,
                "judged": bool,
                "matched": bool,
            }
        ),
        flags=rates,
        baseline=level,
        sentences=sentences_of(rows, rates, level, terrain, params),
        baseline_note=baseline_note(measures, rows, params),
        stride_flags=pd.DataFrame(
            {"hard_reaching": flags.hard_reaching, "braking": flags.braking}, index=strides.index
        ),
    )


def _compare(measures: Measures, group: Group, metric: str, params: FindingsParameters) -> Compared:
    """Give a group's statistics and its difference from its reference, as far as there are strides for them."""
    ready = group.strides & measures.usable & np.isfinite(measures.metrics[metric])
    values, bound = measures.metrics[metric][ready], measures.bound[metric][ready]
    median, bounded = quantile(values, bound, 0.5)
    p90, p90_bounded = quantile(values, bound, 0.9)
    row = Comparison(
        group=group.name,
        kind=group.kind,
        metric=metric,
        strides=int(np.count_nonzero(group.strides)),
        n=values.size,
        rejected_share=float(np.mean(~measures.usable[group.strides])),
        clipped_share=float(np.mean(measures.clipped[group.strides])),
        median=float(median),
        p90=float(p90),
        experimental=metric in EXPERIMENTAL,
        censored=bool(bounded or p90_bounded),
        median_censored=bool(bounded),
        speed_mps=_middle(measures.speed_mps[ready]),
        judged=group.told,
    )
    if values.size < params.min_strides:
        return Compared(group, row, None)
    medians, bounds = resampled_medians(values, bound, params.resampling)
    low, high = interval(medians, bounds)
    row = replace(row, median_low=low, median_high=high)
    reference = refer(measures, metric, group, row.speed_mps, params)
    if reference is None:
        return Compared(group, row, None)
    row = replace(
        row,
        baseline=reference.median,
        beyond_mps=reference.beyond_mps,
        matched=_at_speeds_of(measures.speed_mps[group.reference & measures.usable], row.speed_mps),
    )
    if bounded and reference.bounded:
        return Compared(group, row, None)
    difference = _difference(row, medians, bounds, reference, params)
    # A share of an angle about zero means nothing.
    percent = np.nan if metric.endswith("_deg") or reference.median <= 0.0 else 100.0 / reference.median
    row = replace(
        row,
        difference=difference.value,
        difference_low=difference.low,
        difference_high=difference.high,
        difference_percent=difference.value * percent,
        z=difference.z,
    )
    return Compared(group, row, difference)


def _difference(
    row: Comparison,
    medians: FloatArray,
    bounds: BoolArray,
    reference: Reference,
    params: FindingsParameters,
) -> Difference:
    """Subtract the reference's median from the group's; one bounded median leaves the interval open at its side."""
    value = row.median - reference.median
    # The reference's error is drawn independently of the group's replicates, so that the two add up.
    noise = np.random.default_rng(params.resampling.seed).standard_normal(medians.size)
    low, high = interval(medians - reference.median + np.sqrt(reference.variance) * noise, bounds)
    own = float(np.var(medians))
    variance = own + reference.variance
    # Welch and Satterthwaite: both variances rest on few blocks; moving ones tell half as much again (Meketon 1984).
    own_freedom = 1.5 * row.n / params.resampling.block - 1.0
    parts = own**2 / own_freedom + reference.variance**2 / reference.freedom
    freedom = variance**2 / parts if parts > 0.0 else np.inf
    z = value / np.sqrt(variance) if variance > 0.0 else float(np.sign(value)) * np.inf if value else 0.0
    return Difference(
        value=value,
        low=np.nan if reference.bounded else low,
        high=np.nan if row.median_censored else high,
        z=float(z),
        chance=float(2.0 * stdtr(freedom, -abs(z))),
    )


def _at_speeds_of(reference_mps: FloatArray, speed_mps: float) -> bool:
    """Whether a speed lies among the middle nine tenths of the reference's, or within 2 % of them."""
    low, high = np.nanquantile(reference_mps, [0.05, 0.95])
    return bool(0.98 * low <= speed_mps <= 1.02 * high)


def _middle(speed_mps: FloatArray) -> float:
    known = speed_mps[np.isfinite(speed_mps)]
    return float(np.median(known)) if known.size else np.nan
