"""The few solids that all shapes of the cases are put together from."""

from __future__ import annotations

from build123d import Align, Cylinder, Part, Pos, Rot
from build123d import Box as Cuboid

from hardware.generate.case.frame import Frame
from hardware.generate.shapes import Box

FAR = 200.0  # longer than any case


def cuboid(box: Box) -> Part:
    """Return a box from its two corners."""
    x, y, z, x2, y2, z2 = box
    return Pos(x, y, z) * Cuboid(x2 - x, y2 - y, z2 - z, align=(Align.MIN, Align.MIN, Align.MIN))


def shin(frame: Frame, above: float = 0.0) -> Part:
    """Return the round that the underside follows, `above` it as far."""
    radius = frame.form.shin_mm
    return Pos(0, 0, -frame.form.floor_mm - radius) * Rot(0, 90, 0) * Cylinder(radius + above, FAR)


def rod(x: float, y: float, low: float, high: float, diameter: float) -> Part:
    """Return an upright round rod."""
    return Pos(x, y, (low + high) / 2) * Cylinder(diameter / 2, high - low)
