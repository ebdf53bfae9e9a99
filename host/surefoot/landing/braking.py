"""Braking: the forward speed that the shin loses as it lands. Experimental; it is not a braking force."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.motion.movement import Movement
from surefoot.motion.windows import around
from surefoot.recording.samples import STANDARD_GRAVITY_MPS2, FloatArray


@dataclass(frozen=True)
class BrakingParameters:
    """Window and filter of the reading."""

    window_s: float = 0.10
    cutoff_hz: float = 60.0


def braking(move: Movement, at: FloatArray, parameters: BrakingParameters | None = None) -> dict[str, FloatArray]:
    """Backward acceleration of the shin in the horizontal direction of its sagittal plane, after each contact.

    Returns
    -------
    dict
        `braking_dv_mps`: from contact to the instant of least forward speed within the window, the speed lost (>= 0).
        `braking_peak_g`: largest backward acceleration. `braking_share`: backward part of the energy of the whole
        shock, the integral of the squared backward acceleration over that of the squared acceleration (0 to 1).
        Each shape (k,).
    """
    p = parameters or BrakingParameters()
    rate_hz = move.pieces.rate_hz
    step_s = 1 / (2 * rate_hz)
    offsets_s = np.arange(0.0, p.window_s + step_s / 2, step_s)
    smooth = move.pieces.lowpass(move.pieces.accel_g - move.up, p.cutoff_hz)
    forward = around(_forward(move, smooth), at, offsets_s, rate_hz)
    energy = around(np.einsum("ij,ij->i", smooth, smooth), at, offsets_s, rate_hz).sum(axis=1)
    gained = np.cumsum(forward[:, 1:] + forward[:, :-1], axis=1) * 0.5 * step_s * STANDARD_GRAVITY_MPS2
    backward = np.maximum(-forward, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (backward**2).sum(axis=1) / energy
    return {
        "braking_dv_mps": np.maximum(-gained.min(axis=1, initial=0.0), 0.0),
        "braking_peak_g": backward.max(axis=1, initial=0.0),
        "braking_share": np.minimum(share, 1.0),
    }


def _forward(move: Movement, accel_g: FloatArray) -> FloatArray:
    """Part of `accel_g` (n, 3; shin axes) along the horizontal of the sagittal plane."""
    length = np.maximum(np.hypot(move.up[:, 0], move.up[:, 1]), 1e-6)
    return np.asarray((accel_g[:, 0] * move.up[:, 1] - accel_g[:, 1] * move.up[:, 0]) / length)
