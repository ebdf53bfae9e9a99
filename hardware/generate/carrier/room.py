"""Where copper may lie: distances on a grid from what is on the board already."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.generate.carrier import rules
from hardware.generate.carrier.layout import FACES, Face, Layout, Placed, Point, Track, Via

STEP = 0.2
"""Pitch of the grid: half of what a signal and its space take."""

SLACK = 0.02
"""More than the rules ask for round pads: a track may come nearer to a corner between two points of the grid."""

EXACT = 1e-4
"""Tracks lie on the grid, so between them the rules are met exactly; this is for rounding."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Copper:
    """Copper, or a bare hole (net None): a segment with a rounded or square (box) margin round it."""

    net: str | None
    faces: tuple[Face, ...]
    start: Point
    end: Point
    radius: float = 0.0
    half: Point = (0.0, 0.0)


class Room:
    """The grid of a board, and how far each of its points is from things."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        width, height = layout.size
        self.columns, self.rows = round(width / STEP) + 1, round(height / STEP) + 1
        self.y, self.x = np.meshgrid(np.arange(self.rows) * STEP, np.arange(self.columns) * STEP, indexing="ij")
        self._distances: dict[Copper, NDArray[np.floating]] = {}
        self.inside = self._from_edge()
        self.pads = [copper for placed in layout.placed for copper in pads_of(placed)]
        self.drills = [drill for placed in layout.placed for drill in drills_of(placed)]
        self.bare = {face: self._bare(face) for face in FACES}

    def distance(self, copper: Copper) -> NDArray[np.floating]:
        """Return how far each point of the grid is from copper; negative inside."""
        if copper not in self._distances:
            self._distances[copper] = self._distance(copper)
        return self._distances[copper]

    def _distance(self, copper: Copper) -> NDArray[np.floating]:
        (x0, y0), (x1, y1) = copper.start, copper.end
        length = (x1 - x0) ** 2 + (y1 - y0) ** 2
        along = np.clip(((self.x - x0) * (x1 - x0) + (self.y - y0) * (y1 - y0)) / length, 0, 1) if length else 0.0
        dx = np.maximum(np.abs(self.x - (x0 + along * (x1 - x0))) - copper.half[0], 0)
        dy = np.maximum(np.abs(self.y - (y0 + along * (y1 - y0))) - copper.half[1], 0)
        return np.asarray(np.hypot(dx, dy) - copper.radius, dtype=np.float32)

    def free_of_parts(self, net: str, face: Face, half: float) -> Mask:
        """Return where the middle of a track of `net` may run on a face, as far as pads, holes and the edge go."""
        free = (self.inside >= rules.EDGE + half + SLACK) & (self.bare[face] >= half + SLACK)
        for pad in self.pads:
            if pad.net != net and face in pad.faces:
                space = rules.SPACE if pad.net is not None else rules.HOLE_TO_COPPER
                free &= self.distance(pad) >= half + space + SLACK
        return free

    def free_of_parts_for_via(self, net: str) -> Mask:
        """Return where a via of `net` may stand: in no pad, not even its own, whose solder would run away."""
        radius = rules.VIA_DIAMETER / 2
        free = self.free_of_parts(net, "F", radius) & self.free_of_parts(net, "B", radius)
        for pad in self.pads:
            free &= self.distance(pad) >= radius + SLACK
        for drill in self.drills:
            free &= self.distance(drill) >= rules.VIA_DRILL / 2 + rules.HOLE_TO_HOLE + SLACK
        return free

    def free_of(self, others: list[Copper], face: Face, half: float) -> Mask:
        """Return where copper that reaches `half` to all sides keeps its space to that of other nets on a face."""
        free = np.ones(self.x.shape, dtype=bool)
        for copper in others:
            if face in copper.faces:
                free &= self.distance(copper) >= half + rules.SPACE - EXACT
        return free

    def node(self, at: Point) -> tuple[int, int]:
        """Return row and column of the point of the grid next to `at`."""
        return round(at[1] / STEP), round(at[0] / STEP)

    def _from_edge(self) -> NDArray[np.floating]:
        (width, height), radius = self.layout.size, self.layout.corner_radius
        dx = np.abs(self.x - width / 2) - (width / 2 - radius)
        dy = np.abs(self.y - height / 2) - (height / 2 - radius)
        corner = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
        return np.asarray(radius - np.where((dx > 0) & (dy > 0), corner, np.maximum(dx, dy)))

    def _bare(self, face: Face) -> NDArray[np.floating]:
        nearest = np.full(self.x.shape, np.inf)
        for bare in self.layout.bare:
            if face in bare.faces:
                left, top, right, bottom = bare.box
                middle = ((left + right) / 2, (top + bottom) / 2)
                box = Copper(None, bare.faces, middle, middle, half=((right - left) / 2, (bottom - top) / 2))
                nearest = np.minimum(nearest, self.distance(box))
        return nearest


def pads_of(placed: Placed) -> list[Copper]:
    """Return the pads of a footprint; a pad without a net keeps every other net away, a bare hole has net None."""
    pads = []
    for pad in placed.shape.pads:
        left, top, right, bottom = placed.copper(pad)
        at = placed.spot(pad.at)
        net = placed.nets.get(pad.number, f"{placed.ref}.{pad.number}") if pad.plated else None
        if pad.shape == "circle":
            pads.append(Copper(net, pad.faces, at, at, pad.size[0] / 2))
        else:
            pads.append(Copper(net, pad.faces, at, at, half=((right - left) / 2, (bottom - top) / 2)))
    return pads


def drills_of(placed: Placed) -> list[Copper]:
    """Return the drilled holes of a footprint."""
    holes = []
    for pad in placed.shape.pads:
        if pad.drill is not None:
            reach = (max(pad.drill) - min(pad.drill)) / 2
            long_x = pad.drill[0] > pad.drill[1]
            start, end = ((-reach, 0), (reach, 0)) if long_x else ((0, -reach), (0, reach))
            spots = [placed.spot((pad.at[0] + x, pad.at[1] + y)) for x, y in (start, end)]
            holes.append(Copper(None, FACES, spots[0], spots[1], min(pad.drill) / 2))
    return holes


def copper_of(track: Track) -> list[Copper]:
    """Return the pieces of a track."""
    return [
        Copper(track.net, (track.face,), start, end, track.width / 2)
        for start, end in zip(track.points, track.points[1:], strict=False)
    ]


def copper_of_via(via: Via) -> Copper:
    """Return the rings of a via."""
    return Copper(via.net, FACES, via.at, via.at, rules.VIA_DIAMETER / 2)
