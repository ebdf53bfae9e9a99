"""The ground under every stride: from a route, or from the pod alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surefoot.terrain.altitude import grade_profile
from surefoot.terrain.model import FloatArray, Profile, Route, Terrain
from surefoot.terrain.parameters import TerrainParameters
from surefoot.terrain.placement import place
from surefoot.terrain.segments import directions, no_parts, part_names, parts_table

ROUTE_COLUMNS = ("route_grade", "route_speed_mps", "route_altitude_m", "segment")


def lay_route(
    route: Route, strides: pd.DataFrame, params: TerrainParameters | None = None
) -> tuple[Terrain, pd.DataFrame]:
    """Lay a route along a recording and read the ground off it.

    Parameters
    ----------
    route : Route
    strides : DataFrame
        With contact_s, cadence_spm, speed_mps and usable, in time order.
    params : TerrainParameters, optional

    Returns
    -------
    terrain : Terrain
        Source 'route'; profile and segments cover the recorded part of the route, on the recording's clock.
    columns : DataFrame
        route_grade, route_speed_mps, route_altitude_m, segment for every stride, on the index of `strides`; nan and ''
        where the route has no fix.

    Raises
    ------
    RouteError
        The route does not belong to the recording.
    """
    params = params or TerrainParameters()
    contact_s = _column(strides, "contact_s")
    placement = place(
        contact_s=contact_s,
        cadence_spm=_column(strides, "cadence_spm"),
        speed_mps=_column(strides, "speed_mps"),
        usable=strides["usable"].to_numpy(dtype=bool),
        route=route,
        rule=params.placement,
    )
    profile = grade_profile(route, params.altitude)
    profile = replace(profile, time_s=placement.offset_s + placement.clock_ratio * profile.time_s)
    direction = directions(profile, params.route_parts)
    route_s = (contact_s - placement.offset_s) / placement.clock_ratio
    along_m = np.interp(route_s, route.time_s, route.distance_m, left=np.nan, right=np.nan)
    along_m[_between_far_fixes(route_s, route.time_s, params.placement.fix_gap_s)] = np.nan
    run = _run_part(profile, along_m)
    profile, direction = _cut(profile, run), direction[run]
    columns = pd.DataFrame(
        {
            "route_grade": _at(along_m, profile, profile.grade),
            "route_speed_mps": np.interp(route_s, route.time_s, route.speed_mps),
            "route_altitude_m": _at(along_m, profile, profile.altitude_m),
            "segment": _part_at(along_m, profile, part_names(direction)),
        },
        index=strides.index,
    )
    columns.loc[np.isnan(along_m), "route_speed_mps"] = np.nan
    return Terrain("route", profile, parts_table(profile, direction), placement), columns


def from_pod(strides: pd.DataFrame, params: TerrainParameters | None = None) -> tuple[Terrain, pd.Series[str]]:
    """Tell climbs, descents and level running apart by the pod's own grade, where there is no route.

    Parameters
    ----------
    strides : DataFrame
        With contact_s, stride_length_m, grade, speed_mps and usable, in time order.
    params : TerrainParameters, optional

    Returns
    -------
    terrain : Terrain
        Source 'pod', altitude relative to the start; or 'none' where too few strides have a grade.
    segment : Series of str
        For every stride, on the index of `strides`; '' where the ground is unknown.
    """
    params = params or TerrainParameters()
    contact_s, grade, length_m = (_column(strides, name) for name in ("contact_s", "grade", "stride_length_m"))
    known = strides["usable"].to_numpy(dtype=bool) & np.isfinite(grade) & np.isfinite(length_m) & (length_m > 0)
    if known.sum() < params.pod_least_strides:
        return Terrain("none", None, no_parts()), pd.Series("", index=strides.index, dtype="str", name="segment")
    number = np.arange(grade.size)
    smooth = np.interp(number, number[known], _averaged(grade[known], length_m[known], params.pod_window_strides))
    length_m = np.interp(number, number[known], length_m[known])
    speed_mps = np.interp(number, number[known], _column(strides, "speed_mps")[known])
    profile = Profile(
        time_s=contact_s,
        distance_m=np.cumsum(length_m) - length_m[0],
        altitude_m=np.cumsum(smooth * length_m) - smooth[0] * length_m[0],
        grade=smooth,
        speed_mps=speed_mps,
    )
    direction = directions(profile, params.pod_parts)
    segment = pd.Series(part_names(direction).astype(str), index=strides.index, dtype="str", name="segment")
    return Terrain("pod", profile, parts_table(profile, direction)), segment


def _column(strides: pd.DataFrame, name: str) -> FloatArray:
    return strides[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _averaged(grade: FloatArray, length_m: FloatArray, strides: int) -> FloatArray:
    """Rise over run of the strides around each one; at the ends of fewer."""
    half = strides // 2
    number = np.arange(grade.size)
    first, end = np.maximum(number - half, 0), np.minimum(number + half + 1, grade.size)
    rise = np.concatenate([[0.0], np.cumsum(grade * length_m)])
    run = np.concatenate([[0.0], np.cumsum(length_m)])
    return np.asarray((rise[end] - rise[first]) / (run[end] - run[first]), dtype=np.float64)


def _between_far_fixes(route_s: FloatArray, fix_s: FloatArray, gap_s: float) -> NDArray[np.bool_]:
    after = np.clip(np.searchsorted(fix_s, route_s), 1, fix_s.size - 1)
    return np.asarray(fix_s[after] - fix_s[after - 1] > gap_s)


def _run_part(profile: Profile, along_m: FloatArray) -> slice:
    """Find the part of the grid that the recorded strides cover, one point more at either end."""
    if np.isnan(along_m).all():
        return slice(0, 0)
    first = np.searchsorted(profile.distance_m, np.nanmin(along_m), side="right") - 1
    last = np.searchsorted(profile.distance_m, np.nanmax(along_m), side="right")
    return slice(max(int(first), 0), int(last) + 1)


def _cut(profile: Profile, part: slice) -> Profile:
    return Profile(
        profile.time_s[part],
        profile.distance_m[part],
        profile.altitude_m[part],
        profile.grade[part],
        profile.speed_mps[part],
    )


def _at(along_m: FloatArray, profile: Profile, values: FloatArray) -> FloatArray:
    if profile.distance_m.size == 0:
        return np.full(along_m.shape, np.nan)
    return np.interp(along_m, profile.distance_m, values)


def _part_at(along_m: FloatArray, profile: Profile, names: NDArray[np.object_]) -> NDArray[np.str_]:
    """Name of the part in which each distance lies: a part reaches from its first point to the next part's first."""
    if names.size == 0:
        return np.full(along_m.shape, "")
    point = np.clip(np.searchsorted(profile.distance_m, along_m, side="right") - 1, 0, names.size - 1)
    return np.where(np.isnan(along_m), "", names[point].astype(str))
