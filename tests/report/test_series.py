from __future__ import annotations

import numpy as np
import pandas as pd

from surefoot.report.charts.series import rolling_band


def strides(time_s: np.ndarray, values: np.ndarray, usable: np.ndarray | None = None) -> pd.DataFrame:
    keep = np.ones(len(time_s), dtype=bool) if usable is None else usable
    return pd.DataFrame({"contact_s": time_s, "shock_axial_g": values, "usable": keep})


def test_middle_and_quartiles_of_a_ramp() -> None:
    band = rolling_band(strides(np.arange(101.0), np.arange(101.0)), "shock_axial_g", window=5)
    at = np.flatnonzero(band.time_s == 50)[0]
    assert (band.low[at], band.middle[at], band.high[at]) == (49.0, 50.0, 51.0)


def test_a_pause_breaks_the_line_and_does_not_leak() -> None:
    time_s = np.concatenate([np.arange(50.0), 200 + np.arange(50.0)])
    band = rolling_band(strides(time_s, np.repeat([1.0, 9.0], 50)), "shock_axial_g", window=11)
    assert np.count_nonzero(np.isnan(band.time_s)) == 1
    assert set(band.middle[np.isfinite(band.middle)]) == {1.0, 9.0}


def test_rejected_strides_do_not_count() -> None:
    usable = np.arange(100) % 4 != 0
    values = np.where(usable, 7.0, 99.0)
    band = rolling_band(strides(np.arange(100.0), values, usable), "shock_axial_g", window=9)
    assert np.nanmax(band.high) == 7.0


def test_a_long_run_is_thinned_and_nothing_is_empty() -> None:
    long = rolling_band(strides(np.arange(9000.0), np.sin(np.arange(9000.0))), "shock_axial_g", window=25)
    assert 200 <= len(long.time_s) <= 500
    assert rolling_band(strides(np.empty(0), np.empty(0)), "shock_axial_g", window=25).empty
    assert rolling_band(strides(np.arange(40.0), np.full(40, np.nan)), "shock_axial_g", window=25).empty
