"""How parts, the small board and wires are painted in the pictures of the assembly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hardware.generate.design import Build, Design, Pin
from hardware.generate.drawing import WIRE_RGB, WIRE_WORDS, circle, line, rect, text
from hardware.generate.harness import IN_LINE, ON_SMALL_BOARD, SMALL_BOARD, Harness, Join
from hardware.generate.looks import Pad
from hardware.generate.top_view import ROWS, SCALE, STRIP_MM, Path, Placed, hole_y_mm, strip_x_mm

PALE = 0.22
GROUND = {"board": "#20304a", "sensor": "#2b4a9b", "cell": "#c9ccd1", "other": "#5b6470"}
DARK_EDGE = ("WH", "YE")  # wires that white paper would swallow

# Which hole of its strips a small part lies beside, so that two on the same strips do not meet.
SMALL_PART_ROW = {"R1": 2, "R2": 3, "C1": 2, "C2": 3, "R3": 2, "R4": 3}
NAME_ROW = 4


def faded(shapes: Iterable[str], pale: bool) -> str:
    """Return shapes as one group, pale where they are not what a step is about."""
    opacity = f' opacity="{PALE}"' if pale else ""
    return f"<g{opacity}>" + "\n".join(shapes) + "</g>"


def painted_part(placed: Placed) -> list[str]:
    """Return a part from above, without the names of its pins."""
    shape = placed.look
    left, top = placed.left_mm * SCALE, (placed.y_mm - shape.height_mm / 2) * SCALE
    x, y = placed.x_mm * SCALE, placed.y_mm * SCALE
    shapes = [
        rect(left, top, shape.width_mm * SCALE, shape.height_mm * SCALE, GROUND[shape.kind], edge="#111111", round_=6)
    ]
    title = f"{placed.ref}  {shape.title}"
    if shape.kind == "board":
        socket = 7.3 * SCALE
        shapes += [
            rect(left - 8, y - socket / 2, 44, socket, "#b9bec6", edge="#555555", round_=6),
            text(left + 15, y + 5, "USB", 13),
        ]
        shapes.append(text(x + 18, y - 8, title, 14, fill="#ffffff", bold=True))
    elif shape.kind == "sensor":
        chip = 4 * SCALE
        shapes += [
            rect(x - chip / 2, y - chip, chip, chip, "#111111"),
            text(x, top + 22, title, 14, fill="#ffffff", bold=True),
        ]
    elif shape.kind == "cell":
        shapes.append(text(x, y, title, 16, bold=True))
    else:
        below = any(pad.side == "up" for pad in shape.pads)
        shapes.append(text(x, top + shape.height_mm * SCALE + 19 if below else top - 9, title, 14, bold=True))
    return shapes + [_pad(placed, pad) for pad in shape.pads]


def names(placed: Placed, marked: set[str]) -> list[str]:
    """Return the names of a part's pins; those that get a wire now are bright, bold and larger."""
    return [_name(placed, pad, pad.name in marked) for pad in placed.look.pads]


def painted_small_board(build: Build, made: Harness, placed: Placed) -> list[str]:
    """Return the small board from its copper side: strips, holes, names, and the small parts across two strips."""
    left, top = placed.left_mm * SCALE, (placed.y_mm - placed.look.height_mm / 2) * SCALE
    width, height = placed.look.width_mm * SCALE, placed.look.height_mm * SCALE
    strip_width = 0.82 * STRIP_MM * SCALE
    shapes = [rect(left - 5, top - 5, width + 10, height + 10, "#efe3c4", edge="#8d7a45", round_=5)]
    for strip in made.strips:
        x = strip_x_mm(made, placed, strip.net) * SCALE
        shapes.append(rect(x - strip_width / 2, top, strip_width, height, "#dd9a5e", round_=3))
        shapes += [
            circle(x, hole_y_mm(placed, row) * SCALE, 5, "#ffffff", edge="#8a5526", width=1) for row in range(ROWS)
        ]
        y = hole_y_mm(placed, NAME_ROW) * SCALE
        long = len(strip.net) * 8.6 + 8
        shapes.append(rect(x - 9, y - 12, 18, long, "#fff6e6", edge="#8a5526", round_=4))
        shapes.append(text(x - 4, y - 12 + long / 2, strip.net, 12, turn=90, bold=True))
    for ref, part in build.parts.items():
        if part in ON_SMALL_BOARD:
            shapes += _across(made, placed, ref)
    return shapes


def small_board_title(placed: Placed) -> list[str]:
    """Return the small board's name on a ground of its own, since wires pass behind it."""
    x, y = placed.x_mm * SCALE, (placed.y_mm - placed.look.height_mm / 2) * SCALE - 16
    return [rect(x - 104, y - 15, 208, 21, "#ffffff"), text(x, y, "small board (drawn larger)", 14, bold=True)]


