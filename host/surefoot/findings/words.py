"""Plain names, units and advice of the measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Words:
    """How a measure is spoken of.

    `unit` follows the number, which is `scale` times the column's value with `decimals`. `tries_up` and
    `tries_down` say what runners often try when it is above or below their level running; '' where there is
    nothing to try.
    """

    name: str
    unit: str
    decimals: int
    scale: float = 1.0
    tries_up: str = ""
    tries_down: str = ""

    def number(self, value: float) -> str:
        """Write the value in digits, without its unit."""
        return f"{value * self.scale:.{self.decimals}f}"

    def amount(self, value: float) -> str:
        """Write the value with its unit."""
        return f"{self.number(value)} {self.unit}".rstrip()


_STEADIER = "What runners often try: a slightly slower pace on uneven ground, and eyes a few steps ahead."

WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "shock_axial_g": Words(
            "your landing shock",
            "g",
            1,
            tries_up="What runners often try: slightly quicker, 5 to 10 % shorter steps, landing with the shin closer "
            "to vertical.",
        ),
        "shin_angle_deg": Words(
            "the shin angle at landing",
            "degrees",
            1,
            tries_up="What runners often try: 5 to 10 % shorter steps, so that the foot lands nearer below the knee.",
        ),
        "braking_dv_mps": Words(
            "the speed that the shin loses at landing",
            "m/s",
            2,
            tries_up="What runners often try: letting the slope carry them a little where the footing allows it, with "
            "5 to 10 % shorter steps instead of a check at each one.",
        ),
        "off_plane": Words("the twist out of the main plane at landing", "", 2, tries_up=_STEADIER),
        "frontal_rms_dps": Words("the sideways rocking of the shin at landing", "degrees/s", 0, tries_up=_STEADIER),
        "settle_ms": Words("the time until the rocking died down", "ms", 0, tries_up=_STEADIER),
        "cadence_spm": Words(
            "your cadence", "steps/min", 0, tries_down="What runners often try: slightly quicker steps, 5 % at first."
        ),
        "contact_time_s": Words("your contact time", "ms", 0, scale=1000.0),
    }
)
