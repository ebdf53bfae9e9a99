"""Rules of the chips: every GPIO may be used for what it is used for, and is brought out by its board."""

from __future__ import annotations

from collections.abc import Mapping

from hardware.generate.design import Build, Chip, Design, Part

OUTPUTS = ("SDA", "SCL", "LED", "CUE")
PULLED_UP = ("SENSOR_INT", "BUTTON")  # these also wake the chip
FORBIDDEN = ("strapping", "flash", "console")


def uses(design: Design, build: Build) -> dict[str, int]:
    """Return the GPIO of each use (a name of firmware/boards) that a build wires; without a light, of the board's own.

    A use whose net reaches no GPIO is left out; one that reaches several has the smallest.
    """
    board = design.parts[build.board]
    found = {"LED": board.led.gpio} if board.led else {}
    for use, net in design.firmware_nets.items():
        gpios = [board.pins[pin.name].gpio for pin in build.pins_of(net) if pin.ref == "U1"]
        if wired := sorted(gpio for gpio in gpios if gpio is not None):
            found[use] = wired[0]
    return found


def faults(chip: Chip, board: Part, used: Mapping[str, int]) -> list[str]:
    """Return what is wrong with the uses of a board's GPIOs, in words; nothing where all is well.

    Parameters
    ----------
    chip, board : Chip, Part
        The rules of the chip; what the board brings out, and its own light.
    used : mapping of str to int
        GPIO by use: SDA, SCL, SENSOR_INT, BUTTON, LED, CUE, BATTERY, CHARGING.
    """
    header = {pin.gpio for pin in board.pins.values()}
    found = [f"{use} is on no such pin" for use, gpio in used.items() if gpio not in chip.pins]
    for group in FORBIDDEN:
        found += [f"{use} is on a {group} pin" for use, gpio in used.items() if gpio in getattr(chip, group)]
    found += [f"{use} is an input only" for use in (*OUTPUTS, *PULLED_UP) if used.get(use) in chip.inputs]
    found += [f"{use} cannot wake" for use in PULLED_UP if use in used and used[use] not in chip.wakes]
    if "BATTERY" in used and used["BATTERY"] not in chip.adc1:
        found.append("BATTERY is not on ADC1")
    own = board.led.gpio if board.led else None
    found += [f"{use} is not brought out" for use, gpio in used.items() if gpio not in header and gpio != own]
    if own is not None:
        found += [f"{use} is on the LED" for use, gpio in used.items() if gpio == own and use != "LED"]
    if len(set(used.values())) < len(used):
        found.append("a pin is used twice")
    return found


def build_faults(design: Design, build: Build) -> list[str]:
    """Return what is wrong with the pins of a build: the rules of its chip, a use that reaches no or several GPIOs."""
    board = design.parts[build.board]
    used = uses(design, build)
    found = faults(design.chips[str(board.chip)], board, used)
    found += [f"{use} reaches no pin of the board" for use in design.firmware_nets if use not in used]
    for use, net in design.firmware_nets.items():
        pins = [pin.name for pin in build.pins_of(net) if pin.ref == "U1"]
        if len(pins) > 1:
            found.append(f"{use} reaches several pins of the board: {', '.join(sorted(pins))}")
    return found
