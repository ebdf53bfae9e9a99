"""A measure over the run: rolling middle and spread of the usable strides, broken where nobody ran."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BREAK_S = 15.0


@dataclass(frozen=True)
class Band:
    """Rolling median with the quartiles around it; a nan row stands where the line breaks."""

    time_s: FloatArray
    middle: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def empty(self) -> bool:
        """True where there is nothing to draw."""
        return not np.isfinite(self.middle).any()


def rolling_band(strides: pd.DataFrame, column: str, window: int, points: int = 240) -> Band:
    """Roll over `window` usable strides and keep about `points` of the result.

    A pause of more than `BREAK_S` seconds breaks the line and starts the window afresh.
    """
    kept = strides.loc[strides["usable"].to_numpy(dtype=bool), ["contact_s", column]].dropna()
    time_s = kept["contact_s"].to_numpy(dtype=float)
    part = np.cumsum(np.diff(time_s, prepend=time_s[:1]) > BREAK_S)
    rolling = kept[column].astype(float).groupby(part).rolling(window, center=True, min_periods=max(window // 3, 3))
    rows = np.column_stack([time_s, rolling.median(), rolling.quantile(0.25), rolling.quantile(0.75)])
    step = max(1, len(rows) // points)
    rows, part = rows[::step], part[::step]
    rows = np.insert(rows, np.flatnonzero(np.diff(part)) + 1, np.nan, axis=0)
    return Band(rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3])
