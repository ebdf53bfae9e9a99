"""Every build keeps the electrical rules; each deliberate fault is found and named."""

import dataclasses

import pytest

from hardware.generate import nets, pins
from hardware.generate.design import load
from tests.rig.rewire import moved, with_fact

DESIGN = load()


@pytest.mark.parametrize("name", DESIGN.builds)
def test_every_build_keeps_the_rules(name):
    assert nets.faults(DESIGN, DESIGN.builds[name]) == []


@pytest.mark.parametrize(
    ("build", "moves", "fault"),
    [
        ("xiao-c3", {"U2.INT": "3V3"}, "U1.3V3 and U2.INT drive the same net 3V3"),
        ("xiao-c3", {"U2.AD0": None}, "U2.AD0 is left open"),
        ("xiao-c3", {"U2.AD0": "3V3"}, "AD0 is not on GND, so the sensor's address is not 0x68"),
        ("xiao-c3", {"U2.SDA": "SCL", "U2.SCL": "SDA"}, "SDA does not reach the sensor's SDA"),
        ("xiao-c3", {"U2.SDA": "SCL", "U2.SCL": "SDA"}, "SCL does not reach the sensor's SCL"),
        ("xiao-c3", {"U1.D4": None}, "SDA does not reach the board"),
        ("xiao-c3", {"U2.VCC": "IMU_INT"}, "U2.VCC on IMU_INT gets no power"),
        ("xiao-c3", {"U1.BAT+": "CELL+"}, "the switch does not part the cell from the board"),
        ("xiao-c3", {"BT1.+": None}, "the cell does not reach the board with the switch on"),
        ("xiao-c3", {"S1.1": None, "S1.4": None, "S1.3": "VBAT", "S1.6": "VBAT"}, "U1.BAT+ on VBAT gets no power"),
        ("xiao-c3", {"BT1.-": "VBAT", "BT1.+": "GND"}, "the cell's minus is not on GND"),
        ("xiao-c3", {"U1.BAT-": "VBAT"}, "U1.BAT- is not on GND"),
        ("xiao-c3", {"U2.GND": "3V3"}, "U2.GND is not on GND"),
        ("xiao-c3", {"R2.2": None}, "the divider of the cell's voltage is not complete"),
        ("xiao-c3", {"R1.1": "CELL+"}, "the divider of the cell's voltage is not complete"),
        ("xiao-c3", {"C1.2": None}, "the ADC has no capacitor"),
        ("xiao-c3", {"C2.1": None}, "3V3 has no capacitor for the radio's peaks"),
        ("xiao-c3", {"SW1.2": "3V3"}, "the button does not pull BUTTON to GND"),
        ("xiao-c3", {"R3.2": None}, "BUTTON has no pull-up of 10 kOhm to 1 MOhm"),
        ("xiao-c3", {"D1.A": "GND", "D1.K": "LED_A"}, "D1 is not wired resistor, A, K, GND"),
        ("xiao-c3", {"D1.A": "LED"}, "D1 is not wired resistor, A, K, GND"),
        ("xiao-c3", {"SW1.1": "GND"}, "both pins of SW1 are on GND"),
        ("esp32-devkitc", {"U4.VOUT": None}, "U1.3V3, U2.VCC on 3V3 gets no power"),
        ("esp32-devkitc", {"U4.VIN": "CELL+"}, "the switch does not part the cell from the board"),
        ("esp32-devkitc", {"U3.BAT": "VBAT"}, "U3 is not at the cell"),
        ("esp32-devkitc", {"U1.3V3": None}, "the board is not on 3V3"),
        ("xiao-c3", {"S1.2": "3V3", "S1.5": "3V3", "BT1.+": "3V3"}, "U1.3V3 and the cell feed the same net"),
        ("xiao-c3", {"U1.D10": "VBAT"}, "U1.D10 on VBAT meet a supply"),
        ("xiao-c3", {"U1.5V": "VBAT"}, "U1.5V and the cell feed the same net"),  # 5 V of USB onto the cell
        ("esp32-devkitc", {"U1.5V": "VBAT"}, "U1.5V and the cell feed the same net"),
        ("carrier-s3", {"U1.5V": "CELL_FUSED"}, "U1.5V and the cell feed the same net"),
        ("xiao-c3", {"U1.D0": "SDA"}, "U1.D4, U1.D0 are joined"),
        ("xiao-c3", {"BT1.+": "GND"}, "the cell is short-circuited"),
        ("xiao-c3", {"C2.1": "SDA"}, "C2.1 has nothing to do on SDA"),
        ("xiao-c3", {"S1.5": None}, "the poles of S1 are not side by side"),
        ("xiao-c3", {"M1.VCC": None}, "M1 is not fed from VBAT"),
        ("carrier-c3", {"R6.1": None}, "M1 is not fed from VBAT through a resistor"),
        ("carrier-c3", {"J1.1": "CELL+", "J1.2": "CELL+"}, "J1 does not join the cell's plus and GND"),
        ("carrier-c3", {"S1.2": "CELL+", "S1.5": "CELL+"}, "the cell reaches the switch without a fuse"),
        ("carrier-c3", {"F1.2": None}, "the cell does not reach the board with the switch on"),
        ("carrier-c3", {"R5.2": None}, "Q1 has no pull-down: the motor runs while the chip starts"),
        ("carrier-c3", {"D2.A": "MOTOR+", "D2.K": "MOTOR-"}, "no diode takes the spark of the motor at Q1"),
        ("carrier-c3", {"D2.A": None}, "no diode takes the spark of the motor at Q1"),
        ("carrier-c3", {"Q1.S": "MOTOR+"}, "Q1 does not switch the motor to GND"),
        ("carrier-c3", {"Q1.G": None}, "Q1.G is left open"),
    ],
)
def test_a_wrong_wire_is_found(build, moves, fault):
    assert fault in nets.faults(DESIGN, moved(DESIGN.builds[build], moves))


