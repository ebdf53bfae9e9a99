"""Wiring diagrams by WireViz: who is joined to whom, by which wire, for those who prefer a diagram to a picture.

WireViz is GPL and is called as a program; nothing of it is imported or copied.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import yaml

from hardware.generate.compare import files_differ
from hardware.generate.design import Build, Design, Pin
from hardware.generate.drawing import render
from hardware.generate.harness import IN_LINE, ON_SMALL_BOARD, SMALL_BOARD, Harness, Join, harness
from hardware.generate.looks import pin_order
from hardware.generate.schematic import make_schematics

ROOM = ("wiring",)

# From left to right, in few columns, so that the diagram stays narrow enough to be read.
ORDER = ("U1", "U4", SMALL_BOARD, "U2", "SW1", "R4", "D1", "M1", "S1", "U3", "BT1")

# WireViz and graphviz take a second or two for each diagram.
WIREVIZ_TIMEOUT_S = 60
PNG_WIDTH_PX = 2400


def make(design: Design, out: Path) -> None:
    """Write wiring/<build>.yml, .svg and .png for every build on wires, and a schematic for every build."""
    folder = out / "wiring"
    folder.mkdir(parents=True, exist_ok=True)
    for build in design.builds.values():
        if build.way != "carrier":
            _draw(diagram(design, build), folder / f"{build.name}.yml")
    make_schematics(design, folder)


def differs(made: Path, committed: Path) -> list[str]:
    """Return how the committed diagrams differ from what is made."""
    return files_differ(made, committed, ROOM[0])


def diagram(design: Design, build: Build) -> str:
    """Return the input of WireViz for a build: a connector for each part, a cable for each two parts that are joined.

    A pin's label is its name on the part; that of a strip of the small board is its net, then what is soldered on it.
    """
    made = harness(design, build)
    joined = [wire for wire in made.wires if wire.start.ref != wire.end.ref]
    bundles: dict[tuple[str, str], list[Join]] = {}
    for wire in joined:
        first, last = sorted((wire.start, wire.end), key=lambda pin: ORDER.index(pin.ref))
        bundles.setdefault((first.ref, last.ref), []).append(wire)
    used = {pin for wire in made.wires for pin in (wire.start, wire.end)}
    labels = {ref: _labels(design, build, made, ref, used) for ref in ORDER if ref in {pin.ref for pin in used}}
    bridges = [wire for wire in made.wires if wire.start.ref == wire.end.ref]
    connectors = {ref: _connector(design, build, ref, labels[ref], bridges) for ref in labels}
    cables, connections = {}, []
    for number, ((first_ref, last_ref), wires) in enumerate(bundles.items(), start=1):
        name = f"W{number}"
        ends = [sorted((wire.start, wire.end), key=lambda pin: ORDER.index(pin.ref)) for wire in wires]
        cables[name] = _cable(wires)
        connections.append(
            [
                {first_ref: [_number(labels, first) for first, _ in ends]},
                {name: list(range(1, len(wires) + 1))},
                {last_ref: [_number(labels, last) for _, last in ends]},
            ]
        )
    document = {
        "metadata": {"title": build.title},
        "options": {"fontname": "DejaVu Sans", "color_mode": "full", "bgcolor": "WH"},
        "connectors": connectors,
        "cables": cables,
        "connections": connections,
    }
    head = f"# {build.title}. Made from design.yaml by hardware/generate/wiring.py; do not edit.\n"
    return head + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def _labels(design: Design, build: Build, made: Harness, ref: str, used: Iterable[Pin]) -> dict[str, str]:
    """Return the label of each pin of a connector, in the order in which they lie on the part."""
    if ref == SMALL_BOARD:
        return {strip.net: " ".join([f"{strip.net}:", *map(str, strip.pins)]) for strip in made.strips}
    return {name: name for name in pin_order(design.part(build, ref), [pin.name for pin in used if pin.ref == ref])}


def _number(labels: dict[str, dict[str, str]], pin: Pin) -> int:
    return 1 + list(labels[pin.ref]).index(pin.name)


def _connector(
    design: Design, build: Build, ref: str, labels: dict[str, str], bridges: Iterable[Join]
) -> dict[str, object]:
    made: dict[str, object] = {"pinlabels": list(labels.values()), "hide_disconnected_pins": False}
    names = list(labels)
    loops = [[1 + names.index(w.start.name), 1 + names.index(w.end.name)] for w in bridges if w.start.ref == ref]
    if loops:
        made |= {"loops": loops}
    if ref == SMALL_BOARD:
        small = [f"{name} {design.parts[part].what}" for name, part in build.parts.items() if part in ON_SMALL_BOARD]
        return {"type": "small board", "subtype": f"{len(labels)} strips", "notes": "\n".join(small), **made}
    return {"type": design.part(build, ref).what.split(",")[0], **made}


def _cable(wires: list[Join]) -> dict[str, object]:
    sensor = sum("U2" in wire.refs for wire in wires) > 1
    length_mm = max(wire.length_mm for wire in wires)
    cable: dict[str, object] = {
        "category": "bundle",
        "gauge": "30 AWG",
        "length": length_mm / 1000,
        "colors": [wire.colour for wire in wires],
        "wirelabels": [wire.net for wire in wires],
    }
    if sensor:
        cable["notes"] = "not longer than 150 mm; twist SDA with GND and SCL with VCC"
    if wires[0].refs == IN_LINE:
        cable["notes"] = "leg on leg, no wire"
    return cable


def _draw(document: str, path: Path) -> None:
    """Run WireViz in a folder of its own, and keep the diagram."""
    path.write_text(document, encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / path.name
        source.write_text(document, encoding="utf-8")
        wireviz = shutil.which("wireviz", path=str(Path(sys.executable).parent)) or "wireviz"
        subprocess.run(
            [wireviz, "--format", "s", str(source)], check=True, capture_output=True, timeout=WIREVIZ_TIMEOUT_S
        )
        svg = source.with_suffix(".svg").read_text(encoding="utf-8")
    path.with_suffix(".svg").write_text(svg, encoding="utf-8")
    render(path.with_suffix(".svg"), width_px=PNG_WIDTH_PX)
