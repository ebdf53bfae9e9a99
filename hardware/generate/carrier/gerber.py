"""Gerber and drill files read back: what the fab gets, for the checks and the pictures.

Only what KiCad 6 writes (Gerber: apertures C, R, O and its macro RoundRect; lines, arcs, flashes, regions, dark
polarity; Excellon in metric decimals). Anything else is refused, so that no shape is lost. Lengths in mm, y up.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from hardware.generate.carrier.layout import Point
from hardware.generate.schema import DesignError

_ARC_STEP = math.radians(6)


@dataclass(frozen=True)
class Aperture:
    """The form that is moved or flashed; `corners` and `radius` describe it (a circle has one corner)."""

    corners: tuple[Point, ...]
    radius: float


@dataclass(frozen=True)
class Stroke:
    """A line drawn with a round end."""

    points: tuple[Point, ...]
    width: float


@dataclass(frozen=True)
class Patch:
    """A filled form; `radius` is drawn round its corners."""

    points: tuple[Point, ...]
    radius: float = 0.0


@dataclass
class Artwork:
    """What one Gerber file draws."""

    function: str = ""
    strokes: list[Stroke] = field(default_factory=list)
    patches: list[Patch] = field(default_factory=list)
    pad_nets: set[tuple[str, str, str]] = field(default_factory=set)  # reference, pad, net

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Box round the middles of all lines and the corners of all forms."""
        shapes: list[Stroke | Patch] = [*self.strokes, *self.patches]
        spots = [spot for shape in shapes for spot in shape.points]
        xs, ys = [x for x, _ in spots], [y for _, y in spots]
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True)
class Hole:
    """A drilled hole, or a slot from start to end."""

    start: Point
    end: Point
    diameter: float


def read_gerber(text: str, name: str) -> Artwork:
    """Return what a Gerber file draws.

    Raises
    ------
    DesignError
        Where it does not end, or has a word that this reader does not know.
    """
    if not text.rstrip().endswith("M02*"):
        raise DesignError(name, "the Gerber file has no end (M02)")
    reader = _Reader(name)
    for block in re.findall(r"%[^%]*%|[^*%]+\*", text):
        reader.take(block.strip())
    return reader.art


