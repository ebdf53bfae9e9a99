"""The shape of one comparison, as the rooms' parts hand it on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Comparison:
    """One row of `Findings.comparisons`; the fields are its columns, in order.

    Beyond the shared ones: `median_censored` says that the median itself is a lower bound; `speed_mps` is the group's
    median speed, and `beyond_mps` how far it lies beyond the speeds to which the baseline could be carried (0 where
    matched, negative where slower). `judged` is False where a difference is shown but may not be raised, as between the
    thirds of a short run; `matched` is False where the reference hardly ever ran at the group's speed and had to be
    carried there.
    """

    group: str
    kind: str
    metric: str
    strides: int
    n: int
    rejected_share: float
    clipped_share: float
    median: float = np.nan
    median_low: float = np.nan
    median_high: float = np.nan
    p90: float = np.nan
    baseline: float = np.nan
    difference: float = np.nan
    difference_low: float = np.nan
    difference_high: float = np.nan
    difference_percent: float = np.nan
    z: float = np.nan
    raised: bool = False
    experimental: bool = False
    censored: bool = False
    median_censored: bool = False
    speed_mps: float = np.nan
    beyond_mps: float = np.nan
    judged: bool = True
    matched: bool = True


COMPARISON_COLUMNS: tuple[str, ...] = tuple(Comparison.__dataclass_fields__)


@dataclass(frozen=True)
class Difference:
    """Group minus reference.

    An end of the interval is nan where it is open, and `value` is nan where both medians are lower bounds. `chance` is
    the two-sided probability of such a z in an unchanged run.
    """

    value: float
    low: float
    high: float
    z: float
    chance: float
