"""What the charts need to know of the ground: the parts of the run, and the words for where grade comes from."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes

from surefoot.report.charts.style import DESCENT, TEXT_PX
from surefoot.terrain.model import Terrain

POD_MARK = "from the pod alone"


@dataclass(frozen=True)
class Part:
    """One climb or descent: its name in the table, its spoken name, and its place in the run."""

    segment: str
    title: str
    number: str
    start_s: float
    end_s: float


def parts(terrain: Terrain, kind: str) -> tuple[Part, ...]:
    """List the parts of one kind ('climb' or 'descent') in time order."""
    chosen = terrain.segments[terrain.segments["kind"] == kind]
    return tuple(
        Part(segment, segment.replace("-", " ").capitalize(), segment.rpartition("-")[2], float(start), float(end))
        for segment, start, end in zip(chosen["segment"], chosen["start_s"], chosen["end_s"], strict=True)
    )


def shade_descents(axes: Axes, descents: tuple[Part, ...]) -> None:
    """Lay a tint over each descent."""
    for descent in descents:
        axes.axvspan(descent.start_s, descent.end_s, color=DESCENT, alpha=0.13, linewidth=0)


def number_descents(axes: Axes, descents: tuple[Part, ...], width_px: float) -> None:
    """Write each descent's number above axes `width_px` wide, leaving out those that would run into the last one."""
    left, right = axes.get_xlim()
    free_from_px = 0.0
    for descent in descents:
        middle = (descent.start_s + descent.end_s) / 2
        at_px = (middle - left) / (right - left) * width_px
        if at_px - 12 < free_from_px:
            continue
        free_from_px = at_px + 12
        axes.annotate(
            f"↓{descent.number}",
            (middle, 1.0),
            xytext=(0, 2),
            xycoords=axes.get_xaxis_transform(),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=TEXT_PX,
            color=DESCENT,
        )
