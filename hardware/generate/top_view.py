"""Parts from above in a row, and wires in lanes above and below them: the ground of the step pictures.

Every wire leaves its pin straight up or down, runs in a lane of its own and comes straight to the other pin, so that no
wire crosses a part and none lies on another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hardware.generate.design import Build, Design, Pin
from hardware.generate.harness import BRIDGE_MM, ON_SMALL_BOARD, SMALL_BOARD, Harness, Join
from hardware.generate.looks import Look, Pad, look

SCALE = 9.0  # pixels a millimetre
GAP_MM = 8.0
MARGIN_MM = 5.0
LANE_MM = 2.4
ROWS = 9  # holes of a strip, as small_board in design.yaml says
STRIP_MM = 4.6  # the small board is drawn larger than the rest: true is 2.54
ROW_ORDER = ("BT1", "S1", "U3", "U4", "U1", SMALL_BOARD, "U2", "SW1", "R4", "D1", "M1")


@dataclass(frozen=True)
class Placed:
    """A part at its place; millimetres from the upper left corner of the picture."""

    ref: str
    x_mm: float
    y_mm: float
    look: Look

    @property
    def left_mm(self) -> float:
        """Its left edge."""
        return self.x_mm - self.look.width_mm / 2

    @property
    def right_mm(self) -> float:
        """Its right edge."""
        return self.x_mm + self.look.width_mm / 2


@dataclass(frozen=True)
class End:
    """Where a wire ends, and from where it runs straight up or down."""

    x_mm: float
    y_mm: float
    exit_mm: float
    side: str


@dataclass(frozen=True)
class Path:
    """A wire in the picture."""

    wire: Join
    points: tuple[tuple[float, float], ...]
    under: tuple[bool, bool]  # whether its start and its end lie on an underside


@dataclass(frozen=True)
class Scene:
    """A build from above, every wire laid."""

    placed: dict[str, Placed]
    paths: tuple[Path, ...]
    width_mm: float
    height_mm: float


def small_board(made: Harness) -> Look:
    """Return the small board from its copper side: a strip for each net, from left to right."""
    return Look("small board", len(made.strips) * STRIP_MM, ROWS * STRIP_MM, (), "strips")


def scene(design: Design, build: Build, made: Harness) -> Scene:
    """Return the parts of a build in a row, with every wire of its harness laid."""
    looks = {ref: look(design.part(build, ref)) for ref, part in build.parts.items() if part not in ON_SMALL_BOARD}
    looks[SMALL_BOARD] = small_board(made)
    row = [ref for ref in ROW_ORDER if ref in looks]
    ends = _sides(made, looks)
    above = sum(side == ("up", "up") or side[0] != side[1] for side in ends)
    top_mm = 6.0 + above * LANE_MM
    tallest_mm = max(looks[ref].height_mm for ref in row)
    placed: dict[str, Placed] = {}
    x_mm = MARGIN_MM
    for ref in row:
        width_mm = looks[ref].width_mm
        placed[ref] = Placed(ref, x_mm + width_mm / 2, top_mm + tallest_mm / 2, looks[ref])
        x_mm += width_mm + GAP_MM
    bottom_mm = top_mm + tallest_mm
    paths, lowest_mm = _lay(made, placed, top_mm, bottom_mm)
    return Scene(placed, paths, x_mm - GAP_MM + MARGIN_MM, lowest_mm)


def strip_x_mm(made: Harness, board: Placed, net: str) -> float:
    """Return the middle of a strip."""
    index = [strip.net for strip in made.strips].index(net)
    return board.left_mm + (index + 0.5) * STRIP_MM


def hole_y_mm(board: Placed, row: int) -> float:
    """Return the height of a hole of the small board, counted from the top."""
    return board.y_mm - board.look.height_mm / 2 + (row + 0.5) * STRIP_MM


def _pad(looks: dict[str, Look], pin: Pin) -> Pad | None:
    return None if pin.ref == SMALL_BOARD else looks[pin.ref].pad(pin.name)


def _sides(made: Harness, looks: dict[str, Look]) -> list[tuple[str, str]]:
    """For each wire the side on which its start and its end leave; a strip takes the side of the other end."""
    sides = []
    for wire in made.wires:
        start, end = _pad(looks, wire.start), _pad(looks, wire.end)
        first = start.side if start else (end.side if end else "down")
        last = end.side if end else first
        sides.append((first, last))
    return sides


def _lay(made: Harness, placed: dict[str, Placed], top_mm: float, bottom_mm: float) -> tuple[tuple[Path, ...], float]:
    looks = {ref: part.look for ref, part in placed.items()}
    sides = _sides(made, looks)
    ends = _ends(made, placed, sides)
    used: dict[str, list[list[tuple[float, float]]]] = {"up": [], "down": []}
    passages: dict[str, int] = {}
    paths = []
    for wire, (start, end) in zip(made.wires, ends, strict=True):
        if wire.length_mm == BRIDGE_MM:
            inside = wire.start.ref == wire.end.ref and start.y_mm != end.y_mm
            dip = max(start.y_mm, end.y_mm) + (0.0 if inside else 2.4)
            points = [(start.x_mm, start.y_mm), (start.x_mm, dip), (end.x_mm, dip), (end.x_mm, end.y_mm)]
        elif start.side == end.side:
            lane = _lane(used, start.side, start.exit_mm, end.exit_mm, top_mm, bottom_mm)
            points = [*_out(start), (start.exit_mm, lane), (end.exit_mm, lane), *reversed(_out(end))]
        else:
            aside = placed["U1"]
            count = passages["U1"] = passages.get("U1", 0) + 1
            passage = aside.right_mm + count * 1.5
            first = _lane(used, start.side, start.exit_mm, passage, top_mm, bottom_mm)
            last = _lane(used, end.side, passage, end.exit_mm, top_mm, bottom_mm)
            points = [*_out(start), (start.exit_mm, first), (passage, first), (passage, last), (end.exit_mm, last)]
            points += reversed(_out(end))
        under = tuple(_under(looks, pin) for pin in (wire.start, wire.end))
        paths.append(Path(wire, tuple(points), (under[0], under[1])))
    lowest = bottom_mm + 4.0 + len(used["down"]) * LANE_MM
    return tuple(paths), lowest


def _under(looks: dict[str, Look], pin: Pin) -> bool:
    pad = _pad(looks, pin)
    return pad is not None and pad.under


def _out(end: End) -> list[tuple[float, float]]:
    """Return the way from a pin to the place from which its wire runs straight."""
    here = [(end.x_mm, end.y_mm)]
    return here if end.exit_mm == end.x_mm else [*here, (end.exit_mm, end.y_mm)]


def _ends(made: Harness, placed: dict[str, Placed], sides: Sequence[tuple[str, str]]) -> list[tuple[End, End]]:
    board = placed[SMALL_BOARD]
    counts: dict[tuple[str, str], int] = {}
    totals: dict[tuple[str, str], int] = {}
    on_pad: dict[Pin, int] = {}
    shares: dict[Pin, int] = {}
    for wire, (first, last) in zip(made.wires, sides, strict=True):
        for pin, side in ((wire.start, first), (wire.end, last)):
            if pin.ref == SMALL_BOARD:
                totals[pin.name, side] = totals.get((pin.name, side), 0) + 1
            shares[pin] = shares.get(pin, 0) + 1

    def end(pin: Pin, side: str) -> End:
        if pin.ref != SMALL_BOARD:
            part = placed[pin.ref]
            pad = part.look.pad(pin.name)
            x_mm, y_mm = part.x_mm + pad.x_mm, part.y_mm + pad.y_mm
            exit_mm = x_mm if pad.exit_mm is None else part.x_mm + pad.exit_mm
            nth = on_pad[pin] = on_pad.get(pin, 0) + 1
            aside = (nth - (shares[pin] + 1) / 2) * 0.8  # two wires in one hole stay apart
            return End(x_mm, y_mm, exit_mm + aside, side)
        nth = counts[pin.name, side] = counts.get((pin.name, side), 0) + 1
        total = totals[pin.name, side]
        x_mm = strip_x_mm(made, board, pin.name) + (nth - (total + 1) / 2) * 0.75
        row = total - nth if side == "up" else ROWS - 1 - (nth - 1)
        return End(x_mm, hole_y_mm(board, row), x_mm, side)

    return [(end(wire.start, s[0]), end(wire.end, s[1])) for wire, s in zip(made.wires, sides, strict=True)]


def _lane(
    used: dict[str, list[list[tuple[float, float]]]], side: str, a_mm: float, b_mm: float, top: float, bottom: float
) -> float:
    """Return the height of the nearest lane that is free from a to b, and take it."""
    low, high = min(a_mm, b_mm) - 1.0, max(a_mm, b_mm) + 1.0
    lanes = used[side]
    free = (index for index, taken in enumerate(lanes) if all(high < left or low > right for left, right in taken))
    index = next(free, len(lanes))
    if index == len(lanes):
        lanes.append([])
    lanes[index].append((low, high))
    return top - 4.0 - index * LANE_MM if side == "up" else bottom + 4.0 + index * LANE_MM
