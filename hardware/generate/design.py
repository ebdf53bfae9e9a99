"""design.yaml, the one source of the hardware; `load` refuses what could not be wired."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from hardware.generate.facts import (
    Allowances,
    Build,
    Chip,
    Design,
    Led,
    Limits,
    Part,
    PartFacts,
    PartPin,
    Pin,
    PinKind,
    Supply,
    Way,
    Wire,
)
from hardware.generate.schema import DesignError, parse_file, read
from hardware.generate.shapes import Carrier, Cases, SmallBoard

__all__ = [
    "DESIGN",
    "HARDWARE",
    "Build",
    "Chip",
    "Design",
    "DesignError",
    "Led",
    "Limits",
    "Part",
    "PartPin",
    "Pin",
    "PinKind",
    "Wire",
    "design_of",
    "load",
]

HARDWARE = Path(__file__).parents[1]
DESIGN = HARDWARE / "design.yaml"


@dataclass(frozen=True)
class _Wiring:
    """A build as design.yaml writes it; pins are still text."""

    title: str
    way: Way
    board: str
    worn: bool
    parts: dict[str, str]
    nets: dict[str, tuple[str, ...]]
    open: tuple[str, ...]
    case: str | None = None
    bridges: dict[str, tuple[str, str]] = field(default_factory=dict)
    sensor_cable_mm: float | None = None
    pod_mass_g: float | None = None


@dataclass(frozen=True)
class _Document:
    """design.yaml as it stands."""

    limits: Limits
    allowances: Allowances
    supplies: dict[str, Supply]
    small_board: SmallBoard
    firmware_nets: dict[str, str]
    nets: dict[str, Wire]
    chips: dict[str, Chip]
    parts: dict[str, PartFacts]
    builds: dict[str, _Wiring]
    carrier: Carrier
    case: Cases


def load(path: Path = DESIGN) -> Design:
    """Return the design, checked: every pin of every part is on one net or named as open.

    Raises
    ------
    DesignError
        Where the file cannot be read, does not have the form of `Design`, names a part, pin, net, chip or case that is
        not described, or wires a pin twice or not at all; names the build, net and part.
    """
    return design_of(parse_file(path))


def design_of(data: object) -> Design:
    """Return the design that parsed YAML describes; raises `DesignError` as `load` does."""
    document = read(_Document, data, "design.yaml")
    parts = {name: Part(**vars(facts), id=name) for name, facts in document.parts.items()}
    builds = {name: _build(name, wiring) for name, wiring in document.builds.items()}
    design = Design(**vars(document) | {"parts": parts, "builds": builds})
    for part in parts.values():
        _check_part(design, part)
    for name, net in design.firmware_nets.items():
        if net not in design.nets:
            raise DesignError(f"firmware_nets/{name}", f"the net {net} is not described", net=net)
    for build in builds.values():
        _check_parts(design, build)
        _check_nets(design, build)
        _check_pins(design, build)
        _check_bridges(design, build)
    _check_used(design)
    return design


def _build(name: str, wiring: _Wiring) -> Build:
    nets = {net: tuple(_pin(name, net, text) for text in pins) for net, pins in wiring.nets.items()}
    facts = vars(wiring) | {"nets": nets, "open": tuple(_pin(name, "", text) for text in wiring.open)}
    return Build(name=name, **facts)


def _pin(build: str, net: str, text: str) -> Pin:
    ref, dot, name = text.partition(".")
    if not (ref and dot and name):
        raise _fault(build, f"{text!r} is not written as REF.PIN", net=net)
    return Pin(ref, name)


def _fault(build: str, why: str, *, net: str = "", part: str = "") -> DesignError:
    return DesignError(f"builds/{build}" + f"/nets/{net}" * bool(net), why, build=build, net=net, part=part)


def _check_part(design: Design, part: Part) -> None:
    def fault(why: str) -> DesignError:
        return DesignError(f"parts/{part.id}", why, part=part.id)

    gpios = [pin.gpio for pin in part.pins.values() if pin.gpio is not None]
    if part.mass_g < 0:
        raise fault("its mass is negative")
    if not part.pins:
        raise fault("it has no pin")
    if unknown := [fact for fact in part.to_check if fact not in PartFacts.__dataclass_fields__]:
        raise fault(f"to_check names {unknown[0]}, which is no fact")
    if part.chip is None and (gpios or part.led):
        raise fault("it has a GPIO and no chip")
    if part.chip is not None and part.chip not in design.chips:
        raise fault(f"the chip {part.chip} is not described")
    if missing := [gpio for gpio in gpios if part.chip and gpio not in design.chips[part.chip].pins]:
        raise fault(f"the chip has no GPIO {missing[0]}")
    if len(set(gpios)) < len(gpios):
        raise fault("two of its pins bring out the same GPIO")


def _check_parts(design: Design, build: Build) -> None:
    for ref, part in build.parts.items():
        if not re.fullmatch(r"[A-Z]{1,3}[1-9][0-9]?", ref):
            raise _fault(build.name, f"{ref} is not a reference such as U1", part=part)
        if part not in design.parts:
            raise _fault(build.name, f"the part {part} is not described", part=part)
    if build.parts.get("U1") != build.board or design.parts[build.board].chip is None:
        raise _fault(build.name, f"U1 is not the board {build.board}", part=build.board)
    if build.case is not None and build.case not in design.case.shells:
        raise _fault(build.name, f"the case {build.case} is not described")
    if build.worn and build.case is None:
        raise _fault(build.name, "it is worn and has no case")


def _check_nets(design: Design, build: Build) -> None:
    for net, pins in build.nets.items():
        if net not in design.nets:
            raise _fault(build.name, f"the net {net} is not described", net=net)
        if len(pins) < 2:
            raise _fault(build.name, f"the net {net} connects fewer than two pins", net=net)


def _check_pins(design: Design, build: Build) -> None:
    places: dict[Pin, str] = {}
    for net, pins in (*build.nets.items(), ("", build.open)):
        for pin in pins:
            part = build.parts.get(pin.ref, "")
            if not part:
                raise _fault(build.name, f"{pin}: there is no part {pin.ref}", net=net)
            if pin.name not in design.parts[part].pins:
                raise _fault(build.name, f"{pin}: {part} has no such pin", net=net, part=part)
            if pin in places:
                both = " and ".join(place or "named as open" for place in (places[pin], net))
                raise _fault(build.name, f"{pin} is on two nets: {both}", net=net, part=part)
            places[pin] = net
    for ref, part in build.parts.items():
        if free := [name for name in design.parts[part].pins if Pin(ref, name) not in places]:
            raise _fault(build.name, f"{ref}.{free[0]} is on no net and not named as open", part=part)


def _check_bridges(design: Design, build: Build) -> None:
    jumpers = {ref for ref, part in build.parts.items() if part == "jumper"}
    if set(build.bridges) != jumpers:
        raise _fault(build.name, f"bridges are given for {sorted(build.bridges)}, the jumpers are {sorted(jumpers)}")
    for ref, (one, other) in build.bridges.items():
        if one == other or not {one, other} <= set(design.part(build, ref).pins):
            raise _fault(build.name, f"{ref} cannot be bridged from {one} to {other}", part="jumper")


def _check_used(design: Design) -> None:
    wired = {net for build in design.builds.values() for net in build.nets}
    if unused := [net for net in design.nets if net not in wired]:
        raise DesignError(f"nets/{unused[0]}", "no build has that net", net=unused[0])
    built = {part for build in design.builds.values() for part in build.parts.values()}
    if spare := [part for part in design.parts if part not in built]:
        raise DesignError(f"parts/{spare[0]}", "no build has that part", part=spare[0])
