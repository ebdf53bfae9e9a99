"""From contacts and toe-offs to the first columns of the strides table."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import ndimage

from surefoot.gait.contacts import ContactParameters, Contacts, find_contacts
from surefoot.gait.path import Path, PathParameters, SensorPlace, Strapdown, shin_path, smoothed_ratio, strapdown
from surefoot.gait.posture import PostureParameters, pitch_error_deg
from surefoot.gait.toe_off import ToeOffParameters, find_toe_offs
from surefoot.motion.movement import Movement
from surefoot.motion.windows import sample
from surefoot.recording.samples import FloatArray


@dataclass(frozen=True)
class StrideParameters:
    """What makes a stride usable."""

    stride_time_s: tuple[float, float] = (0.42, 1.1)
    contact_time_s: tuple[float, float] = (0.08, 0.5)
    longest_contact_share: float = 0.62
    """Of the stride. Running has flight, so about half at most; toe-off is known to 15 ms."""
    neighbours: int = 15
    outlier_mads: float = 4.0
    outlier_floor_s: float = 0.02
    """Timing further from its neighbours than this many scaled MADs and this floor is not the same movement."""
    turn_deg: float = 30.0
    """Change of heading within one stride: a tight turn, in which the leg moves otherwise."""
    speed_mps: tuple[float, float] = (0.7, 9.0)
    grade_strides: int = 21


@dataclass(frozen=True)
class GaitParameters:
    """All settings of the room."""

    contact: ContactParameters = field(default_factory=ContactParameters)
    toe_off: ToeOffParameters = field(default_factory=ToeOffParameters)
    path: PathParameters = field(default_factory=PathParameters)
    posture: PostureParameters = field(default_factory=PostureParameters)
    stride: StrideParameters = field(default_factory=StrideParameters)


@dataclass(frozen=True)
class Gait:
    """Every landing of running, in time order.

    Attributes
    ----------
    move : Movement
        The movement, its axes pitched by the running where there was no standing.
    at : array, shape (k,)
        Contacts as fractional sample indices.
    strides : DataFrame
        The columns of the strides table from `stride` to `grade`, and `usable`, `reject_reason`.
    """

    move: Movement
    at: FloatArray
    strides: pd.DataFrame


def find_strides(
    move: Movement, place: SensorPlace, speed_gain: float = 1.0, parameters: GaitParameters | None = None
) -> Gait:
    """Find and measure the strides of running.

    Every landing gets a row. Where the next landing is not known (a gap, the end of running) what needs it is empty.

    Parameters
    ----------
    move : Movement
    place : SensorPlace
    speed_gain : float
        Personal factor on stride length and speed, learnt from a known speed (`learn_gain`).
    """
    p = parameters or GaitParameters()
    inertial = strapdown(move)
    contacts, toe_off, path = _events(move, inertial, place, p)
    if move.alignment.method == "running":
        for _ in range(2):
            move = move.pitched(pitch_error_deg(move, contacts.at, toe_off, path, p.posture))
            contacts, toe_off, path = _events(move, inertial, place, p)
    return Gait(move, contacts.at, _table(move, contacts, toe_off, path, speed_gain, p.stride))


def learn_gain(strides: pd.DataFrame, known_speed_mps: FloatArray | float) -> float:
    """Learn the personal factor on stride length from a known speed (a route's per stride, or a treadmill's).

    The median of known over measured speed, strides of a steady known speed counting alone; 1 where fewer than 20.
    """
    known = np.broadcast_to(np.asarray(known_speed_mps, dtype=float), len(strides))
    measured = strides["speed_mps"].to_numpy(float)
    steady = np.abs(known - ndimage.median_filter(known, size=15, mode="nearest")) < 0.05 * known
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = (known / measured)[strides["usable"].to_numpy(bool) & steady]
    ratio = ratio[np.isfinite(ratio) & (ratio > 0.5) & (ratio < 2)]
    return float(np.median(ratio)) if len(ratio) >= 20 else 1.0


def _events(
    move: Movement, inertial: Strapdown, place: SensorPlace, p: GaitParameters
) -> tuple[Contacts, FloatArray, Path]:
    contacts = find_contacts(move, p.contact)
    toe_off = find_toe_offs(move, contacts, place.height_m, p.toe_off)
    follows = _follows(move, contacts, p.stride) & np.isfinite(toe_off) & np.isfinite(np.append(toe_off[1:], np.nan))
    return contacts, toe_off, shin_path(move, inertial, contacts.at, toe_off, follows, place, p.path)


def _follows(move: Movement, contacts: Contacts, p: StrideParameters) -> np.ndarray:
    """Whether the next row is the next contact of the foot, with all samples between."""
    pieces = move.pieces
    follows = np.zeros(len(contacts.at), dtype=bool)
    follows[:-1] = np.diff(contacts.swing) == 1
    follows[:-1] &= np.diff(pieces.piece_of(contacts.at)) == 0
    time_s = np.diff(contacts.at) / pieces.rate_hz
    follows[:-1] &= (time_s > p.stride_time_s[0]) & (time_s < p.stride_time_s[1])
    return follows


def _table(
    move: Movement, contacts: Contacts, toe_off: FloatArray, path: Path, speed_gain: float, p: StrideParameters
) -> pd.DataFrame:
    contact_s, toe_off_s = (sample(move.pieces.t_s, at) for at in (contacts.at, toe_off))
    follows = _follows(move, contacts, p)
    stride_time_s = np.where(follows, np.append(contact_s[1:], np.nan) - contact_s, np.nan)
    contact_time_s = toe_off_s - contact_s
    along_m = np.hypot(path.run_m, path.rise_m) * speed_gain
    speed_mps = along_m / path.time_s
    share = stride_time_s / path.time_s
    plausible = (speed_mps > p.speed_mps[0]) & (speed_mps < p.speed_mps[1])
    table = pd.DataFrame(
        {
            "stride": np.arange(len(contact_s)),
            "contact_s": contact_s,
            "toe_off_s": toe_off_s,
            "stride_time_s": stride_time_s,
            "contact_time_s": contact_time_s,
            "cadence_spm": 120 / stride_time_s,
            "stride_length_m": np.where(plausible, along_m * share, np.nan),
            "speed_mps": np.where(plausible, speed_mps, np.nan),
            "rise_m": np.where(plausible, path.rise_m * speed_gain * share, np.nan),
        }
    )
    reason = _reasons(move, contacts, table, path, p)
    counts = plausible & (reason == "")
    # one stride alone is good to 2 points only
    grade = smoothed_ratio(path.rise_m, path.run_m, counts, p.grade_strides)
    table["grade"] = np.where(counts, grade, np.nan)
    table["usable"] = reason == ""
    table["reject_reason"] = reason
    return table


def _reasons(move: Movement, contacts: Contacts, table: pd.DataFrame, path: Path, p: StrideParameters) -> np.ndarray:
    """Why a stride is not usable; '' where it is. The first reason that applies is the one given."""
    stride_s = table["stride_time_s"].to_numpy()
    stance_s = table["contact_time_s"].to_numpy()
    slips = np.array([slip.at_s for slip in move.slips])
    contact_s = table["contact_s"].to_numpy()
    slipped = ((slips[None, :] > contact_s[:, None] - 0.5) & (slips[None, :] < contact_s[:, None] + 1.0)).any(axis=1)
    cut_off = ~np.isfinite(stride_s)
    by_gap = cut_off & _piece_ends_first(move, contacts)
    low, high = p.contact_time_s
    with np.errstate(invalid="ignore"):
        odd_stance = ~((stance_s > low) & (stance_s < high)) | (stance_s > p.longest_contact_share * stride_s)
    reasons = [
        (by_gap, "gap"),
        (cut_off, "end of running"),
        (slipped, "strap slipped"),
        (odd_stance, "toe-off not seen"),
        (path.turn_deg > p.turn_deg, "turn"),
        (_odd(stride_s, p) | _odd(stance_s, p), "unlike its neighbours"),
        (~np.isfinite(table["speed_mps"].to_numpy()), "no path"),
    ]
    return np.asarray(
        np.select([np.nan_to_num(mask) > 0 for mask, _ in reasons], [why for _, why in reasons], ""), dtype=object
    )


def _piece_ends_first(move: Movement, contacts: Contacts) -> np.ndarray:
    """Whether a gap, and not the end of running, comes within a stride after the contact."""
    pieces = move.pieces
    piece = pieces.piece_of(contacts.at)
    end = pieces.bounds[piece + 1] - 1
    is_last_piece = piece == len(pieces.bounds) - 2
    return np.asarray(((end - contacts.at) < 1.1 * pieces.rate_hz) & ~is_last_piece)


def _odd(values: FloatArray, p: StrideParameters) -> np.ndarray:
    """Whether a value lies far from the running median of its neighbours; neighbours without a value are skipped."""
    odd = np.zeros(len(values), dtype=bool)
    known = np.isfinite(values)
    if known.sum() < 5:
        return odd
    present = values[known]
    middle = ndimage.median_filter(present, size=p.neighbours, mode="nearest")
    distance = np.abs(present - middle)
    spread = 1.4826 * ndimage.median_filter(distance, size=p.neighbours, mode="nearest")
    odd[known] = distance > p.outlier_mads * spread + p.outlier_floor_s
    return odd
