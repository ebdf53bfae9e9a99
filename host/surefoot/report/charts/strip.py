"""A strip: medians with their intervals on a short horizontal scale, the level baseline as a dashed upright."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from surefoot.report.charts.style import BASELINE_DASH, LEVEL, LINE, PAPER, new_figure
from surefoot.report.charts.svg import to_svg

WIDTH_PX, ROW_PX, MARGIN_PX = 132.0, 18.0, 8.0


@dataclass(frozen=True)
class Mark:
    """One median with its interval, and how it is drawn."""

    median: float
    low: float
    high: float
    colour: str
    marker: str
    hollow: bool = False


def shared_scale(values: Iterable[float]) -> tuple[float, float]:
    """Return the smallest and the largest finite value, never equal; 0 to 1 where there is none."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def draw_strip(marks: Sequence[Mark], baseline: float, scale: tuple[float, float], name: str, text: str) -> str:
    """Draw the marks beneath each other on one scale; return an SVG whose alternative text is `text`."""
    figure = new_figure(WIDTH_PX, ROW_PX * len(marks))
    if math.isfinite(baseline):
        place = _across(baseline, scale)
        _line(figure, (place, place), (0, 1), color=LEVEL, linewidth=1.4, linestyle=BASELINE_DASH)
    for row, mark in enumerate(marks):
        height = 1 - (row + 0.5) / len(marks)
        _line(figure, (MARGIN_PX / WIDTH_PX, 1 - MARGIN_PX / WIDTH_PX), (height, height), color=LINE, linewidth=1)
        _draw_mark(figure, mark, height, scale)
    return to_svg(figure, name, text)


def _draw_mark(figure: Figure, mark: Mark, height: float, scale: tuple[float, float]) -> None:
    if not math.isfinite(mark.median):
        return
    if math.isfinite(mark.low) and math.isfinite(mark.high):
        ends = (_across(mark.low, scale), _across(mark.high, scale))
        _line(figure, ends, (height, height), color=mark.colour, linewidth=7, alpha=0.35, solid_capstyle="butt")
    face = PAPER if mark.hollow else mark.colour
    place = _across(mark.median, scale)
    _line(
        figure,
        (place,),
        (height,),
        color=mark.colour,
        marker=mark.marker,
        markersize=7,
        mfc=face,
        mec=mark.colour,
        mew=1.3,
    )


def _across(value: float, scale: tuple[float, float]) -> float:
    share = (value - scale[0]) / (scale[1] - scale[0])
    return (MARGIN_PX + share * (WIDTH_PX - 2 * MARGIN_PX)) / WIDTH_PX


def _line(figure: Figure, x: Sequence[float], y: Sequence[float], **style: Any) -> None:
    figure.add_artist(Line2D(list(x), list(y), **style))
