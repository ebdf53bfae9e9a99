"""The base: the side of the skin, with floor, walls, ears for the strap and what holds the boards."""

from __future__ import annotations

from math import sqrt

from build123d import Box as Cuboid
from build123d import Part, Plane, Polyline, Pos, Rot, chamfer, extrude, fillet, make_face, mirror

from hardware.generate.case.frame import (
    BOSS,
    EAR_HEIGHT,
    NOSE,
    NOSE_WIDTH,
    OUTLET,
    SEAT,
    SLOT_ARM,
    USB_GAP,
    Frame,
    nose_top,
)
from hardware.generate.case.solids import FAR, cuboid, rod, shin

PILOT = 1.7  # for an M2 screw that cuts its thread into the plastic
SHELF_LEDGE = 0.8
PEG = 2.6  # through 3 mm holes whose place differs by 0.3 mm from maker to maker
LEVER = (6.0, 3.6)  # opening for the switch's lever: its travel and a fingernail
INNER_EDGE = 1.0  # so that a rounded edge is nowhere thinner than the wall


def base(frame: Frame) -> Part:
    """Return the base of a case."""
    room = _room(frame)
    body = _outside(frame) - room
    for side in (1, -1):
        body += _ear(frame, side) - room
    inside = Part() + [cuboid(box) for box in frame.shell.supports]
    for x, y, *_ in frame.shell.pegs + frame.shell.feet:
        inside += _foot(frame, x, y)
    body += inside - shin(frame, frame.form.floor_mm / 2)
    body += _ledges(frame)
    for side in (1, -1):
        body += _boss(frame, side)
    for x, y, tip in frame.shell.pegs:
        body += Pos(x, y, (tip - 1) / 2) * Rot(0, 0, 45) * Cuboid(PEG / sqrt(2), PEG / sqrt(2), tip + 1)
    for opening in _openings(frame):
        body -= opening
    return body


def _outside(frame: Frame) -> Part:
    low = frame.underside(frame.side) - 1
    block = cuboid((-frame.end, -frame.side, low, frame.end, frame.side, frame.height)) - shin(frame)
    block = fillet(block.edges().filter_by(lambda edge: frame.height - 0.1 > edge.center().Z), frame.form.edge_mm)
    # room for the round inside the lid's edge
    return chamfer(block.edges().filter_by(lambda edge: frame.height - 0.01 < edge.center().Z), 0.7)


def _room(frame: Frame) -> Part:
    x, y = frame.length / 2, frame.width / 2
    room = cuboid((-x, -y, frame.underside(y), x, y, frame.height + FAR)) - shin(frame, frame.form.floor_mm)
    upright = room.edges().filter_by(lambda edge: abs(edge.tangent_at(0.5).Z) > 0.9)
    # the far end's wall is printed as a ceiling: its corners carry it
    room = chamfer(upright.filter_by(lambda edge: edge.center().X > 0), 2.0)
    upright = room.edges().filter_by(lambda edge: abs(edge.tangent_at(0.5).Z) > 0.9 and edge.center().X < 0)
    room = fillet(upright, INNER_EDGE)
    return fillet(room.edges().filter_by(lambda edge: edge.center().Z < 0.1), INNER_EDGE)


def _ear(frame: Frame, side: int) -> Part:
    # ends at 40 degrees, because the base is printed standing on its USB end
    x, half = frame.shell.strap_x_mm, frame.slot_half + SLOT_ARM
    inner = frame.side - 3
    run = 1.2 * (frame.wing - inner)
    outline = [(x - half - run, inner), (x + half + run, inner), (x + half, frame.wing), (x - half, frame.wing)]
    face = make_face(Polyline(*outline, close=True))
    face = fillet(face.vertices().filter_by(lambda vertex: frame.wing - 0.1 < vertex.Y), 5.0)
    ear = Pos(0, 0, -FAR / 4) * extrude(face, FAR / 2, dir=(0, 0, 1)) & (shin(frame, EAR_HEIGHT) - shin(frame))
    free = ear.edges().filter_by(lambda edge: inner + 0.1 < edge.center().Y and abs(edge.tangent_at(0.5).Z) < 0.8)
    ear = fillet(free, EAR_HEIGHT / 2 - 0.05)
    ear -= cuboid(frame.slots()[0])
    return ear if side > 0 else Rot(0, 0, 180) * Pos(-2 * x, 0, 0) * ear


