"""Where everything lies on the carrier board, and what its silk says."""

from __future__ import annotations

from hardware.generate.carrier.footprints import (
    GY_521_PINS,
    PAD_OF_PIN,
    XIAO_PINS,
    XIAO_TEST_PADS,
    hole,
    shape_of,
    touch_pad,
)
from hardware.generate.carrier.layout import FACES, Bare, Layout, Line, Placed, Point, Text
from hardware.generate.design import Build, Design, DesignError, Pin

BUILD = "carrier-c3"
"""The build whose nets the board has; carrier-s3 has the same."""

# At x, y, turned counter-clockwise by degrees. XIAO with its USB plug at the left edge; behind it the sensor, soldered
# at the row of pins next to the XIAO; at the far end, where no cell lies above, what is touched or seen.
SPOTS: dict[str, tuple[float, float, float]] = {
    "U1": (11.0, 9.8, 90),
    "U2": (23.2, 12.25, 0),
    "S1": (45.5, 4.4, 180),
    "SW1": (43.2, 8.8, 0),
    "D1": (48.7, 3.45, 90),
    "J1": (47.45, 21.35, 90),
    "M1": (48.95, 14.32, 0),
    "D2": (45.6, 13.45, 0),
    "Q1": (40.4, 13.95, 0),
    "F1": (39.3, 18.1, 90),
    "R6": (41.6, 18.1, 270),
    "R5": (39.3, 22.45, 90),
    "R4": (41.6, 22.45, 90),
    "JP1": (7.2, 20.35, 0),
    "JP2": (7.2, 23.35, 0),
    "JP3": (44.0, 18.5, 270),
    "R1": (13.6, 20.4, 0),
    "R2": (13.6, 23.35, 0),
    "C1": (17.35, 20.4, 180),
    "R3": (17.35, 23.35, 180),
    "C2": (20.45, 21.9, 90),
    "TP1": (27.1, 12.25, 0),
    "TP2": (29.6, 12.25, 0),
    "TP3": (32.1, 12.25, 0),
    "TP4": (34.6, 12.25, 0),
    "TP5": (37.1, 12.25, 0),
    "B-": (6.0, 14.27, 0),
    "B+": (13.4, 14.27, 0),
}

OFF_BOARD = ("BT1",)
"""Parts that hang on a plug."""

CELL = "CELL+"

WITHOUT_SILK = ("J1", "JP1", "JP2", "JP3", "D1")
"""Where the lines of KiCad's library cross the edge or leave no room for a name."""

PLUG_FRAME = (
    Line("SilkS", (45.7, 17.4), (49.6, 17.4)),
    Line("SilkS", (45.7, 17.4), (45.7, 23.3)),
    Line("SilkS", (45.7, 23.3), (48.9, 23.3)),
)
"""The body of J1, which stands 0.25 mm over the far edge of the board."""

TEST_PAD = (1.6, 1.6)
WIRE_PAD = (2.0, 2.6)
SCREW_HEAD_MM = 4.4
"""Round a hole for an M2 screw, whose head or washer has 3.8 to 4.2 mm."""


def placed_parts(design: Design) -> Layout:
    """Return the board with everything but tracks and vias.

    Raises
    ------
    DesignError
        Where a part on the board has no footprint or no place, or a pin has no pad.
    """
    carrier, build = design.carrier, design.builds[BUILD]
    parts = [_part(design, build, ref) for ref in build.parts if ref not in OFF_BOARD]
    pads = [_touch(ref, net, TEST_PAD) for ref, net in carrier.test_points.items()]
    pads += [_touch(ref, net, WIRE_PAD) for ref, net in carrier.wire_pads.items()]
    holes = [Placed(ref, hole(each.diameter_mm), each.at_mm, 0, ref) for ref, each in carrier.holes.items()]
    x, y, _ = SPOTS["U1"]
    left, top, right, bottom = XIAO_TEST_PADS
    below_module = Bare((x + top, y - right, x + bottom, y - left), ("F",))
    heads = [
        Bare((each.at_mm[0] - half, each.at_mm[1] - half, each.at_mm[0] + half, each.at_mm[1] + half), FACES)
        for each in carrier.holes.values()
        for half in [SCREW_HEAD_MM / 2]
    ]
    return Layout(
        carrier.size_mm,
        carrier.corner_radius_mm,
        carrier.thickness_mm,
        (*parts, *pads, *holes),
        (),
        (),
        (Bare(carrier.no_copper_mm, FACES), below_module, *heads),
        tuple(_texts(carrier.version, _net(build, Pin("J1", "2")) == CELL)),
        PLUG_FRAME,
    )


def board_nets(design: Design) -> dict[str, frozenset[str]]:
    """Return which pads of the board, as ``REF.PAD``, design.yaml joins to each net."""
    nets: dict[str, set[str]] = {}
    for placed in placed_parts(design).placed:
        for pad, net in placed.nets.items():
            nets.setdefault(net, set()).add(f"{placed.ref}.{pad}")
    return {net: frozenset(pads) for net, pads in nets.items()}


def _spot(ref: str) -> tuple[Point, float]:
    if ref not in SPOTS:
        raise DesignError(f"builds/{BUILD}/parts/{ref}", "it has no place on the carrier board", build=BUILD, part=ref)
    x, y, angle_deg = SPOTS[ref]
    return (x, y), angle_deg


