"""How the parts look from above: where their pins lie, for the pictures and in the order of the wiring diagrams.

Boards lie with their USB socket to the left, so that their two rows of pins face up and down. Millimetres; x to the
right and y down, from the middle of the part. Names are those printed on the part, as in design.yaml.

Sources: XIAO ESP32-C3 and -S3: Seeed's KiCad footprints and symbols (OPL_Kicad_Library, XIAO-ESP32-C3-SMD and -S3-SMD;
pad 15, the one farther from USB, is BAT+; to be checked against the print on the underside). LOLIN32
Lite: the pin order of sporniket/kicad-symbols-generated (CC0), which names templates.blakadder.com; that the socket is
at the end of pin 13 is to be checked. ESP32-DevKitC V4: Espressif's guide to the board. GY-521: the printed row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hardware.generate.design import Part
from hardware.generate.shapes import PITCH_MM


@dataclass(frozen=True)
class Pad:
    """A pin of a part: on which side its wire leaves, whether it lies on the underside, and where that wire shows."""

    name: str
    x_mm: float
    y_mm: float
    side: str  # "up" or "down"
    under: bool = False
    exit_mm: float | None = None


@dataclass(frozen=True)
class Look:
    """A part from above."""

    title: str
    width_mm: float
    height_mm: float
    pads: tuple[Pad, ...]
    kind: str  # board, sensor, cell, or other: how it is painted

    def pad(self, name: str) -> Pad:
        """Return the pad of that name; where a board has two of them, the first."""
        return next(pad for pad in self.pads if pad.name == name)


def _row(names: str, y_mm: float, side: str, x_mm: float | None = None) -> tuple[Pad, ...]:
    """Pins in one row, from left to right; its middle is at 0 unless its first pin is given."""
    split = names.split()
    first = -(len(split) - 1) / 2 * PITCH_MM if x_mm is None else x_mm
    return tuple(Pad(name, first + index * PITCH_MM, y_mm, side) for index, name in enumerate(split))


def _xiao(title: str) -> Look:
    pads = _row("5V GND 3V3 D10 D9 D8 D7", -7.62, "up") + _row("D0 D1 D2 D3 D4 D5 D6", 7.62, "down")
    under = (Pad("BAT-", -2.25, 4.39, "down", True, -3.81), Pad("BAT+", -0.34, 4.39, "down", True, -1.27))
    return Look(title, 21.0, 17.8, pads + under, "board")


def _lolin() -> Look:
    up = _row("GND 12 14 27 26 25 33 32 35 34 EN 39 36", -11.43, "up")
    down = _row("13 15 2 0 4 16 17 5 18 23 19 22 3V", 11.43, "down")
    plug = (Pad("BAT+", -22.4, 9.0, "down"), Pad("BAT-", -20.0, 9.0, "down"))
    return Look("LOLIN32 Lite", 49.2, 25.4, up + down + plug, "board")


def _devkitc() -> Look:
    up = _row("5V CMD D3 D2 IO13 GND IO12 IO14 IO27 IO26 IO25 IO33 IO32 IO35 IO34 VN VP EN 3V3", -12.7, "up")
    down = _row("CLK D0 D1 IO15 IO2 IO0 IO4 IO16 IO17 IO5 IO18 IO19 GND IO21 RX TX IO22 IO23 GND", 12.7, "down")
    return Look("ESP32-DevKitC", 54.4, 27.9, up + down, "board")


def _small(title: str, width_mm: float, height_mm: float, names: str, pitch_mm: float, side: str = "down") -> Look:
    split = names.split()
    first = -(len(split) - 1) / 2 * pitch_mm
    y_mm = (height_mm / 2 - 1.2) * (1 if side == "down" else -1)
    pads = tuple(Pad(name, first + index * pitch_mm, y_mm, side) for index, name in enumerate(split))
    return Look(title, width_mm, height_mm, pads, "other")


LOOKS: dict[str, Look] = {
    "xiao_esp32c3": _xiao("XIAO ESP32-C3"),
    "xiao_esp32s3": _xiao("XIAO ESP32-S3"),
    "lolin32_lite": _lolin(),
    "esp32_devkitc": _devkitc(),
    "gy521": Look("GY-521", 21.2, 16.4, _row("VCC GND SCL SDA XDA XCL AD0 INT", 6.7, "down"), "sensor"),
    "slide_switch": Look("switch", 11.0, 9.0, _row("4 5 6", -1.7, "down") + _row("1 2 3", 2.0, "down"), "other"),
    "button": _small("button", 7.0, 7.0, "1 2", 4.5),
    "r1k": Look("1 kOhm", 9.0, 5.0, (Pad("1", -3.3, 1.3, "down"), Pad("2", 3.3, 1.3, "down")), "other"),
    "led": _small("light", 6.0, 5.0, "A K", PITCH_MM),
    "motor_module": _small("motor", 14.0, 9.0, "IN VCC GND", PITCH_MM, "up"),
    "charger": _small("charger", 16.0, 12.0, "5V GND BAT", PITCH_MM),
    "regulator": _small("regulator", 11.0, 11.0, "SHDN VIN GND VOUT", PITCH_MM),
}


def look(part: Part) -> Look:
    """Return how a part looks from above; a cell is drawn in its own size."""
    if part.role == "cell" and part.size_mm is not None:
        length_mm, width_mm, _ = part.size_mm
        pads = (Pad("+", 2.0, width_mm / 2 - 1.2, "down"), Pad("-", -2.0, width_mm / 2 - 1.2, "down"))
        return Look(f"cell {part.capacity_mah:.0f} mAh", length_mm, width_mm, pads, "cell")
    return LOOKS[part.id]


def pin_order(part: Part, used: Sequence[str]) -> tuple[str, ...]:
    """Return the used pins in the order in which they lie on the part: the upper row, the lower row, the underside."""
    pads = sorted(look(part).pads, key=lambda pad: (pad.under, pad.side == "down", pad.x_mm))
    names = dict.fromkeys(pad.name for pad in pads)
    return tuple(name for name in names if name in used)
