"""Which way is up: the orientation of the sensor at every sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial.transform import Rotation
from vqf import offlineVQF

from surefoot.motion.pieces import IntArray, Pieces
from surefoot.recording.samples import STANDARD_GRAVITY_MPS2, FloatArray


@dataclass(frozen=True)
class OrientationParameters:
    """Settings of VQF (Laidig and Seel 2023); what is not named here is as in the paper."""

    accel_time_constant_s: float = 3.0
    least_rate_hz: float = 90.0
    """VQF takes steps of as many samples as keep it at this rate: within a step the gyroscope alone turns. The shin
    angle is the same to 0.05 degrees, in half the time at 200 Hz."""


@dataclass(frozen=True)
class LevelParameters:
    """How the vertical is made sure by whole strides."""

    strides: int = 7
    longest_cycle_s: float = 1.6


@dataclass(frozen=True)
class Orientation:
    """Orientation of the sensor, and what its gyroscope adds of its own.

    Attributes
    ----------
    quaternion : array, shape (n, 4)
        w, x, y, z; turns sensor axes into an earth frame with z up and an arbitrary, slowly drifting heading.
    bias_dps : array, shape (3,)
        Median gyroscope bias, sensor axes.
    """

    quaternion: FloatArray
    bias_dps: FloatArray


def orient(pieces: Pieces, parameters: OrientationParameters | None = None) -> Orientation:
    """Estimate orientation forward and backward in time with VQF, piece by piece."""
    p = parameters or OrientationParameters()
    samples = max(1, int(pieces.rate_hz / p.least_rate_hz))
    turn = interval_rate_rps(pieces, pieces.gyro_dps) / pieces.rate_hz
    quaternion = np.empty((len(pieces.t_s), 4))
    biases = []
    for piece in pieces.slices():
        quaternion[piece], bias = _in_steps(turn[piece], pieces.accel_g[piece], samples, pieces.rate_hz, p)
        biases.append(bias)
    return Orientation(quaternion, np.degrees(np.median(np.concatenate(biases), axis=0)))


def _in_steps(
    turn: FloatArray, accel_g: FloatArray, samples: int, rate_hz: float, p: OrientationParameters
) -> tuple[FloatArray, FloatArray]:
    """Quaternion of every sample, and bias, rad/s, of every step of so many `samples`, by VQF.

    `turn` is the rotation, rad, over the interval that ends at each sample. A step ends at its last sample; the first
    one is filled up with rest.
    """
    lacking = -len(turn) % samples
    if lacking:
        turn = np.concatenate([np.zeros((lacking, 3)), turn])
        accel_g = np.concatenate([np.repeat(accel_g[:1], lacking, axis=0), accel_g])
    turn, accel_g = turn.reshape(-1, samples, 3), accel_g.reshape(-1, samples, 3)
    force = accel_g[:, -1].copy()
    to_end = turn[:, -1]
    back = []
    for sample in range(samples - 2, -1, -1):
        from_end = from_rotation_vector(-to_end)
        force += to_earth(from_end, accel_g[:, sample])
        to_end = _composed(turn[:, sample], to_end)
        back.append(from_end)
    rate_rps, accel_mps2 = to_end * rate_hz / samples, force * STANDARD_GRAVITY_MPS2 / samples
    found = offlineVQF(rate_rps, accel_mps2, None, samples / rate_hz, {"tauAcc": p.accel_time_constant_s})
    end = found["quat6D"]
    steps = np.stack([*(product(end, turned) for turned in reversed(back)), end], axis=1)
    return steps.reshape(-1, 4)[lacking:], found["bias"]


def _composed(first: FloatArray, then: FloatArray) -> FloatArray:
    """Rotation vectors (n, 3) of two small rotations, one after the other (Baker, Campbell and Hausdorff)."""
    return np.asarray(first + then + 0.5 * np.cross(first, then))


def levelled(
    quaternion: FloatArray,
    force_g: FloatArray,
    pieces: Pieces,
    peak: IntArray,
    parameters: LevelParameters | None = None,
) -> FloatArray:
    """Turn the earth frame so that the mean specific force of whole strides is vertical.

    The body neither gains nor loses speed over a stride, or only little; so its mean specific force is gravity. VQF
    filters without knowing strides, which leaves some degrees in the first and last seconds of a piece.

    Parameters
    ----------
    quaternion : array, shape (n, 4)
    force_g : array, shape (n, 3)
        Specific force, turned into the earth frame by `quaternion`.
    pieces : Pieces
    peak : int array, shape (m,)
        Swing peaks, which cut the strides.
    """
    p = parameters or LevelParameters()
    start, end = peak[:-1], peak[1:]
    piece = pieces.piece_of(start)
    whole = (piece == pieces.piece_of(end)) & (end - start < p.longest_cycle_s * pieces.rate_hz)
    start, end, piece = start[whole], end[whole], piece[whole]
    force = stride_means(force_g, start, end)
    force = force / np.linalg.norm(force, axis=1, keepdims=True)
    tilt = np.stack([force[:, 1], -force[:, 0]], axis=1)
    rotation = np.zeros((len(quaternion), 3))
    for number in np.unique(piece):
        inside = piece == number
        smooth = ndimage.uniform_filter1d(tilt[inside], p.strides, axis=0, mode="nearest")
        part = slice(int(pieces.bounds[number]), int(pieces.bounds[number + 1]))
        sample = np.arange(part.start, part.stop)
        centre = (start[inside] + end[inside]) / 2
        for axis in range(2):
            rotation[part, axis] = np.interp(sample, centre, smooth[:, axis])
    return product(from_rotation_vector(rotation), quaternion)


def stride_means(values: FloatArray, start: IntArray, end: IntArray) -> FloatArray:
    """Mean of `values` (n, d) over each `[start, end)`: shape (strides, d)."""
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    return np.asarray((total[end] - total[start]) / (end - start)[:, None])


def interval_rate_rps(pieces: Pieces, gyro_dps: FloatArray) -> FloatArray:
    """Mean angular rate, rad/s, over the interval that ends at each sample.

    VQF turns by rate times interval to reach a sample; with the rate at the sample itself the orientation of a fast
    swing would be half a sample, one degree at 200 Hz, ahead.
    """
    rate_rps = np.radians(gyro_dps)
    rate_rps[1:] = 0.5 * (rate_rps[1:] + rate_rps[:-1])
    inner = pieces.bounds[1:-1]
    rate_rps[inner] = np.radians(gyro_dps[inner])
    return rate_rps


def to_earth(quaternion: FloatArray, vectors: FloatArray) -> FloatArray:
    """Turn `vectors` (..., 3) into the earth frame with `quaternion` (..., 4)."""
    w, x, y, z = np.moveaxis(quaternion, -1, 0)
    a, b, c = np.moveaxis(vectors, -1, 0)
    # twice the cross product of the quaternion's vector part and the vectors, by parts: np.cross is slow
    p, q, r = 2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)
    return np.stack([a + w * p + y * r - z * q, b + w * q + z * p - x * r, c + w * r + x * q - y * p], axis=-1)


def up_in_axes(quaternion: FloatArray) -> FloatArray:
    """Return the direction up (n, 3) in the axes that `quaternion` (n, 4) turns into the earth frame."""
    w, x, y, z = np.moveaxis(quaternion, -1, 0)
    return np.stack([2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z], axis=-1)


def from_turned_axes(quaternion: FloatArray, rotation: FloatArray) -> FloatArray:
    """Quaternions (n, 4) for vectors in new axes, whose rows of `rotation` (3, 3) lie in the old ones."""
    turn = Rotation.from_matrix(rotation.T).as_quat(scalar_first=True)
    return quaternion @ product(np.eye(4), turn)


def product(first: FloatArray, second: FloatArray) -> FloatArray:
    """Hamilton product of quaternions (..., 4): the rotation `second`, then `first`.

    `scipy`'s does the same at ten times the cost.
    """
    w, x, y, z = np.moveaxis(first, -1, 0)
    a, b, c, d = np.moveaxis(second, -1, 0)
    return np.stack(
        [
            w * a - x * b - y * c - z * d,
            w * b + x * a + y * d - z * c,
            w * c - x * d + y * a + z * b,
            w * d + x * c - y * b + z * a,
        ],
        axis=-1,
    )


def from_rotation_vector(rotation: FloatArray) -> FloatArray:
    """Quaternions (n, 4) of rotation vectors (n, 3), rad."""
    angle = np.sqrt(np.einsum("ij,ij->i", rotation, rotation))
    quaternion = np.empty((len(rotation), 4))
    quaternion[:, 0] = np.cos(0.5 * angle)
    share = np.divide(np.sin(0.5 * angle), angle, out=np.full(len(angle), 0.5), where=angle > 0)
    np.multiply(rotation, share[:, None], out=quaternion[:, 1:])
    return quaternion
