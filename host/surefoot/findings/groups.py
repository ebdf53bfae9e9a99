"""The parts of a run that are compared: every climb and descent, grade bands, first and last third."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from surefoot.findings.measures import Measures
from surefoot.findings.model import GroupKind
from surefoot.findings.parameters import FindingsParameters

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Group:
    """Strides that are compared with others.

    Attributes
    ----------
    name, kind : str
        As in `Findings.comparisons`.
    strides : array, shape (n,)
        True for the strides in the group, rejected ones included.
    reference : array, shape (n,)
        True for the strides that it is compared with; none for the first third, which is a reference itself.
    same_ground : bool
        Both sides are on the same kind of ground.
    told : bool
        Whether a difference of this group may be raised: not of the bands of level ground, which are the baseline
        itself, nor of short thirds.
    grade_low, grade_high : float
        Edges of a grade band, otherwise nan; infinite at the open end.
    """

    name: str
    kind: GroupKind
    strides: BoolArray
    reference: BoolArray
    same_ground: bool = False
    told: bool = True
    grade_low: float = np.nan
    grade_high: float = np.nan


def groups_of(measures: Measures, source: str, params: FindingsParameters) -> list[Group]:
    """All groups with strides, in the order segments, grade bands, thirds.

    Grade from the pod alone has three classes, so grade bands need a route. Thirds are of the run's strides and hold
    level running only; all of it where the ground is not known.
    """
    level = measures.segment == "level"
    bands = _bands(measures, level, params) if source == "route" else []
    ground = np.ones(measures.count, dtype=bool) if source == "none" and not level.any() else level
    return [*_segments(measures, level), *bands, *_thirds(ground, measures.usable, params)]


def _segments(measures: Measures, level: BoolArray) -> list[Group]:
    names = [name for name in dict.fromkeys(measures.segment) if str(name).startswith(("descent", "climb"))]
    return [Group(str(name), "segment", measures.segment == name, level) for name in names]


def _bands(measures: Measures, level: BoolArray, params: FindingsParameters) -> list[Group]:
    edges = (-np.inf, *params.grade_edges, np.inf)
    flat = min(abs(edge) for edge in params.grade_edges if edge != 0.0)
    bands = []
    for low, high in pairwise(edges):
        # An edge belongs to the steeper band, as -10 % does to -15..-10.
        falling = high <= 0.0
        inside = (measures.grade > low) & (measures.grade <= high) if falling else _rising(measures, low, high)
        if np.count_nonzero(inside & measures.usable) >= params.min_band_strides:
            told = low >= flat or high <= -flat
            bands.append(Group(_band_name(low, high), "grade", inside, level, not told, told, low, high))
    return bands


def _rising(measures: Measures, low: float, high: float) -> BoolArray:
    above = measures.grade > low if low == 0.0 else measures.grade >= low
    return above & (measures.grade < high)


def _band_name(low: float, high: float) -> str:
    if np.isinf(low):
        return f"grade below {high:.2f}"
    if np.isinf(high):
        return f"grade above {low:.2f}"
    return f"grade {low:.2f}..{high:.2f}"


def _thirds(ground: BoolArray, usable: BoolArray, params: FindingsParameters) -> list[Group]:
    third = np.arange(ground.size) * 3 // max(ground.size, 1)
    first, last = ground & (third == 0), ground & (third == 2)
    if not (first.any() and last.any()):
        return []
    nothing = np.zeros(ground.size, dtype=bool)
    fewest = min(np.count_nonzero(first & usable), np.count_nonzero(last & usable))
    return [
        Group("first third", "third", first, nothing, same_ground=True, told=False),
        Group("last third", "third", last, first, same_ground=True, told=bool(fewest >= params.min_third_strides)),
    ]
