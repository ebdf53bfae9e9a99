"""The lid: a plate with a skirt over the base's walls, hooked in at the USB end and held by two screws from outside."""

from __future__ import annotations

from build123d import Cone, Part, Plane, Polyline, Pos, Rot, extrude, fillet, make_face, mirror

from hardware.generate.case.frame import BOSS, LIGHT, MEMBRANE, NOSE, NOSE_WIDTH, SEAT, Frame, nose_top
from hardware.generate.case.solids import FAR, cuboid, rod

SCREW = 2.2  # lets an M2 screw through
HEAD_WIDTH = 4.0  # of an M2 countersunk head, ISO 7046-1: 3.8, and room
POST = 3.0  # presses the button
POST_GAP = 0.4  # over the button while nobody presses
INNER_EDGE = 0.8  # so that the rounded edge is nowhere thinner than the plate


def lid(frame: Frame) -> Part:
    """Return the lid of a case."""
    body = cap(frame)
    for side in (1, -1):
        body += _nose(frame, side)
        body += _pad(frame, side)
        body -= _screw(frame, side)
    x, y, button_top = frame.shell.button_mm
    body -= _thin(frame, x, y, MEMBRANE)
    body += rod(x, y, button_top + POST_GAP, frame.height + frame.form.lid_mm - 0.1, POST)
    if frame.shell.led_mm:
        body -= _thin(frame, *frame.shell.led_mm, LIGHT)
    return body


def cap(frame: Frame) -> Part:
    """Return the plate with its skirt, as it fits over a base without anything else."""
    form = frame.form
    inner_x, inner_y = frame.end + form.gap_mm, frame.side + form.gap_mm
    low, top = frame.height - form.skirt_mm, frame.height + form.lid_mm
    x, y = inner_x + form.wall_mm, inner_y + form.wall_mm
    outside = cuboid((-x, -y, low, x, y, top))
    upright = outside.edges().filter_by(lambda edge: abs(edge.tangent_at(0.5).Z) > 0.9)
    outside = fillet(upright, form.edge_mm + form.gap_mm + form.wall_mm)
    outside = fillet(outside.edges().filter_by(lambda edge: top - 0.01 < edge.center().Z), form.edge_mm)
    # the lowest edge is turned to the skin; half the wall is all the radius it can have
    outside = fillet(outside.edges().filter_by(lambda edge: low + 0.01 > edge.center().Z), 0.55)
    inside = cuboid((-inner_x, -inner_y, low - 1, inner_x, inner_y, frame.height))
    upright = inside.edges().filter_by(lambda edge: abs(edge.tangent_at(0.5).Z) > 0.9)
    inside = fillet(upright, form.edge_mm + form.gap_mm)
    inside = fillet(inside.edges().filter_by(lambda edge: frame.height - 0.01 < edge.center().Z), INNER_EDGE)
    return outside - inside


def _nose(frame: Frame, side: int) -> Part:
    """On a tongue that carries the skirt farther down; both its faces at 45 degrees: printed without supports."""
    wall = -frame.end - frame.form.gap_mm
    top = nose_top(frame)
    reach = NOSE + frame.form.gap_mm
    out, low = wall - frame.form.wall_mm, top - 2 * reach - 0.6
    outline = [
        (out, frame.height - 1.0),
        (wall, frame.height - 1.0),
        (wall, top),
        (wall + reach, top - reach),
        (wall, top - 2 * reach),
        (wall, low),
        (out, low),
    ]
    face = make_face(Polyline(*outline, close=True))
    tongue = Pos(0, NOSE_WIDTH / 2, 0) * Rot(90, 0, 0) * extrude(face, NOSE_WIDTH, dir=(0, 0, 1))
    foot = tongue.edges().filter_by(lambda edge: low + 0.01 > edge.center().Z and out + 0.01 > edge.center().X)
    return Pos(0, side * frame.width / 4, 0) * fillet(foot, 0.5)


def _pad(frame: Frame, side: int) -> Part:
    x, _ = frame.shell.screws_mm
    wall = frame.width / 2 - 0.15
    half = BOSS / 2
    pad = cuboid((x - half, frame.width / 2 - BOSS, frame.height - SEAT, x + half, wall, frame.height + 0.1))
    return pad if side > 0 else mirror(pad, about=Plane.XZ)


def _screw(frame: Frame, side: int) -> Part:
    x, y = frame.shell.screws_mm
    depth = (HEAD_WIDTH - SCREW) / 2
    head = Pos(x, side * y, frame.height + frame.form.lid_mm - depth / 2) * Cone(SCREW / 2, HEAD_WIDTH / 2, depth)
    return rod(x, side * y, -FAR, FAR, SCREW) + head


def _thin(frame: Frame, x: float, y: float, diameter: float) -> Part:
    """Taken from the inside, so that the outside stays smooth."""
    return rod(x, y, frame.height - FAR, frame.height + frame.form.lid_mm - frame.form.window_mm, diameter)
