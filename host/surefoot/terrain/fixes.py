"""From the fixes of a device to a route: what every route file has in common, checked in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from surefoot.errors import RouteError
from surefoot.terrain.model import AltitudeSource, FloatArray, Route

EARTH_RADIUS_M = 6_371_008.8
SPEED_OVER_S = 5.0
FASTEST_MPS = 12.5
LONGEST_S = 2 * 86_400.0
LOWEST_M, HIGHEST_M = -500.0, 9_000.0
LEAST_DISTANCE_M = 50.0
LEAST_ALTITUDE_SHARE = 0.5
PER_LEG_BELOW = 120.0
OTHER_FILE = "export the activity again as GPX or FIT with time and altitude, or analyse without --route"


@dataclass(frozen=True)
class Fixes:
    """What a device wrote, one entry per fix, nan where it wrote nothing.

    `unix_s` is the UTC time of each fix; `cadence` is in the device's own unit (per leg, or of both feet).
    """

    unix_s: FloatArray
    latitude_deg: FloatArray
    longitude_deg: FloatArray
    distance_m: FloatArray
    altitude_m: FloatArray
    speed_mps: FloatArray
    cadence: FloatArray
    altitude_source: AltitudeSource = "unknown"


def route_from_fixes(fixes: Fixes, path: Path) -> Route:
    """Check the fixes and make a `Route` of them.

    Fixes without a time or a place, and repeated ones, are left out. Raises `RouteError` for fewer than two fixes, no
    timestamps, time running backward, no altitude, hardly any distance, or a speed that nobody runs.
    """
    if fixes.unix_s.size == 0:
        raise RouteError(path, "it holds no track points", OTHER_FILE)
    if not np.isfinite(fixes.unix_s).any():
        raise RouteError(path, "its points carry no timestamps", OTHER_FILE)
    placed = np.isfinite(fixes.distance_m) | _on_earth(fixes.latitude_deg, fixes.longitude_deg)
    fixes = _selected(fixes, np.isfinite(fixes.unix_s) & placed)
    if fixes.unix_s.size < 2:
        raise RouteError(path, "it has fewer than two points with a time and a place", OTHER_FILE)
    if (np.diff(fixes.unix_s) < 0).any():
        raise RouteError(path, "its time runs backward", OTHER_FILE)
    fixes = _selected(fixes, np.diff(fixes.unix_s, prepend=-np.inf) > 0)
    time_s = fixes.unix_s - fixes.unix_s[0]
    distance_m = _distance(fixes)
    _check_extent(time_s, distance_m, path)
    speed_mps = np.where(fixes.speed_mps >= 0, fixes.speed_mps, np.nan)
    return Route(
        time_s=time_s,
        distance_m=distance_m,
        altitude_m=_altitude(fixes, path),
        speed_mps=np.where(np.isfinite(speed_mps), speed_mps, speed_along(time_s, distance_m)),
        cadence_spm=steps_of_both_feet(fixes.cadence),
        start=datetime.fromtimestamp(fixes.unix_s[0], UTC),
        altitude_source=fixes.altitude_source,
        name=path.name,
    )


def haversine_m(latitude_deg: FloatArray, longitude_deg: FloatArray) -> FloatArray:
    """Distance from each position to the next along the great circle, m; one entry fewer than positions."""
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    half = np.sin(np.diff(latitude) / 2) ** 2
    half += np.cos(latitude[:-1]) * np.cos(latitude[1:]) * np.sin(np.diff(longitude) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0, 1))), dtype=np.float64)


def speed_along(time_s: FloatArray, distance_m: FloatArray) -> FloatArray:
    """Speed over the `SPEED_OVER_S` around each fix, m/s; from one fix to the next it would be mostly noise."""
    before = np.maximum(time_s - SPEED_OVER_S / 2, time_s[0])
    after = np.minimum(time_s + SPEED_OVER_S / 2, time_s[-1])
    run_m = np.interp(after, time_s, distance_m) - np.interp(before, time_s, distance_m)
    return np.asarray(run_m / (after - before), dtype=np.float64)


def steps_of_both_feet(cadence: FloatArray) -> FloatArray:
    """Cadence in steps of both feet a minute, from a device that counts one leg (GPX and FIT do) or both.

    Nobody takes 120 strides of one leg a minute, and no runner as few steps of both: the middle of the moving values
    tells which it is. All nan where the device had no cadence.
    """
    plausible = np.where((cadence >= 0) & (cadence < 300), cadence, np.nan)
    moving = plausible[plausible > 0]
    if moving.size == 0:
        return np.full(cadence.shape, np.nan)
    return plausible * 2 if np.median(moving) < PER_LEG_BELOW else plausible


def _distance(fixes: Fixes) -> FloatArray:
    known = np.isfinite(fixes.distance_m)
    if known.sum() >= 2:
        distance_m = np.interp(fixes.unix_s, fixes.unix_s[known], fixes.distance_m[known])
        return np.asarray(np.maximum.accumulate(distance_m) - distance_m[0], dtype=np.float64)
    seen = np.flatnonzero(_on_earth(fixes.latitude_deg, fixes.longitude_deg))
    along_m = np.concatenate([[0.0], np.cumsum(haversine_m(fixes.latitude_deg[seen], fixes.longitude_deg[seen]))])
    return np.interp(fixes.unix_s, fixes.unix_s[seen], along_m[: seen.size]) if seen.size else np.zeros(known.shape)


def _check_extent(time_s: FloatArray, distance_m: FloatArray, path: Path) -> None:
    if time_s.size < 2 or distance_m[-1] < LEAST_DISTANCE_M:
        raise RouteError(path, f"it covers less than {LEAST_DISTANCE_M:.0f} m", OTHER_FILE)
    if time_s[-1] > LONGEST_S:
        raise RouteError(path, f"it spans {time_s[-1] / 86_400:.0f} days", OTHER_FILE)
    if distance_m[-1] > FASTEST_MPS * time_s[-1]:
        mean_mps = distance_m[-1] / time_s[-1]
        raise RouteError(path, f"its mean speed is {mean_mps:.0f} m/s, faster than anyone runs", OTHER_FILE)


def _altitude(fixes: Fixes, path: Path) -> FloatArray:
    altitude_m = fixes.altitude_m
    known = (altitude_m > LOWEST_M) & (altitude_m < HIGHEST_M)
    if known.mean() < LEAST_ALTITUDE_SHARE:
        missing = "no altitude" if not known.any() else f"altitude in only {known.mean():.0%} of its points"
        raise RouteError(path, f"it has {missing}, so its grade cannot be known", OTHER_FILE)
    return np.where(known, altitude_m, np.nan)


def _on_earth(latitude_deg: FloatArray, longitude_deg: FloatArray) -> NDArray[np.bool_]:
    return np.asarray((np.abs(latitude_deg) <= 90) & (np.abs(longitude_deg) <= 360))


def _selected(fixes: Fixes, keep: NDArray[np.bool_]) -> Fixes:
    return Fixes(
        fixes.unix_s[keep],
        fixes.latitude_deg[keep],
        fixes.longitude_deg[keep],
        fixes.distance_m[keep],
        fixes.altitude_m[keep],
        fixes.speed_mps[keep],
        fixes.cadence[keep],
        fixes.altitude_source,
    )
