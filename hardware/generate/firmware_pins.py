"""The firmware's pin files against the design: pin by pin, chip, flash, light, divider, address."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from hardware.generate.design import HARDWARE, Build, Design, Pin
from hardware.generate.nets import divider_ratio
from hardware.generate.pins import uses
from hardware.generate.schema import DesignError

BOARDS = HARDWARE.parent / "firmware" / "boards"
PINS = ("SDA", "SCL", "SENSOR_INT", "BUTTON", "LED", "CUE", "BATTERY", "CHARGING")


def read_board(text: str, name: str = "board") -> dict[str, object]:
    """Return the constants of a firmware/boards file.

    Raises
    ------
    DesignError
        Where it is not Python, or a line is anything but a name with a number, a text or None.
    """
    where = f"firmware/boards/{name}.py"
    found: dict[str, object] = {}
    try:
        lines = ast.parse(text).body
    except (SyntaxError, ValueError) as error:
        raise DesignError(where, f"it is not Python ({error})") from error
    for line in lines[1:] if lines and isinstance(lines[0], ast.Expr) else lines:
        match line:
            case ast.Assign(targets=[ast.Name(id=key)], value=ast.Constant(value=value)) if key not in found:
                found[key] = value
            case _:
                raise DesignError(where, f"line {line.lineno} is not a new name with a constant")
    return found


def faults(design: Design, build: Build, board: dict[str, object]) -> list[str]:
    """Return where a firmware/boards file and a build differ, in words."""
    return [fault for rule in (_pins, _chip, _light, _cell, _address) for fault in rule(design, build, board)]


def check(design: Design, boards: Path = BOARDS) -> list[str]:
    """Return where the firmware's files and the design differ, for all builds and files."""
    files = {path.stem: read_board(path.read_text(encoding="utf-8"), path.stem) for path in sorted(boards.glob("*.py"))}
    used = {build.board for build in design.builds.values()}
    found = [f"{name}: no build has that board" for name in files if name not in used]
    found += [f"{name}: the firmware has no such board" for name in sorted(used - set(files))]
    for build in design.builds.values():
        if build.board in files:
            found += [f"{build.name}: {fault}" for fault in faults(design, build, files[build.board])]
    return found


def _pins(design: Design, build: Build, board: dict[str, object]) -> Iterator[str]:
    wired = uses(design, build)
    for name in PINS:
        if board.get(name) != wired.get(name):
            yield f"{name} is {board.get(name)} in the firmware and {wired.get(name)} in the design"


def _chip(design: Design, build: Build, board: dict[str, object]) -> Iterator[str]:
    part = design.parts[build.board]
    for name, value in (("CHIP", part.chip), ("FLASH_MB", part.flash_mb)):
        if board.get(name) != value:
            yield f"{name} is {board.get(name)} in the firmware and {value} in the design"


def _light(design: Design, build: Build, board: dict[str, object]) -> Iterator[str]:
    led = design.parts[build.board].led
    lit = led.lit if led and not build.pins_of("LED") else 1  # one that is wired lies between the pin and GND
    if board.get("LED_ON") != lit:
        yield f"LED_ON is {board.get('LED_ON')} in the firmware; {lit} lights it"


def _cell(design: Design, build: Build, board: dict[str, object]) -> Iterator[str]:
    ratio = divider_ratio(design, build)
    if board.get("BATTERY_RATIO") != ratio:
        yield f"BATTERY_RATIO is {board.get('BATTERY_RATIO')} in the firmware; the resistors divide by {ratio}"


def _address(_: Design, build: Build, board: dict[str, object]) -> Iterator[str]:
    address = 0x68 if build.net_of(Pin("U2", "AD0")) == "GND" else 0x69
    if board.get("SENSOR_ADDRESS") != address:
        yield f"SENSOR_ADDRESS is {board.get('SENSOR_ADDRESS')} in the firmware and {address} in the design"
