"""Battery life and mass against values worked out by hand; what is too heavy or too short-lived is found."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.generate import budgets, budgets_page
from hardware.generate.design import HARDWARE, DesignError, load
from tests.rig.rewire import with_fact

DESIGN = load()
CASES = {
    "pod": {"base": 5.0, "lid": 2.0},
    "lolin": {"base": 3.0},
    "lab": {"base": 5.0, "puck base": 1.0, "puck lid": 0.5},
}


def committed() -> dict[str, dict[str, float]]:
    return budgets.read_masses(budgets.MASSES.read_text(encoding="utf-8"))


def test_the_committed_builds_keep_the_limits():
    assert budgets.faults(DESIGN, committed()) == []


def test_hours_by_hand():
    """0.8 x 400 mAh / 80 mA = 4 h; the DevKitC's 120 mA at 3.3 V are 120 x 3.3 / 3.7 / 0.85 = 125.9 mA at the cell."""
    design = with_fact(DESIGN, "xiao_esp32c3", recording_ma=80.0)
    assert budgets.life(design, design.builds["xiao-c3"], 500).recording_h == pytest.approx(4.0)
    bench = with_fact(with_fact(DESIGN, "esp32_devkitc", recording_ma=120.0), "regulator", efficiency=0.85)
    found = budgets.life(bench, bench.builds["esp32-devkitc"], 500)
    assert found.recording_ma == pytest.approx(125.9, abs=0.05)
    assert found.recording_h == pytest.approx(800 / 125.9, abs=0.01)


def test_a_rate_costs_its_packets_on_air():
    """1000 Hz: 500 / 19 = 26.3 packets a second more, 2.12 ms each: 5.58 % of 130 mA = 7.25 mA."""
    build = DESIGN.builds["xiao-s3"]
    slow, fast = (budgets.life(DESIGN, build, rate_hz).recording_ma for rate_hz in (500, 1000))
    assert fast - slow == pytest.approx(7.25, abs=0.01)


def test_asleep_by_hand():
    """A board of 0.044 mA and a sensor of 5 mA on 320 usable mAh: 63.4 h."""
    design = with_fact(with_fact(DESIGN, "xiao_esp32c3", asleep_ma=0.044), "gy521", asleep_ma=5.0)
    assert budgets.life(design, design.builds["xiao-c3"], 500).asleep_h == pytest.approx(63.4, abs=0.1)


def test_a_board_without_a_current_is_refused():
    with pytest.raises(DesignError, match="currents are not given"):
        budgets.life(with_fact(DESIGN, "xiao_esp32c3", recording_ma=None), DESIGN.builds["xiao-c3"], 500)


def test_mass_by_hand():
    design = replace(DESIGN, supplies={})
    design = replace(design, allowances=replace(design.allowances, solder_g=0.5))
    for part in design.parts:
        design = with_fact(design, part, mass_g=0.0)
    design = with_fact(with_fact(design, "gy521", mass_g=1.6), "cell_400", mass_g=8.5)
    design = with_fact(design, "motor_module", mass_g=3.0)
    pod = budgets.mass(design, design.builds["xiao-s3"], CASES)
    assert (pod.pod_g, pod.puck_g) == (pytest.approx(0.5 + 1.6 + 8.5 + 7.0), 0)
    assert pod.full_pod_g == pytest.approx(pod.pod_g + 3.0)
    lab = budgets.mass(design, design.builds["lab-s3"], CASES)
    assert (lab.pod_g, lab.puck_g) == (pytest.approx(0.5 + 8.5 + 5.0), pytest.approx(1.6 + 1.5))
    board = replace(design.carrier, size_mm=(50.0, 20.0), thickness_mm=1.0)
    carrier = replace(design, carrier=board, allowances=replace(design.allowances, board_g_per_cm3=2.0))
    found = budgets.mass(carrier, carrier.builds["carrier-s3"], CASES)
    assert found.pod["carrier board"] == pytest.approx(2.0)
    assert found.strap_g == DESIGN.case.strap.mass_g


