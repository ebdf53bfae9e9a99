"""Steadiness over the run: the three measures, against the band that the runner's own level running makes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from surefoot.analysis import Analysis
from surefoot.report import numbers
from surefoot.report.charts.ground import parts, shade_descents
from surefoot.report.charts.series import Band, rolling_band
from surefoot.report.charts.style import (
    BASELINE_DASH,
    INK,
    LEVEL,
    MUTED,
    PANEL_WIDTH_PX,
    TEXT_PX,
    add_panel,
    new_figure,
    set_time_axis,
    set_title,
    set_value_limits,
    time_unit,
)
from surefoot.report.charts.svg import Chart, Picture, to_svg
from surefoot.report.words import METRIC_WORDS, Metric

METRICS = ("off_plane", "frontal_rms_dps", "settle_ms")
WINDOW_STRIDES = 51
_HEIGHT_PX = 200.0


def draw_stability(analysis: Analysis) -> Chart:
    """Draw each measure of steadiness over time, one picture each."""
    pictures, missing = [], []
    for name in METRICS:
        metric = METRIC_WORDS[name]
        band = rolling_band(analysis.strides, name, WINDOW_STRIDES, points=120)
        if band.empty:
            missing.append(f"{metric.title} was measured on too few usable strides.")
        else:
            pictures.append(Picture(_draw(analysis, metric, band, _own(analysis.findings.baseline, name))))
    if not pictures:
        return Chart(missing="Steadiness was measured on too few usable strides to draw it over the run.")
    caption = (
        f"Line: rolling median of {WINDOW_STRIDES} strides; lower is steadier. "
        + (
            "Dashed: the middle of your own level running; the blue-grey band holds 8 of 10 of those landings. "
            if len(analysis.findings.baseline)
            else "There is no level baseline to compare with. "
        )
        + "All three are experimental: the movement of strap and skin is in them too."
    )
    return Chart(tuple(pictures), " ".join([caption, *missing]))


def _own(baseline: pd.DataFrame, metric: str) -> tuple[float, float, float] | None:
    rows = baseline.loc[baseline["metric"] == metric, ["p10", "median", "p90"]].dropna()
    return tuple(map(float, rows.iloc[0])) if len(rows) else None  # type: ignore[return-value]


def _draw(analysis: Analysis, metric: Metric, band: Band, own: tuple[float, float, float] | None) -> str:
    figure = new_figure(PANEL_WIDTH_PX, _HEIGHT_PX)
    axes = add_panel(figure, 42, 32, PANEL_WIDTH_PX - 50, _HEIGHT_PX - 72)
    end_s = analysis.quality.duration_s
    set_time_axis(axes, 0.0, end_s, 5)
    shade_descents(axes, parts(analysis.terrain, "descent"))
    low, high = float(np.nanmin(band.middle)), float(np.nanmax(band.middle))
    set_value_limits(axes, [low, high, *(own or ())])
    text = f"From {numbers.interval(low, high, metric.unit, metric.digits)} over the run."
    if own is not None:
        axes.axhspan(own[0], own[2], color=LEVEL, alpha=0.18, linewidth=0)
        axes.axhline(own[1], color=LEVEL, linewidth=1.4, linestyle=BASELINE_DASH)
        text += (
            f" Own level running: median {numbers.quantity(own[1], metric.unit, metric.digits)}, "
            f"8 of 10 landings from {numbers.interval(own[0], own[2], metric.unit, metric.digits)}."
        )
    axes.plot(band.time_s, band.middle, color=INK, linewidth=1.5)
    axes.set_xlabel(time_unit(end_s), fontsize=TEXT_PX, color=MUTED, loc="right", labelpad=2)
    set_title(axes, metric.title, metric.unit)
    return to_svg(figure, f"stability-{metric.name}", f"{metric.title} over the run", text)
