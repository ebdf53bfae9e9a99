"""Contact of the foot, from the shin alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.motion.movement import Movement
from surefoot.motion.pieces import IntArray
from surefoot.motion.windows import around, at_column, extreme, first_crossing
from surefoot.recording.samples import FloatArray


@dataclass(frozen=True)
class ContactParameters:
    """How contact is read from the axial rise and the turn of the swing.

    The figures are those of the comparison in docs/validation.md.
    """

    cutoff_hz: float = 20.0
    search_s: tuple[float, float] = (-0.06, 0.17)
    """Around the instant at which the swing turns back."""
    rise_at_s: float = 0.03
    rise_width_s: float = 0.10
    """A rise counts less the further it is from where contacts lie: cosine, zero at this distance."""
    reach_s: float = 0.045
    """From the steepest rise to its foot and to its top."""
    rise_share: float = 0.35
    """Contact is where the axial acceleration has made this part of its rise."""
    turn_lead_s: float = 0.0255
    """The swing turns back this long before contact."""
    turn_weight: float = 0.4
    turn_limit_s: float = 0.015
    """The turn may move contact by at most its weight times this."""
    step_s: float = 0.0025


@dataclass(frozen=True)
class Contacts:
    """Contacts, one per swing that is followed by one.

    Attributes
    ----------
    swing : int array, shape (k,)
        Number of the swing before each contact (into `Movement.peak`).
    at : array, shape (k,)
        Fractional sample index of contact.
    """

    swing: IntArray
    at: FloatArray


def find_contacts(move: Movement, parameters: ContactParameters | None = None) -> Contacts:
    """Find the contact after each swing of running.

    Two readings are fused. The shin's axial acceleration falls while the leg drops and rises as the ground takes the
    foot (the onset that Sinclair et al. 2013 and Aubol and Milner 2020 walk back to); and the shin turns back a
    little before contact (Greene et al. 2010, Fadillioglu et al. 2020). The rise is physical and leads; the turn is
    steady from stride to stride and damps what a filter or a soft landing does to the rise.
    """
    p = parameters or ContactParameters()
    pieces = move.pieces
    rate_hz = pieces.rate_hz
    sagittal = pieces.lowpass(pieces.gyro_dps[:, 2], p.cutoff_hz)
    swing = np.flatnonzero(move.activity.running_swing)
    turn = _turns_back(sagittal, move.peak[swing], rate_hz)
    offsets_s = np.arange(p.search_s[0], p.search_s[1] + p.step_s / 2, p.step_s)
    piece = pieces.piece_of(move.peak[swing])
    with np.errstate(invalid="ignore"):
        whole = (
            np.isfinite(turn)
            & (turn + p.search_s[0] * rate_hz >= pieces.bounds[piece])
            & (turn + p.search_s[1] * rate_hz <= pieces.bounds[piece + 1] - 1)
        )
    swing, turn = swing[whole], turn[whole]
    axial = around(pieces.lowpass(pieces.accel_g[:, 1], p.cutoff_hz), turn, offsets_s, rate_hz)
    rise_s = _rise(axial, offsets_s, p)
    disagreement_s = p.turn_lead_s - rise_s
    contact_s = rise_s + p.turn_weight * np.clip(disagreement_s, -p.turn_limit_s, p.turn_limit_s)
    found = np.isfinite(contact_s)
    return Contacts(swing[found], (turn + contact_s * rate_hz)[found])


def _turns_back(sagittal_dps: FloatArray, peak: IntArray, rate_hz: float) -> FloatArray:
    """Fractional index at which the forward swing ends; nan where it does not within half a second."""
    offsets_s = np.arange(0.0, 0.5, 1 / rate_hz)
    rate = around(sagittal_dps, peak.astype(float), offsets_s, rate_hz)
    first = np.zeros(len(peak), dtype=np.int64)
    last = np.full(len(peak), rate.shape[1] - 1)
    return peak + first_crossing(rate, first, last, np.zeros(len(peak)))


def _rise(axial: FloatArray, offsets_s: FloatArray, p: ContactParameters) -> FloatArray:
    """Time of contact by the axial rise, s from the turn."""
    if not len(axial):
        return np.zeros(0)
    near = np.clip((offsets_s - p.rise_at_s) / p.rise_width_s, -1, 1)
    steepness = np.gradient(axial, axis=1) * np.cos(near * np.pi / 2)
    everywhere = np.ones_like(axial, dtype=bool)
    steepest = extreme(steepness, everywhere)
    column = np.arange(axial.shape[1])[None, :]
    reach = round(p.reach_s / p.step_s)
    foot = extreme(-axial, (column >= steepest[:, None] - reach) & (column <= steepest[:, None]))
    top = extreme(axial, (column >= steepest[:, None]) & (column <= steepest[:, None] + reach))
    low, high = at_column(axial, foot), at_column(axial, top)
    return np.asarray(offsets_s[0] + p.step_s * first_crossing(axial, foot, top, low + p.rise_share * (high - low)))
