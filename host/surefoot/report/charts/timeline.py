"""The run over time: altitude with the descents shaded, and beneath it shock, reach, braking and steadiness."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from surefoot.analysis import Analysis
from surefoot.report import numbers
from surefoot.report.charts.ground import POD_MARK, Part, number_descents, parts, shade_descents
from surefoot.report.charts.series import Band, rolling_band
from surefoot.report.charts.style import (
    BASELINE_DASH,
    DESCENT,
    INK,
    LEVEL,
    MUTED,
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
from surefoot.terrain.model import Profile

METRICS = ("shock_axial_g", "shin_angle_deg", "braking_dv_mps", "off_plane")
WINDOW_STRIDES = 25
_PANEL_PX, _GAP_PX, _BOTTOM_PX = 92.0, 44.0, 40.0
_CLIP_BINS = 150
_LEAST_HEIGHT_M = 10.0  # a level run must look level


def draw_timeline(analysis: Analysis) -> Chart:
    """Draw the run over time, once for a wide page and once for a narrow one."""
    metrics = [METRIC_WORDS[name] for name in METRICS]
    bands = [(metric, rolling_band(analysis.strides, metric.name, WINDOW_STRIDES)) for metric in metrics]
    drawn = [(metric, band) for metric, band in bands if not band.empty]
    if not drawn:
        return Chart(missing="Too few usable strides were measured to draw the run over time.")
    text = _describe(analysis, drawn)
    pictures = tuple(
        Picture(to_svg(_draw(analysis, drawn, width, ticks), f"timeline-{size}", "The run over time", text), size)
        for size, width, ticks in (("wide", 960.0, 12), ("narrow", 350.0, 5))
    )
    return Chart(pictures, _caption(analysis, [m for m, band in bands if band.empty]))


def _draw(analysis: Analysis, drawn: list[tuple[Metric, Band]], width: float, ticks: int) -> Figure:
    profile = _profile(analysis)
    titles = [(_title(metric), metric.unit) for metric, _ in drawn]
    if profile is not None:
        titles.insert(0, (f"Altitude ({POD_MARK})" if analysis.terrain.source == "pod" else "Altitude", "m"))
    descents = parts(analysis.terrain, "descent")
    numbers_px = 16.0 if descents else 0.0
    figure = new_figure(width, numbers_px + len(titles) * (_PANEL_PX + _GAP_PX) + _BOTTOM_PX - 8)
    tops = [numbers_px + 34 + index * (_PANEL_PX + _GAP_PX) for index in range(len(titles))]
    panels = [add_panel(figure, 42, top, width - 42 - 8, _PANEL_PX) for top in tops]
    end_s = analysis.quality.duration_s
    for axes, (title, unit) in zip(panels, titles, strict=True):
        set_title(axes, title, unit, 12 + numbers_px if axes is panels[0] else 12)
        set_time_axis(axes, 0.0, end_s, ticks)
        shade_descents(axes, descents)
        axes.tick_params(axis="x", labelbottom=axes is panels[-1])
    panels[-1].set_xlabel(time_unit(end_s), fontsize=TEXT_PX, color=MUTED, loc="right", labelpad=2)
    if profile is not None:
        _draw_altitude(panels[0], profile)
    for axes, (metric, band) in zip(panels[-len(drawn) :], drawn, strict=True):
        _draw_metric(axes, analysis, metric, band)
    number_descents(panels[0], descents, width - 50)
    return figure


def _title(metric: Metric) -> str:
    return f"{metric.title} (experimental)" if metric.experimental else metric.title


def _draw_altitude(axes: Axes, profile: Profile) -> None:
    keep = slice(None, None, max(1, len(profile.time_s) // 400))
    time_s, altitude_m = profile.time_s[keep], profile.altitude_m[keep]
    low, high = float(np.nanmin(altitude_m)), float(np.nanmax(altitude_m))
    set_value_limits(axes, [low, max(high, low + _LEAST_HEIGHT_M)])
    axes.fill_between(time_s, altitude_m, axes.get_ylim()[0], color=MUTED, alpha=0.18, linewidth=0)
    axes.plot(time_s, altitude_m, color=MUTED, linewidth=1.3)


def _draw_metric(axes: Axes, analysis: Analysis, metric: Metric, band: Band) -> None:
    middle, low, high = (values * metric.factor for values in (band.middle, band.low, band.high))
    baseline = _baseline(analysis, metric)
    limits = [float(np.nanmin(low)), float(np.nanmax(high))]
    set_value_limits(axes, limits if baseline is None else [*limits, baseline])
    if baseline is not None:
        axes.axhline(baseline, color=LEVEL, linewidth=1.4, linestyle=BASELINE_DASH)
    axes.fill_between(band.time_s, low, high, color=INK, alpha=0.15, linewidth=0)
    axes.plot(band.time_s, middle, color=INK, linewidth=1.5)
    if metric.name == "shock_axial_g":
        _mark_clipped(axes, analysis)


def _mark_clipped(axes: Axes, analysis: Analysis) -> None:
    clipped = analysis.strides.loc[analysis.strides["clipped"].to_numpy(dtype=bool), "contact_s"].to_numpy(dtype=float)
    bin_s = analysis.quality.duration_s / _CLIP_BINS
    places = (np.unique(clipped // bin_s) + 0.5) * bin_s
    axes.plot(
        places, np.full(places.size, 0.97), "|", color=DESCENT, markersize=7, transform=axes.get_xaxis_transform()
    )


def _profile(analysis: Analysis) -> Profile | None:
    profile = analysis.terrain.profile
    return profile if profile is not None and np.isfinite(profile.altitude_m).any() else None


def _baseline(analysis: Analysis, metric: Metric) -> float | None:
    table = analysis.findings.baseline
    medians = table.loc[table["metric"] == metric.name, "median"]
    return float(medians.iloc[0]) * metric.factor if medians.notna().any() else None


def _describe(analysis: Analysis, drawn: list[tuple[Metric, Band]]) -> str:
    """Say in numbers what the lines do: the whole run's range, and the level baseline where there is one."""
    told = []
    for metric, band in drawn:
        low, high = (float(f(band.middle)) * metric.factor for f in (np.nanmin, np.nanmax))
        sentence = f"{metric.title} runs between {numbers.interval(low, high, metric.unit, metric.digits)}"
        baseline = _baseline(analysis, metric)
        if baseline is not None:
            sentence += f", level baseline {numbers.quantity(baseline, metric.unit, metric.digits)}"
        told.append(sentence + ".")
    descents = ", ".join(_when(part) for part in parts(analysis.terrain, "descent"))
    return " ".join(
        [f"{numbers.duration(analysis.quality.duration_s)} in all.", *told, f"Descents: {descents or 'none found'}."]
    )


def _when(part: Part) -> str:
    return f"{part.title.lower()} from {numbers.clock(part.start_s)} to {numbers.clock(part.end_s)}"


def _caption(analysis: Analysis, missing: list[Metric]) -> str:
    sentences = [
        f"Line: rolling median of {WINDOW_STRIDES} strides; band: the middle half of them. "
        "Dashed: your own level running. The lines break where you did not run."
    ]
    if analysis.terrain.source != "none" and parts(analysis.terrain, "descent"):
        mark = f", found {POD_MARK}" if analysis.terrain.source == "pod" else ""
        sentences.append(f"Shaded: descents{mark}, with their numbers on top.")
    if analysis.quality.clipped_strides:
        sentences.append(
            "Ticks on top of the shock: landings at the sensor’s limit, whose peak was at least that high."
        )
    if _profile(analysis) is None:
        sentences.append("Altitude was not measured.")
    sentences += [f"{metric.title} was not measured." for metric in missing]
    return " ".join(sentences)