def faulty(name: str, moves: dict[str, str | None]) -> bool:
    """Return whether a change to a build is noticed; the variants of the carrier are one board with the same nets."""
    builds = [b for b in DESIGN.builds.values() if b.name == name or "carrier" == b.way == DESIGN.builds[name].way]
    changed = [moved(build, moves) for build in builds]
    loose = any(len(pins) == 1 for build in changed for pins in build.nets.values())  # `load` refuses that
    return loose or any(nets.faults(DESIGN, build) or pins.build_faults(DESIGN, build) for build in changed)


@pytest.mark.parametrize("name", DESIGN.builds)
def test_every_single_wire_that_comes_off_is_found(name):
    wired = [str(pin) for ends in DESIGN.builds[name].nets.values() for pin in ends]
    assert [pin for pin in wired if not faulty(name, {pin: None})] == []


@pytest.mark.parametrize("name", DESIGN.builds)
def test_every_two_nets_that_touch_are_found(name):
    """Whichever of the two names the one net then has."""
    all_nets = DESIGN.builds[name].nets
    pairs = [(one, other) for one in all_nets for other in all_nets if one != other]
    touching = [{str(pin): other for pin in all_nets[one]} for one, other in pairs]
    assert [pair for pair, moves in zip(pairs, touching, strict=True) if not faulty(name, moves)] == []


@pytest.mark.parametrize(
    ("part", "facts", "fault"),
    [
        ("r220k", {"ohm": None}, "the divider of the cell's voltage is not complete"),
        ("r100k", {"ohm": 100.0}, "BUTTON has no pull-up of 10 kOhm to 1 MOhm"),
        ("cell_400", {"max_charge_ma": 200.0}, "U1 charges with 370 mA, cell_400 takes 200 mA"),
        ("cell_400", {"max_charge_ma": None}, "U1 charges with 370 mA, cell_400 takes 0 mA"),
        ("slide_switch", {"max_current_ma": 100.0}, "370 mA of charging go through S1, which carries 100 mA"),
        ("r220k", {"ohm": 22e3}, "the divider draws 95 uA, more than 20"),  # 4.2 V / 44 kOhm
        ("r220k", {"ohm": 2.2e6}, "the ADC sees 1100 kOhm, more than 150 kOhm"),
        ("r1k", {"ohm": 10.0}, "D1 could draw 330 mA, more than 10"),  # 3.3 V / 10 Ohm
        ("xiao_esp32c3", {"charge_ma": None}, "0 parts charge the cell"),
    ],
)
def test_a_wrong_part_is_found(part, facts, fault):
    assert fault in nets.faults(with_fact(DESIGN, part, **facts), DESIGN.builds["xiao-c3"])


def test_a_second_charger_is_found():
    build = DESIGN.builds["esp32-devkitc"]
    assert "2 parts charge the cell" in nets.faults(with_fact(DESIGN, "esp32_devkitc", charge_ma=100.0), build)


def test_a_full_cell_gives_the_adc_half_of_4_2_v():
    assert nets.divider_ratio(DESIGN, DESIGN.builds["xiao-c3"]) == 2
    low = dataclasses.replace(DESIGN, limits=dataclasses.replace(DESIGN.limits, adc_full_cell_v=2.0))
    assert "a full cell gives the ADC 2.10 V, more than 2 V" in nets.faults(low, DESIGN.builds["xiao-c3"])


@pytest.mark.parametrize(
    ("length_mm", "fault"),
    [
        (200.0, "the sensor's cable of 200 mm is longer than 150 mm"),
        (None, "the length of the sensor's cable is not given"),
    ],
)
def test_a_cable_too_long_for_400_khz_is_found(length_mm, fault):
    build = dataclasses.replace(DESIGN.builds["lab-s3"], sensor_cable_mm=length_mm)
    assert fault in nets.faults(DESIGN, build)
