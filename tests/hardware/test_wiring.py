"""The committed wiring diagrams, read without their generator: nets of design.yaml, colours, lengths."""

from __future__ import annotations

import html
import itertools
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from hardware.generate.design import Design, Pin, design_of, load
from hardware.generate.harness import ON_SMALL_BOARD, harness
from hardware.generate.looks import look, pin_order
from hardware.generate.schema import DesignError
from hardware.generate.schematic import schematic
from hardware.generate.wiring import diagram

HARDWARE = Path(__file__).parents[2] / "hardware"
DOCUMENT = yaml.safe_load((HARDWARE / "design.yaml").read_text(encoding="utf-8"))
BUILDS = {name: build for name, build in DOCUMENT["builds"].items() if build["way"] != "carrier"}

Nets = set[frozenset[str]]


@cache
def whole_design() -> Design:
    return load()


def nets_of_design(build: dict[str, Any]) -> Nets:
    return {frozenset(pins) for pins in build["nets"].values()}


def nets_of_diagram(text: str) -> Nets:
    """Which pins a diagram joins: along its connections and loops, on its strips, and the board's own two grounds."""
    document = yaml.safe_load(text)
    labels = {ref: connector["pinlabels"] for ref, connector in document["connectors"].items()}
    joins: list[set[tuple[str, str]]] = []
    for ref, connector in document["connectors"].items():
        for loop in connector.get("loops", []):
            joins.append({(ref, labels[ref][number - 1]) for number in loop})
    for first, _, last in document["connections"]:
        (first_ref, first_pins), (last_ref, last_pins) = next(iter(first.items())), next(iter(last.items()))
        for one, other in zip(first_pins, last_pins, strict=True):
            joins.append({(first_ref, labels[first_ref][one - 1]), (last_ref, labels[last_ref][other - 1])})
    if "BAT-" in labels["U1"]:
        joins.append({("U1", "BAT-"), ("U1", "GND")})
    groups: list[set[tuple[str, str]]] = []
    for join in joins:
        touched = [group for group in groups if group & join]
        groups = [group for group in groups if group not in touched] + [join.union(*touched)]
    return {frozenset(itertools.chain.from_iterable(pins_at(ref, label) for ref, label in group)) for group in groups}


def pins_at(ref: str, label: str) -> list[str]:
    return label.split()[1:] if ref == "SB" else [f"{ref}.{label}"]


def committed(name: str) -> str:
    return (HARDWARE / "wiring" / f"{name}.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", BUILDS)
def test_a_diagram_has_the_nets_of_its_build(name: str) -> None:
    assert nets_of_diagram(committed(name)) == nets_of_design(BUILDS[name])


@pytest.mark.parametrize("name", BUILDS)
def test_a_diagram_is_the_one_that_is_made(name: str) -> None:
    design = whole_design()
    assert diagram(design, design.builds[name]) == committed(name)
    for ending in (".svg", ".png"):
        assert (HARDWARE / "wiring" / f"{name}{ending}").stat().st_size > 10_000


@pytest.mark.parametrize("name", BUILDS)
def test_a_wire_has_its_nets_colour_and_the_sensors_cable_is_short(name: str) -> None:
    document = yaml.safe_load(committed(name))
    for cable in document["cables"].values():
        assert cable["colors"] == [DOCUMENT["nets"][net]["colour"] for net in cable["wirelabels"]]
    to_sensor = [next(iter(way[1])) for way in document["connections"] if "U2" in {*way[0], *way[2]}]
    lengths_mm = {document["cables"][cable]["length"] * 1000 for cable in to_sensor}
    assert max(lengths_mm) <= DOCUMENT["limits"]["i2c_cable_mm"]
    if "sensor_cable_mm" in BUILDS[name]:
        assert lengths_mm == {BUILDS[name]["sensor_cable_mm"]}


@pytest.mark.parametrize("name", BUILDS)
def test_the_svg_shows_every_part_and_every_pin_that_is_used(name: str) -> None:
    svg = (HARDWARE / "wiring" / f"{name}.svg").read_text(encoding="utf-8")
    for ref, connector in yaml.safe_load(committed(name))["connectors"].items():
        assert f">{ref}<" in svg
        for label in connector["pinlabels"]:
            assert f">{label.replace('-', '&#45;')}<" in svg or f">{label}<" in svg


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  - U2:\n    - 4\n    - 3\n", "  - U2:\n    - 3\n    - 4\n"),  # SDA and SCL swapped
        ("BUTTON: R3.2", "BUTTON: R4.1"),  # another part on the strip
        ("    loops:\n    - - 5\n      - 2\n", ""),  # AD0 left open
    ],
)
def test_a_diagram_that_joins_something_else_is_found(old: str, new: str) -> None:
    text = committed("xiao-c3")
    assert old in text
    assert nets_of_diagram(text.replace(old, new)) != nets_of_design(BUILDS["xiao-c3"])


