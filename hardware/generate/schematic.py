"""Schematics, drawn from the nets of design.yaml: every pin carries the name of its net, so that none can be misdrawn.

Parts with many pins are boxes; those with two stand upright, in chains where one ends on the net on which the next
begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hardware.generate.design import Build, Design, Pin
from hardware.generate.drawing import WIRE_RGB, circle, line, picture, rect, render, text
from hardware.generate.schema import DesignError

# From above to below, each chain from the higher voltage to the lower.
CHAINS = (
    ("BT1",),
    ("F1",),
    ("R1", "R2"),
    ("C1",),
    ("C2",),
    ("R3", "SW1"),
    ("R4", "D1"),
    ("R6", "M1"),
    ("D2",),
    ("R5",),
)
UPSIDE_DOWN = ("D2",)  # against the current: it takes the motor's spark
MEANING = {
    "BT1": "cell",
    "F1": "fuse",
    "R1": "half the cell's voltage",
    "C1": "for the ADC",
    "C2": "radio's peaks",
    "R3": "button",
    "R4": "light",
    "R6": "motor",
    "D2": "spark",
    "R5": "motor off",
}
PIN_PX = 24.0
STUB_PX = 34.0
BOX_PX = 190.0
LABEL_PX = 112.0
COLUMN_PX = 178.0
SYMBOL_PX = 120.0
MARGIN = 40.0
INK = "#222222"


def schematic(design: Design, build: Build) -> str:
    """Return the schematic of a build as SVG; a group `id="REF.PIN"` holds what is written at each pin."""
    boxes = [
        ref
        for ref in build.parts
        if ref not in {ref for chain in CHAINS for ref in chain} or _pins(design, build, ref) > 2
    ]
    chains = [tuple(ref for ref in chain if ref in build.parts and ref not in boxes) for chain in CHAINS]
    shapes: list[str] = []
    x = MARGIN + LABEL_PX + STUB_PX
    row, lowest = MARGIN + 60, 0.0
    y = row
    for ref in boxes:
        height = _box_height(design, build, ref)
        if y > row and y + height > row + _box_height(design, build, "U1"):
            x, y = x + BOX_PX + 2 * (LABEL_PX + STUB_PX), row
        shapes += _box(design, build, ref, x, y)
        y += height + 58
        lowest = max(lowest, y)
    width = x + BOX_PX + STUB_PX + LABEL_PX + MARGIN
    column = MARGIN + 60.0
    longest = max(map(len, chains))
    for chain in filter(None, chains):
        shapes += _chain(design, build, chain, column, lowest + 40)
        column += COLUMN_PX
    width = max(width, column)
    shapes.append(text(MARGIN, 40, f"{build.title}: schematic", 22, anchor="start", bold=True))
    return picture(width, lowest + longest * SYMBOL_PX + 80, shapes, f"{build.title}: schematic")


def make_schematics(design: Design, folder: Path) -> None:
    """Write <build>-schematic.svg and .png of every build into a folder."""
    for build in design.builds.values():
        path = folder / f"{build.name}-schematic.svg"
        path.write_text(schematic(design, build), encoding="utf-8")
        render(path)


def _pins(design: Design, build: Build, ref: str) -> int:
    return len(design.part(build, ref).pins)


def _sides(design: Design, build: Build, ref: str) -> tuple[list[str], list[str]]:
    """Return the pins on the left and on the right: supply and what stays open left, signals right."""
    names = list(design.part(build, ref).pins)
    if len(names) <= 6:
        return names[: len(names) // 2 + len(names) % 2], names[len(names) // 2 + len(names) % 2 :]
    power = {"GND", "3V3", "VBAT", "CELL+", None}
    left = [name for name in names if build.net_of(Pin(ref, name)) in power]
    return left, [name for name in names if name not in left]


def _box_height(design: Design, build: Build, ref: str) -> float:
    return (max(map(len, _sides(design, build, ref))) + 1) * PIN_PX


def _box(design: Design, build: Build, ref: str, x: float, y: float) -> Iterator[str]:
    part = design.part(build, ref)
    yield rect(x, y, BOX_PX, _box_height(design, build, ref), "#fdf6e3", edge=INK, round_=4)
    yield text(x, y - 9, f"{ref}  {part.what.split(',')[0].split('(')[0].strip()}", 13, anchor="start", bold=True)
    for side, names in zip((-1, 1), _sides(design, build, ref), strict=True):
        edge = x if side < 0 else x + BOX_PX
        for index, name in enumerate(names, start=1):
            height = y + index * PIN_PX
            inside = text(edge - side * 8, height + 4.5, name, 13, anchor="start" if side < 0 else "end")
            yield _pin(design, build, Pin(ref, name), inside, edge, height, side)
    for first, last in [build.bridges[ref]] if ref in build.bridges else []:
        yield text(x + BOX_PX / 2, y + _box_height(design, build, ref) + 17, f"bridge {first} to {last}", 13)


def _pin(design: Design, build: Build, pin: Pin, inside: str, x: float, y: float, side: int) -> str:
    net = build.net_of(pin)
    end = x + side * STUB_PX
    if net is None:
        cross = line([(end - 5, y - 5), (end + 5, y + 5)], "#999999", 2) + line(
            [(end - 5, y + 5), (end + 5, y - 5)], "#999999", 2
        )
        return f'<g id="{pin}">{inside}{line([(x, y), (end, y)], "#999999", 1.5)}{cross}</g>'
    wire = line([(x, y), (end, y)], INK, 2)
    flag = _flag(design, net, end, y, side)
    return f'<g id="{pin}">{inside}{wire}{flag}</g>'


def _flag(design: Design, net: str, x: float, y: float, side: int) -> str:
    """Return the name of a net beside its wire, with a dot in the colour of the wire."""
    dot = circle(x + side * 6, y, 6, WIRE_RGB[design.nets[net].colour], edge=INK, width=1.2)
    return dot + text(x + side * 18, y + 4.5, net, 13, anchor="end" if side < 0 else "start", bold=True)


def _chain(design: Design, build: Build, chain: tuple[str, ...], x: float, y: float) -> Iterator[str]:
    yield text(x - 14, y - 22, MEANING[chain[0]], 12, fill="#555555", anchor="start")
    before, joints = None, []
    for ref in chain:
        names = list(design.part(build, ref).pins)
        upper, lower = reversed(names) if ref in UPSIDE_DOWN else names
        if before is not None and build.net_of(Pin(ref, upper)) != before:
            raise DesignError(f"builds/{build.name}", f"{ref} is drawn below another part and is not on {before}")
        for name, height, word in ((upper, y, "first"), (lower, y + SYMBOL_PX, "last")):
            net = build.net_of(Pin(ref, name))
            if net is not None and not (word == "first" and net == before):  # where two parts meet it stands once
                joints.append(f'<g id="{Pin(ref, name)}">{_flag(design, net, x - 6, height, 1)}</g>')
        yield from _symbol(ref, x, y)
        what = design.part(build, ref).what.split(",")[0].removeprefix("resistor ").removeprefix("capacitor ")
        value = what if ref[0] in "RC" else ""
        yield text(x + 26, y + SYMBOL_PX / 2 + 21, value, 12, anchor="start")
        before = build.net_of(Pin(ref, lower))
        y += SYMBOL_PX
    yield from joints


def _symbol(ref: str, x: float, y: float) -> Iterator[str]:
    """Return a symbol between two places SYMBOL_PX apart."""
    middle, end = y + SYMBOL_PX / 2, y + SYMBOL_PX
    half = {"R": 22.0, "F": 22.0, "C": 5.0, "B": 6.0, "D": 11.0, "S": 14.0, "M": 18.0}[ref[0]]
    yield line([(x, y), (x, middle - half)], INK, 2)
    yield line([(x, middle + half), (x, end)], INK, 2)
    if ref[0] in "RF":
        yield rect(x - 9, middle - half, 18, 2 * half, "#ffffff", edge=INK)
        if ref[0] == "F":
            yield line([(x, middle - half), (x, middle + half)], INK, 1.5)
    elif ref[0] == "C":
        yield line([(x - 16, middle - half), (x + 16, middle - half)], INK, 3)
        yield line([(x - 16, middle + half), (x + 16, middle + half)], INK, 3)
    elif ref[0] == "B":
        yield line([(x - 20, middle - half), (x + 20, middle - half)], INK, 2)
        yield line([(x - 10, middle + half), (x + 10, middle + half)], INK, 5)
        yield text(x - 28, middle - half + 5, "+", 18)
    elif ref[0] == "D":
        way = -1 if ref in UPSIDE_DOWN else 1  # the triangle points from A to K
        yield line(
            [
                (x - 12, middle - way * half),
                (x + 12, middle - way * half),
                (x, middle + way * half),
                (x - 12, middle - way * half),
            ],
            INK,
            2,
        )
        yield line([(x - 12, middle + way * half), (x + 12, middle + way * half)], INK, 2.5)
    elif ref[0] == "S":
        yield line([(x, middle + half), (x - 16, middle - half + 2)], INK, 2.5)
    else:
        yield circle(x, middle, half, "#ffffff", edge=INK, width=2)
        yield text(x, middle + 6, "M", 16)
    yield text(x + 26, middle + 5, ref, 13, anchor="start", bold=True)
