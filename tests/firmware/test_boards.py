"""Every pin of every board may be used for what it is used for, on its chip and on its header."""

import runpy
from pathlib import Path

import pytest

BOARDS = Path(__file__).parents[2] / "firmware" / "boards"

# From the datasheets of the chips and of their modules: ESP32 (WROOM-32E), ESP32-C3FH4, ESP32-S3 (R8).
CHIPS = {
    "esp32": {
        "pins": {*range(20), 21, 22, 23, 25, 26, 27, *range(32, 40)},
        "strapping": {0, 2, 5, 12, 15},
        "flash": set(range(6, 12)),
        "console": {1, 3},
        "inputs": set(range(34, 40)),
        "adc1": set(range(32, 40)),
        "wakes": {0, 2, 4, 12, 13, 14, 15, 25, 26, 27, *range(32, 40)},
    },
    "esp32c3": {
        "pins": set(range(22)),
        "strapping": {2, 8, 9},
        "flash": set(range(12, 18)),
        # Its console is on USB; 21 sends what the boot loader says.
        "console": {18, 19, 21},
        "inputs": set(),
        "adc1": set(range(5)),
        "wakes": set(range(6)),
    },
    "esp32s3": {
        "pins": {*range(22), *range(26, 49)},
        "strapping": {0, 3, 45, 46},
        "flash": set(range(26, 38)),
        "console": {19, 20, 43, 44},
        "inputs": set(),
        "adc1": set(range(1, 11)),
        "wakes": set(range(22)),
    },
}
# The pins that a board brings out, and its own LED (pin, level that lights it). XIAO: MicroPython's pins.csv.
HEADERS = {
    "esp32_devkitc": ({*range(6), *range(12, 20), 21, 22, 23, 25, 26, 27, *range(32, 37), 39}, None),
    "xiao_esp32c3": ({2, 3, 4, 5, 6, 7, 21, 20, 8, 9, 10}, None),
    "xiao_esp32s3": ({1, 2, 3, 4, 5, 6, 43, 44, 7, 8, 9}, (21, 0)),
    "lolin32_lite": ({36, 39, 34, 35, 32, 33, 25, 26, 27, 14, 12, 22, 19, 23, 18, 5, 17, 16, 4, 0, 2, 15, 13}, (22, 0)),
}
USES = ("SDA", "SCL", "SENSOR_INT", "BUTTON", "LED", "CUE", "BATTERY", "CHARGING")
OUTPUTS = ("SDA", "SCL", "LED", "CUE")
PULLED_UP = ("SENSOR_INT", "BUTTON")
NAMES = {"NAME", "CHIP", "FLASH_MB", "I2C_HZ", "SENSOR_ADDRESS", "LED_ON", "BATTERY_RATIO", "WAKE", *USES}


def load(name: str) -> dict[str, object]:
    return {key: value for key, value in runpy.run_path(str(BOARDS / f"{name}.py")).items() if key.isupper()}


def faults(name: str, board: dict[str, object]) -> list[str]:
    """What is wrong with a board's pins, in words."""
    chip = CHIPS[str(board["CHIP"])]
    header, own_led = HEADERS[name]
    used = {use: board[use] for use in USES if board[use] is not None}
    found = [f"{use} is on no such pin" for use, pin in used.items() if pin not in chip["pins"]]
    for forbidden in ("strapping", "flash", "console"):
        found += [f"{use} is on a {forbidden} pin" for use, pin in used.items() if pin in chip[forbidden]]
    found += [f"{use} is an input only" for use in (*OUTPUTS, *PULLED_UP) if used.get(use) in chip["inputs"]]
    found += [f"{use} cannot wake" for use in PULLED_UP if used[use] not in chip["wakes"]]
    if "BATTERY" in used and used["BATTERY"] not in chip["adc1"]:
        found.append("BATTERY is not on ADC1")
    found += [f"{use} is not brought out" for use, pin in used.items() if pin not in header and use != "LED"]
    if own_led:
        found += ["LED is not the board's"] * ((board["LED"], board["LED_ON"]) != own_led)
        found += [f"{use} is on the LED" for use, pin in used.items() if pin == own_led[0] and use != "LED"]
    if len(set(used.values())) < len(used):
        found.append("a pin is used twice")
    return found


@pytest.fixture(params=sorted(HEADERS))
def name(request) -> str:
    return str(request.param)


def test_there_is_a_header_for_every_board():
    assert {path.stem for path in BOARDS.glob("*.py")} == set(HEADERS)


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
