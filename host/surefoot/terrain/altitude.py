"""From a route's altitude to grade: a distance grid, outliers out, smoothing, the slope of local straight lines."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from surefoot.terrain.model import FloatArray, Profile, Route
from surefoot.terrain.parameters import AltitudeRule

MAD_TO_SD = 1.4826
OUTLIER_SDS = 3.0


def grade_profile(route: Route, rule: AltitudeRule) -> Profile:
    """Smoothed altitude and grade of a route on an even distance grid.

    Parameters
    ----------
    route : Route
        With altitude in at least two fixes.
    rule : AltitudeRule
        Widths, in m along the route.

    Returns
    -------
    Profile
        On the route's own clock: `time_s` is when the runner left each point of the grid. Grade is rise over run.
        Work and memory grow with the length of the route only.
    """
    grid_m, altitude_m = altitude_grid(route, rule.step_m)
    altitude_m = without_outliers(altitude_m, rule)
    altitude_m = smoothed(altitude_m, smoothing_width_m(route, altitude_m, rule), rule.step_m)
    leaving = np.append(np.diff(route.distance_m) > 0, True)
    return Profile(
        time_s=np.interp(grid_m, route.distance_m[leaving], route.time_s[leaving]),
        distance_m=grid_m,
        altitude_m=altitude_m,
        grade=local_slope(altitude_m, rule.fit_m, rule.step_m),
        speed_mps=np.interp(grid_m, route.distance_m, np.nan_to_num(route.speed_mps)),
    )


def altitude_grid(route: Route, step_m: float) -> tuple[FloatArray, FloatArray]:
    """Distance grid and the altitude on it, m: the mean of each cell's fixes, joined by straight lines.

    The mean takes what a runner records while standing as one point.
    """
    known = np.isfinite(route.altitude_m)
    distance_m, altitude_m = route.distance_m[known], route.altitude_m[known]
    cell = np.rint(distance_m / step_m).astype(np.intp)
    count = np.bincount(cell)
    filled = count > 0
    mean_m = np.bincount(cell, distance_m)[filled] / count[filled]
    mean_altitude_m = np.bincount(cell, altitude_m)[filled] / count[filled]
    grid_m = np.arange(0.0, route.distance_m[-1] + step_m / 2, step_m)
    return grid_m, np.interp(grid_m, mean_m, mean_altitude_m)


def without_outliers(altitude_m: FloatArray, rule: AltitudeRule) -> FloatArray:
    """Replace points far from the median of their neighbours by that median (Hampel filter)."""
    padded = _mirrored(altitude_m, rule.outlier_points // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, rule.outlier_points)
    middle = np.median(windows, axis=1)
    spread = MAD_TO_SD * np.median(np.abs(windows - middle[:, None]), axis=1)
    far = np.abs(altitude_m - middle) > OUTLIER_SDS * np.maximum(spread, rule.outlier_floor_m)
    return np.where(far, middle, altitude_m)


def smoothing_width_m(route: Route, altitude_m: FloatArray, rule: AltitudeRule) -> float:
    """Width that suits the source of the altitude; an unknown source is judged by how rough its altitude is."""
    if route.altitude_source == "barometer":
        return rule.barometer_width_m
    if route.altitude_source == "gps":
        return rule.gps_width_m
    roughness_m = np.std(altitude_m - smoothed(altitude_m, rule.barometer_width_m, rule.step_m))
    return rule.gps_width_m if roughness_m > rule.rough_m else rule.barometer_width_m


def smoothed(altitude_m: FloatArray, width_m: float, step_m: float) -> FloatArray:
    """Gaussian smoothing; `width_m` is four standard deviations. A steady slope stays what it is, to the very ends."""
    sd = width_m / 4 / step_m
    reach = int(np.ceil(4 * sd))
    return np.asarray(gaussian_filter1d(_mirrored(altitude_m, reach), sd)[reach : reach + altitude_m.size])


def local_slope(altitude_m: FloatArray, length_m: float, step_m: float) -> FloatArray:
    """Slope of the straight line through the points within `length_m` around each point: grade."""
    points = min(2 * round(length_m / step_m / 2) + 1, altitude_m.size - 1 + altitude_m.size % 2)
    # a route is rare, and this import takes as long as the analysis of ten minutes
    from scipy.signal import savgol_filter

    return np.asarray(savgol_filter(altitude_m, points, polyorder=1, deriv=1, delta=step_m, mode="interp"))


def _mirrored(values: FloatArray, reach: int) -> FloatArray:
    """Continue the values past both ends by turning them about the end points, which keeps a slope going."""
    return np.pad(values, reach, mode="reflect", reflect_type="odd")
