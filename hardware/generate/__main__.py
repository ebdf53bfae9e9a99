"""Make everything of the hardware from design.yaml; with --check compare it with what is committed instead."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from hardware.generate import bom, firmware_pins, nets, pins, ringing
from hardware.generate.design import HARDWARE, Design, load
from surefoot.errors import SurefootError

# Modules of hardware.generate; each has ROOM, make and, where bytes are not stable, differs. In this order: the budgets
# read the masses that `case` writes.
MAKERS = {"bom": "bom", "mount": "mount_template", "wiring": "wiring", "netlist": "netlist", "steps": "steps"}
MAKERS |= {"carrier": "carrier", "case": "case", "budgets": "budgets"}


def rule_faults(design: Design) -> list[str]:
    """Return what breaks a rule anywhere in the design: chips, nets, parts, the firmware's pin files."""
    found = []
    for build in design.builds.values():
        wrong = pins.build_faults(design, build) + nets.faults(design, build)
        found += [f"{build.name}: {fault}" for fault in wrong]
    return found + bom.faults(design) + firmware_pins.check(design) + ringing.faults(design)


def differences(made: Path, committed: Path) -> list[str]:
    """Return which files below `made` are not below `committed` or have other bytes there, in words."""
    found = []
    for path in sorted(path for path in made.rglob("*") if path.is_file()):
        name = path.relative_to(made)
        if not (committed / name).is_file():
            found.append(f"{name} is not committed")
        elif path.read_bytes() != (committed / name).read_bytes():
            found.append(f"{name} differs from what is made")
    return found


def leftovers(rooms: Iterable[str], made: Iterable[Path], committed: Path) -> list[str]:
    """Return which committed files of some rooms nobody makes any more; pages (.md) may be written by hand."""
    kept = set(made)
    names = {path.relative_to(committed) for room in rooms for path in (committed / room).rglob("*") if path.is_file()}
    return [f"{name} is committed and no longer made" for name in sorted(names - kept) if name.suffix != ".md"]


def main(arguments: list[str]) -> int:
    """Run the command; return 0, or 1 where something differs or breaks a rule."""
    parser = argparse.ArgumentParser(prog="python -m hardware.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with what is committed and write nothing")
    parser.add_argument("what", nargs="*", help=f"some of {', '.join(MAKERS)}; all without it")
    options = parser.parse_args(arguments)
    if unknown := [what for what in options.what if what not in MAKERS]:
        parser.error(f"nobody makes {unknown[0]}; there are {', '.join(MAKERS)}")
    try:
        found = _run([what for what in MAKERS if what in (options.what or MAKERS)], options.check)
    except SurefootError as error:
        found = [str(error)]
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


def _run(chosen: list[str], check: bool) -> list[str]:
    """Make or check what is chosen; return what differs or breaks a rule."""
    design = load()
    found = rule_faults(design)
    modules = {what: importlib.import_module(f"hardware.generate.{MAKERS[what]}") for what in chosen}
    names: list[Path] = []
    for what in chosen:
        began_s = time.monotonic()
        if check:
            differing, made = _check(design, modules[what])
            found += [f"{what}: {fault}" for fault in differing]
            names += made
            verdict = f"{len(differing)} differences" if differing else "as committed"
        else:
            modules[what].make(design, HARDWARE)
            verdict = "made"
        print(f"{what}: {verdict}, {time.monotonic() - began_s:.0f} s", flush=True)
    if check and set(chosen) == set(MAKERS):
        rooms = {room for module in modules.values() for room in module.ROOM}
        found += leftovers(rooms, names, HARDWARE)
    return found


def _check(design: Design, module: ModuleType) -> tuple[list[str], list[Path]]:
    """Return how what a module makes differs from what is committed, and the names of its files."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        module.make(design, made)
        names = [path.relative_to(made) for path in made.rglob("*") if path.is_file()]
        return getattr(module, "differs", differences)(made, HARDWARE), names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
