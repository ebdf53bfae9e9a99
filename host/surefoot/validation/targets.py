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


LEVEL = ("clean", "impact")
ALL = ("clean", "impact", "grade", "grade + impact")

TARGETS: tuple[Target, ...] = (
    Target("Strides found", "found_percent", 98.0, 100.0, "%", ALL, at_least=True),
    Target("False contacts", "false_contacts", 1, 0, "", ALL),
    Target("Contact, bias", "contact_bias_ms", 20.0, 10.0, "ms", LEVEL),
    Target("Contact, SD", "contact_sd_ms", 10.0, 5.0, "ms", LEVEL),
    Target("Toe-off, bias", "toe_off_bias_ms", 20.0, 10.0, "ms", LEVEL),
    Target("Toe-off, SD", "toe_off_sd_ms", 10.0, 5.0, "ms", LEVEL),
    Target("Stride length, RMSE", "stride_length_rmse_pct", 10.0, 5.0, "%", LEVEL),
    Target("Mean speed", "speed_bias_pct", 10.0, 5.0, "%", LEVEL),
    Target("Cadence, bias", "cadence_bias_spm", 0.5, 0.2, "spm", LEVEL),
    Target("Mean grade", "grade_bias_points", 3.5, 1.7, "points", ALL),
)
"""`must` is what shank and foot sensors are known to reach in running (contact within 15 to 20 ms, stride length within
5 to 10 % before any calibration) and, for grade, what 2 degrees of tilt amount to; `aim` is half of it or better."""
