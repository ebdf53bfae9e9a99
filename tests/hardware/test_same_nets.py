"""design.yaml, wiring diagrams, netlists, the saved carrier board and the firmware name the same connections.

Each kind of file is read by a small reader here that shares nothing with the program that wrote it.
"""

import re
from contextlib import suppress

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hardware.generate.design import HARDWARE, Build, Part, load
from tests.rig import sexpr

DESIGN = load()
WIRED = [name for name, build in DESIGN.builds.items() if build.way != "carrier"]
CARRIERS = [name for name, build in DESIGN.builds.items() if build.way == "carrier"]
Nets = dict[str, set[str]]

# Pads of KiCad footprints: LED_0805 and D_SOD-123 have the cathode at 1. AO3400A in SOT-23: 1 gate, 2 source, 3 drain.
PADS = {"led": {"1": "K", "2": "A"}, "diode": {"1": "K", "2": "A"}, "mosfet": {"1": "G", "2": "S", "3": "D"}}
# Contacts that a board joins itself.
SAME_ON_THE_BOARD = ("GND", "BAT-")
OFF_THE_BOARD = {"BT1"}


def nets_of(build: Build) -> Nets:
    return {net: {str(pin) for pin in pins} for net, pins in build.nets.items()}


def read_netlist(text: str) -> Nets:
    """Return the nets of a KiCad netlist; a pin that stays open is on none."""
    found: Nets = {}
    [nets] = sexpr.each(sexpr.parse(text), "nets")
    for net in sexpr.each(nets, "net"):
        nodes = sexpr.each(net, "node")
        pins = {f"{sexpr.value(node, 'ref')}.{sexpr.value(node, 'pin')}" for node in nodes}
        if len(pins) > 1:
            found[sexpr.value(net, "name")] = pins
    return found


def read_board(text: str, parts: dict[str, Part]) -> Nets:
    """Return the nets of a saved KiCad board by the pads of the parts that the build knows."""
    found: Nets = {}
    for footprint in sexpr.each(sexpr.parse(text), "footprint"):
        [ref] = [item[2] for item in sexpr.each(footprint, "fp_text") if item[1] == "reference"]
        if ref not in parts:
            continue
        for pad in sexpr.each(footprint, "pad"):
            for net in sexpr.each(pad, "net"):
                if not net[2].startswith("unconnected-"):
                    name = PADS.get(parts[ref].id, {}).get(pad[1], pad[1])
                    found.setdefault(net[2], set()).add(f"{ref}.{name}")
    return found


def read_diagram(text: str, build: Build) -> Nets:
    """Return the nets of a WireViz file, each by the name on its wires, from connections, loops and strips alone."""
    document = yaml.safe_load(text)
    labels = {ref: connector["pinlabels"] for ref, connector in document["connectors"].items()}
    groups: list[set[str]] = []
    names: list[tuple[str, str]] = []

    def join(*ends: str) -> None:
        touched = [group for group in groups if group & set(ends)]
        groups[:] = [group for group in groups if group not in touched] + [set(ends).union(*touched)]

    def end(ref: str, number: int) -> str:
        return f"{ref}.{labels[ref][number - 1]}"

    for ref, connector in document["connectors"].items():
        for loop in connector.get("loops", ()):
            join(*(end(ref, number) for number in loop))
        for label in connector["pinlabels"]:
            if ref == "SB":  # a strip: its net, and what is soldered onto it
                join(f"SB.{label}", *label.partition(": ")[2].split())
        own = (
            [f"{ref}.{name}" for name in SAME_ON_THE_BOARD if name in DESIGN.part(build, ref).pins]
            if ref == "U1"
            else []
        )
        if own:
            join(*own)
    for first, cable, last in document["connections"]:
        [(one, numbers)], [(name, wires)], [(other, others)] = first.items(), cable.items(), last.items()
        for here, wire, there in zip(numbers, wires, others, strict=True):
            join(end(one, here), end(other, there))
            names.append((document["cables"][name]["wirelabels"][wire - 1], end(one, here)))
    found: Nets = {}
    for name, pin in names:
        [group] = [group for group in groups if pin in group]
        found.setdefault(name, set()).update(pin for pin in group if not pin.startswith("SB."))
    on_strips = {label.partition(":")[0]: label.partition(": ")[2].split() for label in labels.get("SB", ())}
    return found | {net: set(pins) for net, pins in on_strips.items() if net not in found and pins}


