"""Where the surfaces of a case lie; what shapes, checks and pictures share. Lengths in mm, as in `shapes.Shell`."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from hardware.generate.design import Design
from hardware.generate.shapes import Box, Form, Shell, Strap

SLOT_BAR = 3.0  # outside the strap slot; carries the strap's pull
SLOT_ARM = 2.6  # beside the slot
EAR_HEIGHT = 2.6
BOSS = 4.9  # of a screw of the lid, square
SEAT = 1.0  # by how much the lid is thicker under a screw's head
NOSE = 0.7  # how far the lid's noses reach into the base's windows
NOSE_WIDTH = 5.0
USB_GAP = 0.3  # around the plug
OUTLET = 3.6  # for the sensor's cable
MEMBRANE = 9.0  # diameter over the button
LIGHT = 3.0  # diameter of the thin spot over the light


@dataclass(frozen=True)
class Frame:
    """A case's surfaces; `length`, `width`, `height` are of the room inside, `floor_z` of the underside's crown."""

    name: str
    form: Form
    shell: Shell
    strap: Strap

    @property
    def length(self) -> float:
        """Length of the room inside."""
        return self.shell.inner_mm[0]

    @property
    def width(self) -> float:
        """Width of the room inside."""
        return self.shell.inner_mm[1]

    @property
    def height(self) -> float:
        """Height of the room inside."""
        return self.shell.inner_mm[2]

    @property
    def end(self) -> float:
        """Outer face of the end walls, as a distance from the middle."""
        return self.length / 2 + self.form.wall_mm

    @property
    def side(self) -> float:
        """Outer face of the side walls, as a distance from the middle."""
        return self.width / 2 + self.form.wall_mm

    @property
    def slot(self) -> float:
        """Width of a strap slot."""
        return self.strap.thickness_mm + self.strap.clearance_mm

    @property
    def slot_half(self) -> float:
        """Half the length of a strap slot."""
        return self.strap.width_mm / 2 + self.strap.clearance_mm

    @property
    def wing(self) -> float:
        """Outer edge of the ears, as a distance from the middle."""
        return self.side + self.slot + SLOT_BAR

    def underside(self, y: float) -> float:
        """Return the height of the underside, which follows the shin, at a distance from the middle."""
        radius = self.form.shin_mm
        return -self.form.floor_mm - radius + sqrt(radius**2 - y**2)

    def slots(self) -> tuple[Box, Box]:
        """Return the two slots for the strap, right through."""
        low, high = self.shell.strap_x_mm - self.slot_half, self.shell.strap_x_mm + self.slot_half
        near, far = self.side, self.side + self.slot
        return (low, near, -20.0, high, far, 20.0), (low, -far, -20.0, high, -near, 20.0)

    def cell(self) -> Box:
        """Return the cell with its swelling."""
        return self.shell.parts["cell"]


def nose_top(frame: Frame) -> float:
    """Return the height of the upper end of the lid's noses; the wall above their windows keeps its thickness."""
    return frame.height - frame.form.wall_mm - 0.4


def frames(design: Design) -> dict[str, Frame]:
    """Return the frame of each case by name."""
    case = design.case
    return {name: Frame(name, case.form, shell, case.strap) for name, shell in case.shells.items()}
