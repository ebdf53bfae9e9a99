"""A maze router for a small board: the cheapest way on a grid of two faces, one net after the other.

A net may cross tracks that lie already, at a price; what it crosses is taken up and laid again later. Places that were
fought over become dearer, so that in the end every net has found its own. Nothing is random: the same layout gives the
same tracks.
After L. McMurchie and C. Ebeling, PathFinder: a negotiation-based performance-driven router for FPGAs, FPGA 1995.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hardware.generate.carrier import rules
from hardware.generate.carrier.layout import FACES, GROUND, Layout, Point, Track, Via
from hardware.generate.carrier.maze import Maze, Node, cheapest
from hardware.generate.carrier.room import SLACK, STEP, Copper, Room, copper_of, copper_of_via
from hardware.generate.schema import DesignError

POWER_NETS = ("CELL+", "CELL_FUSED", "VBAT", "3V3", "MOTOR+", "MOTOR-")

LIGHT_PARTS = ("R1", "R3", "TP")
"""What stands on a power net and carries next to nothing: divider, pull-up, test points."""

# Costs in steps of the grid.
CROSSING_COST = 6.0
"""Of a step where another net's track lies: any detour on the board is better at first."""
GRUDGE_COST = 3.0
"""More for each time that a place was fought over."""

TURNS = 400
"""Nets laid before the router gives up; this board takes 170."""

STITCH_MM = 2.4
"""Lattice of the vias that join the pours of ground."""

Grid = NDArray[np.floating]


@dataclass(frozen=True)
class _Laid:
    """The tracks and vias of one net."""

    tracks: tuple[Track, ...]
    vias: tuple[Via, ...]

    @property
    def copper(self) -> list[Copper]:
        return [copper for track in self.tracks for copper in copper_of(track)] + [
            copper_of_via(via) for via in self.vias
        ]


def route(layout: Layout) -> Layout:
    """Return `layout` with tracks and vias that join every net, and ground's vias.

    Raises
    ------
    DesignError
        Where a net finds no way.
    """
    room = Room(layout)
    waiting = _order(room)
    laid: dict[str, _Laid] = {}
    grudges = [np.zeros(room.x.shape) for _ in FACES]
    for _ in range(TURNS):
        if not waiting:
            tracks = tuple(track for net in sorted(laid) for track in laid[net].tracks)
            vias = tuple(via for net in sorted(laid) for via in laid[net].vias)
            return replace(layout, tracks=tracks, vias=(*vias, *_stitches(room, laid)))
        net = waiting.pop(0)
        laid[net] = _lay(room, net, laid, grudges)
        for other in _crossed(room, net, laid, grudges):
            del laid[other]
            waiting.append(other)
    raise DesignError("carrier", f"the router finds no way for {waiting[0]}; move parts apart", net=waiting[0])


@dataclass(frozen=True)
class _End:
    """A pad that a net must reach: its point on the grid on each face where it lies, and with which width."""

    at: Point
    nodes: tuple[Node, ...]
    width: float


def _ends(room: Room, net: str) -> list[_End]:
    """Return the pads of a net, those that carry its current first."""
    ends = []
    for placed in room.layout.placed:
        for pad in placed.shape.pads:
            if pad.number and placed.nets.get(pad.number) == net:
                at = placed.spot(pad.at)
                heavy = net in POWER_NETS and not placed.ref.startswith(LIGHT_PARTS)
                nodes = tuple((FACES.index(face), *room.node(at)) for face in pad.faces)
                ends.append(_End(at, nodes, rules.POWER_WIDTH if heavy else rules.SIGNAL_WIDTH))
    return sorted(ends, key=lambda end: -end.width)


def _order(room: Room) -> list[str]:
    """Return the nets: wide ones first, short before long, ground last, for which the pours are there as well."""

    def key(net: str) -> tuple[bool, bool, float, str]:
        spots = [end.at for end in _ends(room, net)]
        spread = sum(max(axis) - min(axis) for axis in zip(*spots, strict=True))
        return (net == GROUND, net not in POWER_NETS, round(spread, 3), net)

    return sorted({net for placed in room.layout.placed for net in placed.nets.values()}, key=key)


def _lay(room: Room, net: str, laid: dict[str, _Laid], grudges: list[Grid]) -> _Laid:
    """Return the tracks and vias of one net, which may cross other tracks but no pad."""
    ends = _ends(room, net)
    tree = set(ends[0].nodes)
    tracks: list[Track] = []
    vias: list[Via] = []
    for width in sorted({end.width for end in ends}, reverse=True):
        maze = _maze(room, net, width, laid, grudges)
        rest = {node: end for end in ends[1:] if end.width == width for node in end.nodes}
        while rest:
            path = cheapest(maze, tree, set(rest))
            if path is None:
                raise DesignError("carrier", f"{net} cannot reach all its pads; move parts apart", net=net)
            reached = rest[path[-1]]
            rest = {node: end for node, end in rest.items() if end != reached}
            tree |= set(path) | set(reached.nodes)
            tracks += _tracks(net, width, path)
            vias += [Via(net, _spot(a)) for a, b in pairwise(path) if a[0] != b[0]]
    return _Laid(tuple(tracks), tuple(vias))


