"""What counts as a finding: the rule, and the smallest change of each measure worth telling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from surefoot.findings.censored import Resampling


@dataclass(frozen=True)
class SmallestChange:
    """The smallest difference worth telling: `share` of the baseline, and at least `absolute` (units of the metric)."""

    share: float
    absolute: float

    def beside(self, baseline: float) -> float:
        """Smallest difference worth telling beside this baseline, in the units of the metric."""
        return max(self.share * abs(baseline), self.absolute)


SMALLEST_CHANGES: Mapping[str, SmallestChange] = MappingProxyType(
    {
        # The mean change on a decline in the literature is about 10 %, and feedback training aims at 25 %.
        "shock_axial_g": SmallestChange(0.10, 0.5),
        # The angle's change within one donning is good to 2 degrees.
        "shin_angle_deg": SmallestChange(0.0, 2.0),
        # No validated error: half of the +30 % that a change of style is expected to bring.
        "braking_dv_mps": SmallestChange(0.15, 0.03),
        # Experimental steadiness indices scatter widely from stride to stride: a quarter, and clear of resolution.
        "off_plane": SmallestChange(0.25, 0.02),
        "frontal_rms_dps": SmallestChange(0.25, 5.0),
        "settle_ms": SmallestChange(0.25, 10.0),
        # Good to 0.5 steps/min; retraining works with 5 to 10 %, so 3 % is already a choice of the runner.
        "cadence_spm": SmallestChange(0.03, 2.0),
        # Good to 5-8 ms within a session; 5 % of 250 ms is beyond that.
        "contact_time_s": SmallestChange(0.05, 0.010),
    }
)

CONTEXT_METRICS: frozenset[str] = frozenset({"cadence_spm", "contact_time_s", "settle_ms"})
"""Shown everywhere, raised only where both sides are on the same ground: grade itself changes cadence and contact time,
and the settling time ends at its cap, where a median says little."""

CENSORED_METRICS: frozenset[str] = frozenset({"shock_axial_g"})
"""Peaks, which a stride at the sensor's limit bounds from below."""


@dataclass(frozen=True)
class FindingsParameters:
    """How groups are compared and when a difference is raised.

    Attributes
    ----------
    min_strides : int
        Usable strides below which a group has no interval, no flags and no finding.
    min_band_strides : int
        Usable strides below which a grade band is not shown.
    min_third_strides : int
        Usable level strides that either third needs for a finding between them: in a shorter run they are neighbours.
    grade_edges : tuple of float
        Inner edges of the grade bands, rise over run; the outermost bands are open.
    matched_speed_share : float
        Level strides this close to a group's speed (share of it) are at matched speed; also how far beyond the level
        speeds the baseline may be carried.
    near_strides : int
        With at least so many level strides at matched speed only those are the baseline; otherwise all level strides.
    resampling : Resampling
        Of the bootstrap; its blocks are also those that show how level running wanders.
    min_z : float
        A finding is at least this many standard errors from the baseline.
    error_rate : float
        Chance of any false finding in one run (Holm's correction over all comparisons).
    smallest_changes : mapping
        Smallest difference worth telling, by metric.
    over_time : float
        Factor on the smallest change between the thirds of a run: strap, warmth and surface drift a little.
    hard_quantile : float
        A landing is hard above this quantile of the level shock at that speed, and braking needs the same of its own.
    reach_extra_deg : float
        A landing reaches with the shin this much further ahead than the level median.
    braking_extra_share : float
        A braking landing lies this share of the level median above that quantile.
    max_sentences : int
        Sentences on the page.
    """

    min_strides: int = 20
    min_band_strides: int = 30
    min_third_strides: int = 100
    grade_edges: tuple[float, ...] = (-0.15, -0.10, -0.06, -0.03, 0.0, 0.03, 0.06, 0.10, 0.15)
    matched_speed_share: float = 0.10
    near_strides: int = 200
    resampling: Resampling = field(default_factory=Resampling)
    min_z: float = 2.0
    error_rate: float = 0.02
    smallest_changes: Mapping[str, SmallestChange] = field(default_factory=lambda: SMALLEST_CHANGES)
    over_time: float = 1.5
    hard_quantile: float = 0.9
    reach_extra_deg: float = 4.0
    braking_extra_share: float = 0.15
    max_sentences: int = 8


DEFAULTS = FindingsParameters()
