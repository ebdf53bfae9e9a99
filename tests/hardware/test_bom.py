"""The bills of materials: every bought part is there, with number, maker, reason and two alternatives."""

import csv
import io
from dataclasses import replace

import pytest

from hardware.generate import bom
from hardware.generate.design import HARDWARE, load
from tests.rig.rewire import with_fact

DESIGN = load()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_bought_part_has_number_maker_reason_and_two_alternatives():
    assert bom.faults(DESIGN) == []


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        ({"mpn": ""}, "fuse has no mpn"),
        ({"maker": ""}, "fuse has no maker"),
        ({"why": ""}, "fuse has no why"),
        ({"alternatives": ("one",)}, "fuse has 1 alternatives and not 2"),
        ({"alternatives": ("one", "one")}, "fuse has 1 alternatives and not 2"),
        ({"alternatives": ("one", "1206L075THYR")}, "fuse has 1 alternatives and not 2"),
    ],
)
def test_a_part_nobody_could_order_is_found(facts, fault):
    assert fault in bom.faults(with_fact(DESIGN, "fuse", **facts))


def test_what_is_not_bought_needs_no_number():
    assert bom.faults(with_fact(DESIGN, "fuse", bought=False, mpn="", alternatives=())) == []


@pytest.mark.parametrize("part", DESIGN.parts.values(), ids=lambda part: part.id)
def test_no_text_of_a_part_was_cut_at_a_comma(part):
    for text in (part.what, part.mpn, part.why, *part.alternatives, *part.source):
        assert text.count("(") == text.count(")")


@pytest.mark.parametrize("build", DESIGN.builds.values(), ids=lambda build: build.name)
def test_every_fitted_reference_stands_in_the_committed_table_once(build):
    found = rows((HARDWARE / "parts" / f"{build.name}.csv").read_text(encoding="utf-8"))
    listed = [ref for row in found for ref in row["references"].split()]
    jumpers = {ref for ref, part in build.parts.items() if part == "jumper"}
    assert sorted(listed) == sorted(set(build.parts) - jumpers)
    for row in found:
        assert int(row["quantity"]) == max(1, len(row["references"].split()))
        assert float(row["mass_g"]) > 0


def test_masses_add_up_by_hand():
    """Two resistors of 0.01 g; the wire, stripboard, plug and foam of a build on wires."""
    found = {row["what"]: float(row["mass_g"]) for row in rows(bom.table(DESIGN, DESIGN.builds["xiao-c3"]))}
    assert found["resistor 220 kOhm 1 %"] == 0.02
    assert "JST-PH socket on wires, 2 pins" in found
    carrier = {row["what"] for row in rows(bom.table(DESIGN, DESIGN.builds["carrier-c3"]))}
    assert "JST-PH socket on wires, 2 pins" not in carrier


def test_the_board_house_gets_what_is_placed_and_no_module():
    found = rows((HARDWARE / "carrier" / "bom_carrier.csv").read_text(encoding="utf-8"))
    placed = {ref for row in found for ref in row["Designator"].split(",")}
    assert {"R1", "R2", "R3", "R4", "R5", "R6", "C1", "C2", "Q1", "D1", "D2", "F1"} <= placed
    assert not {"U1", "U2", "BT1", "M1", "JP1", "JP2", "JP3"} & placed


def test_what_was_not_looked_up_is_marked():
    unsure = with_fact(DESIGN, "cell_500", to_check=("mass_g",))
    sure = with_fact(DESIGN, "cell_500", to_check=())
    assert "| 10.5 ? |" in bom.page(unsure) and "| 10.5 ? |" not in bom.page(sure)


def test_the_committed_files_are_those_of_the_design(tmp_path):
    bom.make(DESIGN, tmp_path)
    made = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "parts").iterdir()}
    assert made == {name: (HARDWARE / "parts" / name).read_text(encoding="utf-8") for name in made}


def test_a_changed_design_makes_other_files():
    build = replace(DESIGN.builds["xiao-c3"], parts={**DESIGN.builds["xiao-c3"].parts, "R4": "r10k"})
    assert bom.table(DESIGN, build) != bom.table(DESIGN, DESIGN.builds["xiao-c3"])