def _part(design: Design, build: Build, ref: str) -> Placed:
    part = design.part(build, ref)
    if part.footprint is None:
        raise DesignError(f"parts/{part.id}", "it has no footprint and stands on the carrier board", part=part.id)
    shape = shape_of(part.footprint)
    pad_of = PAD_OF_PIN.get(part.footprint, {})
    nets = {pad_of.get(pin.name, pin.name): net for net, pins in build.nets.items() for pin in pins if pin.ref == ref}
    if missing := nets.keys() - {pad.number for pad in shape.pads}:
        raise DesignError(f"parts/{part.id}", f"its footprint has no pad {min(missing)}", part=part.id)
    at, angle_deg = _spot(ref)
    return Placed(ref, shape, at, angle_deg, part.mpn or ref, nets, ref not in WITHOUT_SILK)


def _net(build: Build, pin: Pin) -> str:
    return next((net for net, pins in build.nets.items() if pin in pins), "")


def _touch(ref: str, net: str, size: Point) -> Placed:
    at, angle_deg = _spot(ref)
    return Placed(ref, touch_pad(*size), at, angle_deg, net, {"1": net})


def _texts(version: str, plus_above: bool) -> list[Text]:
    x, y, _ = SPOTS["U1"]
    columns = range(-3, 4)
    texts = [Text(name, (x + 2.54 * i, 16.03), height=0.65) for i, name in zip(columns, XIAO_PINS[:7], strict=True)]
    texts += [
        Text(name, (x + 2.54 * i, 3.75), height=0.75) for i, name in zip(columns, reversed(XIAO_PINS[7:]), strict=True)
    ]
    x, y, _ = SPOTS["U2"]
    rows = [y + (i - 3.5) * 2.54 for i in range(8)]
    texts += [Text(name, (x + 1.3, row), anchor="left") for name, row in zip(GY_521_PINS, rows, strict=True)]
    texts += [Text(name, (x + 1.3, row), "B", anchor="right") for name, row in zip(GY_521_PINS, rows, strict=True)]
    upper, lower = "+-" if plus_above else "-+"
    front = [
        ("U1 XIAO ESP32", (14.6, 9.0), 0.9),
        ("C3 or S3", (14.6, 10.6), 0.9),
        ("U2 GY-521", (32.0, 9.0), 1.1),
        ("flat, chip up", (32.2, 10.8), 0.8),
        ("SUREFOOT", (32.2, 13.6), 1.3),
        (f"carrier v{version}", (32.2, 15.5), 0.9),
        ("C3", (5.9, 21.85), 0.8),
        ("S3", (8.5, 21.85), 0.8),
        ("JP1", (10.65, 20.35), 0.8),
        ("JP2", (10.65, 23.35), 0.8),
        ("R1/R2", (13.55, 21.87), 0.7),
        ("C1/R3", (17.15, 21.87), 0.7),
        ("C2", (20.45, 21.9), 0.8),
        ("F1", (39.3, 18.1), 0.8),
        ("R6", (41.6, 18.1), 0.8),
        ("R5", (39.3, 22.45), 0.5),
        ("R4", (41.6, 22.45), 0.5),
        ("Q1", (42.25, 12.95), 0.8),
        ("D2", (45.6, 13.45), 0.8),
        ("K", (48.7, 5.75), 0.7),
        ("D1", (48.75, 6.9), 0.8),
        ("S1", (41.75, 2.75), 0.8),
        ("SW1", (43.2, 8.8), 0.8),
        ("C3", (44.0, 15.75), 0.8),
        ("S3", (44.0, 21.25), 0.8),
        ("JP3", (44.0, 22.6), 0.8),
        ("J1", (45.7, 16.45), 0.8),
        (upper, (47.3, 16.45), 1.1),
        (lower, (47.1, 23.95), 1.1),
    ]
    back = [
        ("SUREFOOT", (32.4, 7.6), 1.3),
        (f"carrier v{version}", (32.4, 9.6), 0.9),
        ("CERN-OHL-P-2.0", (33.2, 16.2), 0.8),
        ("3V3", (27.75, 14.0), 0.65),
        ("GND", (29.8, 14.0), 0.65),
        ("VBAT", (32.2, 14.0), 0.65),
        ("SDA", (34.7, 14.0), 0.65),
        ("SCL", (37.1, 14.0), 0.65),
        ("B-", (6.0, 12.1), 1.0),
        ("B+", (13.4, 12.1), 1.0),
        ("solder through", (9.7, 9.6), 0.8),
        ("both slots", (9.7, 10.9), 0.8),
        (upper, (45.2, 19.35), 1.2),
        (lower, (45.2, 21.35), 1.2),
        ("CELL", (41.8, 18.9), 0.9),
        ("measure", (41.8, 20.35), 0.8),
        ("polarity", (41.8, 21.75), 0.8),
        ("M+", (47.0, 13.1), 0.8),
        ("M-", (47.0, 15.3), 0.8),
        ("USB", (2.4, 9.8), 0.8),
    ]
    texts += [Text(text, at, height=height) for text, at, height in front]
    return texts + [Text(text, at, "B", height) for text, at, height in back]
