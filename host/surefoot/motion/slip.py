"""A strap that slips: found by the turn of the whole movement in the sensor's axes, and undone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from surefoot.motion.pieces import BoolArray, IntArray, Pieces
from surefoot.motion.swing import Swings
from surefoot.motion.windows import sample
from surefoot.recording.samples import Condition, FloatArray


@dataclass(frozen=True)
class SlipParameters:
    """When a turn of the movement is a slip of the strap."""

    angle_deg: float = 4.5
    """Unchanged running turns by up to 4 from stride to stride; a slip of 10 degrees is read as 8 and more."""
    unexplained: float = 0.4
    """Part of the change that a turn may leave: a slip leaves less than 0.1, a change of pace or slope 0.7 and more."""
    strides: int = 8
    """Strides before and after that are compared."""
    refine_strides: int = 24
    """Strides on each side from which the rotation that undoes a slip is taken."""
    phases: int = 40
    cutoff_hz: float = 8.0
    accel_unit_g: float = 2.0
    rate_unit_dps: float = 300.0
    longest_cycle_s: float = 1.05
    most_slips: int = 20


@dataclass(frozen=True)
class Slip:
    """One slip: `at_s` from the first sample, and `angle_deg`."""

    at_s: float
    angle_deg: float


@dataclass(frozen=True)
class _Cycles:
    """Swing-to-swing cycles of running, sensor axes: `start` (k,) samples, `accel` and `rate` (k, phases, 3)."""

    start: IntArray
    accel: FloatArray
    rate: FloatArray

    def turned_from(self, stride: int, matrix: FloatArray) -> _Cycles:
        accel, rate = self.accel.copy(), self.rate.copy()
        accel[stride:] = accel[stride:] @ matrix.T
        rate[stride:] = rate[stride:] @ matrix.T
        return _Cycles(self.start, accel, rate)

    def mean(self, part: slice) -> FloatArray:
        """Average cycle as vectors (2 * phases + 1, 3): changes of both signals, and the mean force."""
        accel, rate = self.accel[part].mean(axis=0), self.rate[part].mean(axis=0)
        force = accel.mean(axis=0, keepdims=True)
        weight = np.sqrt(len(accel))
        return np.concatenate([accel - force, rate - rate.mean(axis=0), weight * force])


def undo_slips(
    pieces: Pieces, swings: Swings, running_swing: BoolArray, parameters: SlipParameters | None = None
) -> tuple[Pieces, tuple[Slip, ...], tuple[Condition, ...]]:
    """Find steps in how the sensor sits on the shin, and turn what follows each back to how it sat before.

    Before and after every stride the average cycles are compared. A slip sideways or about the tibia turns the axis of
    the swing. A slip in the plane of the swing turns two things alike: the pattern of acceleration, and the mean
    force; a slope or another speed turns one of them, or both by different angles, so the smaller turn counts. What
    a rigid turn does not explain is no slip.
    """
    p = parameters or SlipParameters()
    slips: list[Slip] = []
    cycles = _cycles(pieces, swings, running_swing, p)
    ruled_out = np.zeros(max(len(cycles.start) - 2 * p.strides + 1, 0), dtype=bool)
    while len(cycles.start) >= 2 * p.strides and len(slips) < p.most_slips:
        angle = np.where(ruled_out, 0.0, _turn_deg(cycles, p))
        worst = int(np.argmax(angle))
        if angle[worst] < p.angle_deg:
            break
        stride = worst + p.strides
        before = cycles.mean(slice(max(0, stride - p.refine_strides), stride))
        after = cycles.mean(slice(stride, stride + p.refine_strides))
        rotation, _ = Rotation.align_vectors(before, after)
        ruled_out[max(0, worst - p.strides // 2) : worst + p.strides // 2 + 1] = True
        if _unexplained(before, after, rotation) > p.unexplained:
            continue
        matrix = rotation.as_matrix()
        first = int(cycles.start[stride])
        pieces = _turned_from(pieces, first, matrix)
        cycles = cycles.turned_from(stride, matrix)
        slips.append(Slip(float(pieces.t_s[first]), float(np.degrees(rotation.magnitude()))))
    slips.sort(key=lambda slip: slip.at_s)
    return pieces, tuple(slips), tuple(_condition(slip) for slip in slips)


def _unexplained(before: FloatArray, after: FloatArray, rotation: Rotation) -> float:
    """Part of the squared change between two cycles that the rotation leaves."""
    change = float(((before - after) ** 2).sum())
    return float(((before - rotation.apply(after)) ** 2).sum()) / change if change else 1.0


def _cycles(pieces: Pieces, swings: Swings, running_swing: BoolArray, p: SlipParameters) -> _Cycles:
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
    return _Cycles(start, accel, rate)


def _turn_deg(cycles: _Cycles, p: SlipParameters) -> FloatArray:
    """Turn, deg, between the cycles before and after each stride from the `strides`-th on."""
    (rate_before, rate_after), (accel_before, accel_after) = (
        _neighbour_means(values, p.strides) for values in (cycles.rate, cycles.accel)
    )
    axis_before, axis_after = _main_axis(rate_before), _main_axis(rate_after)
    aligned = np.abs(np.einsum("ki,ki->k", axis_before, axis_after))
    sideways = np.degrees(np.arccos(np.clip(aligned, 0, 1)))
    force_before, force_after = accel_before.mean(axis=1), accel_after.mean(axis=1)
    pattern = _turn_about(axis_before, accel_before - force_before[:, None], accel_after - force_after[:, None])
    force = _turn_about(axis_before, force_before[:, None], force_after[:, None])
    alike = np.sign(pattern) == np.sign(force)
    in_plane = np.where(alike, np.minimum(np.abs(pattern), np.abs(force)), 0.0)
    return np.asarray(np.hypot(sideways, in_plane))


def _neighbour_means(values: FloatArray, strides: int) -> tuple[FloatArray, FloatArray]:
    total = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
    means = (total[strides:] - total[:-strides]) / strides
    return means[:-strides], means[strides:]


def _main_axis(rate: FloatArray) -> FloatArray:
    """Principal axis of rotation of each cycle (k, phases, 3)."""
    return np.linalg.eigh(np.einsum("kpi,kpj->kij", rate, rate))[1][:, :, -1]


def _turn_about(axis: FloatArray, before: FloatArray, after: FloatArray) -> FloatArray:
    """Angle, deg, about `axis` (k, 3) that best turns the vectors `before` (k, p, 3) into `after`."""
    sine = np.einsum("ki,kpi->k", axis, np.cross(before, after))
    along = np.einsum("ki,kpi->kp", axis, before) * np.einsum("ki,kpi->kp", axis, after)
    cosine = (np.einsum("kpi,kpi->kp", before, after) - along).sum(axis=1)
    return np.asarray(np.degrees(np.arctan2(sine, cosine)))


def _turned_from(pieces: Pieces, first: int, matrix: FloatArray) -> Pieces:
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
