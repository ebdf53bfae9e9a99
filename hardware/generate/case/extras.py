"""What is made beside base and lid: tray for a XIAO on wires, soft pad, plug of the USB opening, sensor's puck."""

from __future__ import annotations

from dataclasses import replace

from build123d import Part, Polyline, Pos, Rot, extrude, fillet, make_face

from hardware.generate.case.frame import OUTLET, SLOT_ARM, USB_GAP, Frame
from hardware.generate.case.lid import cap
from hardware.generate.case.solids import FAR, cuboid, rod, shin

TRAY = 1.2  # as thick as printed walls are
SCREW = 2.3
FLANGE = 1.2
RIM = 0.9  # of the flange around the opening; the lid's noses hang above it
BARB = 0.4
PUCK_SKIRT = 2.2


def tray(frame: Frame) -> Part:
    """Return what lies under a XIAO on wires, where the carrier board would lie, with the same screw.

    The sensor's board needs none: its holes go over the base's pegs.
    """
    x, y, z, _, y2, _ = frame.shell.parts["board"]
    low_x, low_y, _, high_x, high_y, _ = frame.shell.parts["XIAO"]
    end = high_x + 1.6
    plate = cuboid((x, y, z, end, y2, z + TRAY))
    plate = fillet(plate.edges().filter_by(lambda edge: abs(edge.tangent_at(0.5).Z) > 0.9), 3.0)
    # the pads on the XIAO's back stay in reach
    plate -= cuboid((low_x + 3.6, low_y + 2.6, -FAR, high_x - 2.6, high_y - 2.6, FAR))
    plate += cuboid((high_x + 0.2, low_y + 4, z, end, high_y - 4, z + TRAY + 1))
    for hole_x, hole_y in frame.shell.pilots:
        plate -= rod(hole_x, hole_y, -FAR, FAR, SCREW)
    if frame.shell.outlet_mm:
        # a cable tie through these two holds the sensor's cable: pulling at it pulls at no solder joint
        for tie_y in (-8.0, -10.4):
            plate -= cuboid((-16.6, tie_y - 0.6, -FAR, -13.6, tie_y + 0.6, FAR))
    return plate


def pad(frame: Frame) -> Part:
    """Return the soft layer between skin and case, flat as it is cut from sheet."""
    low = -frame.form.pad_mm
    body = cuboid((-frame.end, -frame.side, low, frame.end, frame.side, 0))
    body = fillet(body.edges().filter_by(lambda edge: abs(edge.tangent_at(0.5).Z) > 0.9), frame.form.edge_mm)
    half, run = frame.slot_half + SLOT_ARM, frame.wing - frame.side
    for side in (1, -1):
        middle = frame.shell.strap_x_mm
        outline = [
            (middle - half - run, side * (frame.side - 1)),
            (middle + half + run, side * (frame.side - 1)),
            (middle + half, side * frame.wing),
            (middle - half, side * frame.wing),
        ]
        face = make_face(Polyline(*outline, close=True))
        body += Pos(0, 0, low) * extrude(face, frame.form.pad_mm, dir=(0, 0, 1))
    for slot in frame.slots():
        body -= cuboid(slot)
    return body


def plug(frame: Frame) -> Part:
    """Return the plug of the USB opening, of soft filament; barbs beside the socket hold it behind the wall."""
    y, z = frame.shell.usb_mm
    wide, high = (size + 2 * USB_GAP for size in frame.form.usb_plug_mm)
    inner = -frame.length / 2

    def block(x: float, x2: float, more: float) -> Part:
        box = cuboid((x, y - wide / 2 - more, z - high / 2 - more, x2, y + wide / 2 + more, z + high / 2 + more))
        along = box.edges().filter_by(lambda edge: abs(edge.tangent_at(0.5).X) > 0.9)
        return fillet(along, 1.0 + more)

    flange = block(-frame.end - FLANGE, -frame.end, RIM)
    rim = flange.edges().filter_by(lambda edge: -frame.end - FLANGE + 0.01 > edge.center().X)
    barbs = block(inner + 0.1, inner + 1.4, BARB)
    # only beside the socket; on it there is no room
    barbs -= cuboid((-FAR, y - 5.0, -FAR, FAR, y + 5.0, FAR))
    return fillet(rim, 0.8) + block(-frame.end, inner + 0.1, -0.1) + block(inner, inner + 0.2, -0.1) + barbs


def puck(frame: Frame) -> Frame:
    """Return the frame of the sensor's puck."""
    assert frame.shell.puck_inner_mm is not None
    shell = replace(frame.shell, inner_mm=frame.shell.puck_inner_mm)
    return Frame("puck", replace(frame.form, skirt_mm=PUCK_SKIRT), shell, frame.strap)


def puck_base(frame: Frame) -> Part:
    """Return the base of the puck: the sensor is glued onto two ribs along its floor."""
    small = puck(frame)
    x, y, form = small.length / 2, small.width / 2, small.form
    low = small.underside(small.side) - 1
    body = cuboid((-small.end, -small.side, low, small.end, small.side, small.height)) - shin(small)
    body = fillet(body.edges().filter_by(lambda edge: small.height - 0.1 > edge.center().Z), form.edge_mm)
    room = cuboid((-x, -y, low, x, y, FAR)) - shin(small, form.floor_mm)
    room = fillet(room.edges().filter_by(lambda edge: abs(edge.tangent_at(0.5).Z) > 0.9), 1.0)
    room = fillet(room.edges().filter_by(lambda edge: edge.center().Z < 0.1), 1.0)
    body -= room
    for side in (1, -1):
        body += cuboid((-x - 0.1, side * 5.0 - 0.6, -0.8, x + 0.1, side * 5.0 + 0.6, 0.5))
    return body - Pos(x, 0, small.height) * Rot(0, 90, 0) * rod(0, 0, -3, 3, OUTLET)


def puck_lid(frame: Frame) -> Part:
    """Return the lid of the puck, glued on with its cable in place."""
    small = puck(frame)
    return cap(small) - Pos(small.end, 0, small.height) * Rot(0, 90, 0) * cuboid((0, -OUTLET / 2, -3, 3, OUTLET / 2, 3))