def _maze(room: Room, net: str, width: float, laid: dict[str, _Laid], grudges: list[Grid]) -> Maze:
    others = [copper for other, each in laid.items() if other != net for copper in each.copper]
    half = width / 2

    def priced(free: NDArray[np.bool_], clear: NDArray[np.bool_], grudge: Grid) -> Grid:
        return np.where(free, np.where(clear, 0.0, CROSSING_COST) + GRUDGE_COST * grudge, math.inf)

    faces = []
    for index, face in enumerate(FACES):
        free = room.free_of_parts(net, face, half)
        for end in _ends(room, net):  # a pad is never closed to its own net
            for on, row, column in end.nodes:
                free[row, column] |= on == index
        faces.append(priced(free, room.free_of(others, face, half), grudges[index]).tolist())
    radius = rules.VIA_DIAMETER / 2
    clear = room.free_of(others, "F", radius) & room.free_of(others, "B", radius)
    via = priced(room.free_of_parts_for_via(net), clear, grudges[0] + grudges[1])
    return Maze((faces[0], faces[1]), via.tolist())


def _crossed(room: Room, net: str, laid: dict[str, _Laid], grudges: list[Grid]) -> list[str]:
    """Return the nets that the new tracks of `net` are too near to, and mark where."""
    crossed = []
    for other, each in laid.items():
        near = False
        for index, face in enumerate(FACES) if other != net else ():
            close = ~room.free_of(each.copper, face, rules.VIA_DIAMETER / 2)
            met = [room.node(via.at) for via in laid[net].vias if close[room.node(via.at)]]
            for width in sorted({track.width for track in laid[net].tracks}):
                close = ~room.free_of(each.copper, face, width / 2)
                spots = {
                    node
                    for track in laid[net].tracks
                    if (track.face, track.width) == (face, width)
                    for node in _nodes(room, track)
                }
                met += [node for node in sorted(spots) if close[node]]
            for node in met:
                grudges[index][node] += 1
            near = near or bool(met)
        if near:
            crossed.append(other)
    return crossed


def _nodes(room: Room, track: Track) -> list[tuple[int, int]]:
    """Return the points of the grid under a track."""
    nodes = []
    for start, end in pairwise(track.points):
        (row, column), (last_row, last_column) = room.node(start), room.node(end)
        steps = max(abs(last_row - row), abs(last_column - column))
        nodes += [
            (row + (last_row - row) * i // steps, column + (last_column - column) * i // steps)
            for i in range(steps + 1)
        ]
    return nodes


def _spot(node: Node) -> Point:
    return (round(node[2] * STEP, 4), round(node[1] * STEP, 4))


def _tracks(net: str, width: float, path: list[Node]) -> list[Track]:
    """Return the path as tracks: one per run on a face, with points only where it turns."""
    runs: list[list[Node]] = [[path[0]]]
    for before, after in pairwise(path):
        if before[0] != after[0]:
            runs.append([after])
        else:
            runs[-1].append(after)
    return [
        Track(net, FACES[run[0][0]], width, tuple(_spot(node) for node in _corners(run)))
        for run in runs
        if len(run) > 1
    ]


def _corners(run: list[Node]) -> list[Node]:
    def heading(a: Node, b: Node) -> tuple[int, int]:
        return (b[1] - a[1], b[2] - a[2])

    inner = [b for a, b, c in zip(run, run[1:], run[2:], strict=False) if heading(a, b) != heading(b, c)]
    return [run[0], *inner, run[-1]]


def _stitches(room: Room, laid: dict[str, _Laid]) -> list[Via]:
    """Return vias that join the pours, on a lattice, where both faces have room."""
    radius = rules.VIA_DIAMETER / 2
    others = [copper for net, each in laid.items() if net != GROUND for copper in each.copper]
    free = room.free_of_parts_for_via(GROUND) & room.free_of(others, "F", radius) & room.free_of(others, "B", radius)
    for via in laid[GROUND].vias:
        free &= room.distance(copper_of_via(via)) >= rules.HOLE_TO_HOLE + SLACK
    stitches: list[Via] = []
    pitch = round(STITCH_MM / STEP)
    for row in range(pitch // 2, room.rows, pitch):
        for column in range(pitch // 2, room.columns, pitch):
            spots = [(row + dy, column + dx) for dy in (0, -2, 2) for dx in (0, -2, 2)]
            spot = next(((y, x) for y, x in spots if 0 <= y < room.rows and 0 <= x < room.columns and free[y, x]), None)
            if spot is not None:
                stitches.append(Via(GROUND, _spot((0, *spot))))
    return stitches
