"""Steadiness of the landing: how much the shin turns and rocks outside its plane. Experimental."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.motion.filters import band_pass, envelope
from surefoot.motion.pieces import Pieces
from surefoot.motion.windows import around
from surefoot.recording.samples import FloatArray


@dataclass(frozen=True)
class SteadinessParameters:
    """Window and bands of the readings (docs/metrics.md gives the reasons)."""

    window_s: float = 0.12
    cutoff_hz: float = 30.0
    settle_band_hz: tuple[float, float] = (5.0, 30.0)
    settle_share: float = 0.25
    settle_hold_s: float = 0.02
    settle_cap_s: float = 0.15


def steadiness(pieces: Pieces, at: FloatArray, parameters: SteadinessParameters | None = None) -> dict[str, FloatArray]:
    """Measure how far each landing keeps to one plane.

    Parameters
    ----------
    pieces : Pieces
        Samples in shin axes.
    at : array, shape (k,)
        Contacts, fractional sample indices.

    Returns
    -------
    dict
        `off_plane`: 1 - largest eigenvalue / trace of the second moment of the angular rate, which needs no alignment
        (0: a pure hinge, 2/3: turning equally about all axes). `frontal_rms_dps`: RMS rate about the forward axis.
        `ml_share`: RMS sideways over RMS resultant acceleration. `settle_ms`: until the 5 to 30 Hz envelope of the
        frontal rate stays below a quarter of its peak for 20 ms, at most 150. Each shape (k,).
    """
    p = parameters or SteadinessParameters()
    rate_hz = pieces.rate_hz
    offsets_s = np.arange(0.0, p.window_s, 1 / rate_hz)
    turning = around(pieces.lowpass(pieces.gyro_dps, p.cutoff_hz), at, offsets_s, rate_hz)
    moment = np.einsum("kti,ktj->kij", turning, turning)
    accel = around(pieces.lowpass(pieces.accel_g, p.cutoff_hz), at, offsets_s, rate_hz)
    with np.errstate(invalid="ignore", divide="ignore"):
        off_plane = 1 - np.linalg.eigvalsh(moment)[:, -1] / np.trace(moment, axis1=1, axis2=2)
        ml_share = np.sqrt((accel[:, :, 2] ** 2).sum(axis=1) / (accel**2).sum(axis=(1, 2)))
    return {
        "off_plane": off_plane,
        "frontal_rms_dps": np.sqrt((turning[:, :, 0] ** 2).mean(axis=1)),
        "ml_share": ml_share,
        "settle_ms": 1e3 * _settling(pieces, at, p),
    }


def _settling(pieces: Pieces, at: FloatArray, p: SteadinessParameters) -> FloatArray:
    """Time, s, after which the frontal rocking stays small."""
    rate_hz = pieces.rate_hz
    rocking = _rocking(pieces, p)
    offsets_s = np.arange(0.0, p.settle_cap_s + p.settle_hold_s, 1 / rate_hz)
    rows = around(rocking, at, offsets_s, rate_hz)
    small = rows < p.settle_share * rows.max(axis=1, initial=0.0, keepdims=True)
    hold = max(1, round(p.settle_hold_s * rate_hz))
    held = np.lib.stride_tricks.sliding_window_view(small, hold, axis=1).all(axis=2)
    peak = np.argmax(rows, axis=1)
    held &= np.arange(held.shape[1])[None, :] >= peak[:, None]
    settled = np.where(held.any(axis=1), offsets_s[np.argmax(held, axis=1)], p.settle_cap_s)
    return np.minimum(settled, p.settle_cap_s)


def _rocking(pieces: Pieces, p: SteadinessParameters) -> FloatArray:
    """Envelope of the frontal rate in the band."""
    frontal = pieces.gyro_dps[:, 0]
    low, high = p.settle_band_hz
    band = band_pass(low, min(high, 0.45 * pieces.rate_hz), pieces.rate_hz)
    rocking = np.empty_like(frontal)
    for piece in pieces.slices():
        rocking[piece] = envelope(band.both_ways(frontal[piece]))
    return rocking
