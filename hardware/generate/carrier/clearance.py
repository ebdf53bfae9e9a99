"""A second opinion on spaces: exact distances between copper of different nets, without KiCad and the router's grid."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from hardware.generate.carrier import rules
from hardware.generate.carrier.layout import FACES, Layout, Point
from hardware.generate.carrier.room import Copper, copper_of, copper_of_via, drills_of, pads_of

Corners = list[Point]
_ROUNDING = 1e-6

FAR = 1.0
"""Nothing asks for more; what is farther need not be measured exactly."""


def faults(layout: Layout) -> list[str]:
    """Return which copper of different nets is nearer than the rules allow, and which holes are too near, in words."""
    copper = [each for placed in layout.placed for each in pads_of(placed)]
    copper += [each for track in layout.tracks for each in copper_of(track)]
    copper += [copper_of_via(via) for via in layout.vias]
    found = []
    for face in FACES:
        here = [each for each in copper if face in each.faces]
        for one, other in _neighbours(here):
            if one.net != other.net:
                asked = rules.HOLE_TO_COPPER if None in (one.net, other.net) else rules.SPACE
                space = distance(one, other)
                if space < asked - _ROUNDING:
                    found.append(f"{one.net} and {other.net} are {space:.3f} mm apart on {face} at {one.start}")
    holes = [each for placed in layout.placed for each in drills_of(placed)]
    holes += [Copper(None, FACES, via.at, via.at, rules.VIA_DRILL / 2) for via in layout.vias]
    for one, other in _neighbours(holes):
        space = distance(one, other)
        if space < rules.HOLE_TO_HOLE - _ROUNDING:
            found.append(f"holes at {one.start} and {other.start} are {space:.3f} mm apart")
    return found


def _neighbours(pieces: Sequence[Copper]) -> Iterator[tuple[Copper, Copper]]:
    """Yield each two that are not farther than `FAR` from left to right, once."""
    spans = sorted(((*_span(each), index) for index, each in enumerate(pieces)))
    lefts = [left for left, _, _ in spans]
    for place, (_, right, index) in enumerate(spans, start=1):
        for _, _, other in spans[place : bisect_right(lefts, right + FAR)]:
            yield pieces[index], pieces[other]


def _span(copper: Copper) -> tuple[float, float]:
    """Return where a piece begins on the left and ends on the right."""
    across = [x for x, _ in _corners(copper)]
    return min(across) - copper.radius, max(across) + copper.radius


def distance(one: Copper, other: Copper) -> float:
    """Return the space between two pieces of copper, 0 where they touch; of those farther than `FAR` at least that."""
    a, b = _corners(one), _corners(other)
    if (apart := _boxes_apart(a, b) - one.radius - other.radius) > FAR:
        return apart
    if _inside(a[0], b) or _inside(b[0], a):
        return 0.0
    nearest = min(_between(p, q) for p in _sides(a) for q in _sides(b))
    return max(0.0, nearest - one.radius - other.radius)


def _corners(copper: Copper) -> Corners:
    (x, y), (half_x, half_y) = copper.start, copper.half
    if half_x or half_y:
        return [(x - half_x, y - half_y), (x + half_x, y - half_y), (x + half_x, y + half_y), (x - half_x, y + half_y)]
    return [copper.start, copper.end]


def _sides(corners: Corners) -> list[tuple[Point, Point]]:
    return list(zip(corners, corners[1:] + corners[:1], strict=True))


def _boxes_apart(a: Corners, b: Corners) -> float:
    gaps = [
        max(min(p[axis] for p in a) - max(q[axis] for q in b), min(q[axis] for q in b) - max(p[axis] for p in a))
        for axis in (0, 1)
    ]
    return max(gaps)


def _inside(spot: Point, box: Corners) -> bool:
    return len(box) > 2 and box[0][0] <= spot[0] <= box[2][0] and box[0][1] <= spot[1] <= box[2][1]


def _between(one: tuple[Point, Point], other: tuple[Point, Point]) -> float:
    if _cross(*one, *other):
        return 0.0
    ends = [(spot, other) for spot in one] + [(spot, one) for spot in other]
    return min(_to_line(spot, line) for spot, line in ends)


def _to_line(spot: Point, line: tuple[Point, Point]) -> float:
    (x0, y0), (x1, y1) = line
    length = (x1 - x0) ** 2 + (y1 - y0) ** 2
    along = ((spot[0] - x0) * (x1 - x0) + (spot[1] - y0) * (y1 - y0)) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return math.hypot(spot[0] - x0 - along * (x1 - x0), spot[1] - y0 - along * (y1 - y0))


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
