"""Sizes of the carrier board, the small board and the printed cases, as design.yaml gives them."""

from __future__ import annotations

from dataclasses import dataclass

PITCH_MM = 2.54  # of stripboard


@dataclass(frozen=True)
class Hole:
    """A hole without copper, for a screw or a peg of the case."""

    at_mm: tuple[float, float]
    diameter_mm: float


@dataclass(frozen=True)
class Body:
    """The room that a part takes on the carrier board: x and y from, x and y to; z over the board's upper face."""

    box_mm: tuple[float, float, float, float]
    z_mm: tuple[float, float]


@dataclass(frozen=True)
class Carrier:
    """The carrier board, seen from its parts: x from the edge with the USB plug, y down.

    Attributes
    ----------
    below_mm : float
        How far leads and solder stand out below.
    no_copper_mm : tuple of float
        The box (x and y from, x and y to) that holds no copper on either face.
    test_points, wire_pads : dict of str
        Pads that belong to no part, and their nets.
    """

    version: str
    size_mm: tuple[float, float]
    thickness_mm: float
    corner_radius_mm: float
    below_mm: float
    holes: dict[str, Hole]
    bodies: dict[str, Body]
    no_copper_mm: tuple[float, float, float, float]
    test_points: dict[str, str]
    wire_pads: dict[str, str]


@dataclass(frozen=True)
class Form:
    """What all printed cases have in common; `swell_share` is of the cell's thickness."""

    wall_mm: float
    floor_mm: float
    lid_mm: float
    window_mm: float
    gap_mm: float
    skirt_mm: float
    edge_mm: float
    shin_mm: float
    pad_mm: float
    shelf_mm: float
    swell_share: float
    usb_plug_mm: tuple[float, float]
    antenna_skin_mm: float
    antenna_cell_mm: float


@dataclass(frozen=True)
class Materials:
    """Densities in g/cm3."""

    asa: float
    tpu: float
    foam: float
    sheet: float


@dataclass(frozen=True)
class SmallBoard:
    """The stripboard of builds on wires; its parts lie on the copper, the tallest is `tallest_mm` high."""

    strips: int
    holes: int
    thickness_mm: float
    tallest_mm: float

    @property
    def size_mm(self) -> tuple[float, float, float]:
        """Across the strips, along them, and its height with parts."""
        return self.strips * PITCH_MM, self.holes * PITCH_MM, self.thickness_mm + self.tallest_mm


Box = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Shell:
    """A printed case: its room inside, what lies there, and the room of the sensor's puck where there is one.

    x along the shin (USB end -x), y across, z outward from the floor; a `Box` is its low and its high corner.

    Attributes
    ----------
    cell : str
        The part that is the cell.
    usb_mm, button_mm, led_mm, switch_mm, outlet_mm : tuple of float
        (y, z) of the USB socket, (x, y, z of the top) of the button, (x, y) of the light, (x, z) of the switch's lever,
        (y, z) of the hole for the sensor's cable.
    screws_mm : tuple of float
        x and +-y of the lid's screws.
    supports, pegs, feet, pilots : tuple
        Ribs, pegs (x, y, z of the tip), feet and screw holes (x, y) that hold the boards.
    parts : dict of str to Box
        Where each part lies; the cell with its swelling.
    antenna_skin_mm, antenna_cell_mm : float, optional
        Distances that this case keeps instead of the form's.
    """

    inner_mm: tuple[float, float, float]
    cell: str
    strap_x_mm: float
    shelf_z_mm: float
    usb_mm: tuple[float, float]
    button_mm: tuple[float, float, float]
    switch_mm: tuple[float, float]
    screws_mm: tuple[float, float]
    supports: tuple[Box, ...]
    parts: dict[str, Box]
    led_mm: tuple[float, float] | None = None
    pegs: tuple[tuple[float, float, float], ...] = ()
    feet: tuple[tuple[float, float], ...] = ()
    pilots: tuple[tuple[float, float], ...] = ()
    outlet_mm: tuple[float, float] | None = None
    puck_inner_mm: tuple[float, float, float] | None = None
    antenna_skin_mm: float | None = None
    antenna_cell_mm: float | None = None


@dataclass(frozen=True)
class Strap:
    """The strap round the leg; `clearance_mm` is how much more than its thickness the slots have."""

    width_mm: float
    thickness_mm: float
    clearance_mm: float
    length_mm: float
    mass_g: float


@dataclass(frozen=True)
class PadMaterial:
    """What a soft side can be cut from, and its shear modulus."""

    what: str
    shear_kpa: float
    source: str


@dataclass(frozen=True)
class Cases:
    """The printed cases, what they are made of, the soft side and the strap; `pad` names its material."""

    form: Form
    materials: Materials
    pod: Shell
    lolin: Shell
    lab: Shell
    skin_n_per_m: float
    pad: str
    pad_materials: dict[str, PadMaterial]
    strap: Strap

    @property
    def shells(self) -> dict[str, Shell]:
        """The cases by the name that a build gives."""
        return {"pod": self.pod, "lolin": self.lolin, "lab": self.lab}