def _foot(frame: Frame, x: float, y: float) -> Part:
    """Under the boards; slanted towards the USB end, on which the base stands when it is printed."""
    half, low = 2.2, frame.underside(abs(y))
    outline = [(x - half - (1.8 - low), low), (x + half, low), (x + half, 1.5), (x - half, 1.5)]
    face = make_face(Polyline(*outline, close=True))
    return Pos(0, y + half, 0) * Rot(90, 0, 0) * extrude(face, 2 * half, dir=(0, 0, 1))


def _ledges(frame: Frame) -> Part:
    high, wall = frame.shell.shelf_z_mm, frame.width / 2
    x2 = frame.cell()[3]
    left = cuboid((-frame.length / 2 - 0.2, wall - SHELF_LEDGE, high - 1.2, x2, wall + 0.2, high))
    return left + cuboid((-frame.length / 2 - 0.2, -wall - 0.2, high - 1.2, x2, SHELF_LEDGE - wall, high))


def _boss(frame: Frame, side: int) -> Part:
    x, _ = frame.shell.screws_mm
    top = frame.height - SEAT - 0.1
    far, wall = x + BOSS / 2, frame.width / 2
    inner = wall - BOSS
    outline = [(x - BOSS / 2 - BOSS - 0.2, wall + 0.2), (far, wall + 0.2), (far, inner), (x - BOSS / 2, inner)]
    face = make_face(Polyline(*outline, close=True))
    boss = Pos(0, 0, top - BOSS) * extrude(face, BOSS, dir=(0, 0, 1))
    return boss if side > 0 else mirror(boss, about=Plane.XZ)


def _openings(frame: Frame) -> list[Part]:
    shell, form = frame.shell, frame.form
    wide, high = (size + 2 * USB_GAP for size in form.usb_plug_mm)
    y, z = shell.usb_mm
    socket = cuboid((-FAR, y - wide / 2, z - high / 2, -frame.length / 2 + 0.01, y + wide / 2, z + high / 2))
    along = socket.edges().filter_by(lambda edge: abs(edge.tangent_at(0.5).X) > 0.9)
    openings = [fillet(along, 1.0)]
    x, z = shell.switch_mm
    travel, tall = LEVER
    inner = frame.width / 2 - 0.01
    openings.append(cuboid((x - travel / 2, inner, z - tall / 2, x + travel / 2, FAR, z + tall / 2)))
    for side in (1, -1):
        x, y = shell.screws_mm
        openings.append(rod(x, side * y, frame.height - SEAT - 5.5, frame.height, PILOT))
        middle = side * frame.width / 4
        top = nose_top(frame) + 0.3
        half = NOSE_WIDTH / 2 + 0.3
        openings.append(
            cuboid(
                (
                    -FAR,
                    middle - half,
                    top - 2 * (NOSE + form.gap_mm) - 0.6,
                    -frame.length / 2 + 0.01,
                    middle + half,
                    top,
                )
            )
        )
    openings += [rod(x, y, _floor(frame, y) + 0.05, FAR, PILOT) for x, y in shell.pilots]
    if shell.outlet_mm:
        y, z = shell.outlet_mm
        openings.append(Pos(-frame.end, y, z) * Rot(0, 90, 0) * rod(0, 0, -2, 2, OUTLET))
    return openings


def _floor(frame: Frame, y: float) -> float:
    """Return the height of the floor's inner face at a distance from the middle."""
    return frame.underside(y) + frame.form.floor_mm