@pytest.mark.parametrize("name", BUILDS)
def test_every_pin_of_every_part_has_a_place_in_the_pictures(name: str) -> None:
    design = whole_design()
    for ref, part in BUILDS[name]["parts"].items():
        if part not in ON_SMALL_BOARD:
            names = [pad.name for pad in look(design.part(design.builds[name], ref)).pads]
            assert set(DOCUMENT["parts"][part]["pins"]) <= set(names)


def test_pins_lie_as_the_makers_draw_them() -> None:
    """XIAO: Seeed's pin list, USB left; GY-521: as printed; DevKitC: Espressif's J2 and J3, from the USB end."""
    parts = whole_design().parts
    xiao = ["5V", "GND", "3V3", "D10", "D9", "D8", "D7", "D0", "D1", "D2", "D3", "D4", "D5", "D6", "BAT-", "BAT+"]
    for board in ("xiao_esp32c3", "xiao_esp32s3"):
        assert list(pin_order(parts[board], xiao)) == xiao
    sensor = ["VCC", "GND", "SCL", "SDA", "XDA", "XCL", "AD0", "INT"]
    assert list(pin_order(parts["gy521"], sensor)) == sensor
    j2 = "3V3 EN VP VN IO34 IO35 IO32 IO33 IO25 IO26 IO27 IO14 IO12 GND IO13 D2 D3 CMD 5V"
    j3 = "GND IO23 IO22 TX RX IO21 GND IO19 IO18 IO5 IO17 IO16 IO4 IO0 IO2 IO15 D1 D0 CLK"
    pads = look(parts["esp32_devkitc"]).pads
    assert [pad.name for pad in pads if pad.side == "up"] == j2.split()[::-1]
    assert [pad.name for pad in pads if pad.side == "down"] == j3.split()[::-1]
    assert {round(b.x_mm - a.x_mm, 2) for a, b in itertools.pairwise(pads[:19])} == {2.54}


def test_a_small_part_that_lies_across_no_two_neighbours_is_refused() -> None:
    """R3 from BUTTON to GND: two strips that do not touch."""
    broken = yaml.safe_load((HARDWARE / "design.yaml").read_text(encoding="utf-8"))
    nets = broken["builds"]["xiao-s3"]["nets"]
    nets["3V3"].remove("R3.1")
    nets["GND"].append("R3.1")
    design = design_of(broken)
    with pytest.raises(DesignError, match="R3 does not lie across two neighbouring strips"):
        harness(design, design.builds["xiao-s3"])


def written_at_pins(svg: str) -> dict[str, str]:
    """The net that a schematic writes at each pin; the name of a box's pin stands before it."""
    groups = re.findall(r'<g id="([^"]+)">(.*?)</g>', svg)
    return {html.unescape(pin): html.unescape(re.findall(r">([^<>]*)</text>", body)[-1]) for pin, body in groups}


@pytest.mark.parametrize("name", DOCUMENT["builds"])
def test_a_schematic_writes_its_net_at_every_pin(name: str) -> None:
    """Where two upright parts meet, the net stands once: at the lower pin of the upper one."""
    svg = (HARDWARE / "wiring" / f"{name}-schematic.svg").read_text(encoding="utf-8")
    written = written_at_pins(svg)
    build = whole_design().builds[name]
    for net, pins in DOCUMENT["builds"][name]["nets"].items():
        for pin in pins:
            assert written.get(pin, net) == net, pin
    for pin in DOCUMENT["builds"][name]["open"]:
        assert written[pin] == pin.partition(".")[2]  # its own name, then a cross and no net
    unwritten = {pin for pins in DOCUMENT["builds"][name]["nets"].values() for pin in pins} - set(written)
    assert {pin: build.net_of(Pin(*pin.split("."))) for pin in unwritten}.items() <= MEETING.items()
    assert svg == schematic(whole_design(), build)


# Upright parts whose upper pin stands on the lower pin of another: divider, button, light, motor.
MEETING = {"R2.1": "VBAT_SENSE", "SW1.1": "BUTTON", "D1.A": "LED_A", "M1.+": "MOTOR+"}


def test_a_schematic_with_another_net_at_a_pin_is_found() -> None:
    svg = (HARDWARE / "wiring" / "xiao-c3-schematic.svg").read_text(encoding="utf-8")
    assert written_at_pins(svg)["U2.SDA"] == "SDA"
    start = svg.index('<g id="U2.SDA">')
    broken = svg[:start] + svg[start:].replace(">SDA</text></g>", ">SCL</text></g>", 1)
    assert written_at_pins(broken)["U2.SDA"] == "SCL"


def test_upright_parts_that_do_not_meet_are_refused() -> None:
    """The button on another net than its pull-up: drawn one below the other they would look joined."""
    broken = yaml.safe_load((HARDWARE / "design.yaml").read_text(encoding="utf-8"))
    nets = broken["builds"]["xiao-s3"]["nets"]
    nets["BUTTON"].remove("SW1.1")
    nets["IMU_INT"].append("SW1.1")
    design = design_of(broken)
    with pytest.raises(DesignError, match="SW1 is drawn below another part and is not on BUTTON"):
        schematic(design, design.builds["xiao-s3"])
