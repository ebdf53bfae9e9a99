"""The parts of a run in words."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from surefoot.findings.comparison import Comparison
from surefoot.terrain.model import Terrain


def place(row: Comparison, flags: pd.DataFrame, terrain: Terrain, in_full: bool) -> str:
    """'On descent 2 (-14 %, 1.2 km)', or 'On descent 2' where it was said before."""
    rates = flags.loc[flags["group"] == row.group].iloc[0]
    if row.kind == "third":
        ground = "ground not known" if terrain.source == "none" else "level parts"
        return f"In the last third of the run ({ground}{_pod(terrain)})"
    if row.kind == "grade":
        return _band(float(rates["start_grade_low"]), float(rates["end_grade_high"]))
    name = f"On {row.group.replace('-', ' ')}"
    if not in_full:
        return name
    details = [*_grade(row.group, terrain), *_length(float(rates["distance_m"]))]
    text = f"{', '.join(details)}{_pod(terrain)}".removeprefix(", ")
    return f"{name} ({text})" if text else name


def descents_and_climbs(groups: Collection[str]) -> str:
    """Say what was compared with what, such as '3 descents and 1 climb against your own level running'."""
    kinds = {"descent": "descent", "climb": "climb", "grade": "grade band"}
    numbers = {name: sum(group.startswith(start) for group in groups) for start, name in kinds.items()}
    parts = [count(number, name) for name, number in numbers.items() if number]
    said = [f"{_listed(parts)} against your own level running"] if parts else []
    if "last third" in groups:
        said.append("the last third against the first")
    return " and ".join(said)


def count(number: int, noun: str) -> str:
    """'1 stride', '1,240 strides'."""
    return f"{number:,} {noun if number == 1 else f'{noun}s'}"


def _pod(terrain: Terrain) -> str:
    return ", from the pod alone" if terrain.source == "pod" else ""


def _grade(group: str, terrain: Terrain) -> list[str]:
    """Give the segment's grade; the pod alone cannot tell it to the per cent."""
    if terrain.source != "route" or terrain.segments.empty:
        return []
    grades = terrain.segments.loc[terrain.segments["segment"] == group, "mean_grade"]
    return [f"{100.0 * grade:+.0f} %" for grade in grades.head(1) if np.isfinite(grade)]


def _length(distance_m: float) -> list[str]:
    if not distance_m > 0.0:
        return []
    return [f"{distance_m / 1000.0:.1f} km" if distance_m >= 950.0 else f"{distance_m:.0f} m"]


def _band(low: float, high: float) -> str:
    verb = "fell" if high <= 0.0 else "rose"
    near, far = sorted((100.0 * abs(low), 100.0 * abs(high)))
    return f"Where the ground {verb} by {f'more than {near:.0f}' if np.isinf(far) else f'{near:.0f} to {far:.0f}'} %"


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
