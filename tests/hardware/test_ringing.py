"""How fast a pod rings on its soft side, against values worked out by hand; a soft pad is refused."""

from dataclasses import replace

import pytest

from hardware.generate import __main__ as generate
from hardware.generate import budgets_page, ringing
from hardware.generate.budgets import MASSES, read_masses
from hardware.generate.design import HARDWARE, load

DESIGN = load()


def test_a_mass_on_a_spring_by_hand():
    """30 g on 1e5 N/m: sqrt(3.333e6) = 1825.7 rad/s = 290.6 Hz; on two such springs a root of two less: 205.5 Hz."""
    assert ringing.rings_hz(30, 1e5) == pytest.approx(290.6, abs=0.1)
    assert ringing.rings_hz(30, 1e5, 1e5) == pytest.approx(205.5, abs=0.1)


def test_a_pad_by_hand():
    """1.05 MPa x 17.27 cm2 / 2 mm = 9.07e5 N/m; pod of 58 + 2.4 by 26.2 + 2.4 mm."""
    assert ringing.pad_area_mm2(DESIGN) == pytest.approx(60.4 * 28.6)
    assert ringing.pad_n_per_m(1050, 1727.4, 2.0) == pytest.approx(9.069e5, rel=0.001)


def test_the_chosen_pad_rings_nearly_as_the_skin_and_neoprene_does_not():
    """EVA: 1 / (1 + 1 / 9.07) of the skin's stiffness, its root 0.949; neoprene: 0.415 of 1e5 alone, 0.541."""
    skin_hz = ringing.rings_hz(30, 1e5)
    assert ringing.on_pad_hz(DESIGN, "eva", 30) / skin_hz == pytest.approx(0.949, abs=0.001)
    assert ringing.on_pad_hz(DESIGN, "neoprene", 30) / skin_hz == pytest.approx(0.541, abs=0.002)
    assert ringing.faults(DESIGN) == []


@pytest.mark.parametrize("pad", ["neoprene", "wool"])
def test_a_soft_or_an_unknown_pad_is_refused(pad):
    soft = replace(DESIGN, case=replace(DESIGN.case, pad=pad))
    assert len(ringing.faults(soft)) == 1
    assert set(ringing.faults(soft)) <= set(generate.rule_faults(soft))


def test_a_thick_pad_is_refused():
    """12 mm of EVA: 1.51e5 N/m, 0.776 of the skin's frequency."""
    case = DESIGN.case
    thick = replace(DESIGN, case=replace(case, form=replace(case.form, pad_mm=12.0)))
    assert "rings at 78%" in ringing.faults(thick)[0]


def test_the_pages_say_the_same():
    page = budgets_page.page(DESIGN, read_masses(MASSES.read_text(encoding="utf-8")))
    strap = (HARDWARE / "case" / "strap.md").read_text(encoding="utf-8")
    assert "| 276 Hz |" in page and "| 157 Hz |" in page
    assert "from 291 to 276 Hz" in strap and "to 157 Hz" in strap
