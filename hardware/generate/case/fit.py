"""Whether what belongs together fits: the parts in a case, lid and base, strap, plug, antenna. Light; lengths in mm."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np

from hardware.generate.case.frame import LIGHT, SLOT_BAR, Frame
from hardware.generate.design import Design
from hardware.generate.shapes import Box, Carrier

FAR = 100.0
TOUCH_MM3 = 0.05  # what facets of touching faces may share
LEAST_GAP_MM = 0.15
MOST_GAP_MM = 0.4
BED_MM = 180.0
METAL_MM = 4.0  # from the antenna to the next screw or part, sideways; below it more
HOLE_MM = 3.0  # of the sensor's board
PRESS_MM = 1.0  # from the middle of the lid's post to that of the button
ON_CARRIER = ("board", "sensor", "motor")  # parts of a case for the XIAO that are not there on wires
ON_WIRES = ("sensor on wires", "small board", "light on wires")  # and those that are not there with the carrier board
INSERT_MM = 0.5  # how far from its socket a plug's overmould may stop


def carrier_parts(carrier: Carrier, frame: Frame) -> dict[str, Box]:
    """Return what stands on the carrier board, as boxes in the case."""
    x0, _, _, _, y0, z0 = frame.shell.parts["board"]
    found = {}
    for name, body in carrier.bodies.items():
        x, y, x2, y2 = body.box_mm
        low, high = body.z_mm
        found[name] = (x0 + x, y0 - y2, z0 + low, x0 + x2, y0 - y, z0 + high)
    return found


def crowded(frame: Frame, printed: list[Any], parts: dict[str, Box]) -> list[str]:
    """Return which parts overlap each other or a printed mesh."""
    faults = []
    for (one, a), (two, b) in combinations(parts.items(), 2):
        if {one, two} == {"board", "antenna"} and frame.name == "lolin":
            continue  # that board carries it
        shared = np.prod(np.clip(np.minimum(a[3:], b[3:]) - np.maximum(a[:3], b[:3]), 0, None))
        if shared > TOUCH_MM3:
            faults.append(f"{frame.name}: {one} and {two} share {shared:.1f} mm3")
    for name, box in parts.items():
        solid = drilled(frame, brick(box)) if name in ("board", "sensor", "sensor on wires") else brick(box)
        for mesh in printed:
            if (shared := overlap_mm3(mesh, solid)) > TOUCH_MM3:
                faults.append(f"{frame.name}: {name} shares {shared:.1f} mm3 with the case")
    return faults


def ways(frame: Frame) -> dict[str, dict[str, Box]]:
    """Return the parts of a case as they lie on wires and, where a XIAO is in it, with the carrier board."""
    parts = frame.shell.parts
    if "XIAO" not in parts:
        return {"wires": parts}
    return {
        "wires": {name: box for name, box in parts.items() if name not in ON_CARRIER},
        "carrier": {name: box for name, box in parts.items() if name not in ON_WIRES},
    }


def cell_fits(frame: Frame, size_mm: tuple[float, float, float]) -> list[str]:
    """Return whether the place of the cell has room for it and for its swelling."""
    x, y, z, x2, y2, z2 = frame.cell()
    need = (size_mm[0], size_mm[1], size_mm[2] * (1 + frame.form.swell_share))
    have = (x2 - x, y2 - y, z2 - z)
    return [
        f"{frame.name}: the cell needs {wanted:.2f} mm {axis} and has {there:.2f}"
        for axis, wanted, there in zip(("along", "across", "outward"), need, have, strict=True)
        if there < wanted - 1e-6
    ]


def small_board_fits(frame: Frame, size_mm: tuple[float, float, float]) -> list[str]:
    """Return whether the place of the small board has room for it, lying either way round."""
    x, y, z, x2, y2, z2 = frame.shell.parts["small board"]
    need, have = (*sorted(size_mm[:2]), size_mm[2]), (*sorted((x2 - x, y2 - y)), z2 - z)
    return [
        f"{frame.name}: the small board is {wanted:.2f} mm {axis} and its place {there:.2f}"
        for axis, wanted, there in zip(("wide", "long", "high"), need, have, strict=True)
        if there < wanted - 1e-6
    ]


def under_the_windows(frame: Frame, light: Box, button: Box) -> list[str]:
    """Return whether light and button lie under the thin spots of the lid that are meant for them."""
    faults = []
    places = [("light", light, frame.shell.led_mm, LIGHT / 2), ("button", button, frame.shell.button_mm, PRESS_MM)]
    for name, box, spot, most_mm in places:
        middle = np.array([box[0] + box[3], box[1] + box[4]]) / 2
        if spot is None or (off_mm := float(np.linalg.norm(middle - spot[:2]))) > most_mm:
            faults.append(f"{frame.name}: the {name} is {'under no spot' if spot is None else f'{off_mm:.1f} mm off'}")
    return faults


def lid_fits(base: Any, lid: Any) -> list[str]:
    """Return whether the lid goes over the base and is not loose: it is moved until it touches."""
    faults = []
    # its screws and hooks come down the same way; sideways only the skirt holds it
    upper = lid.copy()
    upper.apply_translation((0, 0, 0.01))
    if (shared := overlap_mm3(base, upper)) > TOUCH_MM3:
        faults.append(f"lid and base share {shared:.2f} mm3")
    for axis, name in ((1, "across"), (0, "along")):
        for sign in (1, -1):
            for way_mm, touches in ((LEAST_GAP_MM, False), (MOST_GAP_MM, True)):
                moved = upper.copy()
                moved.apply_translation(np.eye(3)[axis] * sign * way_mm)
                if (overlap_mm3(base, moved) > TOUCH_MM3) != touches:
                    faults.append(f"moved {way_mm} mm {name} the lid {'is still free' if touches else 'touches'}")
    return faults


def strap_passes(frame: Frame, base: Any) -> list[str]:
    """Return whether the strap goes through both slots, and whether its bars are there."""
    faults = []
    half, thick = frame.strap.width_mm / 2, frame.strap.thickness_mm
    x, middle = frame.shell.strap_x_mm, frame.side + frame.slot / 2
    room = frame.strap.clearance_mm / 2
    for side in (1, -1):
        low, high = sorted((side * (middle - thick / 2 - room + 0.05), side * (middle + thick / 2 + room - 0.05)))
        strap = brick((x - half - room, low, -FAR, x + half + room, high, frame.underside(frame.wing) + 8))
        if (shared := overlap_mm3(base, strap)) > TOUCH_MM3:
            faults.append(f"the strap meets {shared:.1f} mm3 of the base")
        low, high = sorted((side * (frame.wing - SLOT_BAR + 0.2), side * (frame.wing - 0.2)))
        if overlap_mm3(base, brick((x - half, low, -FAR, x + half, high, FAR))) < half * SLOT_BAR * 2:
            faults.append("there is no bar outside the slot")
    return faults


def plug_reaches(frame: Frame, base: Any) -> list[str]:
    """Return whether the overmould of a USB plug comes up to the socket."""
    y, z = frame.shell.usb_mm
    wide, high = frame.form.usb_plug_mm
    socket = min(frame.shell.parts.get("XIAO", frame.shell.parts["board"])[0], -frame.length / 2 + INSERT_MM)
    plug = brick((-FAR, y - wide / 2, z - high / 2, socket - INSERT_MM, y + wide / 2, z + high / 2))
    shared = overlap_mm3(base, plug)
    return [f"{frame.name}: the plug meets {shared:.1f} mm3 of the wall"] if shared > TOUCH_MM3 else []


def antenna_free(frame: Frame, parts: dict[str, Box]) -> list[str]:
    """Return whether the antenna is as far from skin, cell, screws and other parts as it has to be."""
    antenna = frame.shell.parts["antenna"]
    skin_mm = frame.shell.antenna_skin_mm or frame.form.antenna_skin_mm
    cell_mm = frame.shell.antenna_cell_mm or frame.form.antenna_cell_mm
    x, y = frame.shell.screws_mm
    metal = {name: box for name, box in parts.items() if name not in ("antenna", "cell")}
    if antenna[2] > frame.height - 3:
        metal |= {"a screw": (x - 2, -y - 2, 0.0, x + 2, y + 2, FAR)}
    wanted = [("the skin", antenna[2] + frame.form.floor_mm + frame.form.pad_mm, skin_mm)]
    wanted.append(("the cell", distance_mm(antenna, frame.cell()), cell_mm))
    if "XIAO" in frame.shell.parts:  # a board that carries its antenna touches it
        wanted += [(name, distance_mm(antenna, box), METAL_MM) for name, box in metal.items()]
    return [
        f"{frame.name}: the antenna is {there:.1f} mm from {name}, not {least:g}"
        for name, there, least in wanted
        if there < least
    ]


def fits_bed(mesh: Any) -> list[str]:
    """Return whether a mesh fits the bed of a small printer."""
    return [f"{mesh.extents.max():.0f} mm do not fit a bed of {BED_MM:g} mm"] if mesh.extents.max() > BED_MM else []


def distance_mm(a: Box, b: Box) -> float:
    """Return the distance of two boxes."""
    apart = np.maximum(np.array(a[:3]) - b[3:], np.array(b[:3]) - a[3:])
    return float(np.linalg.norm(np.clip(apart, 0, None)))


def brick(box: Box) -> Any:
    """Return a box as a mesh."""
    import trimesh

    return trimesh.creation.box(bounds=[box[:3], box[3:]])


def drilled(frame: Frame, mesh: Any) -> Any:
    """Return a board with its holes, which the pegs go through."""
    import trimesh

    half = HOLE_MM / 2
    holes = [brick((x - half, y - half, -FAR, x + half, y + half, FAR)) for x, y, _ in frame.shell.pegs]
    return trimesh.boolean.difference([mesh, *holes], engine="manifold") if holes else mesh


def overlap_mm3(a: Any, b: Any) -> float:
    """Return the volume that two meshes share."""
    import trimesh

    shared = trimesh.boolean.intersection([a, b], engine="manifold")
    # the mesh's own volume divides by it, and there may be none
    corners = shared.triangles
    return float(abs((corners[:, 0] * np.cross(corners[:, 1], corners[:, 2])).sum()) / 6) if len(corners) else 0.0


def case_faults(design: Design, frame: Frame, meshes: dict[str, Any]) -> Iterator[str]:
    """Yield everything that does not fit in a case, given its meshes by body."""
    cell = design.parts[frame.shell.cell].size_mm
    base, lid = meshes["base"], meshes["lid"]
    yield from cell_fits(frame, cell) if cell else ["the cell has no size"]
    yield from small_board_fits(frame, design.small_board.size_mm)
    for parts in ways(frame).values():
        yield from crowded(frame, [base, lid], parts)
        yield from antenna_free(frame, parts)
    if frame.name == "pod":
        yield from _carrier_faults(design, frame, [base, lid])
    yield from lid_fits(base, lid)
    yield from strap_passes(frame, base)
    yield from plug_reaches(frame, base)


def _carrier_faults(design: Design, frame: Frame, printed: list[Any]) -> Iterator[str]:
    found = carrier_parts(design.carrier, frame)
    wires = frame.shell.parts["light on wires"]
    for light in (found["D1"], wires):
        yield from under_the_windows(frame, light, found["plunger of SW1"])
    _, _, low, _, _, high = frame.shell.parts["board"]
    if abs(high - low - design.carrier.thickness_mm) > 1e-6:
        yield f"the carrier board is {design.carrier.thickness_mm} mm thick, its place {high - low:.2f} mm"
    placed = {name: frame.shell.parts[name] for name in ("board", "cell", "motor", "antenna")}
    # the sensor's holes go over the base's pegs
    on_board = {name: box for name, box in found.items() if name not in ("U2", "USB")}
    yield from antenna_free(frame, placed | on_board)
    yield from (fault for fault in crowded(frame, printed, placed | on_board) if not _one_part(fault))


def _one_part(fault: str) -> bool:
    """Whether both boxes belong to one part, as a switch and its lever."""
    return any(
        part in fault
        for part in ("lever of S1 and", "S1 and lever", "plunger of SW1 and", "SW1 and plunger", "plug of J1")
    )
