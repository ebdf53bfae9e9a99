"""What the numbers of the product are to reach, and whether they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Verdict = Literal["aim met", "must met", "missed", "not measured"]


@dataclass(frozen=True)
class Target:
    """A bound for one column of the rows: `must` has to be reached, `aim` is the goal beyond it.

    The worst recording counts: the largest magnitude, or the smallest value where `at_least` is True. `variants` says
    which kinds of recording are looked at.
    """

    what: str
    column: str
    must: float
    aim: float
    unit: str
    variants: tuple[str, ...] = ("clean", "impact")
    at_least: bool = False

    def measured(self, rows: pd.DataFrame) -> float:
        """Return the worst value among the rows of this target's variants, nan where there is none."""
        values = rows.loc[rows["variant"].isin(self.variants), self.column].dropna()
        if values.empty:
            return np.nan
        return float(values.min() if self.at_least else values.abs().max())

    def verdict(self, measured: float) -> Verdict:
        """Say whether a measured value reaches the aim, the must or neither."""
        if np.isnan(measured):
            return "not measured"
        sign = -1.0 if self.at_least else 1.0
        if sign * measured <= sign * self.aim:
            return "aim met"
        return "must met" if sign * measured <= sign * self.must else "missed"


ALL = ("clean", "impact", "grade", "grade + impact")

TARGETS: tuple[Target, ...] = (
    Target("Strides found", "found_percent", 100.0, 100.0, "%", ALL, at_least=True),
    Target("False contacts", "false_contacts", 0, 0, "", ALL),
    Target("Contact, bias", "contact_bias_ms", 10.0, 5.0, "ms", ALL),
    Target("Contact, SD", "contact_sd_ms", 6.0, 3.0, "ms", ALL),
    Target("Toe-off, bias", "toe_off_bias_ms", 15.0, 8.0, "ms", ALL),
    Target("Toe-off, SD", "toe_off_sd_ms", 10.0, 5.0, "ms", ALL),
    Target("Stride length, RMSE", "stride_length_rmse_pct", 4.0, 2.0, "%", ALL),
    Target("Mean speed", "speed_bias_pct", 3.0, 1.5, "%", ALL),
    Target("Cadence, bias", "cadence_bias_spm", 0.3, 0.3, "spm", ALL),
    Target("Mean grade", "grade_bias_points", 3.0, 1.5, "points", ("grade", "grade + impact")),
)
"""`must` is what a release has to hold on every recording, `aim` what it strives for."""
