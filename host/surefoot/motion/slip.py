"""A strap that slips: found by the turn of the whole movement in the sensor's axes, and undone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from surefoot.motion.pieces import Pieces
from surefoot.motion.swing import Swings
from surefoot.motion.windows import sample
from surefoot.recording.samples import Condition, FloatArray


@dataclass(frozen=True)
class SlipParameters:
    """When a turn of the movement is a slip of the strap."""

    angle_deg: float = 7.2
    """Unchanged running turns the average cycle by 1 to 3.5 degrees, a slip of 10 degrees by 8.6 and more."""
    strides: int = 8
    """Strides before and after that are compared."""
    phases: int = 40
    cutoff_hz: float = 8.0
    accel_unit_g: float = 2.0
    rate_unit_dps: float = 300.0
    longest_cycle_s: float = 1.05


@dataclass(frozen=True)
class Slip:
    """One slip: `at_s` from the first sample, `angle_deg`, and the rotation that undoes it."""

    at_s: float
    angle_deg: float
    undo: FloatArray


def undo_slips(
    pieces: Pieces, swings: Swings, running_swing: np.ndarray, parameters: SlipParameters | None = None
) -> tuple[Pieces, tuple[Slip, ...], tuple[Condition, ...]]:
    """Find steps in how the sensor sits on the shin, and turn what follows each back to how it sat before.

    The average cycle of acceleration (without its mean, so that a slope hardly counts) and rotation is compared
    before and after every stride; the rotation between the two is the least-squares one (Kabsch 1976).
    """
    p = parameters or SlipParameters()
    slips: list[Slip] = []
    start, cycles = _cycles(pieces, swings, running_swing, p)
    while len(start) >= 2 * p.strides and len(slips) < 20:
        before, after = _neighbour_means(cycles, p.strides)
        angle = _angles(before, after)
        worst = int(np.argmax(angle))
        if angle[worst] < p.angle_deg:
            break
        k = worst + p.strides
        last = max(0, k - 3 * p.strides)
        rotation, _ = Rotation.align_vectors(cycles[last:k].mean(axis=0), cycles[k : k + 3 * p.strides].mean(axis=0))
        matrix = rotation.as_matrix()
        first = int(start[k])
        pieces = _turn_from(pieces, first, matrix)
        cycles[k:] = cycles[k:] @ matrix.T
        degrees = float(np.degrees(rotation.magnitude()))
        slips.append(Slip(float(pieces.t_s[first]), degrees, matrix))
    slips.sort(key=lambda slip: slip.at_s)
    return pieces, tuple(slips), tuple(_condition(slip) for slip in slips)


def _cycles(
    pieces: Pieces, swings: Swings, running_swing: np.ndarray, p: SlipParameters
) -> tuple[np.ndarray, FloatArray]:
    """Swing-to-swing cycles of running: sample index of their start, and vectors (strides, 2 * phases, 3)."""
    start, end = swings.peak[:-1], swings.peak[1:]
    usable = (
        running_swing[:-1]
        & running_swing[1:]
        & (pieces.piece_of(start) == pieces.piece_of(end))
        & (end - start < p.longest_cycle_s * pieces.rate_hz)
    )
    start, end = start[usable], end[usable]
    at = start[:, None] + (end - start)[:, None] * np.arange(p.phases)[None, :] / p.phases
    accel = sample(pieces.lowpass(pieces.accel_g, p.cutoff_hz), at) / p.accel_unit_g
    rate = sample(pieces.lowpass(pieces.gyro_dps, p.cutoff_hz), at) / p.rate_unit_dps
    both = [values - values.mean(axis=1, keepdims=True) for values in (accel, rate)]
    return start, np.concatenate(both, axis=1)


def _neighbour_means(cycles: FloatArray, strides: int) -> tuple[FloatArray, FloatArray]:
    total = np.concatenate([np.zeros((1, *cycles.shape[1:])), np.cumsum(cycles, axis=0)])
    means = (total[strides:] - total[:-strides]) / strides
    return means[:-strides], means[strides:]


def _angles(before: FloatArray, after: FloatArray) -> FloatArray:
    """Angle, deg, of the best rotation between each pair of cycles."""
    covariance = np.einsum("kpi,kpj->kij", before, after)
    u, _, vt = np.linalg.svd(covariance)
    proper = np.sign(np.linalg.det(u @ vt))
    u[:, :, 2] *= proper[:, None]
    trace = np.einsum("kij,kji->k", u, vt)
    return np.degrees(np.arccos(np.clip((trace - 1) / 2, -1, 1)))


def _turn_from(pieces: Pieces, first: int, matrix: FloatArray) -> Pieces:
    accel, gyro = pieces.accel_g.copy(), pieces.gyro_dps.copy()
    accel[first:] = accel[first:] @ matrix.T
    gyro[first:] = gyro[first:] @ matrix.T
    return replace(pieces, accel_g=accel, gyro_dps=gyro)


def _condition(slip: Slip) -> Condition:
    sentence = (
        f"The strap slipped by about {slip.angle_deg:.0f} degrees at {slip.at_s / 60:.1f} min; "
        "what follows was turned back, angles after it are less sure."
    )
    return Condition("strap_slip", sentence, 1, serious=True)
