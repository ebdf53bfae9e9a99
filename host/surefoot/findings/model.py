"""What differs from the runner's own level running, by how much and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

GroupKind = Literal["segment", "grade", "third"]

METRICS: tuple[str, ...] = (
    "shock_axial_g",
    "shin_angle_deg",
    "braking_dv_mps",
    "off_plane",
    "frontal_rms_dps",
    "settle_ms",
    "cadence_spm",
    "contact_time_s",
)
"""The strides-table columns that are compared with the baseline, most important first."""


@dataclass(frozen=True)
class Sentence:
    """One finding in plain words.

    `text` holds number, interval and count; `advice` what runners often try, or ''; `raised` is True for a difference
    that passed the rule (`rule.raised`: at least 20 strides, |z| > 2, unlikely as one of so many comparisons, larger
    than the smallest change worth telling), False for context.
    """

    text: str
    advice: str
    metric: str
    group: str
    raised: bool


@dataclass(frozen=True)
class Findings:
    """All comparisons of one run.

    Attributes
    ----------
    comparisons : DataFrame
        One row per group and metric: group ('descent-1', 'grade -0.10..-0.06', 'first third', 'last third'), kind
        (segment, grade, third), metric, strides (all in the group), n (usable ones), rejected_share, clipped_share,
        median, median_low, median_high, p90, baseline, difference, difference_low, difference_high (95 % bootstrap,
        units of the metric), difference_percent, z, raised, experimental, censored (median or p90 is a lower bound),
        and median_censored, speed_mps, beyond_mps, judged, matched (`comparison.Comparison`). An open end of an
        interval is nan. The baseline of the last third is the first; the first third has none.
    flags : DataFrame
        One row per group: group, kind, strides, distance_m, hard_reaching, hard_reaching_per_km, braking,
        braking_per_km, start_grade_low, end_grade_high where it is a grade band. Empty on fewer than 20 strides.
    baseline : DataFrame
        One row per metric: metric, n, median, median_low, median_high, p10, p90; the runner's own level running.
    sentences : tuple of Sentence
        Most important first.
    baseline_note : str
        What the baseline is made of, or why there is none.
    stride_flags : DataFrame
        Index as the strides table: hard_reaching, braking (bool).
    """

    comparisons: pd.DataFrame
    flags: pd.DataFrame
    baseline: pd.DataFrame
    sentences: tuple[Sentence, ...]
    baseline_note: str
    stride_flags: pd.DataFrame
