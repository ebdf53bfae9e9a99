"""Builds of the hardware with deliberate faults: pins moved to other nets, parts and facts exchanged."""

from dataclasses import replace

from hardware.generate.design import Build, Design, Pin


def moved(build: Build, moves: dict[str, str | None]) -> Build:
    """Return the build with pins (written REF.PIN) on other nets; None leaves a pin open."""
    pins = {text: Pin(*text.split(".", 1)) for text in moves}
    nets = {net: tuple(pin for pin in on if pin not in pins.values()) for net, on in build.nets.items()}
    opened = tuple(pin for pin in build.open if pin not in pins.values())
    for text, net in moves.items():
        if net is None:
            opened = (*opened, pins[text])
        else:
            nets[net] = (*nets.get(net, ()), pins[text])
    return replace(build, nets=nets, open=opened)


def with_fact(design: Design, part: str, **facts: object) -> Design:
    """Return the design with other facts of one part."""
    return replace(design, parts=design.parts | {part: replace(design.parts[part], **facts)})
