"""Toe-off, from the shin alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.gait.contacts import Contacts
from surefoot.motion.movement import Movement
from surefoot.motion.pieces import BoolArray, IntArray
from surefoot.motion.windows import around, at_column, extreme, first_crossing
from surefoot.recording.samples import STANDARD_GRAVITY_MPS2, FloatArray


@dataclass(frozen=True)
class ToeOffParameters:
    """Three readings of toe-off, each the level at which a quantity has dropped from its late-stance peak.

    The shares and the offset are those of the comparison in docs/validation.md.
    """

    cutoff_hz: float = 18.0
    turn_share: float = 0.15
    """Of the way of the sagittal rate from its late-stance peak to its early-swing trough."""
    axial_share: float = 0.7
    push_share: float = 0.6
    weights: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """How much the rate, the axial acceleration and the push count; docs/validation.md shows each alone."""
    offset_s: float = -0.0015
    """Mean of the three minus the force plate's toe-off, taken off."""
    agree_s: float = 0.015
    """A reading further than this from the middle one is drawn to it."""
    window_s: float = 0.75
    step_s: float = 0.0025


def find_toe_offs(
    move: Movement, contacts: Contacts, sensor_height_m: float, parameters: ToeOffParameters | None = None
) -> FloatArray:
    """Fractional sample index of the toe-off after each contact, shape (k,); nan where it is not seen.

    Late in stance the shin almost stops turning, then the foot leaves and it turns back fast (Greene et al. 2010); at
    the same time the axial acceleration falls (Mercer et al. 2003, Sinclair et al. 2013) and the ankle's forward
    acceleration, which the push of the foot causes, ends. The mean of the three readings is taken.
    """
    p = parameters or ToeOffParameters()
    pieces, rate_hz = move.pieces, move.pieces.rate_hz
    offsets_s = np.arange(0.0, p.window_s + p.step_s / 2, p.step_s)
    next_rise = _swing_begins(move, contacts)
    sagittal = pieces.lowpass(pieces.gyro_dps[:, 2], p.cutoff_hz)
    accel = pieces.lowpass(pieces.accel_g[:, :2], p.cutoff_hz)
    turn = around(sagittal, contacts.at, offsets_s, rate_hz)
    axial = around(accel[:, 1], contacts.at, offsets_s, rate_hz)
    push = around(_ankle_forward_g(move, sagittal, accel, sensor_height_m), contacts.at, offsets_s, rate_hz)
    stance = _StanceWindows(turn, next_rise, p.step_s)
    readings = np.stack(
        [
            _dropped(turn, stance.rate_peak, stance.trough, p.turn_share),
            _dropped_within(axial, stance, (-0.07, 0.03), 0.14, p.axial_share),
            _dropped_within(push, stance, (-0.06, 0.025), 0.10, p.push_share),
        ],
        axis=1,
    )
    column = _agreed(readings, p.weights, p.agree_s / p.step_s) + p.offset_s / p.step_s
    at = contacts.at + column * p.step_s * rate_hz
    return np.where(stance.seen & (column * p.step_s > 0.05), at, np.nan)


class _StanceWindows:
    """Columns of the sagittal rate's late-stance peak and of the trough after it."""

    def __init__(self, turn: FloatArray, swing_begins_s: FloatArray, step_s: float) -> None:
        self.step_s = step_s
        column = np.arange(turn.shape[1])[None, :]
        begins = np.nan_to_num(swing_begins_s, nan=0.0)[:, None] / step_s
        self.trough: IntArray = extreme(-turn, (column >= 0.3 * begins) & (column <= begins))
        self.rate_peak: IntArray = extreme(turn, (column >= 0.2 * begins) & (column <= self.trough[:, None]))
        self.seen: BoolArray = np.isfinite(swing_begins_s) & (self.trough > self.rate_peak)

    def near_peak(self, rows: FloatArray, window_s: tuple[float, float]) -> IntArray:
        """Column of the largest value near the peak of the rate."""
        column = np.arange(rows.shape[1])[None, :]
        first, last = (self.rate_peak[:, None] + share / self.step_s for share in window_s)
        return extreme(rows, (column >= first) & (column <= last))


def _swing_begins(move: Movement, contacts: Contacts) -> FloatArray:
    """Time from each contact to the last start of forward rotation before the next swing's peak; nan where unseen."""
    pieces, rate_hz = move.pieces, move.pieces.rate_hz
    sagittal = pieces.lowpass(pieces.gyro_dps[:, 2], 10.0)
    following = np.minimum(contacts.swing + 1, len(move.peak) - 1)
    peak = move.peak[following]
    same = (contacts.swing + 1 < len(move.peak)) & (pieces.piece_of(peak) == pieces.piece_of(contacts.at))
    offsets_s = np.arange(0.0, 0.4, 1 / rate_hz)
    backward = around(sagittal, peak.astype(float), -offsets_s, rate_hz)
    first = np.zeros(len(peak), dtype=np.int64)
    last = np.full(len(peak), len(offsets_s) - 1)
    begins = peak - first_crossing(backward, first, last, np.zeros(len(peak)))
    after_s = (begins - contacts.at) / rate_hz
    with np.errstate(invalid="ignore"):
        return np.where(same & (after_s > 0.15) & (after_s < 0.72), after_s, np.nan)


def _ankle_forward_g(
    move: Movement, sagittal_dps: FloatArray, accel_g: FloatArray, sensor_height_m: float
) -> FloatArray:
    """Forward horizontal acceleration of the ankle: the sensor's, less what its turning about the ankle adds.

    `accel_g` holds the smooth ap and axial acceleration, shape (n, 2).
    """
    rate = np.radians(sagittal_dps)
    change = np.gradient(rate, 1 / move.pieces.rate_hz)
    height_g = sensor_height_m / STANDARD_GRAVITY_MPS2
    ap = accel_g[:, 0] - move.up[:, 0] + change * height_g
    axial = accel_g[:, 1] - move.up[:, 1] + rate**2 * height_g
    length = np.maximum(np.hypot(move.up[:, 0], move.up[:, 1]), 1e-6)
    return np.asarray((ap * move.up[:, 1] - axial * move.up[:, 0]) / length)


def _dropped(rows: FloatArray, start: IntArray, end: IntArray, share: float) -> FloatArray:
    high, low = at_column(rows, start), at_column(rows, end)
    return first_crossing(rows, start, end, high + share * (low - high))


def _dropped_within(
    rows: FloatArray, stance: _StanceWindows, near_s: tuple[float, float], fall_s: float, share: float
) -> FloatArray:
    top = stance.near_peak(rows, near_s)
    column = np.arange(rows.shape[1])[None, :]
    bottom = extreme(-rows, (column >= top[:, None]) & (column <= top[:, None] + fall_s / stance.step_s))
    return _dropped(rows, top, bottom, share)


def _agreed(readings: FloatArray, weights: tuple[float, ...], limit: float) -> FloatArray:
    """Weighted mean of the readings of each row, those far from the middle one drawn to it; nan where none."""
    weight = np.where(np.isfinite(readings), np.array(weights), 0.0)
    counted = np.where(weight > 0, readings, np.nan)
    known = weight.sum(axis=1) > 0
    mean = np.full(len(readings), np.nan)
    middle = np.nanmedian(counted[known], axis=1, keepdims=True)
    near = np.nan_to_num(middle + np.clip(counted[known] - middle, -limit, limit))
    mean[known] = (weight[known] * near).sum(axis=1) / weight[known].sum(axis=1)
    return mean
