"""Places of a case that are thin, printed in the air or sharp on purpose; case/print.md says why. Lengths in mm."""

from __future__ import annotations

from hardware.generate.case.fit import FAR
from hardware.generate.case.frame import LIGHT, MEMBRANE, NOSE, NOSE_WIDTH, OUTLET, USB_GAP, Frame
from hardware.generate.shapes import Box


def spared_walls(frame: Frame, body: str) -> tuple[Box, ...]:
    """Return the places of a body that are thin on purpose."""
    if body == "lid":
        x, y, _ = frame.shell.button_mm
        places = [_around(x, y, MEMBRANE / 2)]
        if frame.shell.led_mm:
            places.append(_around(*frame.shell.led_mm, LIGHT / 2))
        return tuple(places)
    if body == "puck-lid":
        # where the lid's skirt bends over the cable
        end, half = frame.length / 2, OUTLET / 2 + 0.5
        return ((end, -half, -FAR, FAR, half, FAR),)
    return ()


def bridges(frame: Frame, body: str) -> tuple[Box, ...]:
    """Return the places of a body that are printed in the air, from one wall to another, or too small to hang."""
    end, y = frame.length / 2, frame.width / 2
    ceiling = (end - 3.2, -y - 0.1, frame.underside(y) - 2, end + 0.1, y + 0.1, FAR)
    if body == "puck-base":
        return (ceiling,)
    if body == "plug":
        return ((-end - 0.1, -FAR, -FAR, -end + 2, FAR, FAR),)
    if body != "base":
        return ()
    slots = tuple((x2 - 0.2, low - 0.2, -FAR, x2 + 0.2, high + 0.2, FAR) for _, low, _, x2, high, _ in frame.slots())
    x, z = frame.shell.switch_mm
    lever = (x, y - 0.2, z - 4, x + 5, FAR, z + 4)
    pegs = tuple((px - 2.5, py - 2.5, -FAR, px + 2.5, py + 2.5, FAR) for px, py, _ in frame.shell.pegs)
    x, y = frame.shell.screws_mm
    holes = [(x, y), (x, -y), *frame.shell.pilots]
    screws = tuple((hx - 0.9, hy - 0.9, -FAR, hx + 0.9, hy + 0.9, FAR) for hx, hy in holes)
    return (ceiling, lever, *slots, *pegs, *screws)


def sharp_on_purpose(frame: Frame) -> tuple[Box, ...]:
    """Return the places of a closed case whose edges are sharp on purpose (case/print.md), and the room inside."""
    x, y, end = frame.length / 2, frame.width / 2, frame.end + NOSE + frame.form.wall_mm + frame.form.gap_mm + 0.1
    inside = (-x, -y, 0.0, x, y, frame.height)
    slots = tuple((low - 0.1, near - 0.1, -FAR, x2 + 0.1, far + 0.1, 1.0) for low, near, _, x2, far, _ in frame.slots())
    usb_y, usb_z = frame.shell.usb_mm
    wide, high = (size / 2 + USB_GAP + 0.1 for size in frame.form.usb_plug_mm)
    usb = (-end, usb_y - wide, usb_z - high, -x, usb_y + wide, usb_z + high)
    half = NOSE_WIDTH / 2 + 0.4
    noses = tuple((-end, at - half, frame.height - 6, -x, at + half, frame.height) for at in (y / 2, -y / 2))
    lever_x, lever_z = frame.shell.switch_mm
    lever = (lever_x - 3.1, y, lever_z - 1.9, lever_x + 3.1, frame.side + 0.1, lever_z + 1.9)
    openings = [inside, *slots, usb, *noses, lever]
    if frame.shell.outlet_mm:
        at, z = frame.shell.outlet_mm
        openings.append((-end, at - OUTLET, z - OUTLET, -x, at + OUTLET, z + OUTLET))
    return tuple(openings)


def _around(x: float, y: float, radius: float) -> Box:
    return (x - radius, y - radius, -FAR, x + radius, y + radius, FAR)
