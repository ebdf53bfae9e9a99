"""The firmware's pin files equal the design; a pin that differs on either side is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.generate import firmware_pins
from hardware.generate.design import DesignError, load
from tests.rig.rewire import moved, with_fact

DESIGN = load()


def board(name: str) -> dict[str, object]:
    return firmware_pins.read_board((firmware_pins.BOARDS / f"{name}.py").read_text(encoding="utf-8"), name)


def test_firmware_and_design_are_the_same():
    assert firmware_pins.check(DESIGN) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"SDA": 7}, "SDA is 7 in the firmware and 6 in the design"),
        ({"CHARGING": 8}, "CHARGING is 8 in the firmware and None in the design"),
        ({"LED": None}, "LED is None in the firmware and 20 in the design"),
        ({"LED_ON": 0}, "LED_ON is 0 in the firmware; 1 lights it"),
        ({"CHIP": "esp32"}, "CHIP is esp32 in the firmware and esp32c3 in the design"),
        ({"FLASH_MB": 8}, "FLASH_MB is 8 in the firmware and 4 in the design"),
        ({"BATTERY_RATIO": 3}, "BATTERY_RATIO is 3 in the firmware; the resistors divide by 2.0"),
        ({"SENSOR_ADDRESS": 0x69}, "SENSOR_ADDRESS is 105 in the firmware and 104 in the design"),
    ],
)
def test_a_change_in_the_firmware_is_found(changed, fault):
    assert firmware_pins.faults(DESIGN, DESIGN.builds["xiao-c3"], board("xiao_esp32c3") | changed) == [fault]


def test_a_change_in_the_design_is_found():
    build = moved(DESIGN.builds["carrier-s3"], {"U1.D10": None, "U1.D9": "CUE"})
    assert firmware_pins.faults(DESIGN, build, board("xiao_esp32s3")) == [
        "CUE is 9 in the firmware and 8 in the design"
    ]
    other = with_fact(DESIGN, "lolin32_lite", led=None)
    assert any("LED is 22" in fault for fault in firmware_pins.check(other))


def test_a_board_on_one_side_only_is_found(tmp_path):
    (tmp_path / "toaster.py").write_text("SDA = 1\n", encoding="utf-8")
    found = firmware_pins.check(DESIGN, tmp_path)
    assert "toaster: no build has that board" in found
    assert "xiao_esp32c3: the firmware has no such board" in found


@pytest.mark.parametrize(
    "text", ["SDA = 1 + 1\n", "import os\n", "SDA = 1\nSDA = 2\n", "SDA = (\n", "SDA, SCL = 1, 2\n"]
)
def test_a_file_that_does_more_than_name_constants_is_refused(text):
    with pytest.raises(DesignError):
        firmware_pins.read_board(text)


NAMES = st.sampled_from(["SDA", "SCL", "NAME", "WAKE", "CUE", "LED"])


@given(st.dictionaries(NAMES, st.none() | st.integers(0, 99) | st.text(max_size=9)))
def test_constants_are_read_as_written(constants):
    text = '"""A board."""\n' + "".join(f"{name} = {value!r}  # why\n" for name, value in constants.items())
    assert firmware_pins.read_board(text) == constants


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        found = firmware_pins.read_board(text)
    except DesignError:
        return
    assert all(isinstance(name, str) for name in found)
