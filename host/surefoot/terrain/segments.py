"""Descents, climbs and level parts of a profile."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surefoot.recording.samples import true_runs
from surefoot.terrain.model import FloatArray, Profile
from surefoot.terrain.parameters import PartsRule

Bools = NDArray[np.bool_]
Directions = NDArray[np.int8]
Span = tuple[int, int]

SEGMENT_COLUMNS = (
    "segment",
    "kind",
    "start_s",
    "end_s",
    "start_m",
    "end_m",
    "length_m",
    "rise_m",
    "mean_grade",
    "steepest_grade",
)
KINDS = {-1: "descent", 0: "level", 1: "climb"}


def directions(profile: Profile, rule: PartsRule) -> Directions:
    """Say of every point whether it lies on a descent (-1), a level part (0) or a climb (1).

    A state machine with hysteresis: a descent begins where it is steep enough and ends where it has been nearly level
    for long enough; near ones are merged, small ones dropped. Climbs are descents of the profile turned over.
    """
    direction = np.zeros(profile.grade.size, dtype=np.int8)
    for sign in (1, -1):
        altitude_m, grade = -sign * profile.altitude_m, -sign * profile.grade
        found = _descents(profile.distance_m, grade, rule)
        for first, last in _kept(_merged(found, profile, altitude_m, rule), profile, altitude_m, rule):
            direction[first : last + 1] = sign
    return direction


def part_names(direction: Directions) -> NDArray[np.object_]:
    """Name of the part at every point: 'level', or 'climb-1', 'descent-1', ... counted along the way."""
    names = np.full(direction.size, "level", dtype=object)
    for sign in (-1, 1):
        for number, (first, last) in enumerate(_runs(direction == sign), start=1):
            names[first : last + 1] = f"{KINDS[sign]}-{number}"
    return names


def parts_table(profile: Profile, direction: Directions) -> pd.DataFrame:
    """Segments table of `Terrain`: one row per part; each part ends where the next begins."""
    if direction.size < 2:
        return no_parts()
    first = np.concatenate([[0], np.flatnonzero(np.diff(direction)) + 1])
    end = np.append(first[1:], direction.size - 1)
    whole = end > first
    first, end = first[whole], end[whole]
    kind = np.array([KINDS[int(sign)] for sign in direction[first]], dtype=object)
    length_m = profile.distance_m[end] - profile.distance_m[first]
    rise_m = profile.altitude_m[end] - profile.altitude_m[first]
    return pd.DataFrame(
        {
            "segment": part_names(direction)[first],
            "kind": kind,
            "start_s": profile.time_s[first],
            "end_s": profile.time_s[end],
            "start_m": profile.distance_m[first],
            "end_m": profile.distance_m[end],
            "length_m": length_m,
            "rise_m": rise_m,
            "mean_grade": rise_m / length_m,
            "steepest_grade": _steepest(profile.grade, direction, first),
        },
        columns=list(SEGMENT_COLUMNS),
    )


def no_parts() -> pd.DataFrame:
    """Segments table of a run whose ground is unknown."""
    text = {"segment", "kind"}
    return pd.DataFrame({name: pd.Series(dtype=object if name in text else np.float64) for name in SEGMENT_COLUMNS})


def _descents(distance_m: FloatArray, grade: FloatArray, rule: PartsRule) -> list[Span]:
    """First and last point of every descent, before merging."""
    flat = grade >= -rule.leave_grade
    over = np.zeros(grade.size, dtype=bool)
    for first, last in _runs(flat):
        over[first : last + 1] = distance_m[last] - distance_m[first] > rule.leave_over_m
    spans = []
    for first, last in _runs(~over):
        steep = np.flatnonzero(grade[first : last + 1] <= -rule.enter_grade)
        if steep.size:
            falling = np.flatnonzero(~flat[first : last + 1])
            spans.append((int(first + steep[0]), int(first + falling[-1])))
    return spans


def _merged(spans: list[Span], profile: Profile, altitude_m: FloatArray, rule: PartsRule) -> list[Span]:
    merged: list[Span] = []
    for first, last in spans:
        if merged:
            before = merged[-1][1]
            gap_m = profile.distance_m[first] - profile.distance_m[before]
            regain_m = altitude_m[before : first + 1].max() - altitude_m[before]
            small = regain_m < rule.merge_regain_m and gap_m < rule.merge_regain_gap_m
            if gap_m < rule.merge_gap_m or small:
                merged[-1] = (merged[-1][0], last)
                continue
        merged.append((first, last))
    return merged


def _kept(spans: list[Span], profile: Profile, altitude_m: FloatArray, rule: PartsRule) -> list[Span]:
    kept = []
    for first, last in spans:
        drop_m = altitude_m[first] - altitude_m[last]
        length_m = profile.distance_m[last] - profile.distance_m[first]
        duration_s = profile.time_s[last] - profile.time_s[first]
        large = drop_m >= rule.least_change_m and length_m >= rule.least_length_m
        if large or (duration_s >= rule.least_duration_s and drop_m >= rule.least_timed_change_m):
            kept.append((first, last))
    return kept


def _steepest(grade: FloatArray, direction: Directions, first: NDArray[np.intp]) -> FloatArray:
    """Lowest grade of each descent, highest of each climb, furthest from zero of each level part."""
    lowest, highest = np.minimum.reduceat(grade, first), np.maximum.reduceat(grade, first)
    level = np.where(-lowest > highest, lowest, highest)
    return np.select([direction[first] < 0, direction[first] > 0], [lowest, highest], level)


def _runs(mask: Bools) -> list[Span]:
    """First and last index of every run of True."""
    return [(start, end - 1) for start, end in true_runs(mask)]
