"""The average landing: the shin's signals around contact, level and downhill."""

from __future__ import annotations

import numpy as np

from surefoot.analysis import Analysis
from surefoot.landing.curves import SIGNALS, LandingCurves
from surefoot.recording.samples import FloatArray
from surefoot.report import numbers
from surefoot.report.charts.style import (
    DESCENT,
    INK,
    LEVEL,
    MUTED,
    PANEL_WIDTH_PX,
    TEXT_PX,
    add_panel,
    new_figure,
    set_title,
    set_value_limits,
)
from surefoot.report.charts.svg import Chart, Picture, to_svg
from surefoot.report.words import SIGNAL_WORDS

LINES = {"level": (LEVEL, "-"), "descents": (DESCENT, (0, (4, 1.3))), "all": (INK, "-")}
_HEIGHT_PX = 190.0
_AFTER_MS = (0.0, 150.0)


def draw_average_landing(analysis: Analysis) -> Chart:
    """Draw one picture per signal, with a line and a band for each group of strides."""
    groups = shown_groups(analysis)
    signals = [name for name in SIGNALS if any(name in g.middle and np.isfinite(g.middle[name]).any() for g in groups)]
    if not signals:
        return Chart(missing="There are too few usable strides for an average landing.")
    caption = (
        "Signals from 100 ms before to 300 ms after contact (upright line). Line: mean; band: one standard deviation "
        "to each side. " + ". ".join(f"{SIGNAL_WORDS[name][0]}: {SIGNAL_WORDS[name][2]}" for name in signals) + "."
    )
    return Chart(tuple(Picture(_draw(groups, name)) for name in signals), caption)


def shown_groups(analysis: Analysis) -> tuple[LandingCurves, ...]:
    """Choose the groups to draw: level and descents, or all strides where these are not told apart."""
    curves = [curve for curve in analysis.curves if curve.strides and curve.time_ms.size]
    told_apart = tuple(curve for curve in curves if curve.group in ("level", "descents"))
    return told_apart or tuple(curve for curve in curves if curve.group == "all")


def _draw(groups: tuple[LandingCurves, ...], signal: str) -> str:
    title, unit, _ = SIGNAL_WORDS[signal]
    figure = new_figure(PANEL_WIDTH_PX, _HEIGHT_PX)
    axes = add_panel(figure, 44, 32, PANEL_WIDTH_PX - 54, _HEIGHT_PX - 72)
    axes.axvline(0, color=MUTED, linewidth=0.9)
    reached, told = [], []
    for group in groups:
        if signal not in group.middle or not np.isfinite(group.middle[signal]).any():
            continue
        colour, dash = LINES[group.group]
        middle, low, high = (part[signal] for part in (group.middle, group.low, group.high))
        axes.fill_between(group.time_ms, low, high, color=colour, alpha=0.16, linewidth=0)
        axes.plot(group.time_ms, middle, color=colour, linestyle=dash, linewidth=1.8)
        reached += [float(np.nanmin(low)), float(np.nanmax(high))]
        told.append(f"{group.group}: {_extremes(group.time_ms, middle, unit)} (n = {group.strides})")
    set_value_limits(axes, reached)
    axes.set_xlim(-100, 300)
    axes.set_xticks([-100, 0, 100, 200, 300], ["−100", "0", "100", "200", "300"])
    axes.set_xlabel("ms from contact", fontsize=TEXT_PX, color=MUTED, loc="right", labelpad=2)
    set_title(axes, title, unit)
    return to_svg(figure, f"landing-{signal}", f"{title} around contact", "; ".join(told) + ".")


def _extremes(time_ms: FloatArray, values: FloatArray, unit: str) -> str:
    landing = (time_ms >= _AFTER_MS[0]) & (time_ms <= _AFTER_MS[1]) & np.isfinite(values)
    if not landing.any():
        return "not measured after contact"
    digits = 1 if np.nanmax(np.abs(values)) < 50 else 0
    span = numbers.interval(float(values[landing].min()), float(values[landing].max()), unit, digits)
    return f"mean from {span} in the first 150 ms"
