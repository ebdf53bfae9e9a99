"""The committed netlists and reports of the electrical rules, read without their generator."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from hardware.generate import netlist
from hardware.generate.design import HARDWARE, design_of, load
from hardware.generate.schema import DesignError

FOLDER = HARDWARE / "netlist"
DOCUMENT = yaml.safe_load((HARDWARE / "design.yaml").read_text(encoding="utf-8"))
BUILDS = {name: build for name, build in DOCUMENT["builds"].items() if build["way"] != "carrier"}
BUILDS["carrier"] = DOCUMENT["builds"]["carrier-c3"]


def nets_of(text: str) -> dict[str, set[str]]:
    """Nets of a KiCad netlist: a reader of its own, by the lines `(net`, `(name`, `(ref`, `(pin`."""
    nets: dict[str, set[str]] = {}
    for block in re.split(r"\(net\s", text.partition("(nets")[2])[1:]:
        name = re.search(r'\(name "([^"]*)"\)', block)
        assert name is not None
        nodes = re.findall(r'\(ref "([^"]*)"\)\s*\(pin "([^"]*)"\)', block)
        nets[name[1]] = {f"{ref}.{pin}" for ref, pin in nodes}
    return nets


def read(name: str) -> tuple[str, str]:
    return (FOLDER / f"{name}.net").read_text(encoding="utf-8"), (FOLDER / f"{name}.erc.txt").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("name", BUILDS)
def test_a_netlist_has_the_nets_of_its_build(name: str) -> None:
    assert nets_of(read(name)[0]) == {net: set(pins) for net, pins in BUILDS[name]["nets"].items()}


@pytest.mark.parametrize("name", BUILDS)
def test_the_report_is_of_this_netlist_and_found_nothing(name: str) -> None:
    text, report = read(name)
    assert f"netlist sha256: {hashlib.sha256(text.encode()).hexdigest()}\n" in report
    assert "\nerrors: 0\nwarnings: 0\n" in report
    assert "ERROR" not in report
    assert "WARNING" not in report


def test_nothing_is_left_over_from_a_build_that_is_gone() -> None:
    assert {path.name.split(".")[0] for path in FOLDER.iterdir()} == set(BUILDS)


@pytest.mark.parametrize("name", BUILDS)
def test_a_netlist_tells_neither_time_nor_place_of_its_making(name: str) -> None:
    text, _ = read(name)
    assert re.search(r"\(date|\d+/\d+/20\d\d|/\w+/|SKiDL Line|\.py", text) is None


def test_every_part_of_the_carrier_board_that_is_soldered_has_its_footprint() -> None:
    text, _ = read("carrier")
    found = dict(
        re.findall(r'\(ref "([^"]*)"\)\s*\(value "[^"]*"\)\s*\(description "[^"]*"\)\s*\(footprint "([^"]*)"\)', text)
    )
    parts = {ref: DOCUMENT["parts"][part] for ref, part in BUILDS["carrier"]["parts"].items()}
    assert found == {ref: part.get("footprint", "surefoot:on_wires") for ref, part in parts.items()}
    assert [ref for ref, footprint in found.items() if footprint == "surefoot:on_wires"] == ["BT1"]


def test_a_netlist_with_a_pin_elsewhere_is_found() -> None:
    text, _ = read("xiao-c3")
    swapped = (
        text.replace('(pin "SDA")', '(pin "?")')
        .replace('(pin "SCL")', '(pin "SDA")')
        .replace('(pin "?")', '(pin "SCL")')
    )
    assert nets_of(swapped) != nets_of(text)


def test_variants_of_the_carrier_board_with_other_nets_are_refused() -> None:
    broken = copy.deepcopy(DOCUMENT)
    nets = broken["builds"]["carrier-s3"]["nets"] = copy.deepcopy(broken["builds"]["carrier-s3"]["nets"])
    nets["SDA"], nets["SCL"] = nets["SCL"], nets["SDA"]
    with pytest.raises(DesignError, match="its nets are not those of the same board"):
        netlist.circuits(design_of(broken))


def test_errors_and_warnings_are_counted_by_how_a_line_begins() -> None:
    checked = netlist.Checked("(export)", ("ERROR: a", "WARNING: b ERROR", "WARNING: c"))
    assert (checked.errors, checked.warnings) == (1, 2)
    assert "\nerrors: 1\nwarnings: 2\nERROR: a\n" in checked.report("x")


def sensor_interrupt_on_the_supply(wiring: dict[str, Any]) -> None:
    wiring["nets"]["IMU_INT"].remove("U2.INT")
    wiring["nets"]["3V3"].append("U2.INT")


def address_left_open(wiring: dict[str, Any]) -> None:
    wiring["nets"]["GND"].remove("U2.AD0")


def data_left_out(wiring: dict[str, Any]) -> None:
    wiring["nets"]["SDA"].remove("U2.SDA")


def two_outputs_together(wiring: dict[str, Any]) -> None:
    wiring["parts"]["U1"]["pins"]["D2"] = "output"


def supply_without_a_source(wiring: dict[str, Any]) -> None:
    wiring["nets"]["3V3"].remove("U1.3V3")


# What SKiDL has to say of each, by the rules of its documentation; "ERROR" where two sources fight.
BROKEN: dict[Callable[[dict[str, Any]], None], tuple[str, ...]] = {
    sensor_interrupt_on_the_supply: ("ERROR: Pin conflict on net 3V3", "Only one pin .* attached to net IMU_INT"),
    address_left_open: ("Unconnected pin: INPUT pin AD0",),
    data_left_out: ("Only one pin .* attached to net SDA", "Unconnected pin: BIDIRECTIONAL pin SDA"),
    two_outputs_together: ("ERROR: Pin conflict on net IMU_INT, OUTPUT",),
    supply_without_a_source: ("Insufficient drive current on net 3V3",),
}


@pytest.mark.tools
def test_a_broken_circuit_is_reported() -> None:
    design = load()
    wirings = {}
    for breaks in BROKEN:
        wirings[breaks.__name__] = netlist.wiring(design, design.builds["xiao-c3"])
        breaks(wirings[breaks.__name__])
    results = netlist.check(wirings | {"whole": netlist.wiring(design, design.builds["xiao-c3"])})
    assert results["whole"].found == ()
    for breaks, sentences in BROKEN.items():
        found = "\n".join(results[breaks.__name__].found)
        for sentence in sentences:
            assert re.search(sentence, found), (breaks.__name__, found)


@pytest.mark.tools
def test_remade_netlists_are_those_that_are_committed(tmp_path: Path) -> None:
    netlist.make(load(), tmp_path)
    made = {path.name: path.read_bytes() for path in (tmp_path / "netlist").iterdir()}
    assert made == {path.name: path.read_bytes() for path in FOLDER.iterdir()}
