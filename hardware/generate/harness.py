"""What a person joins by hand in a build on wires: the strips of the small board, and every single wire.

A net says which pins belong together; it does not say which wires a solderer makes. Here each net becomes a tree of
wires. Where small parts (resistors, capacitors) hang on a net, the middle of the tree is a strip of the small board: a
piece of stripboard on which each strip is one net and each small part lies across two strips that are neighbours. The
light's resistor is not on it: it hangs in line, leg to leg with the light.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from hardware.generate.design import Build, Design, Pin
from hardware.generate.schema import DesignError

SMALL_BOARD = "SB"
ON_SMALL_BOARD = frozenset({"r220k", "r100k", "c100n", "c47u"})

# In this order every small part lies across two neighbours.
STRIPS = ("VBAT", "VBAT_SENSE", "GND", "3V3", "BUTTON")

# Short bridges on the part itself: the sensor's address, and the two poles of the switch side by side.
BRIDGED = {Pin("U2", "AD0"): Pin("U2", "GND"), Pin("S1", "4"): Pin("S1", "1")}

# Soldered to each other without a wire.
IN_LINE = frozenset({"R4", "D1"})

# Wires as long as the way in the case, with some slack for a second try at a joint.
IN_CASE_MM = 50
CELL_MM = 60
ON_BENCH_MM = 100
BRIDGE_MM = 8  # two pins of the same part, or the legs of the light and its resistor


@dataclass(frozen=True)
class Strip:
    """A strip of the small board: one net, and the pins of small parts that are soldered onto it."""

    net: str
    pins: tuple[Pin, ...]

    @property
    def joint(self) -> Pin:
        """The strip as an end of a wire."""
        return Pin(SMALL_BOARD, self.net)


@dataclass(frozen=True)
class Join:
    """A wire between two pins, or between a pin and a strip (`SB.<net>`)."""

    net: str
    start: Pin
    end: Pin
    colour: str
    length_mm: float

    @property
    def refs(self) -> frozenset[str]:
        """The parts that it joins."""
        return frozenset({self.start.ref, self.end.ref})


@dataclass(frozen=True)
class Harness:
    """Everything that is joined by hand.

    Attributes
    ----------
    inside : tuple of pairs of Pin
        Pins that the board itself joins, such as its ground pads: nothing to solder.
    """

    strips: tuple[Strip, ...]
    wires: tuple[Join, ...]
    inside: tuple[tuple[Pin, Pin], ...]


def harness(design: Design, build: Build) -> Harness:
    """Return what is joined by hand in a build on wires.

    Raises
    ------
    DesignError
        Where a small part does not lie across two neighbouring strips, the small board has too few of them, or a pin
        would get no wire.
    """
    strips = _strips(build)
    if len(strips) > design.small_board.strips:
        raise DesignError(f"builds/{build.name}", "the small board has too few strips", build=build.name)
    inside = tuple(pair for pins in build.nets.values() for pair in _inside(pins))
    wires = tuple(
        Join(net, start, end, design.nets[net].colour, _length_mm(design, build, start, end))
        for net, pins in build.nets.items()
        for start, end in _pairs(build, net, pins, strips)
    )
    made = Harness(strips, wires, inside)
    if nets_of(made) != {frozenset(pins) for pins in build.nets.values()}:
        raise DesignError(f"builds/{build.name}", "its wires do not make its nets", build=build.name)
    return made


def nets_of(made: Harness) -> set[frozenset[Pin]]:
    """Return which pins end up connected, from the wires alone: strips, wires and what a board joins inside."""
    groups: list[set[Pin]] = [{strip.joint, *strip.pins} for strip in made.strips]
    for start, end in [(wire.start, wire.end) for wire in made.wires] + list(made.inside):
        touched = [group for group in groups if start in group or end in group]
        groups = [group for group in groups if group not in touched]
        groups.append(set.union({start, end}, *touched))
    return {frozenset(pin for pin in group if pin.ref != SMALL_BOARD) for group in groups}


def _strips(build: Build) -> tuple[Strip, ...]:
    small = {ref for ref, part in build.parts.items() if part in ON_SMALL_BOARD}
    strips = tuple(
        Strip(net, tuple(pin for pin in build.nets[net] if pin.ref in small)) for net in STRIPS if net in build.nets
    )
    for ref in sorted(small):
        ends = [index for index, strip in enumerate(strips) for pin in strip.pins if pin.ref == ref]
        if len(ends) != 2 or abs(ends[0] - ends[1]) != 1:
            where = f"builds/{build.name}"
            raise DesignError(where, f"{ref} does not lie across two neighbouring strips", build=build.name)
    return strips


def _inside(pins: tuple[Pin, ...]) -> Iterator[tuple[Pin, Pin]]:
    if Pin("U1", "BAT-") in pins:
        yield Pin("U1", "BAT-"), Pin("U1", "GND")


def _pairs(build: Build, net: str, pins: tuple[Pin, ...], strips: tuple[Strip, ...]) -> Iterator[tuple[Pin, Pin]]:
    strip = next((strip for strip in strips if strip.net == net), None)
    rest = [pin for pin in pins if strip is None or pin not in strip.pins]
    if net == "CELL+":  # one after the other, as the current flows
        yield from pairwise(rest)
        return
    if strip is None:
        yield from ((rest[0], pin) for pin in rest[1:])
        return
    for pin in rest:
        if pin in BRIDGED:
            yield pin, BRIDGED[pin]
        elif pin.ref == "BT1":
            yield pin, _cell_ground(build)
        elif pin.name == "BAT+":
            yield Pin("S1", "1"), pin
        elif pin.name != "BAT-":
            yield pin, strip.joint


def _cell_ground(build: Build) -> Pin:
    """Where the cell's minus goes: the board's pad for it, or the charger."""
    return Pin("U3", "GND") if "U3" in build.parts else Pin("U1", "BAT-")


def _length_mm(design: Design, build: Build, start: Pin, end: Pin) -> float:
    if start.ref == end.ref or {start.ref, end.ref} == IN_LINE:
        return BRIDGE_MM
    if "U2" in (start.ref, end.ref) and build.sensor_cable_mm is not None:
        return build.sensor_cable_mm
    if not build.worn or "M1" in (start.ref, end.ref):  # the motor module is for the bench, in all builds
        return ON_BENCH_MM
    return CELL_MM if "BT1" in (start.ref, end.ref) else IN_CASE_MM
