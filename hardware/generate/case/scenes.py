"""The pictures of the cases, from the meshes that are printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hardware.generate.case.fit import ON_WIRES, brick, carrier_parts
from hardware.generate.case.frame import Frame, frames
from hardware.generate.case.render import Colour, Item, View, font, render
from hardware.generate.design import Design
from hardware.generate.shapes import Box, Carrier

BLUE: Colour = (128, 166, 208)
SAND: Colour = (226, 188, 128)
GREY: Colour = (176, 180, 186)
GREEN: Colour = (108, 168, 118)
SILVER: Colour = (214, 216, 220)
DARK: Colour = (92, 98, 110)
RED: Colour = (214, 120, 104)
INK = (28, 32, 40)
SIZE = (1300, 860)
ON_BOARD = {"S1": "switch", "SW1": "button", "D1": "light", "J1": "plug of the cell"}  # named in the picture
LOOKS: dict[str, Colour] = {"board": GREEN, "XIAO": DARK, "sensor": RED, "cell": SILVER, "antenna": SAND}

ABOVE = {"light": (990, 50), "switch": (800, 50)}  # labels in the upper row of the picture of the inside, in pixels

Label = tuple[str, tuple[float, float, float], tuple[int, int]]  # text, place in mm, place of the text in pixels


def draw(design: Design, room: Path) -> None:
    """Write all pictures into `room`/png, from the meshes in `room`/stl."""
    (room / "png").mkdir(parents=True, exist_ok=True)
    pod, lolin, lab = (frames(design)[name] for name in ("pod", "lolin", "lab"))
    pictures = {
        "pod-closed": _closed(pod, room),
        "pod-exploded": _exploded(pod, room),
        "pod-inside": _inside(pod, room, design.carrier),
        "pod-section": _section(pod, room),
        "pod-base": _single(room, "pod-base", BLUE, -125, 38),
        "pod-lid": _single(room, "pod-lid", SAND, -55, -40),
        "pod-print": _on_bed(room),
        "lolin-inside": _inside(lolin, room),
        "lab-puck": _puck(lab, room),
    }
    for name, picture in pictures.items():
        picture.quantize(64).save(room / "png" / f"{name}.png", optimize=True)


def mesh(room: Path, stem: str, up_mm: float = 0.0) -> Any:
    """Return a printed mesh, lifted."""
    import trimesh

    path = room / "stl" / f"{stem}.stl"
    found = trimesh.load_mesh(path if path.exists() else room / "stl" / f"pod-{stem.partition('-')[2]}.stl")
    found.apply_translation((0, 0, up_mm))
    return found


def _part(box: Box, up_mm: float = 0.0) -> Any:
    found = brick(box)
    found.apply_translation((0, 0, up_mm))
    return found


def _pad(frame: Frame, room: Path, down_mm: float) -> Item:
    """Return the pad, flat as it is cut; worn it bends."""
    return Item(mesh(room, f"{frame.name}-pad", frame.underside(frame.wing) - down_mm), GREY)


def _labelled(items: list[Item], view: View, labels: list[Label], title: str) -> Any:
    from PIL import ImageDraw

    image = render(items, view)
    pen = ImageDraw.Draw(image)
    pen.text((24, 18), title, INK, font(28))
    for text, place, (x, y) in labels:
        end = tuple(view.at([place])[0][:2])
        width = pen.textlength(text, font(20))
        start = (x + width + 6 if end[0] > x + width else x - 6, y + 12)
        pen.line([start, end], INK, 2)
        pen.ellipse([end[0] - 4, end[1] - 4, end[0] + 4, end[1] + 4], INK)
        pen.text((x, y), text, INK, font(20))
    return image


def _closed(frame: Frame, room: Path) -> Any:
    items = [Item(mesh(room, f"{frame.name}-base"), BLUE), Item(mesh(room, f"{frame.name}-lid"), SAND)]
    items += [Item(mesh(room, f"{frame.name}-plug"), DARK)]
    view = View(-125, 32, 15, (0, 0, 5), SIZE)
    x, y, _ = frame.shell.button_mm
    top = frame.height + frame.form.lid_mm
    screw_x, screw_y = frame.shell.screws_mm
    labels: list[Label] = [
        ("button (press here)", (x, y, top), (900, 60)),
        ("2 screws M2 x 6", (screw_x, -screw_y, top), (1080, 150)),
        ("lid, outward", (-12, -4, top), (90, 120)),
        ("plug of the USB opening", (-frame.end - 1.3, 2, 5), (40, 700)),
        ("slot for the strap", (frame.shell.strap_x_mm, -frame.side - 1.2, frame.underside(16) + 2), (760, 780)),
        ("antenna end, upward", (frame.end, -8, 8), (1070, 520)),
    ]
    return _labelled(items, view, labels, "Pod, closed")


def _exploded(frame: Frame, room: Path) -> Any:
    parts, name = frame.shell.parts, frame.name
    view = View(-125, 24, 8.6, (20, -14, 32), (1300, 1150))
    # height, text, colour, mesh
    x, _, _, x2, _, _ = parts["cell"]
    shelf = (x, -frame.width / 2 + 0.2, 0.0, x2, frame.width / 2 - 0.2, frame.form.shelf_mm)
    layers: list[tuple[str, float, Item]] = [
        ("lid, with the antenna glued inside its far end", 16, Item(mesh(room, f"{name}-lid", 62), SAND)),
        ("antenna", 14, Item(_part(parts["antenna"], 44), LOOKS["antenna"])),
        ("cell, on soft tape", 0, Item(_part(parts["cell"], 41), LOOKS["cell"])),
        ("shelf, cut from 0.3 mm sheet", 0, Item(_part(shelf, 43), (236, 236, 228))),
        ("sensor (GY-521)", 0, Item(_part(parts["sensor"], 26), LOOKS["sensor"])),
        ("XIAO", 0, Item(_part(parts["XIAO"], 26), LOOKS["XIAO"])),
        ("carrier board (or the tray, under the XIAO)", 0, Item(_part(parts["board"], 21), LOOKS["board"])),
        ("base", 0, Item(mesh(room, f"{name}-base"), BLUE)),
        ("soft pad, glued under the base, to the skin", 0, _pad(frame, room, 8)),
    ]
    labels: list[Label] = []
    for text, _, item in layers:
        low, high = item.mesh.bounds
        place = ((low[0] + high[0]) / 2 + 4, low[1] + 0.5, (low[2] + high[2]) / 2)
        y_px = int(view.at([place])[0][1]) - 12
        labels.append((text, place, (840, y_px)))
    labels = _spread(labels, 34)
    return _labelled([item for *_, item in layers], view, labels, "Pod, from the skin (below) outward")


def _spread(labels: list[Label], least_px: int) -> list[Label]:
    """Return labels moved down until none covers the one above."""
    result: list[Label] = []
    for text, place, (x, y) in sorted(labels, key=lambda label: label[2][1]):
        lowest = result[-1][2][1] + least_px if result else y
        result.append((text, place, (x, max(y, lowest))))
    return result


def _inside(frame: Frame, room: Path, carrier: Carrier | None = None) -> Any:
    items = [Item(mesh(room, f"{frame.name}-base"), BLUE)]
    hidden = ("cell", "antenna", "motor", "small board", *ON_WIRES)
    shown = {name: box for name, box in frame.shell.parts.items() if name not in hidden}
    if carrier:
        found = carrier_parts(carrier, frame)
        del shown["switch"]
        shown |= {text: found[ref] for ref, text in ON_BOARD.items()}
        items += [
            Item(_part(box), GREY) for ref, box in found.items() if ref not in (*ON_BOARD, "U1", "U2", "plug of J1")
        ]
    items += [Item(_part(box), LOOKS.get(name, GREY)) for name, box in shown.items()]
    view = View(-90, 62, 15, (0, 0, 4), SIZE)
    labels: list[Label] = []
    for name, box in shown.items():
        place = ((box[0] + box[3]) / 2, (box[1] + box[4]) / 2 - 1, box[5])
        if name == "board" and carrier:
            place = (21.2, 2.5, box[5])
        if name == "sensor" and frame.name == "lolin":
            continue
        if name not in ABOVE:
            labels.append((name, place, (int(view.at([place])[0][0]) - 40, 780)))
    labels = _apart(labels, 30)
    for name in sorted(ABOVE.keys() & shown.keys()):
        _, y, _, x2, y2, z2 = shown[name]
        labels.append((name, (x2 - 0.7, (y + y2) / 2, z2), ABOVE[name]))
    x, y = frame.shell.screws_mm
    labels.append(("USB end, down", (-frame.end, 6, 6), (30, 90)))
    labels.append(("antenna end, up", (frame.end, 6, 10), (1080, 90)))
    labels.append(("screw of the lid", (x, y, frame.height - 1), (700, 90)))
    title = {
        "pod": "Pod, carrier board in the base",
        "lolin": "Case of the LOLIN32 Lite (sensor and small board lie below the board)",
    }
    return _labelled(items, view, labels, title[frame.name])


def _apart(labels: list[Label], least_px: int) -> list[Label]:
    """Return labels in a row, moved to the right until none covers the one before."""
    result: list[Label] = []
    for text, place, (x, y) in sorted(labels, key=lambda label: label[2][0]):
        free = result[-1][2][0] + 11 * len(result[-1][0]) + least_px if result else x
        result.append((text, place, (max(x, free), y)))
    return result


def _section(frame: Frame, room: Path) -> Any:
    import trimesh

    half = brick((-100, 0, -100, 100, 100, 100))
    cut = (1, 0.0)

    def halved(found: Any) -> Any:
        return trimesh.boolean.intersection([found, half], engine="manifold")

    items = [Item(halved(mesh(room, f"{frame.name}-base")), BLUE, cut)]
    items += [Item(halved(mesh(room, f"{frame.name}-lid")), SAND, cut)]
    shown = ("board", "XIAO", "sensor", "cell", "antenna")
    items += [Item(halved(_part(frame.shell.parts[name])), LOOKS[name], cut) for name in shown]
    pad = brick((-frame.end, 0, -frame.form.floor_mm - frame.form.pad_mm, frame.end, 0.5, -frame.form.floor_mm))
    items += [Item(pad, GREY, cut)]
    view = View(-90, 0, 17, (0, 0, 4.5), SIZE)
    parts, form = frame.shell.parts, frame.form
    skin = -form.floor_mm - form.pad_mm
    labels: list[Label] = [
        ("lid", (-22, 0, frame.height + 0.6), (120, 100)),
        ("cell, with a tenth of its thickness to swell", (-14, 0, 12), (250, 140)),
        ("XIAO", (-18, 0, 5), (190, 740)),
        ("sensor", (2, 0, 4), (420, 740)),
        ("board", (18, 0, 2), (640, 740)),
        ("soft pad, skin below", (24, 0, skin + 1), (860, 740)),
        ("antenna", (26, 0, parts["antenna"][2] + 0.5), (1120, 100)),
        ("post that presses the button", (15.5, 0, frame.height), (780, 60)),
        ("opening for the switch's lever", (17, 0, frame.shell.switch_mm[1] - 1), (930, 690)),
    ]
    image = _labelled(items, view, labels, "Pod, cut along the middle; lengths in mm, skin below")
    low, top = skin, frame.height + form.lid_mm
    _measure(image, view, (-frame.end - 3.2, low), (-frame.end - 3.2, top), f"{top - low:.1f}")
    antenna = parts["antenna"]
    _measure(image, view, (frame.end + 3.2, low), (frame.end + 3.2, antenna[2]), f"{antenna[2] - low:.1f}")
    _measure(image, view, (parts["cell"][3], 15.0 + 4.0), (antenna[0], 19.0), f"{antenna[0] - parts['cell'][3]:.1f}")
    reach = frame.end + form.gap_mm + form.wall_mm
    _measure(image, view, (-reach, low - 3.0), (reach, low - 3.0), f"{2 * reach:.1f}")
    return image


def _measure(image: Any, view: View, start: tuple[float, float], end: tuple[float, float], text: str) -> None:
    from PIL import ImageDraw

    pen = ImageDraw.Draw(image)
    (x, y), (x2, y2) = (tuple(view.at([(along, 0, up)])[0][:2]) for along, up in (start, end))
    across = x == x2
    pen.line([x, y, x2, y2], INK, 2)
    for px, py in ((x, y), (x2, y2)):
        pen.line([px - 9, py, px + 9, py] if across else [px, py - 9, px, py + 9], INK, 2)
    wide = pen.textlength(text, font(20))
    mid_x, mid_y = (x + x2) / 2 - wide / 2, (y + y2) / 2 - 12
    pen.rectangle([mid_x - 3, mid_y - 1, mid_x + wide + 3, mid_y + 25], (255, 255, 255))
    pen.text((mid_x, mid_y), text, INK, font(20))


def _single(room: Path, stem: str, colour: Colour, turn_deg: float, lift_deg: float) -> Any:
    found = mesh(room, stem)
    middle = tuple(float(value) for value in found.bounds.mean(0))
    view = View(turn_deg, lift_deg, 15, (middle[0], middle[1], middle[2]), SIZE)
    return _labelled([Item(found, colour)], view, [], stem.replace("-", ", "))


def _on_bed(room: Path) -> Any:
    """Return the picture of base, lid and tray as they are printed."""
    from trimesh.transformations import rotation_matrix

    base, lid, tray = (mesh(room, f"pod-{name}") for name in ("base", "lid", "tray"))
    base.apply_transform(rotation_matrix(-1.5707963267948966, (0, 1, 0)))
    lid.apply_transform(rotation_matrix(3.141592653589793, (1, 0, 0)))
    for found, x, y in ((base, 0, 38), (lid, 0, 0), (tray, 0, -34)):
        low, high = found.bounds
        found.apply_translation((x - (low[0] + high[0]) / 2, y - (low[1] + high[1]) / 2, -low[2]))
    bed = brick((-45, -55, -1, 45, 65, 0))
    items = [Item(bed, (232, 234, 238)), Item(base, BLUE), Item(lid, SAND), Item(tray, GREEN)]
    view = View(-40, 28, 7.6, (0, 0, 24), SIZE)
    labels: list[Label] = [
        ("base: on its USB end, brim 5 mm", (0, 34, 58), (60, 120)),
        ("lid: outer face on the bed", (-20, 4, 3), (60, 560)),
        ("tray: as it is", (-6, -38, 2), (60, 790)),
    ]
    return _labelled(items, view, labels, "On the printer's bed, without supports")


def _puck(frame: Frame, room: Path) -> Any:
    assert frame.shell.puck_inner_mm is not None
    sensor = brick((-10.6, -8.2, 0.5, 10.6, 8.2, 3.5))
    sensor.apply_translation((0, 0, 11))
    items = [
        Item(mesh(room, "lab-puck-base"), BLUE),
        Item(sensor, RED),
        Item(mesh(room, "lab-puck-lid", 24), SAND),
    ]
    view = View(-55, 28, 19, (0, 0, 12), SIZE)
    labels: list[Label] = [
        ("lid, glued on", (0, -8, 28.5), (60, 120)),
        ("sensor (GY-521), glued to the ribs", (0, -8.2, 13), (40, 420)),
        ("base, to the skin", (-6, -9.8, 2), (60, 720)),
        ("cable", (12, 0, 4), (1120, 620)),
    ]
    return _labelled(items, view, labels, "Lab variant: puck of the sensor")