@pytest.mark.parametrize("name", WIRED)
def test_the_netlist_has_the_nets_of_the_design(name):
    text = (HARDWARE / "netlist" / f"{name}.net").read_text(encoding="utf-8")
    assert read_netlist(text) == nets_of(DESIGN.builds[name])


@pytest.mark.parametrize("name", CARRIERS)
def test_the_carriers_netlist_has_the_nets_of_both_variants(name):
    text = (HARDWARE / "netlist" / "carrier.net").read_text(encoding="utf-8")
    assert read_netlist(text) == nets_of(DESIGN.builds[name])


@pytest.mark.parametrize("name", CARRIERS)
def test_the_saved_board_has_the_nets_of_the_design(name):
    build = DESIGN.builds[name]
    parts = {ref: DESIGN.part(build, ref) for ref in build.parts}
    text = (HARDWARE / "carrier" / "carrier.kicad_pcb").read_text(encoding="utf-8")
    wanted = {
        net: {pin for pin in pins if pin.split(".")[0] not in OFF_THE_BOARD} for net, pins in nets_of(build).items()
    }
    assert read_board(text, parts) == wanted


@pytest.mark.parametrize("name", WIRED)
def test_the_diagram_has_the_nets_of_the_design(name):
    build = DESIGN.builds[name]
    text = (HARDWARE / "wiring" / f"{name}.yml").read_text(encoding="utf-8")
    assert read_diagram(text, build) == nets_of(build)


def test_both_variants_of_the_carrier_are_one_board():
    one, other = (DESIGN.builds[name] for name in CARRIERS)
    assert one.nets == other.nets and one.open == other.open


def committed(path: str) -> str:
    return (HARDWARE / path).read_text(encoding="utf-8")


def test_a_swapped_pin_in_a_netlist_is_found():
    text = committed("netlist/xiao-c3.net")
    swapped = re.sub(r'(\(ref "U2"\)\s*\(pin) "INT"', r'\1 "XDA"', text)
    assert swapped != text
    assert read_netlist(swapped) != nets_of(DESIGN.builds["xiao-c3"])


def test_a_renetted_pad_of_the_board_is_found():
    build = DESIGN.builds["carrier-c3"]
    parts = {ref: DESIGN.part(build, ref) for ref in build.parts}
    text = committed("carrier/carrier.kicad_pcb")
    before, _, after = text.rpartition('"SDA")')
    damaged = before + '"SCL")' + after
    assert read_board(damaged, parts) != read_board(text, parts)


def test_a_wire_to_another_pin_of_the_diagram_is_found():
    build = DESIGN.builds["xiao-c3"]
    document = yaml.safe_load(committed("wiring/xiao-c3.yml"))
    labels = document["connectors"]["U2"]["pinlabels"]
    one, other = labels.index("SDA"), labels.index("SCL")
    labels[one], labels[other] = labels[other], labels[one]
    assert read_diagram(yaml.safe_dump(document), build) != nets_of(build)


WORDS = st.text(min_size=1, max_size=6)
TREES = st.recursive(st.lists(WORDS, max_size=3), lambda inner: st.lists(WORDS | inner, max_size=4), max_leaves=12)


def written(tree: list) -> str:
    words = (
        written(item) if isinstance(item, list) else '"' + re.sub(r'(["\\])', r"\\\1", item) + '"' for item in tree
    )
    return "(" + " ".join(words) + ")"


@given(TREES)
def test_expressions_are_read_as_written(tree):
    assert sexpr.parse(written(tree)) == tree


@given(st.text('()" \\ab\n', max_size=20))
def test_any_text_is_an_expression_or_refused(text):
    with suppress(ValueError):
        assert isinstance(sexpr.parse(text), list)


@pytest.mark.parametrize("text", ["", "(", ")", "(a", "(a))", "(a)(b)", "a", '("a)', '(a "b'])
def test_half_an_expression_is_refused(text):
    with pytest.raises(ValueError):
        sexpr.parse(text)