def small_parts(design: Design, build: Build, made: Harness, row: float) -> list[str]:
    """Return the small parts in words, a line for each: what it is and across which strips it lies."""
    shapes: list[str] = []
    for ref, part in build.parts.items():
        if part in ON_SMALL_BOARD:
            first, last = (strip.net for strip in made.strips if any(pin.ref == ref for pin in strip.pins))
            y = len(shapes) * row + 5
            entry = [
                text(0, y, ref, 15, anchor="start", bold=True),
                text(450, y, design.parts[part].what, 15, anchor="start"),
            ]
            entry.append(text(65, y, f"across the strips {first} and {last}", 15, anchor="start"))
            shapes.append("".join(entry))
    return shapes


def painted_wire(path: Path) -> list[str]:
    """Return a wire; an end on an underside is a ring."""
    points = [(x * SCALE, y * SCALE) for x, y in path.points]
    colour = WIRE_RGB[path.wire.colour]
    shapes = [line(points, "#444444" if path.wire.colour in DARK_EDGE else "#ffffff", 6.4), line(points, colour, 4)]
    for (x, y), under in zip((points[0], points[-1]), path.under, strict=True):
        shapes.append(circle(x, y, 4.6, "#ffffff" if under else colour, edge=colour if under else "#333333", width=2))
    return shapes


def wire_list(design: Design, wires: Sequence[Join], row: float) -> list[str]:
    """Return what is soldered, in words, a line for each wire."""
    shapes = []
    for index, wire in enumerate(wires):
        y = index * row
        sample = [(0.0, y), (50.0, y)]
        length = (
            "leg on leg, no wire" if wire.refs == IN_LINE else f"{WIRE_WORDS[wire.colour]}, {wire.length_mm:.0f} mm"
        )
        words = f"{length}: {design.nets[wire.net].what}"
        edge = "#444444" if wire.colour in DARK_EDGE else "#ffffff"
        both = f"{place(wire.start)}  to  {place(wire.end)}"
        entry = [line(sample, edge, 8), line(sample, WIRE_RGB[wire.colour], 5.4)]
        entry += [text(65, y + 5, both, 15, anchor="start", bold=True), text(450, y + 5, words, 15, anchor="start")]
        shapes.append("".join(entry))
    return shapes


def place(pin: Pin) -> str:
    """Return an end of a wire in words."""
    if pin.ref == SMALL_BOARD:
        return f"strip {pin.name}"
    return f"{pin.ref} pin {pin.name}"


def _pad(placed: Placed, pad: Pad) -> str:
    x, y = (placed.x_mm + pad.x_mm) * SCALE, (placed.y_mm + pad.y_mm) * SCALE
    if pad.under:
        return rect(x - 0.55 * SCALE, y - 1.25 * SCALE, 1.1 * SCALE, 2.5 * SCALE, "none", edge="#ffd76a", dash="4 3")
    return circle(x, y, 0.85 * SCALE, "#f3cf63", edge="#7a5d00")


def _name(placed: Placed, pad: Pad, now: bool) -> str:
    x, y = (placed.x_mm + pad.x_mm) * SCALE, (placed.y_mm + pad.y_mm) * SCALE
    ink, size = ("#ffe680", 13.0) if now else ("#c6cede", 10.5)
    if placed.look.kind == "cell":
        return text(x, y - 14, pad.name, 18, bold=now)
    if pad.under:  # its word stands above it, away from the other
        anchor = "end" if pad.name == "BAT-" else "start"
        shift = 5 if anchor == "end" else -5
        return text(x + shift, y - 1.25 * SCALE - 4, pad.name, 11, fill=ink, anchor=anchor, bold=now)
    if placed.look.title == "switch":  # wires run above and below its pins
        return text(x + 10, y - 5, pad.name, 11, fill=ink, anchor="start", bold=now)
    up = pad.side == "up"
    return text(
        x + 4.5, y + (12 if up else -12), pad.name, size, fill=ink, anchor="end" if up else "start", turn=-90, bold=now
    )


def _across(made: Harness, placed: Placed, ref: str) -> list[str]:
    """Return a small part that lies across two neighbouring strips, between two holes."""
    nets = [strip.net for strip in made.strips if any(pin.ref == ref for pin in strip.pins)]
    middle = sum(strip_x_mm(made, placed, net) for net in nets) / 2 * SCALE
    y = (hole_y_mm(placed, SMALL_PART_ROW[ref]) - STRIP_MM / 2) * SCALE
    fill = "#111111" if ref.startswith("R") else "#a8743f"
    return [
        rect(middle - 18, y - 10, 36, 20, "#d5d9de", edge="#333333", round_=2),
        rect(middle - 12, y - 10, 24, 20, fill),
        text(middle, y + 5, ref, 13, fill="#ffffff", bold=True),
    ]
