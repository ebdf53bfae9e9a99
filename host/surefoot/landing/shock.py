"""Shock: the peak of the shin's acceleration after contact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.motion.pieces import Pieces
from surefoot.motion.windows import around
from surefoot.recording.samples import FloatArray


@dataclass(frozen=True)
class ShockParameters:
    """How the peak is read (Sinclair et al. 2013; Brayne et al. 2018; sheets of the field agree on about 60 Hz)."""

    cutoff_hz: float = 60.0
    window_s: float = 0.08
    before_s: float = 0.005
    """The reading of contact may be this late."""
    standing_g: float = 1.0


def shock(
    pieces: Pieces, at: FloatArray, clipped: np.ndarray, parameters: ShockParameters | None = None
) -> dict[str, FloatArray]:
    """Peak axial and resultant acceleration after each contact.

    Parameters
    ----------
    pieces : Pieces
        Samples in shin axes.
    at : array, shape (k,)
        Contacts, fractional sample indices.
    clipped : bool array, shape (n,)

    Returns
    -------
    dict
        `shock_axial_g` (the standing 1 g taken off), `shock_resultant_g` (specific force as measured),
        `shock_time_ms` (delay of the axial peak), `clipped` (the peak is a lower bound); each shape (k,).
    """
    p = parameters or ShockParameters()
    step_s = 1 / (2 * pieces.rate_hz)
    offsets_s = np.arange(-p.before_s, p.window_s + step_s / 2, step_s)
    smooth = pieces.lowpass(pieces.accel_g, p.cutoff_hz)
    axial = around(smooth[:, 1], at, offsets_s, pieces.rate_hz)
    resultant = around(np.linalg.norm(smooth, axis=1), at, offsets_s, pieces.rate_hz)
    reached = around(clipped.astype(float), at, offsets_s, pieces.rate_hz)
    return {
        "shock_axial_g": axial.max(axis=1, initial=-np.inf) - p.standing_g,
        "shock_resultant_g": resultant.max(axis=1, initial=-np.inf),
        "shock_time_ms": 1e3 * np.maximum(offsets_s[np.argmax(axial, axis=1)], 0.0),
        "clipped": reached.max(axis=1, initial=0.0) > 0,
    }
