"""Two signals at 1 Hz, and how well they agree at every offset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from surefoot.terrain.model import FloatArray, Route
from surefoot.terrain.parameters import PlacementRule

Quantity = Literal["cadence", "speed"]

STANDING = -1.0
LEAST_STRIDES = 5


@dataclass(frozen=True)
class Series:
    """A signal at 1 Hz, as a share of its `band` about its `middle`, -1 to 1; nan where unknown."""

    of: Quantity
    start_s: float
    values: FloatArray
    middle: float
    band: float


@dataclass(frozen=True)
class Scores:
    """Agreement by offset (1 s apart): correlation, overlap in s, and the score that the best offset maximises."""

    offset_s: FloatArray
    correlation: FloatArray
    overlap_s: FloatArray
    score: FloatArray


def recording_series(
    contact_s: FloatArray, value: FloatArray, usable: NDArray[np.bool_], of: Quantity, rule: PlacementRule
) -> Series | None:
    """Strides at 1 Hz: no contact for a while is standing, strides that are not usable leave a hole. None: too few."""
    good = usable & np.isfinite(value)
    if good.sum() < LEAST_STRIDES:
        return None
    start_s = float(np.ceil(contact_s[0]))
    time_s = np.arange(start_s, contact_s[-1])
    middle = float(np.median(value[good]))
    band = _share(of, rule) * middle
    series = np.clip((np.interp(time_s, contact_s[good], value[good]) - middle) / band, STANDING, 1.0)
    series[_gap_at(time_s, contact_s[good]) > rule.pause_s] = np.nan
    series[_gap_at(time_s, contact_s) > rule.stop_s] = STANDING
    return Series(of, start_s, series, middle, band) if np.isfinite(series).any() else None


def route_series(route: Route, value: FloatArray, ratio: float, of: Quantity, rule: PlacementRule) -> Series:
    """Route at 1 Hz of the recording's clock, if that runs `ratio` times as fast as the route's."""
    known = np.isfinite(value)
    time_s = np.arange(0.0, route.time_s[-1] * ratio + 1)
    fix_s = route.time_s[known] * ratio
    middle = float(np.median(value[known & (value > 0)]))
    band = _share(of, rule) * middle
    series = np.clip((np.interp(time_s, fix_s, value[known]) - middle) / band, STANDING, 1.0)
    series[_gap_at(time_s, fix_s) > rule.fix_gap_s] = np.nan
    return Series(of, 0.0, series, middle, band)


def _share(of: Quantity, rule: PlacementRule) -> float:
    return rule.cadence_band if of == "cadence" else rule.speed_band


def _gap_at(time_s: FloatArray, event_s: FloatArray) -> FloatArray:
    """Length of the interval between events in which each time lies, s; infinite outside them."""
    edges = np.concatenate([[-np.inf], event_s, [np.inf]])
    after = np.searchsorted(event_s, time_s, side="right")
    on_last = time_s == event_s[-1]
    return np.where(on_last, 0.0, edges[after + 1] - edges[after])


def agreement(recording: Series, route: Series, rule: PlacementRule) -> Scores:
    """Masked normalised cross-correlation by FFT (Padfield 2012, IEEE Trans. Image Process. 21:2706)."""
    a, b = recording.values, route.values
    known_a, known_b = np.isfinite(a).astype(np.float64), np.isfinite(b).astype(np.float64)
    a, b = np.nan_to_num(a), np.nan_to_num(b)
    size = next_fast_len(a.size + b.size - 1, real=True)
    spectra_a = rfft(np.stack([known_a, a, a * a]), size)
    spectra_b = np.conj(rfft(np.stack([known_b, b, b * b]), size))
    pairs = ((0, 0), (1, 0), (0, 1), (2, 0), (0, 2), (1, 1))
    products = np.stack([spectra_a[i] * spectra_b[j] for i, j in pairs])
    lags = np.arange(-(b.size - 1), a.size)
    overlap, sum_a, sum_b, sum_aa, sum_bb, sum_ab = irfft(products, size)[:, lags]
    count = np.maximum(overlap, 1.0)
    floor = rule.flat_share**2 / 4
    spread_a = np.maximum(sum_aa / count - (sum_a / count) ** 2, floor)
    spread_b = np.maximum(sum_bb / count - (sum_b / count) ** 2, floor)
    correlation = (sum_ab / count - sum_a * sum_b / count**2) / np.sqrt(spread_a * spread_b)
    enough = overlap >= rule.least_overlap_share * min(known_a.sum(), known_b.sum())
    correlation = np.asarray(np.where(enough, correlation, 0.0), dtype=np.float64)
    score = correlation * np.sqrt(np.where(enough, overlap, 0.0) / max(overlap.max(), 1.0))
    return Scores(np.asarray(recording.start_s + lags, dtype=np.float64), correlation, np.asarray(overlap), score)


def other_peaks(found: Scores, best: int, rule: PlacementRule) -> NDArray[np.intp]:
    """Find the indices of the local maxima away from the best."""
    score = found.score
    peak = np.concatenate([[False], (score[1:-1] >= score[:-2]) & (score[1:-1] > score[2:]), [False]])
    away = np.abs(found.offset_s - found.offset_s[best]) > rule.peak_width_s
    return np.flatnonzero(peak & away)


def top_of_peak(found: Scores, best: int) -> tuple[float, float]:
    """Offset of the top of the parabola through the best score and its neighbours, and its curvature, 1/s2."""
    if not 0 < best < found.score.size - 1:
        return float(found.offset_s[best]), 0.0
    before, top, after = found.score[best - 1 : best + 2]
    curvature = 2 * top - before - after
    shift = 0.5 * (after - before) / curvature if curvature > 0 else 0.0
    return float(found.offset_s[best] + shift), float(curvature)
