"""A strides table against a reference, stride by stride."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int_]

WINDOW_S = 0.100
_TIME_DECIMALS = 4  # references are written to 0.1 ms; the end of one stride and the start of the next are one contact


@dataclass(frozen=True)
class Spread:
    """Errors, detected minus reference: how many, mean, standard deviation, mean absolute and root mean square."""

    n: int
    bias: float
    sd: float
    mae: float
    rmse: float


@dataclass(frozen=True)
class Score:
    """What a strides table is worth against a reference.

    Attributes
    ----------
    reference_contacts, matched_contacts : int
        Reference contacts but the first and the last, and how many of them were found.
    recall : float
        Their ratio.
    false_contacts : int
        Detections within the reference's span that match no contact.
    contact_ms, toe_off_ms, contact_time_ms, stride_time_ms, cadence_spm : Spread
        Errors in time and cadence.
    stride_length_pct, speed_pct : Spread
        Errors relative to the reference of the same stride, per cent.
    grade_points : Spread
        Error of grade, percentage points.
    strides_scored, strides_without_length : int
        Matched strides, and those of them with no stride length in either table.
    """

    reference_contacts: int
    matched_contacts: int
    recall: float
    false_contacts: int
    contact_ms: Spread
    toe_off_ms: Spread
    contact_time_ms: Spread
    stride_time_ms: Spread
    cadence_spm: Spread
    stride_length_pct: Spread
    speed_pct: Spread
    grade_points: Spread
    strides_scored: int
    strides_without_length: int


def score(truth: pd.DataFrame, strides: pd.DataFrame) -> Score:
    """Compare a strides table with a reference of the same leg.

    A detected contact goes with the nearest reference contact within 100 ms, one to one. Only the span from the first
    to the last reference contact (and 100 ms around it) counts. These two may be missed freely: a recording can begin
    in the middle of a swing, and the last contact starts no complete stride.

    Parameters
    ----------
    truth : DataFrame
        A row per reference stride: contact_s, toe_off_s (or toeoff_s), next_contact_s, stride_time_s, stride_length_m,
        speed_mps, cadence_spm, grade. A missing column is 'not measured'.
    strides : DataFrame
        The table to judge, with the columns of the product's strides table; an empty cell is 'not measured'.
    """
    starts_s, ends_s = _column(truth, "contact_s"), _column(truth, "next_contact_s")
    known_s = np.concatenate([starts_s, ends_s[np.isfinite(ends_s)]])
    contacts_s = np.unique(np.round(known_s, _TIME_DECIMALS))
    found_s = _column(strides, "contact_s")
    inside = np.flatnonzero((found_s >= contacts_s[0] - WINDOW_S) & (found_s <= contacts_s[-1] + WINDOW_S))
    contact, detection = match(contacts_s, found_s[inside])
    row = inside[detection]

    truth_row = pd.Series(np.arange(len(truth)), index=np.round(starts_s, _TIME_DECIMALS))
    truth_row = truth_row[~truth_row.index.duplicated(keep="last")].reindex(contacts_s[contact])
    starts_stride = truth_row.notna().to_numpy()
    reference = truth.iloc[truth_row[starts_stride].astype(int)]
    detected = strides.iloc[row[starts_stride]]

    def error(*names: str) -> FloatArray:
        return _column(detected, *names) - _column(reference, *names)

    toe_off_s = error("toe_off_s", "toeoff_s")
    length_m = error("stride_length_m")
    interior = max(len(contacts_s) - 2, 0)
    matched = int(np.count_nonzero((contact > 0) & (contact < len(contacts_s) - 1)))
    return Score(
        reference_contacts=interior,
        matched_contacts=matched,
        recall=matched / max(interior, 1),
        false_contacts=len(inside) - len(contact),
        contact_ms=spread(1e3 * (found_s[row] - contacts_s[contact])),
        toe_off_ms=spread(1e3 * toe_off_s),
        contact_time_ms=spread(1e3 * (toe_off_s - error("contact_s"))),
        stride_time_ms=spread(1e3 * error("stride_time_s")),
        cadence_spm=spread(error("cadence_spm")),
        stride_length_pct=spread(100 * length_m / _column(reference, "stride_length_m")),
        speed_pct=spread(100 * error("speed_mps") / _column(reference, "speed_mps")),
        grade_points=spread(100 * error("grade")),
        strides_scored=len(reference),
        strides_without_length=int(np.isnan(length_m).sum()),
    )


def match(reference_s: FloatArray, detected_s: FloatArray, window_s: float = WINDOW_S) -> tuple[IntArray, IntArray]:
    """Pair two series of times, nearest pair first, each time used once, none further apart than the window.

    Returns
    -------
    reference, detected : arrays of int, shape (k,)
        Indices of the pairs, in the order of the reference.

    Notes
    -----
    Nearest first means: a pair stands when neither of its two has a nearer partner left. So all such pairs are taken
    at once, what they used is struck out, and again until none is left: with contacts further apart than the window
    this ends after a few rounds, and the sorting dominates, O(n log n).
    """
    reference, detected = _pairs_within(reference_s, detected_s, window_s)
    nearest_first = np.lexsort((detected, reference, np.abs(detected_s[detected] - reference_s[reference])))
    reference, detected = reference[nearest_first], detected[nearest_first]
    matched: list[IntArray] = [np.empty((2, 0), dtype=np.int_)]
    while len(reference):
        rank = np.arange(len(reference))
        stands = (rank == _first_rank(reference)) & (rank == _first_rank(detected))
        matched.append(np.stack([reference[stands], detected[stands]]))
        left = ~np.isin(reference, reference[stands]) & ~np.isin(detected, detected[stands])
        reference, detected = reference[left], detected[left]
    pairs = np.concatenate(matched, axis=1)
    reference, detected = pairs[:, np.argsort(pairs[0])]
    return reference, detected


def spread(error: FloatArray) -> Spread:
    """Mean, standard deviation, mean absolute and root-mean-square error of the finite values; nan where none is."""
    error = error[np.isfinite(error)]
    if not len(error):
        return Spread(0, np.nan, np.nan, np.nan, np.nan)
    return Spread(
        n=len(error),
        bias=float(error.mean()),
        sd=float(error.std()),
        mae=float(np.abs(error).mean()),
        rmse=float(np.sqrt((error**2).mean())),
    )


def _pairs_within(reference_s: FloatArray, detected_s: FloatArray, window_s: float) -> tuple[IntArray, IntArray]:
    """Find all pairs no further apart than the window, as two arrays of indices."""
    order = np.argsort(detected_s, kind="stable")
    margin_s = window_s + 1e-6  # searchsorted compares sums, the definition below compares differences
    first = np.searchsorted(detected_s[order], reference_s - margin_s)
    count = np.searchsorted(detected_s[order], reference_s + margin_s) - first
    reference = np.repeat(np.arange(len(reference_s)), count)
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    detected = order[np.repeat(first, count) + place]
    near = np.abs(detected_s[detected] - reference_s[reference]) <= window_s
    return reference[near], detected[near]


def _first_rank(key: IntArray) -> IntArray:
    """For each entry, the position at which its key first occurs."""
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return np.asarray(first[inverse])


def _column(table: pd.DataFrame, *names: str) -> FloatArray:
    """Return the first column of these names as numbers: nan where empty, not a number or missing altogether."""
    for name in names:
        if name in table:
            return np.asarray(pd.to_numeric(table[name], errors="coerce"), dtype=np.float64)
    return np.full(len(table), np.nan)
