"""Lists for the fab: what to fit and where."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from hardware.generate.carrier.layout import Layout
from hardware.generate.carrier.place import BUILD
from hardware.generate.design import Design

BY_HAND = ("U1", "U2", "M1")
"""Modules and the motor: they are soldered by whoever builds the pod."""


def positions(layout: Layout) -> str:
    """Return where a machine puts the parts with surface pads, as CSV; y is up, as in the Gerber files."""
    rows = [
        (placed.ref, f"{placed.at[0]:.3f}", f"{-placed.at[1]:.3f}", "Top", f"{placed.angle_deg % 360:g}")
        for placed in layout.placed
        if placed.shape.mount == "smd" and placed.ref not in BY_HAND
    ]
    return _csv([("Designator", "Mid X", "Mid Y", "Layer", "Rotation"), *sorted(rows)])


def bill(design: Design) -> str:
    """Return the parts that stand on the board, as CSV with the columns that fabs ask for."""
    build = design.builds[BUILD]
    refs: dict[str, list[str]] = {}
    for ref, name in build.parts.items():
        part = design.parts[name]
        if part.footprint and part.bought and ref not in BY_HAND:
            refs.setdefault(name, []).append(ref)
    head = (
        "Comment",
        "Designator",
        "Footprint",
        "Quantity",
        "Manufacturer",
        "Manufacturer Part Number",
        "Optional",
    )
    rows = [head]
    for name, where in refs.items():
        part = design.parts[name]
        footprint = (part.footprint or "").partition(":")[2]
        optional = "yes" if part.optional else "no"
        rows.append((part.what, ",".join(where), footprint, str(len(where)), part.maker, part.mpn, optional))
    return _csv(rows)


def _csv(rows: Sequence[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
