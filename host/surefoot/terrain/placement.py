"""Lay a route along a recording: find the recording time of the route's first fix by what both of them saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surefoot.errors import RouteError
from surefoot.terrain.agreement import (
    STANDING,
    Quantity,
    Scores,
    Series,
    agreement,
    other_peaks,
    recording_series,
    route_series,
    top_of_peak,
)
from surefoot.terrain.model import FloatArray, Placement, Route, Sureness
from surefoot.terrain.parameters import PlacementRule

TRY_OTHER = "give the route of this run, or analyse without --route"
CORRELATION_TIME_S = 5.0
RUNNING_MPS = 1.0


@dataclass(frozen=True)
class _Fit:
    """How well the two agree at one offset.

    `walked_s` of the watch's `standing_s` the pod counted strides. While both run, `running_correlation` is theirs (nan
    where one of them is flat), and the route is `higher_by` so much.
    """

    correlation: float
    margin: float
    overlap_s: float
    covered_share: float
    mismatch_share: float
    standing_s: float
    walked_s: float
    running_correlation: float
    higher_by: float


def place(
    *,
    contact_s: FloatArray,
    cadence_spm: FloatArray,
    speed_mps: FloatArray,
    usable: NDArray[np.bool_],
    route: Route,
    rule: PlacementRule,
) -> Placement:
    """Find where a route lies on the recording's clock.

    The cadence (speed where the route has no cadence) of both is compared at every offset by normalised
    cross-correlation over what overlaps and is known on both sides. A stop is a value like any other: standing.

    Parameters
    ----------
    contact_s, cadence_spm, speed_mps, usable : array, shape (n,)
        Of the strides, in time order; steps of both feet.
    route : Route
    rule : PlacementRule

    Returns
    -------
    Placement
        'unsure' where the signals are short, or alike at several offsets: then of those the one is taken that lets
        route and recording start to run nearest together. Flat signals tell nothing: then they do start together.

    Raises
    ------
    RouteError
        There are too few strides to compare, the route is much shorter than the recording, or the two clearly differ.
    """
    of, of_stride, of_route = _compared(cadence_spm, speed_mps, route)
    recording = recording_series(contact_s, of_stride, usable, of, rule)
    if recording is None or not (of_route > 0).any():
        raise RouteError(route.name, f"there is no {of} to compare it with the recording by", TRY_OTHER)
    if route.time_s[-1] < rule.least_route_share * recording.values.size:
        why = f"it lasts {route.time_s[-1]:.0f} s and the running in the recording {recording.values.size} s"
        raise RouteError(route.name, why, TRY_OTHER)
    at_start_s = recording.start_s - _first_running_s(route, of_route)
    ratio = _clock_ratio(recording, route, of_route, rule)
    laid = route_series(route, of_route, ratio, of, rule)
    scores = agreement(recording, laid, rule)
    best = int(np.argmax(scores.score))
    peaks = other_peaks(scores, best, rule)
    fit = _fit(recording, laid, scores, best, rule)
    flat = bool(min(np.nanstd(recording.values), np.nanstd(laid.values)) < rule.flat_share)
    if why := _other_level(fit, of, rule) or ("" if flat else _other_course(fit, of, rule)):
        raise RouteError(route.name, f"it does not seem to belong to this recording ({why})", TRY_OTHER)
    rivals = np.append(peaks[scores.score[peaks] >= scores.score[best] - rule.likely_margin], best)
    if flat:
        uncertainty_s = float(np.hypot(rule.floor_s, _spread_s(scores.offset_s[rivals], at_start_s)))
        return Placement(at_start_s, 1.0, of, fit.correlation, fit.margin, uncertainty_s, "unsure")
    sureness = _sureness(fit, rule)
    chosen = best if sureness != "unsure" else rivals[np.argmin(np.abs(scores.offset_s[rivals] - at_start_s))]
    offset_s, curvature = top_of_peak(scores, int(chosen))
    spread_s = _spread_s(scores.offset_s[rivals], offset_s) if sureness == "unsure" else 0.0
    uncertainty_s = float(np.hypot(_uncertainty_s(fit, curvature, rule), spread_s))
    return Placement(offset_s, ratio, of, float(scores.correlation[chosen]), fit.margin, uncertainty_s, sureness)


def _compared(cadence_spm: FloatArray, speed_mps: FloatArray, route: Route) -> tuple[Quantity, FloatArray, FloatArray]:
    if (route.cadence_spm > 0).sum() >= 0.5 * (route.speed_mps > RUNNING_MPS).sum() > 0:
        dropped_out = (route.cadence_spm <= 0) & (route.speed_mps > RUNNING_MPS)
        return "cadence", cadence_spm, np.where(dropped_out, np.nan, route.cadence_spm)
    return "speed", speed_mps, route.speed_mps


def _clock_ratio(recording: Series, route: Route, of_route: FloatArray, rule: PlacementRule) -> float:
    """Find the recording seconds per route second: 1 unless another ratio lets the two agree clearly better."""
    together_s = min(recording.values.size, route.time_s[-1])
    if together_s < rule.clock_least_s:
        return 1.0

    def score(ratio: float) -> float:
        return float(agreement(recording, route_series(route, of_route, ratio, recording.of, rule), rule).score.max())

    coarse = 4.0 / together_s
    reach = int(rule.clock_error / coarse)
    ratios = 1.0 + coarse * np.arange(-reach, reach + 1)
    best = ratios[np.argmax([score(ratio) for ratio in ratios])]
    near = best + coarse * np.linspace(-1, 1, 9)
    near = near[np.abs(near - 1) <= rule.clock_error]
    fine = [score(ratio) for ratio in near]
    clear = max(fine) - score(1.0) > rule.clock_gain
    return float(near[np.argmax(fine)]) if clear else 1.0


def _fit(recording: Series, route: Series, scores: Scores, best: int, rule: PlacementRule) -> _Fit:
    peaks = other_peaks(scores, best, rule)
    first = round(scores.offset_s[best] - recording.start_s)
    at = np.arange(max(first, 0), min(first + route.values.size, recording.values.size))
    a, b = recording.values[at], route.values[at - first]
    known = np.isfinite(a) & np.isfinite(b)
    a, b = a[known], b[known]
    stands_a, stands_b = a <= 0.99 * STANDING, b <= 0.99 * STANDING
    runs_a, runs_b = a > 0.9 * STANDING, b > 0.9 * STANDING
    both = (np.abs(a) < -STANDING) & (np.abs(b) < -STANDING)
    running_flat = not both.any() or min(np.std(a[both]), np.std(b[both])) < rule.flat_share / 2
    higher_by = route.middle + route.band * b[both] - recording.middle - recording.band * a[both]
    return _Fit(
        correlation=float(scores.correlation[best]),
        margin=float(scores.score[best] - scores.score[peaks].max(initial=0.0)),
        overlap_s=float(known.sum()),
        covered_share=float(known.sum() / max(np.isfinite(recording.values).sum(), 1)),
        mismatch_share=float(((stands_a & runs_b) | (stands_b & runs_a)).mean()) if known.any() else 1.0,
        standing_s=float(stands_b.sum()),
        walked_s=float((stands_b & runs_a).sum()),
        running_correlation=float("nan") if running_flat else float(np.corrcoef(a[both], b[both])[0, 1]),
        higher_by=float(np.median(higher_by)) if both.any() else 0.0,
    )


def _sureness(fit: _Fit, rule: PlacementRule) -> Sureness:
    if fit.covered_share < rule.covered_share:
        return "unsure"
    if (
        fit.overlap_s >= rule.sure_overlap_s
        and fit.correlation >= rule.sure_correlation
        and fit.running_correlation >= rule.sure_running_correlation
        and fit.margin >= rule.sure_margin
        and fit.mismatch_share <= rule.sure_mismatch_share
    ):
        return "sure"
    if (
        fit.overlap_s >= rule.likely_overlap_s
        and fit.correlation >= rule.likely_correlation
        and fit.running_correlation >= rule.likely_running_correlation
        and fit.margin >= rule.likely_margin
        and fit.mismatch_share <= rule.likely_mismatch_share
    ):
        return "likely"
    return "unsure"


def _other_level(fit: _Fit, of: Quantity, rule: PlacementRule) -> str:
    """Say why two levels of cadence cannot be of one run; empty if they can. The pod's speed may be off."""
    if of == "cadence" and abs(fit.higher_by) > rule.foreign_cadence_spm:
        more_or_fewer = "more" if fit.higher_by > 0 else "fewer"
        return f"it counts {abs(fit.higher_by):.0f} steps a minute {more_or_fewer}"
    return ""


