"""What a gyroscope reads when nothing turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation
from vqf import BasicVQF

from surefoot.motion.orientation import interval_rate_rps, stride_means, to_earth
from surefoot.motion.pieces import BoolArray, IntArray, Pieces
from surefoot.recording.samples import STANDARD_GRAVITY_MPS2, FloatArray


@dataclass(frozen=True)
class BiasParameters:
    """How the bias is told from the movement."""

    strides: int = 5
    """Strides whose mean acceleration is compared: enough for a drift to show, few enough for it to stay small."""
    rounds: int = 2
    prior_dps: float = 5.0
    """What a cheap gyroscope may be off; decides where the movement says nothing (turning about the vertical)."""
    drift_noise_deg: float = 1.5
    """Change of the mean acceleration's direction from stride to stride that is the runner's own."""
    straight_dps: float = 1.0
    """The middle stride of a run turns its heading by less than this; on a small oval it does not, but a heading that
    drifts harms no number."""
    turning_dps: float = 15.0
    """Windows with a stride that turns so much faster than the middle one are left out: the body leans into a turn."""
    longest_cycle_s: float = 1.6
    most_strides: int = 400
    """The first ones; what changes later is followed by the orientation filter."""


def gyro_bias_dps(
    pieces: Pieces, peak: IntArray, standing: BoolArray, parameters: BiasParameters | None = None
) -> FloatArray:
    """Bias of the gyroscope in sensor axes, deg/s, shape (3,).

    From standing where there is any. Otherwise from gait: over whole strides the mean acceleration of the body is
    nearly zero, so the mean specific force, carried into a frame that the gyroscope alone keeps, must keep its
    direction from stride to stride; the drift that it shows instead is linear in the bias. About the vertical this says
    nothing: there the middle stride is taken to go straight ahead.

    Parameters
    ----------
    pieces : Pieces
    peak : int array, shape (m,)
        Swing peaks, which cut the strides.
    standing : bool array, shape (n,)
    """
    p = parameters or BiasParameters()
    if standing.any():
        return np.asarray(np.median(pieces.gyro_dps[standing], axis=0))
    peak = peak[: p.most_strides + 1]
    bias = np.zeros(3)
    for _ in range(p.rounds):
        bias = bias + _drift(pieces, peak, bias, p)
    return bias


def _drift(pieces: Pieces, peak: IntArray, bias_dps: FloatArray, p: BiasParameters) -> FloatArray:
    """Bias, deg/s, that is left after `bias_dps`, by least squares over short windows of strides."""
    start, end = peak[:-1], peak[1:]
    quaternion = _gyro_only(pieces, bias_dps, int(end[-1]) + 1 if len(end) else 0)
    force = stride_means(to_earth(quaternion, pieces.accel_g[: len(quaternion)]), start, end)
    # where each sensor axis points, averaged over a stride: it carries a bias into the earth frame
    axes = np.stack(
        [
            stride_means(to_earth(quaternion, np.broadcast_to(axis, (len(quaternion), 3))), start, end)
            for axis in np.eye(3)
        ],
        axis=2,
    )
    stride_s = (end - start) / pieces.rate_hz
    window = _windows(pieces, start, end, p)
    up = force / np.linalg.norm(force, axis=1, keepdims=True)
    yaw_rps = _yaw_rad(quaternion, up, start, end) / stride_s
    middle_rps = float(np.median(yaw_rps[window])) if len(window) else 0.0
    window = window[(np.abs(yaw_rps[window] - middle_rps) < np.radians(p.turning_dps)).all(axis=1)]
    turned = np.cumsum(axes[window] * stride_s[window][:, :, None, None], axis=1)
    mean = force[window].mean(axis=1, keepdims=True)
    length = np.linalg.norm(mean, axis=-1, keepdims=True)
    up = np.broadcast_to(mean / length, (*window.shape, 3))
    # a small rotation phi of the frame moves the direction by phi x up, and phi is `turned` times the bias
    slope = np.stack([np.cross(turned[..., axis], up) for axis in range(3)], axis=-1)
    slope = (slope - slope.mean(axis=1, keepdims=True)).reshape(-1, 3)
    change = (force[window] / length - up).reshape(-1)
    # how far each sensor axis turns the heading
    yaw_axes = np.einsum("kwi,kwij->j", up, axes[window]) / max(window.size, 1)
    weight, prior, straight = (np.radians(size) ** -2 for size in (p.drift_noise_deg, p.prior_dps, p.straight_dps))
    known = weight * slope.T @ slope + straight * np.outer(yaw_axes, yaw_axes) + prior * np.eye(3)
    return np.degrees(np.linalg.solve(known, weight * slope.T @ change + straight * yaw_axes * middle_rps))


def _yaw_rad(quaternion: FloatArray, up: FloatArray, start: IntArray, end: IntArray) -> FloatArray:
    """Turn of the heading from the start to the end of each stride, rad."""
    before, after = (Rotation.from_quat(quaternion[at], scalar_first=True) for at in (start, end))
    return np.asarray(np.einsum("ki,ki->k", (after * before.inv()).as_rotvec(), up))


def _windows(pieces: Pieces, start: IntArray, end: IntArray, p: BiasParameters) -> IntArray:
    """List runs of neighbouring strides, shape (windows, strides), by their numbers."""
    if len(start) < p.strides:
        return np.zeros((0, p.strides), dtype=np.int64)
    window = np.lib.stride_tricks.sliding_window_view(np.arange(len(start)), p.strides)
    whole = (pieces.piece_of(start) == pieces.piece_of(end)) & (end - start < p.longest_cycle_s * pieces.rate_hz)
    return np.asarray(window[whole[window].all(axis=1)])


def _gyro_only(pieces: Pieces, bias_dps: FloatArray, length: int) -> FloatArray:
    """Orientation from the gyroscope alone, up to sample `length`; each piece starts anew."""
    quaternion = np.zeros((length, 4))
    rate_rps = interval_rate_rps(pieces, pieces.gyro_dps - bias_dps)
    accel_mps2 = pieces.accel_g[:length] * STANDARD_GRAVITY_MPS2
    for piece in pieces.slices():
        if piece.start < length:
            part = slice(piece.start, min(piece.stop, length))
            state = BasicVQF(1 / pieces.rate_hz).updateBatchFullState(rate_rps[part], accel_mps2[part])
            quaternion[part] = state["gyrQuat"]
    return quaternion
