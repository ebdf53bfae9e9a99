"""KiCad netlists and the report of the electrical rules check, by SKiDL."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.generate.design import HARDWARE, Build, Design
from hardware.generate.schema import DesignError

ROOM = ("netlist",)
CARRIER = "carrier"

# A part that is not soldered onto a board of ours.
ON_WIRES = "surefoot:on_wires"

# All builds take a few seconds; a minute means that SKiDL hangs.
SKIDL_TIMEOUT_S = 120


@dataclass(frozen=True)
class Checked:
    """A netlist, and what the electrical rules check found in it: sentences that begin with ERROR or WARNING."""

    netlist: str
    found: tuple[str, ...]

    @property
    def errors(self) -> int:
        """How many errors were found."""
        return sum(line.startswith("ERROR") for line in self.found)

    @property
    def warnings(self) -> int:
        """How many warnings were found."""
        return len(self.found) - self.errors

    def report(self, title: str) -> str:
        """Return the report as text; it names the netlist that was checked by its hash."""
        digest = hashlib.sha256(self.netlist.encode()).hexdigest()
        lines = [
            title,
            f"netlist sha256: {digest}",
            f"errors: {self.errors}",
            f"warnings: {self.warnings}",
            *self.found,
        ]
        return "\n".join(lines) + "\n"


def make(design: Design, out: Path) -> None:
    """Write netlist/<build>.net and .erc.txt; the carrier board's variants are one circuit, carrier.net."""
    folder = out / "netlist"
    folder.mkdir(parents=True, exist_ok=True)
    chosen = circuits(design)
    results = check({name: wiring(design, build) for name, build in chosen.items()})
    for name, checked in results.items():
        (folder / f"{name}.net").write_text(checked.netlist, encoding="utf-8")
        title = "Carrier board" if name == CARRIER else chosen[name].title
        (folder / f"{name}.erc.txt").write_text(checked.report(f"Electrical rules check: {title}"), encoding="utf-8")


def circuits(design: Design) -> dict[str, Build]:
    """Return the builds that differ as circuits, by the name of their netlist.

    Raises
    ------
    DesignError
        Where two variants of the carrier board have other nets: they share one printed board.
    """
    chosen = {name: build for name, build in design.builds.items() if build.way != "carrier"}
    variants = [build for build in design.builds.values() if build.way == "carrier"]
    for build in variants[1:]:
        if build.nets != variants[0].nets:
            raise DesignError(f"builds/{build.name}", "its nets are not those of the same board", build=build.name)
    return chosen | ({CARRIER: variants[0]} if variants else {})


def wiring(design: Design, build: Build) -> dict[str, Any]:
    """Return a build as `hardware.generate.circuit` reads it."""
    carrier = build.way == "carrier"
    parts = {}
    for ref in build.parts:
        part = design.part(build, ref)
        value = "XIAO ESP32-C3 or -S3" if carrier and ref == "U1" else part.what.split(",")[0]
        pins = {name: pin.kind for name, pin in part.pins.items()}
        parts[ref] = {"value": value, "footprint": (part.footprint if carrier else None) or ON_WIRES, "pins": pins}
    nets = {net: [str(pin) for pin in pins] for net, pins in build.nets.items()}
    return {"parts": parts, "nets": nets, "open": [str(pin) for pin in build.open]}


def check(wirings: dict[str, dict[str, Any]]) -> dict[str, Checked]:
    """Return the netlist and the findings for each circuit, from SKiDL in a process and a folder of its own."""
    paths = os.pathsep.join([str(HARDWARE.parent), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [sys.executable, "-m", "hardware.generate.circuit"],
            input=json.dumps(wirings),
            capture_output=True,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": paths},
            check=True,
            timeout=SKIDL_TIMEOUT_S,
        )
    results = json.loads(run.stdout)
    return {name: Checked(_timeless(result["netlist"]), tuple(result["found"])) for name, result in results.items()}


def _timeless(netlist: str) -> str:
    """Return a netlist without date, paths and line numbers: the same design gives the same bytes."""
    head = '(export\n  (version "D")\n  (design\n    (source "hardware/design.yaml")\n    (tool "SKiDL"))\n'
    body = netlist[netlist.index("  (components") :]
    body = re.sub(r'\s*\(field\s*\(name "SKiDL Line"\)[^()]*\)', "", body)
    body = re.sub(r'\s*\(field\s*\(name "[^"]*"\)\s*\)', "", body)
    return head + body.rstrip() + "\n"
