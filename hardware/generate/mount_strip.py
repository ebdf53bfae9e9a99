"""The page of the mounting template, at true scale: a strip for each leg.

One unit of the drawing is one millimetre of paper, counted from the lower left corner of the page.
"""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle

from hardware.generate.design import Design

SITE_MM = 50.0
"""Height of the sensor above the inner ankle bone: 5 cm (Sports Engineering 2018, doi 10.1007/s12283-018-0271-4)."""

LAB_BOX_MM = (130.0, 150.0)
"""Where the middle of the lab variant's box may sit: 8 to 10 cm above the puck, as far as its cable of 12 cm goes."""

CHECK_MM = 100.0
"""Length of the two bars that are measured after printing; one for each direction of the paper."""

RULER_MM = 155.0
STRIP_MM = (84.0, 188.0)
ZERO_MM = 25.0
"""Ruler, strip, and the height of the ruler's zero above the lower edge of the strip."""

HOLE_MM = 22.0
"""Diameter of the hole for the ankle bone; a proposal, wide enough to feel the bone through."""

INK, MUTED, POD, PAPER = "#1a1a1a", "#6b6b6b", "#b3400d", "#f0ece4"


@dataclass(frozen=True)
class Paper:
    """A sheet, upright."""

    name: str
    width_mm: float
    height_mm: float


PAPERS = (Paper("a4", 210.0, 297.0), Paper("letter", 215.9, 279.4))


@dataclass(frozen=True)
class Leg:
    """A leg, and where its toes point when one looks at its inner side: -1 to the left, 1 to the right."""

    name: str
    toes: int


LEGS = (Leg("RIGHT LEG", -1), Leg("LEFT LEG", 1))


@dataclass(frozen=True)
class Outlines:
    """What is drawn of the pod, mm: height along the shin, then width; `strap_mm` is the height of the strap."""

    pod_mm: tuple[float, float]
    puck_mm: tuple[float, float]
    strap_mm: float


def outlines(design: Design) -> Outlines:
    """Return the pod's and the puck's outlines: their rooms inside and a wall on both sides."""
    walls_mm = 2 * design.limits.wall_mm
    pod, puck = design.case.pod.inner_mm, design.case.lab.puck_inner_mm or (0.0, 0.0, 0.0)
    return Outlines(
        (pod[0] + walls_mm, pod[1] + walls_mm), (puck[0] + walls_mm, puck[1] + walls_mm), design.case.strap.width_mm
    )


def draw(paper: Paper, shapes: Outlines) -> Figure:
    """Return the page, at true scale."""
    figure = Figure(figsize=(paper.width_mm / 25.4, paper.height_mm / 25.4))
    axes = figure.add_axes((0, 0, 1, 1), frame_on=False)
    axes.set(xlim=(0, paper.width_mm), ylim=(0, paper.height_mm), xticks=[], yticks=[])
    middle_mm = paper.width_mm / 2
    _heading(axes, middle_mm, paper.height_mm)
    lowest_mm = paper.height_mm - 56 - STRIP_MM[1]
    for leg, left_mm in zip(LEGS, (middle_mm - 5 - STRIP_MM[0], middle_mm + 5), strict=True):
        _strip(axes, leg, shapes, left_mm, lowest_mm)
    _check_bars(axes, middle_mm, lowest_mm)
    return figure


def _heading(axes: Axes, middle_mm: float, height_mm: float) -> None:
    _text(axes, middle_mm, height_mm - 14, "Where the pod sits", size=17, weight="bold")
    lines = (
        "Print at 100 %, not fitted to the page. Measure both bars below: 100 mm each, within 1 mm.",
        "1  Cut out the strip of your leg, and its hole. Stand, weight on both feet.",
        "2  Lay it on the inner side of the shin: hole over the knob of the ankle, middle line up the flat bone.",
        "3  Mark the 50 mm line on the skin at both edges of the strip. The middle of the sensor comes there.",
        "4  Note the mark, or photograph it. Next time the same place: 5 cm beside it changed peaks by up to 2.45 g.",
    )
    for row, line in enumerate(lines):
        _text(axes, middle_mm - 5 - STRIP_MM[0], height_mm - 22.5 - 5.4 * row, line, size=8.6, align=1)


def _strip(axes: Axes, leg: Leg, shapes: Outlines, left_mm: float, lowest_mm: float) -> None:
    width_mm, height_mm = STRIP_MM
    middle_mm, zero_mm = left_mm + width_mm / 2, lowest_mm + ZERO_MM
    site_mm = zero_mm + SITE_MM
    axes.add_patch(
        Rectangle(
            (left_mm, site_mm - shapes.strap_mm / 2), width_mm, shapes.strap_mm, facecolor=PAPER, edgecolor="none"
        )
    )
    axes.add_patch(
        Rectangle(
            (left_mm, lowest_mm), width_mm, height_mm, fill=False, edgecolor=INK, linewidth=0.8, linestyle=(0, (6, 4))
        )
    )
    _line(axes, (middle_mm, zero_mm - 17), (middle_mm, zero_mm + RULER_MM), MUTED, 0.5, (0, (12, 3, 2, 3)))
    _ruler(axes, left_mm if leg.toes > 0 else left_mm + width_mm, leg.toes, zero_mm)
    _outline(axes, middle_mm, site_mm, shapes.pod_mm, POD, 1.6, "-")
    _outline(axes, middle_mm, site_mm, shapes.puck_mm, POD, 0.9, (0, (3, 2)))
    _line(axes, (left_mm, site_mm), (left_mm + width_mm, site_mm), POD, 1.0)
    axes.add_patch(Circle((middle_mm, zero_mm), HOLE_MM / 2, fill=False, edgecolor=INK, linewidth=1.0))
    _line(axes, (left_mm, zero_mm), (left_mm + width_mm, zero_mm), INK, 0.7)
    _line(axes, (middle_mm, zero_mm + LAB_BOX_MM[0]), (middle_mm, zero_mm + LAB_BOX_MM[1]), POD, 3.0)
    _labels(axes, leg, shapes, middle_mm, zero_mm)


