"""Colours, sizes and lines shared by the charts.

A chart is drawn in placeholder colours; `svg` swaps them for the page's CSS variables, so that one picture follows
light, dark and print. Groups differ by line or marker as well as by colour.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator

INK = "#010101"
MUTED = "#010102"
LINE = "#010103"
PAPER = "#010104"
LEVEL = "#010105"
DESCENT = "#010106"
CLIMB = "#010107"

CSS_VARIABLES: dict[str, str] = {
    INK: "--ink",
    MUTED: "--muted",
    LINE: "--line",
    PAPER: "--paper",
    LEVEL: "--level",
    DESCENT: "--descent",
    CLIMB: "--climb",
}
KIND_COLOUR = {"level": LEVEL, "descent": DESCENT, "climb": CLIMB}
KIND_MARKER = {"level": "o", "descent": "v", "climb": "^"}
BASELINE_DASH = (0, (5, 3))

PANEL_WIDTH_PX = 330
TEXT_PX = 12.0
MINUS = "−"
_TIME_STEPS_S = (5, 10, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14400)


def new_figure(width_px: float, height_px: float) -> Figure:
    """Start a figure whose units are CSS pixels at its natural size (72 per inch)."""
    return Figure(figsize=(width_px / 72, height_px / 72), dpi=72, facecolor="none")


def add_panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes at a place given in pixels from the figure's upper left corner."""
    total_width, total_height = figure.get_size_inches() * 72
    box = (left / total_width, 1 - (top + height) / total_height, width / total_width, height / total_height)
    axes = figure.add_axes(box, facecolor="none")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    axes.tick_params(colors=MUTED, labelsize=TEXT_PX, length=0, pad=5)
    axes.tick_params(axis="x", length=4, color=LINE)
    axes.grid(axis="y", color=LINE, linewidth=0.7)
    axes.set_axisbelow(True)
    return axes


def set_title(axes: Axes, title: str, unit: str, pad_px: float = 12.0) -> None:
    """Write the panel's name and unit above it, at the left edge of the picture."""
    text = f"{title}, {unit}" if unit else title
    place = axes.get_position()
    # A given y spares matplotlib the search for a free place, a fifth of the drawing time.
    axes.set_title(text, loc="left", fontsize=TEXT_PX + 1, color=INK, pad=pad_px, x=-place.x0 / place.width, y=1.0)


def set_value_limits(axes: Axes, values: Sequence[float], ticks: int = 4) -> None:
    """Fit the value axis to finite `values` with a little air, and label it sparingly."""
    low, high = min(values), max(values)
    air = 0.10 * (high - low) or max(0.1 * abs(high), 0.1)
    axes.set_ylim(low - air, high + air)
    axes.yaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", MINUS))


def set_time_axis(axes: Axes, start_s: float, end_s: float, ticks: int) -> None:
    """Label a time axis in `time_unit`s."""
    step = next((s for s in _TIME_STEPS_S if (end_s - start_s) / s <= ticks), _TIME_STEPS_S[-1])
    axes.set_xlim(start_s, end_s)
    axes.xaxis.set_major_locator(MultipleLocator(step))
    written = {
        "s": lambda value, _: f"{value:.0f}",
        "min": lambda value, _: f"{value / 60:g}",
        "h:min": lambda value, _: f"{value // 3600:.0f}:{value % 3600 / 60:02.0f}",
    }
    axes.xaxis.set_major_formatter(written[time_unit(end_s)])


def time_unit(end_s: float) -> str:
    """Name the unit for a run of this length: seconds below three minutes, hours and minutes from two hours on."""
    if end_s < 180:
        return "s"
    return "h:min" if end_s >= 7200 else "min"
