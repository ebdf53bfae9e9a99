"""Pictures of the assembly, step by step: the new in colour, what is there already pale, what comes later absent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hardware.generate.compare import files_differ
from hardware.generate.design import Build, Design
from hardware.generate.drawing import moved, picture, rect, render, text
from hardware.generate.harness import SMALL_BOARD, Harness, Join, harness
from hardware.generate.paint import (
    faded,
    names,
    painted_part,
    painted_small_board,
    painted_wire,
    small_board_title,
    small_parts,
    wire_list,
)
from hardware.generate.steps_carrier import make_carrier
from hardware.generate.top_view import SCALE, Placed, Scene, scene
from hardware.generate.top_view import Path as Laid

ROOM = ("assembly/pictures",)
MARGIN = 40.0  # pixels around what a step is about
HEAD = 84.0  # room for the title
ROW = 24.0  # a line of the list of wires
LEAST_WIDTH = 900.0  # of a picture, for the list of wires
TITLE_MM = 2.5  # above or below a part, for its name


@dataclass(frozen=True)
class Step:
    """A step of the assembly: what it is called, which parts come and which wires are soldered."""

    name: str
    title: str
    parts: tuple[str, ...]
    wires: tuple[Join, ...]


# Each step: its parts, and between which parts it lays all wires that are still missing. The cell's line comes last, so
# that nothing is under power while somebody solders. A step whose parts a build has not is left out.
PLAN: tuple[tuple[str, str, tuple[str, ...], frozenset[str]], ...] = (
    ("small-board", "the small board, seen from its copper side", (SMALL_BOARD,), frozenset()),
    ("sensor", "the sensor's address: AD0 to GND", ("U2",), frozenset({"U2"})),
    ("board", "the board and the small board", ("U1", "U4"), frozenset({"U1", "U4", SMALL_BOARD})),
    ("sensor-cable", "the sensor's five wires", ("U2", "U1"), frozenset({"U1", "U2", SMALL_BOARD})),
    ("button", "the button", ("SW1",), frozenset({"SW1", SMALL_BOARD})),
    ("resistor", "the light's resistor, straight onto its leg A", ("R4", "D1"), frozenset({"R4", "D1"})),
    ("light", "the light", ("R4", "D1"), frozenset({"U1", "R4", "D1", SMALL_BOARD})),
    ("motor", "the motor, if you want one", ("M1",), frozenset({"M1", "U1", SMALL_BOARD})),
    ("cell", "the switch and the lead of the cell, the cell not plugged in", ("S1", "BT1", "U3"), frozenset()),
)


def steps(build: Build, made: Harness) -> tuple[Step, ...]:
    """Return the steps of a build on wires; every wire is in exactly one of them."""
    left = list(made.wires)
    found = []
    for name, title, refs, reach in PLAN:
        parts = tuple(ref for ref in refs if ref in build.parts or ref == SMALL_BOARD)
        if not parts:
            continue
        wires = tuple(left) if name == "cell" else tuple(wire for wire in left if wire.refs <= reach)
        left = [wire for wire in left if wire not in wires]
        found.append(Step(name, title, parts, wires))
    return tuple(found)


def pictures(design: Design, build: Build) -> dict[str, str]:
    """Return the SVG of each step and of the finished wiring, by file name without ending."""
    made = harness(design, build)
    view = scene(design, build, made)
    plan = steps(build, made)
    files = {
        f"{build.name}-{count}-{step.name}": _draw(
            design, build, made, view, f"Step {count}: {step.title}", plan[: count - 1], step
        )
        for count, step in enumerate(plan, start=1)
    }
    whole = Step("wired", "", tuple(view.placed), made.wires)
    files[f"{build.name}-wired"] = _draw(design, build, made, view, "All wires", (), whole)
    return files


def make(design: Design, out: Path) -> None:
    """Write the step pictures of every build on wires into assembly/pictures, as SVG and PNG."""
    folder = out / "assembly" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    for build in design.builds.values():
        if build.way == "carrier":
            continue
        for name, svg in pictures(design, build).items():
            path = folder / f"{name}.svg"
            path.write_text(svg, encoding="utf-8")
            render(path)
    make_carrier(design, folder)


def differs(made: Path, committed: Path) -> list[str]:
    """Return how the committed pictures differ from what is made."""
    return files_differ(made, committed, ROOM[0])


@dataclass(frozen=True)
class Frame:
    """What a step is about, in pixels of the scene; `inset` moves it into the middle of the picture."""

    top: float
    width: float
    height: float
    inset: float

    def holds(self, part: Placed) -> bool:
        """Return whether a part lies in the picture with its whole width."""
        return part.left_mm * SCALE + self.inset > 0 and part.right_mm * SCALE + self.inset < self.width


def _frame(view: Scene, touched: set[str], wires: Sequence[Laid]) -> Frame:
    spots = [spot for wire in wires for spot in wire.points]
    for part in (view.placed[ref] for ref in touched):
        half_mm = part.look.height_mm / 2 + TITLE_MM
        spots += [(part.left_mm, part.y_mm - half_mm), (part.right_mm, part.y_mm + half_mm)]
    left, top = (min(axis) * SCALE - MARGIN for axis in zip(*spots, strict=True))
    right, bottom = (max(axis) * SCALE + MARGIN for axis in zip(*spots, strict=True))
    width = max(right - left, LEAST_WIDTH)
    return Frame(top, width, bottom - top, (width - (right - left)) / 2 - left)


def _draw(
    design: Design, build: Build, made: Harness, view: Scene, title: str, before: Sequence[Step], step: Step
) -> str:
    touched = {ref for wire in step.wires for ref in wire.refs} | set(step.parts)
    frame = _frame(view, touched, [path for path in view.paths if path.wire in step.wires])
    listed = wire_list(design, step.wires, ROW) or small_parts(design, build, made, ROW)
    below = HEAD + frame.height
    height = below + len(listed) * ROW + 24
    shapes = [
        moved(_painted(build, made, view, before, step, touched, frame), frame.inset, HEAD - frame.top),
        rect(0, 0, frame.width, HEAD, "#ffffff"),
        rect(0, below, frame.width, height - below, "#ffffff"),
        text(MARGIN, 34, build.title, 15, fill="#555555", anchor="start"),
        text(MARGIN, 64, title, 22, anchor="start", bold=True),
        moved(listed, MARGIN, below + ROW / 2),
    ]
    return picture(frame.width, height, shapes, f"{build.title}. {title}")


def _painted(
    build: Build, made: Harness, view: Scene, before: Sequence[Step], step: Step, touched: set[str], frame: Frame
) -> list[str]:
    """Return parts, then wires, then names, so that no wire hides a name."""
    old_wires = {wire for earlier in before for wire in earlier.wires}
    old_parts = {ref for earlier in before for ref in earlier.parts}
    bodies, labels = [], []
    for ref, placed in view.placed.items():
        pale = ref not in touched
        if pale and not (ref in old_parts and frame.holds(placed)):
            continue
        small = ref == SMALL_BOARD
        marked = {pin.name for wire in step.wires for pin in (wire.start, wire.end) if pin.ref == ref}
        bodies.append(faded(painted_small_board(build, made, placed) if small else painted_part(placed), pale))
        labels.append(faded(small_board_title(placed) if small else names(placed, marked), pale))
    wires = [faded(painted_wire(path), True) for path in view.paths if path.wire in old_wires]
    wires += [faded(painted_wire(path), False) for path in view.paths if path.wire in step.wires]
    return [*bodies, *wires, *labels]
