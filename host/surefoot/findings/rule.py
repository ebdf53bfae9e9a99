"""The rule that makes a difference a finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from surefoot.findings.comparison import Comparison, Difference
from surefoot.findings.groups import Group
from surefoot.findings.parameters import CONTEXT_METRICS, FindingsParameters

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Compared:
    """A comparison with what the rule needs beside its row; `difference` is None where there is nothing to judge."""

    group: Group
    row: Comparison
    difference: Difference | None


def raised(compared: list[Compared], again: Callable[[Group, str], Compared], params: FindingsParameters) -> list[bool]:
    """Which comparisons are findings.

    A finding has a chance in an unchanged run that is small after Holm's correction over all comparisons, |z| > 2, and
    at least the smallest change worth telling. A grade band tells what several segments share: it is a finding only if
    that is still so without the segments that are findings for the same metric, and without any single other one
    (`again` compares the rest). One change is told once.
    """
    eligible = np.array([_eligible(one) for one in compared], dtype=bool)
    chances = np.array([one.difference.chance if one.difference else 1.0 for one in compared])
    unlikely = np.zeros(len(compared), dtype=bool)
    unlikely[eligible] = holm(chances[eligible], params.error_rate)
    found = [bool(rare) and _worth_telling(one, params) for one, rare in zip(compared, unlikely, strict=True)]
    strictest = params.error_rate / max(int(np.count_nonzero(eligible)), 1)

    def is_shared(band: Compared) -> bool:
        segments = [
            (one.group.strides, up)
            for one, up in zip(compared, found, strict=True)
            if one.group.kind == "segment" and one.row.metric == band.row.metric
        ]
        untold = band.group.strides.copy()
        for strides, up in segments:
            untold &= ~strides if up else True
        rests = [untold & ~strides for strides, up in segments if not up and (untold & strides).any()] or [untold]
        return all(rest.any() and stands(again(replace(band.group, strides=rest), band.row.metric)) for rest in rests)

    def stands(rest: Compared) -> bool:
        return rest.difference is not None and rest.difference.chance <= strictest and _worth_telling(rest, params)

    return [up and (one.group.kind != "grade" or is_shared(one)) for one, up in zip(compared, found, strict=True)]


def holm(chances: FloatArray, error_rate: float) -> BoolArray:
    """Which of several comparisons are significant together: Holm's step-down correction (1979)."""
    order = np.argsort(chances)
    holds = chances[order] <= error_rate / np.arange(chances.size, 0, -1)
    significant = np.zeros(chances.size, dtype=bool)
    significant[order] = np.logical_and.accumulate(holds)
    return significant


def _eligible(one: Compared) -> bool:
    context_only = one.row.metric in CONTEXT_METRICS and not one.group.same_ground
    return one.difference is not None and one.group.told and not context_only


def _worth_telling(one: Compared, params: FindingsParameters) -> bool:
    """Tell whether it is large enough, clear of 0, and not a bound that points the wrong way ('at least 2 g less')."""
    if one.difference is None:
        return False
    size = abs(one.difference.value)
    nearer_end = one.difference.high if one.difference.value < 0.0 else one.difference.low
    smallest = params.smallest_changes[one.row.metric].beside(one.row.baseline)
    smallest *= params.over_time if one.group.kind == "third" else 1.0
    return abs(one.difference.z) > params.min_z and size >= smallest and nearer_end * one.difference.value > 0.0