@pytest.mark.parametrize(
    ("part", "facts", "fault"),
    [
        ("cell_400", {"mass_g": 40.0}, "xiao-c3 weighs"),
        ("gy521", {"mass_g": 9.0}, "lab-s3: the puck weighs 10.5 g, more than 5 g"),
        ("cell_400", {"capacity_mah": 150.0}, "xiao-c3 records for 1.5 h, less than 3 h"),
        ("lolin32_lite", {"recording_ma": 200.0}, "lolin32-lite records for 2.0 h, less than 3 h"),
    ],
)
def test_what_is_too_heavy_or_too_short_lived_is_found(part, facts, fault):
    design = with_fact(DESIGN, "xiao_esp32c3", recording_ma=80.0)
    assert budgets.faults(with_fact(design, "xiao_esp32c3", recording_ma=80.0), CASES) == []
    assert any(found.startswith(fault) for found in budgets.faults(with_fact(design, part, **facts), CASES))


def test_the_tray_weighs_where_there_is_no_carrier_board():
    """0.5 g of tray: under the XIAO on wires, not beside the carrier board that lies in its place."""
    cases = CASES | {"pod": {"base": 5.0, "tray": 0.5}}
    assert "case: tray" not in budgets.mass(DESIGN, DESIGN.builds["carrier-c3"], cases).pod
    assert budgets.mass(DESIGN, DESIGN.builds["xiao-c3"], cases).pod["case: tray"] == 0.5


def test_the_limit_of_one_build_holds_for_that_build():
    light = replace(DESIGN.builds["lolin32-lite"], pod_mass_g=5.0)
    found = budgets.faults(replace(DESIGN, builds=DESIGN.builds | {"lolin32-lite": light}), CASES)
    assert len(found) == 1 and found[0].startswith("lolin32-lite weighs") and found[0].endswith("more than 5 g")


def test_a_case_or_a_puck_without_mass_is_found():
    assert "lolin32-lite: nobody has computed the mass of the case lolin" in budgets.faults(
        DESIGN, {name: bodies for name, bodies in CASES.items() if name != "lolin"}
    )
    assert "lab-s3: the puck has no case" in budgets.faults(DESIGN, CASES | {"lab": {"base": 5.0}})


@pytest.mark.parametrize(
    "text",
    [
        "case,body\npod,base\n",
        "case,body,mass_g\npod,base,heavy\n",
        "case,body,mass_g\npod,base,-1\n",
        "case,body,mass_g\npod,base,nan\n",
        "case,body,mass_g\npod,base,1\npod,base,1\n",
        "case,body,mass_g\npod\n",
        'case,body,mass_g\npod,"base,1\n',
    ],
)
def test_a_damaged_table_of_masses_is_refused(text):
    with pytest.raises(DesignError):
        budgets.read_masses(text)


NAMES = st.text("abc xyz,\"'", min_size=1, max_size=6)
TABLES = st.dictionaries(NAMES, st.dictionaries(NAMES, st.floats(0.01, 99), min_size=1, max_size=3), max_size=3)


@given(TABLES)
def test_masses_are_read_as_written(cases):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["case", "body", "mass_g"])
    writer.writerows([case, body, mass_g] for case, bodies in cases.items() for body, mass_g in bodies.items())
    assert budgets.read_masses(text.getvalue()) == cases


@given(st.text(max_size=60) | st.text(max_size=30).map("case,body,mass_g\n".__add__))
def test_any_text_is_read_or_refused(text):
    try:
        found = budgets.read_masses(text)
    except DesignError:
        return
    assert all(0 < mass_g < 1000 for bodies in found.values() for mass_g in bodies.values())


def test_the_page_says_that_nothing_was_measured_and_has_every_build():
    page = budgets_page.page(DESIGN, CASES)
    assert "Nobody has measured" in page
    assert all(f"| {name} |" in page for name in DESIGN.builds)


def test_the_committed_files_are_those_of_the_design(tmp_path):
    budgets.make(DESIGN, tmp_path)
    made = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "parts").iterdir()}
    assert made == {name: (HARDWARE / "parts" / name).read_text(encoding="utf-8") for name in made}
