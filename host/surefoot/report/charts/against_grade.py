"""Shock, reach and braking against grade: the median of each grade band with its interval, and the level baseline."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes

from surefoot.analysis import Analysis
from surefoot.report import numbers
from surefoot.report.charts.ground import POD_MARK
from surefoot.report.charts.style import (
    BASELINE_DASH,
    KIND_COLOUR,
    KIND_MARKER,
    LEVEL,
    LINE,
    MINUS,
    MUTED,
    PANEL_WIDTH_PX,
    TEXT_PX,
    add_panel,
    new_figure,
    set_title,
    set_value_limits,
)
from surefoot.report.charts.svg import Chart, Picture, to_svg
from surefoot.report.words import METRIC_WORDS, Metric

METRICS = ("shock_axial_g", "shin_angle_deg", "braking_dv_mps")
LEVEL_WITHIN = 0.0301
_HEIGHT_PX = 230.0
_OPEN_WIDTH = 0.04


def draw_against_grade(analysis: Analysis) -> Chart:
    """Draw one picture per measure over the grade bands that have enough strides."""
    bands = grade_bands(analysis)
    pictures = tuple(
        Picture(_draw(METRIC_WORDS[name], bands[bands["metric"] == name]))
        for name in METRICS
        if (bands["metric"] == name).any()
    )
    if not pictures:
        return Chart(missing=_why_missing(analysis))
    mark = f" Grade is known {POD_MARK}, roughly." if analysis.terrain.source == "pod" else ""
    return Chart(
        pictures,
        "Each mark is the median of the strides in one band of grade (the flat line), with its 95 % interval (the "
        "upright bar; often smaller than the mark). Dashed: your own level running, at the speed of that band where it "
        "could be matched. Downhill is to the left." + mark,
    )


def grade_bands(analysis: Analysis) -> pd.DataFrame:
    """List the comparisons by grade with finite edges `low` and `high` and their `ground`, steep down first."""
    found = analysis.findings
    rows = found.comparisons[found.comparisons["kind"] == "grade"].dropna(subset=["median", "median_low"])
    edges = found.flags.loc[found.flags["kind"] == "grade", ["group", "start_grade_low", "end_grade_high"]]
    rows = rows.merge(edges, on="group", how="inner").rename(
        columns={"start_grade_low": "edge_low", "end_grade_high": "edge_high"}
    )
    low = rows["edge_low"].astype(float)
    high = rows["edge_high"].astype(float)
    rows["low"] = low.where(low.abs() < 1, high - _OPEN_WIDTH)
    rows["high"] = high.where(high.abs() < 1, low + _OPEN_WIDTH)
    rows["ground"] = "level"
    rows.loc[rows["low"] < -LEVEL_WITHIN, "ground"] = "descent"
    rows.loc[rows["high"] > LEVEL_WITHIN, "ground"] = "climb"
    return rows.dropna(subset=["low", "high"]).sort_values("low", kind="stable").reset_index(drop=True)


def name_band(low: float, high: float) -> str:
    """Name a grade band in per cent; an infinite edge makes it open."""
    if not math.isfinite(low) or low <= -1:
        return f"steeper than {numbers.quantity(high * 100, '%', 0)}"
    if not math.isfinite(high) or high >= 1:
        return f"steeper than {numbers.quantity(low * 100, '%', 0, sign=True)}"
    return numbers.interval(low * 100, high * 100, "%", 0)


def _draw(metric: Metric, rows: pd.DataFrame) -> str:
    figure = new_figure(PANEL_WIDTH_PX, _HEIGHT_PX)
    axes = add_panel(figure, 44, 32, PANEL_WIDTH_PX - 54, _HEIGHT_PX - 74)
    factor = metric.factor
    bounds = rows[["median", "median_low", "median_high", "baseline"]].to_numpy(dtype=float).ravel() * factor
    set_value_limits(axes, [float(v) for v in bounds if math.isfinite(v)])
    axes.hlines(
        rows["baseline"] * factor, rows["low"], rows["high"], color=LEVEL, linewidth=1.4, linestyle=BASELINE_DASH
    )
    for kind in ("level", "descent", "climb"):
        _draw_kind(axes, rows[rows["ground"] == kind], kind, factor)
    axes.set_xlim(float(rows["low"].min()) - 0.01, float(rows["high"].max()) + 0.01)
    axes.axvline(0, color=LINE, linewidth=0.9)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value * 100:.0f}".replace("-", MINUS))
    axes.set_xlabel("grade, %", fontsize=TEXT_PX, color=MUTED, loc="right", labelpad=2)
    set_title(axes, metric.title + (" (experimental)" if metric.experimental else ""), metric.unit)
    return to_svg(figure, f"grade-{metric.name}", f"{metric.title} against grade", _describe(metric, rows))


def _draw_kind(axes: Axes, rows: pd.DataFrame, kind: str, factor: float) -> None:
    if rows.empty:
        return
    middle = rows["median"].to_numpy(dtype=float) * factor
    low = rows["median_low"].to_numpy(dtype=float) * factor
    high = rows["median_high"].fillna(rows["median"]).to_numpy(dtype=float) * factor
    centre = ((rows["low"] + rows["high"]) / 2).to_numpy(dtype=float)
    colour = KIND_COLOUR[kind]
    axes.hlines(middle, rows["low"], rows["high"], color=colour, linewidth=1.2, alpha=0.55)
    axes.vlines(centre, low, high, color=colour, linewidth=6, alpha=0.35)
    axes.plot(centre, middle, linestyle="none", marker=KIND_MARKER[kind], markersize=7, color=colour)


def _describe(metric: Metric, rows: pd.DataFrame) -> str:
    told = [
        f"{name_band(row['edge_low'], row['edge_high'])}: "
        f"{numbers.quantity(row['median'] * metric.factor, metric.unit, metric.digits)}, level running "
        f"{numbers.quantity(row['baseline'] * metric.factor, metric.unit, metric.digits)} (n = {int(row['n'])})"
        for row in rows.to_dict("records")
    ]
    return "; ".join(told) + "."


def _why_missing(analysis: Analysis) -> str:
    if analysis.terrain.source == "none":
        return "Grade is not known in this recording, so nothing can be shown against it."
    if analysis.terrain.source == "pod":
        return "Bands of grade need a route: the pod alone tells uphill, level and downhill apart, but not how steep."
    if analysis.findings.baseline.empty:
        return f"Nothing to compare with. {analysis.findings.baseline_note}"
    return "No band of grade has enough usable strides for a comparison."