class _Reader:
    """The state of a Gerber reader between two words."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.art = Artwork()
        self.apertures: dict[str, Aperture] = {}
        self.current: Aperture | None = None
        self.at: Point = (0.0, 0.0)
        self.mode = "G01"
        self.region: list[Point] | None = None
        self.pin = ("", "")
        self.net = ""

    def take(self, block: str) -> None:
        if block.startswith("%"):
            self._extended(block.strip("%"))
        elif block in ("G01*", "G02*", "G03*"):
            self.mode = block[:3]
        elif block == "G36*":
            self.region = []
        elif block == "G37*":
            self._close_region()
        elif match := re.fullmatch(r"D(\d+)\*", block):
            self.current = self.apertures[match.group(1)]
        elif match := re.fullmatch(
            r"(?:(G0[123]))?(?:X(-?\d+))?(?:Y(-?\d+))?(?:I(-?\d+))?(?:J(-?\d+))?D0([123])\*", block
        ):
            self._draw(match)
        elif not block.startswith("G04") and block not in ("G75*", "G74*", "G90*", "G70*", "G71*", "M02*"):
            raise self._unknown(block)

    def _unknown(self, block: str) -> DesignError:
        return DesignError(self.name, f"the Gerber word {block[:40]!r} is not known")

    def _extended(self, block: str) -> None:
        for word in block.split("*"):
            if match := re.match(r"ADD(\d+)([A-Za-z]\w*),?(.*)", word):
                number, kind, sizes = match.groups()
                self.apertures[number] = self._aperture(kind, [float(size) for size in sizes.split("X") if size])
            elif word.startswith("TF.FileFunction,"):
                self.art.function = word.removeprefix("TF.FileFunction,")
            elif match := re.match(r"TO\.P,([^,]*),([^,]*)", word):
                self.pin = (match.group(1), match.group(2))
            elif match := re.match(r"TO\.N,(.*)", word):
                self.net = match.group(1)
            elif word == "TD":
                self.pin, self.net = ("", ""), ""
            elif word.startswith("LP") and word != "LPD":
                raise self._unknown(word)

    def _aperture(self, kind: str, sizes: list[float]) -> Aperture:
        if kind == "C":
            return Aperture(((0, 0),), sizes[0] / 2)
        if kind == "R":
            x, y = sizes[0] / 2, sizes[1] / 2
            return Aperture(((-x, -y), (x, -y), (x, y), (-x, y)), 0)
        if kind == "O":
            radius = min(sizes) / 2
            x, y = sizes[0] / 2 - radius, sizes[1] / 2 - radius
            return Aperture(((-x, -y), (x, y)), radius)
        if kind == "RoundRect":
            spots = sizes[1:9]
            return Aperture(tuple(zip(spots[::2], spots[1::2], strict=True)), sizes[0])
        raise self._unknown(f"ADD {kind}")

    def _draw(self, match: re.Match[str]) -> None:
        mode, x, y, i, j, operation = match.groups()
        self.mode = mode or self.mode
        scale = 1e-6  # FSLAX46Y46
        to = (int(x) * scale if x else self.at[0], int(y) * scale if y else self.at[1])
        if operation == "1":
            way = [self.at, to] if self.mode == "G01" else self._arc(to, int(i or 0) * scale, int(j or 0) * scale)
            if self.region is not None:
                self.region += way[1:]
            else:
                self.art.strokes.append(Stroke(tuple(way), 2 * self._form().radius))
        elif operation == "2":
            self._close_region(keep_open=True)
            if self.region is not None:
                self.region.append(to)
        else:
            form = self._form()
            spots = tuple((to[0] + dx, to[1] + dy) for dx, dy in form.corners)
            self.art.patches.append(Patch(spots, form.radius))
            if self.pin != ("", ""):
                self.art.pad_nets.add((*self.pin, self.net))
        self.at = to

    def _form(self) -> Aperture:
        if self.current is None:
            raise self._unknown("a line before any aperture")
        return self.current

    def _close_region(self, keep_open: bool = False) -> None:
        if self.region:
            self.art.patches.append(Patch(tuple(self.region)))
        self.region = [] if keep_open and self.region is not None else None

    def _arc(self, to: Point, i: float, j: float) -> list[Point]:
        middle = (self.at[0] + i, self.at[1] + j)
        radius = math.hypot(i, j)
        start = math.atan2(-j, -i)
        turn = (math.atan2(to[1] - middle[1], to[0] - middle[0]) - start) % math.tau
        if self.mode == "G02":
            turn -= math.tau
        steps = max(1, math.ceil(abs(turn) / _ARC_STEP))
        angles = [start + turn * step / steps for step in range(1, steps)]
        inner = [(middle[0] + radius * math.cos(a), middle[1] + radius * math.sin(a)) for a in angles]
        return [self.at, *inner, to]


def read_drills(text: str, name: str) -> list[Hole]:
    """Return the holes of an Excellon file.

    Raises
    ------
    DesignError
        Where it is not metric, has no end, or names a tool that it does not describe.
    """
    if "METRIC" not in text or not text.rstrip().endswith("M30"):
        raise DesignError(name, "the drill file is not metric or has no end (M30)")
    tools = {number: float(size) for number, size in re.findall(r"^T(\d+)C([\d.]+)", text, re.M)}
    holes: list[Hole] = []
    tool = "0"
    for line in text.splitlines():
        if match := re.fullmatch(r"T(\d+)", line):
            tool = match.group(1)
        elif match := re.fullmatch(r"(G0[01])?X(-?[\d.]+)Y(-?[\d.]+)", line):
            move, spot = match.group(1), (float(match.group(2)), float(match.group(3)))
            if tool not in tools:
                raise DesignError(name, f"the drill file does not describe the tool {tool}")
            if move == "G01":  # the end of the slot that the line G00 before began
                holes[-1] = Hole(holes[-1].start, spot, tools[tool])
            else:
                holes.append(Hole(spot, spot, tools[tool]))
    return holes
