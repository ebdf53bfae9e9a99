"""The swing of the leg: its axis in the sensor, and one peak of its rotation per stride."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.motion.filters import peaks
from surefoot.motion.pieces import IntArray, Pieces
from surefoot.recording.samples import FloatArray


@dataclass(frozen=True)
class SwingParameters:
    """How a swing is recognised."""

    turning_dps: float = 150.0
    """Slower rotation is left out of the axis: it is stance, standing, or sway."""
    cutoff_hz: float = 6.0
    peak_dps: float = 150.0
    """Walking swings reach 300 and more, running 400 and more."""
    refractory_s: float = 0.42
    """Two swings of one leg are further apart: 285 steps/min."""


@dataclass(frozen=True)
class Swings:
    """Peaks of the forward rotation.

    Attributes
    ----------
    axis : array, shape (3,)
        Unit vector to the runner's right, in sensor axes: the axis of the swing, forward swing positive.
    explained : float
        Share of the rotation's energy that is about this axis.
    peak : int array, shape (m,)
        Sample index of the fastest forward rotation of each swing.
    rate_dps : array, shape (m,)
        Rotation about the axis there.
    """

    axis: FloatArray
    explained: float
    peak: IntArray
    rate_dps: FloatArray


def find_swings(pieces: Pieces, within: np.ndarray | None = None, parameters: SwingParameters | None = None) -> Swings:
    """Find the principal axis of rotation (Kong et al. 2016) and the swings about it.

    `within` (bool, shape (n,)) limits the samples from which the axis is taken, such as to running. The sign follows
    from the shape of the motion: the shin swings forward in one fast sweep and turns back in two slower ones, so that
    the third moment of the rate about the axis is positive.
    """
    p = parameters or SwingParameters()
    rate_dps = pieces.gyro_dps
    turning = np.einsum("ij,ij->i", rate_dps, rate_dps) > p.turning_dps**2
    if within is not None and (turning & within).any():
        turning &= within
    if not turning.any():
        return Swings(np.array([0.0, 0.0, 1.0]), 0.0, np.zeros(0, np.int64), np.zeros(0))
    moving = rate_dps[turning]
    energy, axes = np.linalg.eigh(moving.T @ moving)
    axis = axes[:, -1]
    swept = moving @ axis
    if np.mean(swept * swept * swept) < 0:
        axis = -axis
    about = pieces.lowpass(rate_dps @ axis, p.cutoff_hz)
    peak = _peaks(about, pieces, p)
    return Swings(axis, float(energy[-1] / energy.sum()), peak, about[peak])


def _peaks(about_dps: FloatArray, pieces: Pieces, p: SwingParameters) -> IntArray:
    distance = max(1, int(p.refractory_s * pieces.rate_hz))
    return np.concatenate([peaks(about_dps[piece], p.peak_dps, distance) + piece.start for piece in pieces.slices()])
