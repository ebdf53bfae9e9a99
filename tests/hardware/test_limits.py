"""The limits that design.yaml sets itself, against those of the issue, of physics and of the data sheets."""

import pytest

from hardware.generate.design import load

DESIGN = load()
CELLS = [part for part in DESIGN.parts.values() if part.role == "cell"]


def test_the_limits_are_those_that_were_asked_for():
    limits = DESIGN.limits
    assert (limits.run_time_h, limits.pod_mass_g, limits.puck_mass_g) == (3, 30, 5)
    assert limits.usable_share <= 0.8  # cold, age, and the stop at 3.4 V
    assert limits.i2c_cable_mm <= 150
    assert limits.wall_mm >= 1.2
    assert limits.full_cell_v == 4.2
    assert limits.adc_full_cell_v <= 2.45  # ESP32 data sheet: 150 to 2450 mV at 11 dB; C3 2500, S3 3100 mV


def test_only_the_lolin32_lite_may_be_heavier():
    assert {build.name for build in DESIGN.builds.values() if build.pod_mass_g} == {"lolin32-lite"}


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.id)
def test_no_cell_is_charged_with_more_than_its_capacity_in_an_hour(cell):
    assert cell.max_charge_ma <= cell.capacity_mah


def test_no_regulator_gives_more_than_it_takes():
    assert all(0.5 < part.efficiency < 1 for part in DESIGN.parts.values() if part.efficiency is not None)


def test_the_transistor_is_an_n_channel_one():
    part = DESIGN.parts["mosfet"]
    assert "N-channel" in part.what
    assert part.mpn == "AO3400A"  # AO3401A is its P-channel twin


def test_the_pads_for_the_wires_of_the_xiao_have_its_polarity():
    assert DESIGN.carrier.wire_pads == {"B+": "VBAT", "B-": "GND"}
    build = DESIGN.builds["carrier-c3"]
    assert {
        pin.name: net for net, pins in build.nets.items() for pin in pins if pin.ref == "U1" and "BAT" in pin.name
    } == {
        "BAT+": "VBAT",
        "BAT-": "GND",
    }


def test_what_stands_at_the_cell_or_3v3_bears_the_voltage():
    """By their texts: capacitors of 6.3 V or more on 3.3 V and below."""
    volts = {part.id: part.what.split(", ")[-1] for part in DESIGN.parts.values() if part.what.startswith("capacitor")}
    assert volts == {"c100n": "16 V", "c47u": "6.3 V"}