def _labels(axes: Axes, leg: Leg, shapes: Outlines, middle_mm: float, zero_mm: float) -> None:
    beside_mm = middle_mm + 15 * leg.toes
    site_mm = zero_mm + SITE_MM
    _text(axes, middle_mm, zero_mm + RULER_MM + 3.2, f"{leg.name}, inner side", size=10.5, weight="bold")
    _text(axes, beside_mm, zero_mm + 115, "up the shin,\nto the knee", size=8)
    _arrow(axes, (beside_mm, zero_mm + 119.5), (beside_mm, zero_mm + 127))
    _text(axes, beside_mm + 7 * leg.toes, zero_mm + 94, "front", size=8, weight="bold")
    _arrow(axes, (beside_mm, zero_mm + 90), (beside_mm + 17 * leg.toes, zero_mm + 90))
    _text(axes, middle_mm - 3 * leg.toes, zero_mm + 143, "lab variant:\nmiddle of\nthe box", 7, POD, align=-leg.toes)
    pod = f"pod, about {_size(shapes.pod_mm)} mm"
    _text(axes, middle_mm, site_mm + shapes.pod_mm[0] / 2 + 3, pod, 7.5, POD, behind="white")
    _text(axes, middle_mm, site_mm + 6.5, "puck of the\nlab variant", 6, POD, behind=PAPER)
    _text(axes, middle_mm + 30 * leg.toes, site_mm + 3, "50 mm: middle\nof the sensor", 6.5, POD)
    _text(axes, middle_mm + 30 * leg.toes, site_mm - 9.5, "strap", 6.5, MUTED)
    _text(axes, middle_mm + 27.5 * leg.toes, zero_mm + 3.4, "0: knob of the\ninner ankle bone", 6.5)
    _text(axes, middle_mm, zero_mm - 21.5, "cut along the dashed line", 6.5, MUTED)


def _ruler(axes: Axes, edge_mm: float, inwards: int, zero_mm: float) -> None:
    for mark in range(int(RULER_MM) + 1):
        length_mm = 6.0 if mark % 10 == 0 else 4.0 if mark % 5 == 0 else 2.4
        height_mm = zero_mm + mark
        _line(
            axes, (edge_mm, height_mm), (edge_mm + inwards * length_mm, height_mm), INK, 0.6 if mark % 5 == 0 else 0.3
        )
        if mark % 10 == 0 and mark not in (0, SITE_MM):
            _text(axes, edge_mm + 8.6 * inwards, height_mm, str(mark), size=7)


def _check_bars(axes: Axes, middle_mm: float, lowest_mm: float) -> None:
    ends = (middle_mm - CHECK_MM / 2, middle_mm + CHECK_MM / 2)
    height_mm = lowest_mm - 9
    _line(axes, (ends[0], height_mm), (ends[1], height_mm), INK, 1.4)
    for end_mm in ends:
        _line(axes, (end_mm, height_mm - 2.5), (end_mm, height_mm + 2.5), INK, 0.7)
    _text(axes, middle_mm, height_mm + 3.2, "100 mm across: measure me", size=8)

    foot_mm = lowest_mm + 12
    _line(axes, (middle_mm, foot_mm), (middle_mm, foot_mm + CHECK_MM), INK, 1.4)
    for end_mm in (foot_mm, foot_mm + CHECK_MM):
        _line(axes, (middle_mm - 2.5, end_mm), (middle_mm + 2.5, end_mm), INK, 0.7)
    axes.text(
        middle_mm - 1.2,
        foot_mm + CHECK_MM / 2,
        "100 mm along: measure me",
        rotation=90,
        ha="right",
        va="center",
        size=7,
    )
    _text(
        axes,
        middle_mm,
        height_mm - 7,
        "Surefoot, hardware/mount. CC-BY-4.0. Not a medical device. Never worn yet by its authors.",
        7,
        MUTED,
    )


def _outline(
    axes: Axes,
    middle_mm: float,
    height_mm: float,
    size_mm: tuple[float, float],
    colour: str,
    width: float,
    style: object,
) -> None:
    corner_mm = 4.0
    tall_mm, wide_mm = size_mm
    axes.add_patch(
        FancyBboxPatch(
            (middle_mm - wide_mm / 2, height_mm - tall_mm / 2),
            wide_mm,
            tall_mm,
            boxstyle=f"round,pad=0,rounding_size={corner_mm}",
            fill=False,
            edgecolor=colour,
            linewidth=width,
            linestyle=style,
        )
    )


def _line(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, width: float, style: object = "-"
) -> None:
    axes.plot(
        *zip(start, end, strict=True),
        color=colour,
        linewidth=width,
        linestyle=style,
        solid_capstyle="butt",
        clip_on=False,
    )


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.2})


def _text(
    axes: Axes,
    x_mm: float,
    y_mm: float,
    text: str,
    size: float,
    colour: str = INK,
    *,
    weight: str = "normal",
    align: int = 0,
    behind: str = "none",
) -> None:
    axes.text(
        x_mm,
        y_mm,
        text,
        size=size,
        color=colour,
        weight=weight,
        ha=("right", "center", "left")[align + 1],
        va="center",
        linespacing=1.15,
        bbox={"facecolor": behind, "edgecolor": "none", "pad": 1.2},
    )


def _size(size_mm: tuple[float, float]) -> str:
    return f"{size_mm[0]:.0f} x {size_mm[1]:.0f}"
