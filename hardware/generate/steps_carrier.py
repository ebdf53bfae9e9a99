"""Pictures of how the carrier board is filled, step by step, from the places of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hardware.generate.carrier.footprints import PAD_OF_PIN
from hardware.generate.carrier.layout import Layout
from hardware.generate.carrier.layout import Placed as Part
from hardware.generate.carrier.place import placed_parts
from hardware.generate.design import Design
from hardware.generate.drawing import circle, moved, picture, rect, render, text

SCALE = 17.0  # pixels a millimetre
MARGIN = 60.0
HEAD = 84.0
ROW = 24.0
PAD_SHOWN_MM = 0.5  # of each pad beside a small part
BOARD_RGB, COPPER_RGB, PALE_RGB = "#1d6b44", "#f3cf63", "#4d8a6b"
BODY_RGB = {
    "R": "#151515",
    "C": "#a8743f",
    "D": "#d8f0d0",
    "Q": "#151515",
    "F": "#3a7a3a",
    "J": "#f2f2ee",
    "S": "#9aa0a8",
}


@dataclass(frozen=True)
class CarrierStep:
    """A step: the parts that come, and pads of jumpers that get a bridge of solder."""

    name: str
    title: str
    refs: tuple[str, ...]
    bridges: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()


def carrier_steps(design: Design) -> tuple[CarrierStep, ...]:
    """Return the steps, flat parts first; every part of the board is in exactly one of them but the jumpers."""
    variants = {name: build for name, build in design.builds.items() if build.way == "carrier"}

    def bridges(name: str) -> tuple[tuple[str, str, str], ...]:
        return tuple((ref, *pads) for ref, pads in variants[name].bridges.items())

    small = ("R1", "R2", "C1", "R3", "C2", "R4", "D1", "Q1", "R5", "R6", "D2")
    return (
        CarrierStep("small-parts", "the small parts, lowest first", small, notes=("without F1",)),
        CarrierStep("jumpers-c3", "solder jumpers for the XIAO ESP32-C3", ("JP1", "JP2", "JP3"), bridges("carrier-c3")),
        CarrierStep("jumpers-s3", "solder jumpers for the XIAO ESP32-S3", ("JP1", "JP2", "JP3"), bridges("carrier-s3")),
        CarrierStep("xiao", "the XIAO, flat, USB over the edge", ("U1",), notes=("then the two slots on the back",)),
        CarrierStep("sensor", "the GY-521, flat, chip up", ("U2",)),
        CarrierStep("controls", "switch, button and plug", ("S1", "SW1", "J1")),
        CarrierStep("motor", "two wires to the motor, if you want one", ("M1",)),
        CarrierStep("fuse", "the fuse, when the cell's polarity is measured", ("F1",)),
    )


def carrier_pictures(design: Design) -> dict[str, str]:
    """Return the SVG of each step, by file name without ending."""
    layout = placed_parts(design)
    parts = {part.ref: part for part in layout.placed}
    files: dict[str, str] = {}
    done: list[str] = []
    for number, step in _numbered(carrier_steps(design)):
        files[f"carrier-{number}-{step.name}"] = _draw(design, layout, parts, number, step, done)
        done += [ref for ref in step.refs if ref not in done]
    return files


def _numbered(all_steps: Sequence[CarrierStep]) -> list[tuple[int, CarrierStep]]:
    """Return the steps with their numbers; the two ways to set the jumpers are one step."""
    numbered: list[tuple[int, CarrierStep]] = []
    for step in all_steps:
        last = numbered[-1][0] if numbered else 0
        numbered.append((last if step.name == "jumpers-s3" else last + 1, step))
    return numbered


def make_carrier(design: Design, folder: Path) -> None:
    """Write the pictures as SVG and PNG into a folder."""
    for name, svg in carrier_pictures(design).items():
        path = folder / f"{name}.svg"
        path.write_text(svg, encoding="utf-8")
        render(path)


def _draw(
    design: Design, layout: Layout, parts: dict[str, Part], number: int, step: CarrierStep, done: Sequence[str]
) -> str:
    carrier = design.carrier
    width, height = (side * SCALE for side in carrier.size_mm)
    shapes = [rect(0, 0, width, height, BOARD_RGB, edge="#0b3b24", round_=carrier.corner_radius_mm * SCALE)]
    shapes += [
        circle(each.at_mm[0] * SCALE, each.at_mm[1] * SCALE, each.diameter_mm / 2 * SCALE, "#ffffff", edge="#0b3b24")
        for each in carrier.holes.values()
    ]
    for part in layout.placed:
        now = part.ref in step.refs
        shapes += _pads(part, COPPER_RGB if now else PALE_RGB)
    for ref in done:
        if ref not in step.refs:
            shapes.append(f'<g opacity="0.35">{"".join(_body(design, parts[ref]))}</g>')
    for ref in step.refs:
        shapes += [*_body(design, parts[ref]), *_poles(design, parts[ref])]
    for ref, first, last in step.bridges:
        shapes += _bridge(parts[ref], first, last)
    listed = [_entry(design, ref, index) for index, ref in enumerate(step.refs)]
    listed += [
        text(0, (len(listed) + index) * ROW + 5, note, 15, anchor="start") for index, note in enumerate(step.notes)
    ]
    title = f"Step {number}: {step.title}"
    total = HEAD + height + MARGIN + len(listed) * ROW + 20
    whole = [
        text(MARGIN, 34, "Carrier board, seen from its parts", 15, fill="#555555", anchor="start"),
        text(MARGIN, 64, title, 22, anchor="start", bold=True),
        moved(shapes, MARGIN, HEAD + 30),
        moved(listed, MARGIN, HEAD + height + MARGIN + ROW),
    ]
    return picture(width + 2 * MARGIN, total, whole, f"Carrier board. {title}")


def _pads(part: Part, colour: str) -> list[str]:
    shapes = []
    for pad in part.shape.pads:
        if pad.plated:
            x0, y0, x1, y1 = (edge * SCALE for edge in part.copper(pad))
            shapes.append(rect(x0, y0, x1 - x0, y1 - y0, colour, round_=3))
        if pad.drill is not None and pad.plated:
            x, y = part.spot(pad.at)
            shapes.append(circle(x * SCALE, y * SCALE, pad.drill[0] / 2 * SCALE, "#ffffff"))
    return shapes


def _body(design: Design, part: Part) -> list[str]:
    """Return a part: its box in design.yaml where it has one, else what lies between its pads."""
    kind = part.ref[0]
    if part.ref in ("JP1", "JP2", "JP3", "M1"):
        x, y = part.at
        return [] if part.ref != "M1" else [text(x * SCALE, y * SCALE - 14, "M1", 13, fill="#ffffff", bold=True)]
    box = design.carrier.bodies.get(part.ref)
    if box is not None and kind in "USJ":
        edges = box.box_mm
    else:
        copper = [part.copper(pad) for pad in part.shape.pads if pad.plated]
        edges = (
            min(c[0] for c in copper),
            min(c[1] for c in copper),
            max(c[2] for c in copper),
            max(c[3] for c in copper),
        )
        wide = edges[2] - edges[0] > edges[3] - edges[1]
        along, across = (PAD_SHOWN_MM, 0.05) if wide else (0.05, PAD_SHOWN_MM)
        edges = (edges[0] + along, edges[1] + across, edges[2] - along, edges[3] - across)
    x0, y0, x1, y1 = (edge * SCALE for edge in edges)
    fill = {"U1": "#20304a", "U2": "#2b4a9b", "SW1": "#33363c"}.get(part.ref, BODY_RGB.get(kind, "#444444"))
    see_through = ' fill-opacity="0.55"' if kind == "U" else ""
    shapes = [f"<g{see_through}>{rect(x0, y0, x1 - x0, y1 - y0, fill, edge='#ffffff', round_=3)}</g>"]
    ink = "#222222" if kind in "DJ" or (kind == "S" and part.ref != "SW1") else "#ffffff"
    size = 20.0 if kind == "U" else 12.0
    tall = y1 - y0 > 1.3 * (x1 - x0) and kind != "U"
    x, y = (x0 + x1) / 2 + (18 if part.ref == "J1" else 0), (y0 + y1) / 2  # beside its + and -
    shapes.append(
        text(
            x - (4 if tall else 0),
            y + (0 if tall else size * 0.36),
            part.ref,
            size,
            fill=ink,
            bold=True,
            turn=90 if tall else 0,
        )
    )
    if part.ref == "U1":
        usb = design.carrier.bodies["USB"].box_mm
        left, top, right, bottom = (edge * SCALE for edge in usb)
        shapes.append(rect(left, top, right - left, bottom - top, "#b9bec6", edge="#555555", round_=6))
        shapes.append(text((left + right) / 2, (top + bottom) / 2 + 5, "USB", 14))
    return shapes


def _poles(design: Design, part: Part) -> list[str]:
    """Return which pad is which, where a part must not be turned round: plus and minus, or a diode's K."""
    poles = {"CELL+": "+", "GND": "-", "MOTOR+": "+", "MOTOR-": "-"} if part.ref in ("J1", "M1") else {}
    marks = [(pad, poles.get(part.nets.get(pad.number, ""), "")) for pad in part.shape.pads]
    if part.ref[0] == "D":
        build = next(build for build in design.builds.values() if build.way == "carrier")
        cathode = PAD_OF_PIN[design.part(build, part.ref).footprint or ""]["K"]
        marks = [(pad, "K" if pad.number == cathode else "") for pad in part.shape.pads]
    shapes = []
    for pad, mark in marks:
        if mark:
            x, y = part.spot(pad.at)
            shapes.append(circle(x * SCALE, y * SCALE, 9, "#ffffff", edge="#d81e1e", width=2))
            shapes.append(text(x * SCALE, y * SCALE + 5, mark, 14, fill="#d81e1e", bold=True))
    return shapes


def _bridge(part: Part, first: str, last: str) -> list[str]:
    spots = {pad.number: part.spot(pad.at) for pad in part.shape.pads}
    (x0, y0), (x1, y1) = spots[first], spots[last]
    x, y = (x0 + x1) / 2 * SCALE, (y0 + y1) / 2 * SCALE
    upright = part.angle_deg % 180 == 90
    dx, dy = (0, 46) if upright else (-36, 5)
    at = (part.at[0] * SCALE + dx, part.at[1] * SCALE + dy)
    return [
        circle(x, y, 0.75 * SCALE, "#e9ecef", edge="#d81e1e", width=3),
        text(*at, part.ref, 14, fill="#ffffff", bold=True, anchor="middle" if upright else "end"),
    ]


def _entry(design: Design, ref: str, index: int) -> str:
    """Return a part in words."""
    build = next(build for build in design.builds.values() if build.way == "carrier")
    y = index * ROW + 5
    what = "XIAO ESP32-C3 or XIAO ESP32-S3" if ref == "U1" else design.part(build, ref).what
    return text(0, y, ref, 15, anchor="start", bold=True) + text(60, y, what, 15, anchor="start")
