"""Every build keeps the rules of its chip; a pin that breaks one is found, also through solder jumpers."""

import dataclasses

import pytest

from hardware.generate import pins
from hardware.generate.design import load
from tests.rig.rewire import moved

DESIGN = load()


@pytest.mark.parametrize("name", DESIGN.builds)
def test_every_build_keeps_the_rules(name):
    assert pins.build_faults(DESIGN, DESIGN.builds[name]) == []


def test_uses_are_the_gpios_of_the_makers_pin_tables():
    """By hand, from the wiring and Seeed's pin tables."""
    c3 = {"SDA": 6, "SCL": 7, "SENSOR_INT": 4, "BUTTON": 5, "LED": 20, "CUE": 10, "BATTERY": 3}
    s3 = {"SDA": 5, "SCL": 6, "SENSOR_INT": 2, "BUTTON": 4, "LED": 7, "CUE": 9, "BATTERY": 1}
    for name in ("xiao-c3", "carrier-c3"):
        assert pins.uses(DESIGN, DESIGN.builds[name]) == c3
    for name in ("xiao-s3", "lab-s3", "carrier-s3"):
        assert pins.uses(DESIGN, DESIGN.builds[name]) == s3


@pytest.mark.parametrize(
    ("build", "moves", "fault"),
    [
        ("xiao-c3", {"U1.D1": None, "U1.D0": "VBAT_SENSE"}, "BATTERY is on a strapping pin"),
        ("xiao-c3", {"U1.D1": None, "U1.D9": "VBAT_SENSE"}, "BATTERY is not on ADC1"),
        ("xiao-c3", {"U1.D2": "CUE", "U1.D10": "IMU_INT"}, "SENSOR_INT cannot wake"),
        ("xiao-c3", {"U1.D7": None, "U1.D6": "LED"}, "LED is on a console pin"),
        ("xiao-c3", {"U1.D1": None}, "BATTERY reaches no pin of the board"),
        ("xiao-c3", {"U1.D0": "SDA"}, "SDA reaches several pins of the board: D0, D4"),
        ("esp32-devkitc", {"U1.IO25": None, "U1.IO35": "CUE"}, "CUE is an input only"),
        ("esp32-devkitc", {"U1.IO34": None, "U1.IO13": "VBAT_SENSE"}, "BATTERY is not on ADC1"),
        ("esp32-devkitc", {"U1.IO33": None, "U1.IO12": "BUTTON"}, "BUTTON is on a strapping pin"),
        ("lolin32-lite", {"U1.19": None, "U1.22": "SCL"}, "SCL is on the LED"),
        ("carrier-s3", {}, ""),
    ],
)
def test_a_wrong_pin_is_found(build, moves, fault):
    found = pins.build_faults(DESIGN, moved(DESIGN.builds[build], moves))
    assert (fault in found) if fault else found == []


def test_a_jumper_bridged_for_the_other_board_is_found():
    c3, s3 = DESIGN.builds["carrier-c3"], DESIGN.builds["carrier-s3"]
    found = pins.build_faults(DESIGN, dataclasses.replace(c3, bridges=s3.bridges))
    assert "BATTERY is on a strapping pin" in found
    found = pins.build_faults(DESIGN, dataclasses.replace(s3, bridges=c3.bridges))
    assert "SENSOR_INT is on a strapping pin" in found
    assert "LED is on a console pin" in found  # D7 of the S3


def test_the_light_on_d8_would_be_on_a_strapping_pin_of_the_c3():
    c3 = DESIGN.builds["carrier-c3"]
    other = dataclasses.replace(c3, bridges=c3.bridges | {"JP3": ("2", "3")})
    assert "LED is on a strapping pin" in pins.build_faults(DESIGN, other)


def test_a_light_is_wired_where_the_board_is_covered_in_its_case():
    """By hand: only the LOLIN32 Lite shows its own light (GPIO22), at its end beside the cell."""
    own = {name for name, build in DESIGN.builds.items() if not build.pins_of("LED")}
    assert own == {"lolin32-lite"}
    assert pins.uses(DESIGN, DESIGN.builds["lolin32-lite"])["LED"] == 22


def test_a_pin_that_is_not_brought_out_is_found():
    chip, board = DESIGN.chips["esp32s3"], DESIGN.parts["xiao_esp32s3"]
    used = pins.uses(DESIGN, DESIGN.builds["xiao-s3"])
    assert pins.faults(chip, board, used | {"CUE": 12}) == ["CUE is not brought out"]
    assert pins.faults(chip, board, used | {"CUE": 30}) == ["CUE is on a flash pin", "CUE is not brought out"]
    assert pins.faults(chip, board, used | {"CUE": used["SDA"]}) == ["a pin is used twice"]


# Espressif's data sheets: tables of strapping pins, and of the pins of flash and octal memory.
STRAPPING = {"esp32": {0, 2, 5, 12, 15}, "esp32c3": {2, 8, 9}, "esp32s3": {0, 3, 45, 46}}
ADC1 = {"esp32": range(32, 40), "esp32c3": range(5), "esp32s3": range(1, 11)}
INPUTS: dict[str, set[int]] = {"esp32": set(range(34, 40)), "esp32c3": set(), "esp32s3": set()}


@pytest.mark.parametrize("chip", STRAPPING)
def test_the_chips_tables_are_espressifs(chip):
    assert DESIGN.chips[chip].strapping == STRAPPING[chip]
    assert DESIGN.chips[chip].adc1 == set(ADC1[chip])
    assert DESIGN.chips[chip].inputs == INPUTS[chip]
