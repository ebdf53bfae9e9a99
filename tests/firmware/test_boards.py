"""Every pin of every board may be used for what it is used for, on its chip and on its header."""

import runpy
from pathlib import Path

import pytest

from hardware.generate import pins
from hardware.generate.design import load as load_design

BOARDS = Path(__file__).parents[2] / "firmware" / "boards"
DESIGN = load_design()
BOARD_PARTS = sorted({build.board for build in DESIGN.builds.values()})
USES = ("SDA", "SCL", "SENSOR_INT", "BUTTON", "LED", "CUE", "BATTERY", "CHARGING")
NAMES = {"NAME", "CHIP", "FLASH_MB", "I2C_HZ", "SENSOR_ADDRESS", "LED_ON", "BATTERY_RATIO", "WAKE", *USES}


def load(name: str) -> dict[str, object]:
    return {key: value for key, value in runpy.run_path(str(BOARDS / f"{name}.py")).items() if key.isupper()}


def faults(name: str, board: dict[str, object]) -> list[str]:
    """What is wrong with a board's pins, in words; chips and boards are described in hardware/design.yaml."""
    used = {use: int(str(board[use])) for use in USES if board[use] is not None}
    return pins.faults(DESIGN.chips[str(board["CHIP"])], DESIGN.parts[name], used)


@pytest.fixture(params=BOARD_PARTS)
def name(request) -> str:
    return str(request.param)


def test_every_board_is_in_the_design():
    assert {path.stem for path in BOARDS.glob("*.py")} == set(BOARD_PARTS)


def test_pins(name):
    assert faults(name, load(name)) == []


def test_a_board_is_complete_and_says_nothing_else(name):
    board = load(name)
    assert set(board) == NAMES
    assert str(board["NAME"]).isascii() and len(str(board["NAME"])) <= 16
    assert board["I2C_HZ"] == 400_000 and board["SENSOR_ADDRESS"] in (0x68, 0x69)
    assert board["WAKE"] == ("gpio" if board["CHIP"] == "esp32c3" else "ext")


def test_the_divider_keeps_a_full_cell_within_what_the_adc_measures(name):
    """At 11 dB the ESP32-C3 measures up to 2.5 V and the ESP32 up to 2.45 V; a full cell has 4.2 V."""
    assert 4200 / int(str(load(name)["BATTERY_RATIO"])) < 2450


@pytest.mark.parametrize(
    ("board", "use", "pin", "fault"),
    [
        ("xiao_esp32c3", "BATTERY", 2, "BATTERY is on a strapping pin"),
        ("xiao_esp32c3", "SENSOR_INT", 10, "SENSOR_INT cannot wake"),
        ("xiao_esp32c3", "BUTTON", 4, "a pin is used twice"),
        ("lolin32_lite", "SCL", 22, "SCL is on the LED"),
        ("esp32_devkitc", "CUE", 35, "CUE is an input only"),
        ("esp32_devkitc", "LED", 9, "LED is on a flash pin"),
        ("esp32_devkitc", "BATTERY", 25, "BATTERY is not on ADC1"),
        ("xiao_esp32s3", "CUE", 19, "CUE is on a console pin"),
        ("xiao_esp32s3", "SDA", 23, "SDA is on no such pin"),
    ],
)
def test_a_wrong_pin_is_found(board, use, pin, fault):
    assert fault in faults(board, load(board) | {use: pin})
