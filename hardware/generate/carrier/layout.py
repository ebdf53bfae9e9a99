"""What a board is made of: pads of footprints, tracks, vias, pours, text. Lengths in mm, x right, y down."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Face = Literal["F", "B"]
FACES: tuple[Face, Face] = ("F", "B")

GROUND = "GND"


@dataclass(frozen=True)
class Pad:
    """A pad of a footprint; without a drill it lies on the faces alone, without a number its hole has no copper."""

    number: str
    at: Point
    size: Point
    shape: Literal["rect", "roundrect", "circle", "oval"]
    drill: Point | None = None
    faces: tuple[Face, ...] = FACES

    @property
    def plated(self) -> bool:
        """Whether it has copper."""
        return bool(self.number) or self.drill is None


@dataclass(frozen=True)
class Line:
    """A line of a footprint, on ``SilkS``, ``Fab`` or ``CrtYd`` of its face."""

    layer: Literal["SilkS", "Fab", "CrtYd"]
    start: Point
    end: Point


@dataclass(frozen=True)
class Shape:
    """A footprint: its name, and pads and lines; those of a library bring their own lines."""

    name: str
    pads: tuple[Pad, ...]
    lines: tuple[Line, ...] = ()
    mount: Literal["smd", "through_hole", "none"] = "none"


@dataclass(frozen=True)
class Placed:
    """A footprint on the board; `angle_deg` is counter-clockwise.

    Attributes
    ----------
    nets : dict of str
        The net of each pad, by its number.
    silk : bool
        Whether the lines that its library draws on the silk are wanted.
    """

    ref: str
    shape: Shape
    at: Point
    angle_deg: float
    value: str
    nets: dict[str, str] = field(default_factory=dict)
    silk: bool = True

    def spot(self, at: Point) -> Point:
        """Return where a point of the footprint lies on the board."""
        turn = math.radians(self.angle_deg)
        x, y = at
        return (
            round(self.at[0] + x * math.cos(turn) + y * math.sin(turn), 4),
            round(self.at[1] - x * math.sin(turn) + y * math.cos(turn), 4),
        )

    def copper(self, pad: Pad) -> Box:
        """Return the box round a pad as it lies on the board; angles are multiples of 90 degrees."""
        x, y = self.spot(pad.at)
        width, height = pad.size if round(self.angle_deg) % 180 == 0 else pad.size[::-1]
        return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


@dataclass(frozen=True)
class Track:
    """A line of copper."""

    net: str
    face: Face
    width: float
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Via:
    """A plated hole that joins the faces."""

    net: str
    at: Point


@dataclass(frozen=True)
class Text:
    """A text on the silk; `anchor` says which end stands at `at`."""

    text: str
    at: Point
    face: Face = "F"
    height: float = 0.8
    angle_deg: float = 0.0
    anchor: Literal["left", "centre", "right"] = "centre"


@dataclass(frozen=True)
class Bare:
    """A box without copper on these faces."""

    box: Box
    faces: tuple[Face, ...]


@dataclass(frozen=True)
class Layout:
    """A board, ready to be made."""

    size: Point
    corner_radius: float
    thickness: float
    placed: tuple[Placed, ...]
    tracks: tuple[Track, ...]
    vias: tuple[Via, ...]
    bare: tuple[Bare, ...]
    texts: tuple[Text, ...]
    lines: tuple[Line, ...]
