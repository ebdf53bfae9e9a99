"""Footprints: KiCad's own read from its library, and the three that it does not have.

Sources: the XIAO's pads are those of Seeed's footprints XIAO-ESP32-C3-SMD and XIAO-ESP32-S3-SMD
(github.com/Seeed-Studio/OPL_Kicad_Library, commit 5528dd8), which are the same once centred; that pad 15 is the cell's
+ and 16 its - says the symbol XIAO-ESP32-C3-SMD of that library. The GY-521 has no maker's drawing: 20.4 x 15.6 mm to
21.2 x 16.4 mm, a row of eight pins at one long edge, holes of 3 mm 15.24 mm apart near the other are what published
models of it agree on. To be checked on a module.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Literal, cast

from hardware.generate.carrier import sexpr
from hardware.generate.carrier.layout import FACES, Face, Line, Pad, Shape
from hardware.generate.schema import DesignError

LIBRARY = Path("/usr/share/kicad/footprints")
"""Where Debian's package kicad-footprints puts KiCad's library."""

PITCH = 2.54

# From the USB end down the left side, and back up the right side, with the USB plug at the top.
XIAO_PINS = ("D0", "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9", "D10", "3V3", "GND", "5V")
XIAO_ROW = 8.0825
XIAO_CELL = {"BAT+": (-4.4725, -0.382), "BAT-": (-4.4725, -2.287)}
XIAO_BODY = (-8.9, -10.5, 8.9, 10.5)
XIAO_TEST_PADS = (-2.4, -9.6, 2.4, 0.1)
"""The bare pads on the underside of the XIAO: nothing of the front's copper lies below them."""

GY_521_PINS = ("VCC", "GND", "SCL", "SDA", "XDA", "XCL", "AD0", "INT")
GY_521_BODY = (-1.45, -10.6, 14.95, 10.6)

PAD_OF_PIN: dict[str, dict[str, str]] = {
    "LED_SMD:LED_0805_2012Metric_Pad1.15x1.40mm_HandSolder": {"K": "1", "A": "2"},
    "Diode_SMD:D_SOD-123": {"K": "1", "A": "2"},
    "Package_TO_SOT_SMD:SOT-23": {"G": "1", "S": "2", "D": "3"},
}
"""Where the pins of a part are not called as the pads of its footprint."""


def shape_of(name: str) -> Shape:
    """Return the footprint that a part names; ``surefoot:`` ones are drawn here, the others read from KiCad's library.

    Raises
    ------
    DesignError
        Where there is no such footprint.
    """
    own = {"surefoot:XIAO": _xiao, "surefoot:GY-521": _gy_521, "surefoot:MotorWires": _motor}
    if name in own:
        return own[name]()
    library, _, footprint = name.partition(":")
    try:
        text = (LIBRARY / f"{library}.pretty" / f"{footprint}.kicad_mod").read_text(encoding="utf-8")
    except OSError as error:
        raise DesignError(name, "KiCad's library has no such footprint (Debian: kicad-footprints)") from error
    tree = sexpr.parse(text, name)
    mount = (sexpr.first(tree, "attr") or ["none"])[0]
    return Shape(
        name,
        tuple(_pad(pad) for pad in sexpr.each(tree, "pad")),
        mount=cast(Literal["smd", "through_hole", "none"], mount),
    )


def hole(diameter: float) -> Shape:
    """Return a hole without copper."""
    return Shape("surefoot:Hole", (Pad("", (0, 0), (diameter, diameter), "circle", (diameter, diameter)),))


def touch_pad(width: float, height: float) -> Shape:
    """Return a bare pad on the back, for a probe or a wire."""
    shape: Literal["circle", "roundrect"] = "circle" if width == height else "roundrect"
    return Shape("surefoot:TouchPad", (Pad("1", (0, 0), (width, height), shape, faces=("B",)),))


def _pad(pad: sexpr.Tree) -> Pad:
    number, kind, shape = sexpr.words(pad)[1:4]
    x, y = sexpr.numbers(sexpr.first(pad, "at"))[:2]
    width, height = sexpr.numbers(sexpr.first(pad, "size"))
    drill = [float(word) for word in sexpr.words(sexpr.first(pad, "drill")) if word != "oval"]
    faces: tuple[Face, ...] = ("F",) if kind == "smd" else FACES
    return Pad(
        number,
        (x, y),
        (width, height),
        cast(Literal["rect", "circle"], shape),
        (drill[0], drill[-1]) if drill else None,
        faces,
    )


def _frame(body: tuple[float, float, float, float], layer: Literal["SilkS", "CrtYd", "Fab"]) -> tuple[Line, ...]:
    left, top, right, bottom = body
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    return tuple(Line(layer, start, end) for start, end in pairwise(corners))


def _xiao() -> Shape:
    pads = []
    for i, name in enumerate(XIAO_PINS):
        left = i < len(XIAO_PINS) // 2
        x, row = (-XIAO_ROW, i) if left else (XIAO_ROW, len(XIAO_PINS) - 1 - i)
        pads.append(Pad(name, (x, (row - 3) * PITCH), (2.75, 2.0), "roundrect", faces=("F",)))
    # Long holes: the tip of the iron and the solder must reach the module's pad from the back.
    pads += [Pad(name, at, (2.6, 1.6), "oval", (1.9, 0.9)) for name, at in XIAO_CELL.items()]
    _, top, _, bottom = XIAO_BODY
    beside_usb = top + 0.6
    ends = (
        Line("SilkS", (-6.5, bottom), (6.5, bottom)),
        Line("SilkS", (-6.5, beside_usb), (-4.7, beside_usb)),
        Line("SilkS", (4.7, beside_usb), (6.5, beside_usb)),
    )
    return Shape("surefoot:XIAO", tuple(pads), (*ends, *_frame(XIAO_BODY, "CrtYd"), *_frame(XIAO_BODY, "Fab")), "smd")


def _gy_521() -> Shape:
    pads = [
        Pad(name, (0, (i - 3.5) * PITCH), (1.8, 1.8), "rect" if i == 0 else "circle", (1.0, 1.0))
        for i, name in enumerate(GY_521_PINS)
    ]
    lines = (*_frame(GY_521_BODY, "SilkS"), *_frame(GY_521_BODY, "CrtYd"), *_frame(GY_521_BODY, "Fab"))
    return Shape("surefoot:GY-521", tuple(pads), lines, "through_hole")


def _motor() -> Shape:
    pads = (Pad("+", (0, -1.25), (1.5, 1.5), "rect", (0.7, 0.7)), Pad("-", (0, 1.25), (1.5, 1.5), "circle", (0.7, 0.7)))
    return Shape("surefoot:MotorWires", pads, _frame((-0.85, -2.1, 0.85, 2.1), "CrtYd"), "through_hole")
