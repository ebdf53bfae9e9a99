"""What a fab must be able to make. KiCad's check, the router and the tests use these numbers (mm).

Cheap fabs offer track and space of 0.127 mm, holes of 0.3 mm and rings of 0.13 mm for two layers (to be checked with
the fab); tracks and spaces keep away from that, so that any fab will do.
"""

from __future__ import annotations

TRACK = 0.2
SPACE = 0.2
EDGE = 0.3
HOLE = 0.3
HOLE_TO_HOLE = 0.3
HOLE_TO_COPPER = 0.25
RING = 0.15

SIGNAL_WIDTH = 0.2
POWER_WIDTH = 0.6
VIA_DIAMETER = 0.6
VIA_DRILL = 0.3

RULES = {
    "track": TRACK,
    "space": SPACE,
    "edge": EDGE,
    "hole": HOLE,
    "hole_to_hole": HOLE_TO_HOLE,
    "hole_to_copper": HOLE_TO_COPPER,
    "ring": RING,
    "via_diameter": VIA_DIAMETER,
    "via_drill": VIA_DRILL,
}
