"""What design.yaml says, as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hardware.generate.shapes import Carrier, Cases, SmallBoard

PinKind = Literal["power_in", "power_out", "passive", "input", "output", "bidirectional"]
Way = Literal["modules", "carrier", "lab"]


@dataclass(frozen=True)
class Limits:
    """What every build keeps within."""

    pod_mass_g: float
    puck_mass_g: float
    run_time_h: float
    usable_share: float
    i2c_cable_mm: float
    wall_mm: float
    adc_full_cell_v: float
    full_cell_v: float


@dataclass(frozen=True)
class Allowances:
    """What no part is but weighs: the solder of a build, and the carrier board by its volume."""

    solder_g: float
    board_g_per_cm3: float


@dataclass(frozen=True)
class Supply:
    """What is bought by its description and not by a part number, and for which ways to build."""

    what: str
    mass_g: float
    ways: tuple[Way, ...]
    why: str


@dataclass(frozen=True)
class Wire:
    """A net: the colour of its wire (IEC 60757), what it is, and the roles of parts that may hang on it (none: all)."""

    colour: str
    what: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chip:
    """GPIO numbers of a chip, by what they can and must not be used for."""

    source: str
    pins: frozenset[int]
    strapping: frozenset[int]
    flash: frozenset[int]
    console: frozenset[int]
    inputs: frozenset[int]
    adc1: frozenset[int]
    wakes: frozenset[int]


@dataclass(frozen=True)
class PartPin:
    """A pin as printed on a part: what it is electrically, and which GPIO of the chip it brings out."""

    kind: PinKind
    gpio: int | None = None


@dataclass(frozen=True)
class Led:
    """A board's own light: its GPIO, and the level that lights it."""

    gpio: int
    lit: Literal[0, 1]


@dataclass(frozen=True)
class PartFacts:
    """What design.yaml says of a part; `to_check` names the facts for which no source was found."""

    what: str
    role: str
    mass_g: float
    pins: dict[str, PartPin]
    maker: str = ""
    mpn: str = ""
    alternatives: tuple[str, ...] = ()
    why: str = ""
    source: tuple[str, ...] = ()
    to_check: tuple[str, ...] = ()
    optional: bool = False
    bought: bool = True
    footprint: str | None = None
    size_mm: tuple[float, float, float] | None = None
    chip: str | None = None
    flash_mb: int | None = None
    led: Led | None = None
    charge_ma: float | None = None
    recording_ma: float | None = None
    asleep_ma: float | None = None
    current_ma: float | None = None
    capacity_mah: float | None = None
    max_charge_ma: float | None = None
    max_current_ma: float | None = None
    ohm: float | None = None
    efficiency: float | None = None


@dataclass(frozen=True)
class Part(PartFacts):
    """A part with its name in design.yaml."""

    id: str = ""


@dataclass(frozen=True, order=True)
class Pin:
    """A pin of a part in a build, such as ``U1.SDA``."""

    ref: str
    name: str

    def __str__(self) -> str:
        return f"{self.ref}.{self.name}"


@dataclass(frozen=True)
class Build:
    """One way to build a pod.

    Attributes
    ----------
    board : str
        The part that carries the chip; it is U1.
    parts : dict of str to str
        Part id by reference.
    nets : dict of str to tuple of Pin
        Every net and its pins; `open` are the pins that stay free.
    bridges : dict of str to tuple of str
        Two pins of each solder jumper that get a bridge.
    pod_mass_g : float or None
        Its own limit of mass, where it cannot keep that of all builds.
    """

    name: str
    title: str
    way: Way
    board: str
    worn: bool
    case: str | None
    parts: dict[str, str]
    nets: dict[str, tuple[Pin, ...]]
    open: tuple[Pin, ...]
    bridges: dict[str, tuple[str, str]]
    sensor_cable_mm: float | None
    pod_mass_g: float | None

    def net_of(self, pin: Pin) -> str | None:
        """Return the net of a pin, None where it stays open."""
        return next((net for net, pins in self.nets.items() if pin in pins), None)

    def joined(self, net: str) -> frozenset[str]:
        """Return the nets that a net is one with: itself, and what bridged solder jumpers join to it."""
        reached = {net}
        bridges = [{self.net_of(Pin(ref, name)) for name in names} for ref, names in self.bridges.items()]
        for _ in bridges:
            for ends in bridges:
                if ends & reached:
                    reached |= {end for end in ends if end is not None}
        return frozenset(reached)

    def pins_of(self, net: str) -> tuple[Pin, ...]:
        """Return the pins of a net and of those that bridged jumpers join to it; none where there is no such net."""
        return tuple(pin for name in sorted(self.joined(net)) for pin in self.nets.get(name, ()))


@dataclass(frozen=True)
class Design:
    """The whole design; `firmware_nets` says which net each name of a firmware/boards file belongs to."""

    limits: Limits
    allowances: Allowances
    supplies: dict[str, Supply]
    small_board: SmallBoard
    firmware_nets: dict[str, str]
    nets: dict[str, Wire]
    chips: dict[str, Chip]
    parts: dict[str, Part]
    builds: dict[str, Build]
    carrier: Carrier
    case: Cases

    def part(self, build: Build, ref: str) -> Part:
        """Return the part that stands at a reference of a build."""
        return self.parts[build.parts[ref]]

    def pin(self, build: Build, pin: Pin) -> PartPin:
        """Return what a pin of a build is."""
        return self.part(build, pin.ref).pins[pin.name]