def _other_course(fit: _Fit, of: Quantity, rule: PlacementRule) -> str:
    """Say why two signals that vary cannot be of one run, even where they agree best; empty if they can."""
    if fit.overlap_s < rule.foreign_overlap_s:
        return ""
    if fit.running_correlation < rule.foreign_correlation:
        best = max(fit.running_correlation, 0)
        return f"its {of} agrees with the recording nowhere, correlation {best:.2f} at best"
    if fit.standing_s >= rule.foreign_standing_s and fit.walked_s > rule.foreign_standing_share * fit.standing_s:
        return f"for {fit.walked_s:.0f} s it stands still where the recording runs"
    return ""


def _spread_s(offset_s: FloatArray, about_s: float) -> float:
    return float(np.sqrt(np.mean((offset_s - about_s) ** 2)))


def _first_running_s(route: Route, of_route: FloatArray) -> float:
    running = np.flatnonzero(of_route > 0.7 * np.nanmedian(np.where(of_route > 0, of_route, np.nan)))
    return float(route.time_s[running[0]]) if running.size else 0.0


def _uncertainty_s(fit: _Fit, curvature: float, rule: PlacementRule) -> float:
    """One standard deviation of the offset: noise against the sharpness of the peak, and what no peak removes."""
    independent = max(fit.overlap_s / CORRELATION_TIME_S, 1.0)
    variance = (1 - fit.correlation**2) / (independent * max(fit.correlation * curvature, 1e-4))
    return float(np.hypot(rule.floor_s, np.sqrt(max(variance, 0.0))))
