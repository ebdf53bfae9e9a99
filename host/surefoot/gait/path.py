"""The shin's path over each stride, from mid-stance to mid-stance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from surefoot.gait.side import Side
from surefoot.motion.movement import Movement
from surefoot.motion.orientation import to_earth
from surefoot.motion.windows import sample
from surefoot.recording.samples import STANDARD_GRAVITY_MPS2, FloatArray


@dataclass(frozen=True)
class PathParameters:
    """Where in stance the shin turns about the ankle."""

    forward_phases: tuple[float, ...] = (0.44, 0.47, 0.50, 0.53)
    """Parts of the contact time at which the ankle hardly moves forward: later than the foot's landing, earlier than
    the heel's rise."""
    upward_phases: tuple[float, ...] = (
        0.10,
        0.13,
        0.16,
        0.19,
        0.22,
        0.25,
        0.28,
        0.32,
        0.35,
        0.38,
        0.41,
        0.44,
        0.47,
        0.50,
    )
    """Parts over which the ankle, falling, lying and rising, moves neither up nor down in the middle (the median): so
    wide that a strap that rings after the landing does not decide."""
    sensor_ahead_m: float = 0.03
    """A sensor on the front of the shin sits this far ahead of the line from ankle to knee."""
    sensor_inward_m: float = 0.02
    """And this far towards the other leg: the flat of the tibia faces forward and inward."""
    ankle_forward_mps: float = 0.04
    """Forward speed of the ankle at `forward_phases`, as measured on the two reference runners (-0.02 to 0.12)."""
    slope_strides: int = 21
    """Strides over which the slope of the ground is taken."""
    landing_s: float = 0.02
    """From contact to the middle of the shock."""
    shock_backward_share: float = 0.3
    """Backward part of a shock, of its upward part."""


@dataclass(frozen=True)
class SensorPlace:
    """Where the sensor sits: its height above the ankle joint, and the leg."""

    height_m: float
    side: Side


@dataclass(frozen=True)
class Path:
    """One row per stride, mid-stance to mid-stance; nan where a stride has no path.

    Attributes
    ----------
    run_m, rise_m : arrays, shape (k,)
        Horizontal distance, and height gained (up is positive), over `time_s`.
    time_s : array, shape (k,)
    turn_deg : array, shape (k,)
        Change of heading of the shin, 0 to 180.
    """

    run_m: FloatArray
    rise_m: FloatArray
    time_s: FloatArray
    turn_deg: FloatArray


@dataclass(frozen=True)
class Strapdown:
    """Velocity, m/s, and position, m, of the sensor in the earth frame, shape (n, 3), from rest at the first sample.

    Only differences within a piece and a few seconds mean anything.
    """

    velocity: FloatArray
    position: FloatArray


def strapdown(move: Movement) -> Strapdown:
    """Integrate acceleration twice."""
    accel = to_earth(move.quaternion, move.pieces.accel_g)
    accel[:, 2] -= 1.0
    accel *= STANDARD_GRAVITY_MPS2
    velocity = _integral(accel, move.pieces.rate_hz)
    return Strapdown(velocity, _integral(velocity, move.pieces.rate_hz))


def shin_path(
    move: Movement,
    inertial: Strapdown,
    contact: FloatArray,
    toe_off: FloatArray,
    follows: np.ndarray,
    place: SensorPlace,
    parameters: PathParameters | None = None,
) -> Path:
    """Find the way of the shin from mid-stance to mid-stance.

    Parameters
    ----------
    move : Movement
    inertial : Strapdown
        Of the same movement.
    contact, toe_off : arrays, shape (k,)
        Fractional sample indices.
    follows : bool array, shape (k,)
        The next row is the next contact, without a gap between.
    place : SensorPlace

    Notes
    -----
    At mid-stance the shin turns about the ankle, so that the sensor moves at omega x r, which is not zero (Yang, Mohr
    and Li 2011; Li et al. 2010 for walking). The velocity at both ends of a stride is set to that, along the ground
    from one part of stance and square to it from another, and the difference that integration leaves is taken off in
    proportion to time; its vertical part, which every landing of a recording shares, as a step at the landing.
    """
    p = parameters or PathParameters()
    rate_hz = move.pieces.rate_hz
    middle = contact + (toe_off - contact) * float(np.mean(p.forward_phases))
    nxt = np.minimum(np.arange(len(contact)) + 1, max(len(contact) - 1, 0))
    time_s = np.where(follows, (middle[nxt] - middle) / rate_hz, np.nan)
    landing_s = np.where(follows, (contact[nxt] - middle) / rate_hz + p.landing_s, np.nan)
    inward = {"left": 1.0, "right": -1.0, "unknown": 0.0}[place.side]
    arm = np.array([p.sensor_ahead_m, place.height_m, inward * p.sensor_inward_m])
    along, square = (
        _pivot_velocity(move, inertial, contact, toe_off, middle, phases, arm)
        for phases in (p.forward_phases, p.upward_phases)
    )
    slope = np.zeros(len(contact))
    for _ in range(2):
        start = _combined(along, square, slope, p.ankle_forward_mps)
        way = _way(inertial, middle, nxt, time_s, start)
        run_m, rise_m = _without_surplus(way, _surplus_mps(inertial, middle, nxt, time_s, start), time_s, landing_s, p)
        slope = np.arctan(smoothed_ratio(rise_m, run_m, np.isfinite(run_m), p.slope_strides))
    return Path(run_m, rise_m, time_s, _turn_deg(move, middle, nxt))


def smoothed_ratio(part: FloatArray, whole: FloatArray, counts: np.ndarray, strides: int) -> FloatArray:
    """Sum of `part` over sum of `whole` of the neighbouring strides that count; 0 where none does."""
    sums = [
        ndimage.convolve1d(np.where(counts, values, 0.0), np.ones(strides), mode="constant") for values in (part, whole)
    ]
    return np.asarray(np.divide(sums[0], sums[1], out=np.zeros(len(part)), where=sums[1] > 0))


def _way(
    inertial: Strapdown,
    middle: FloatArray,
    nxt: np.ndarray,
    time_s: FloatArray,
    start: FloatArray,
) -> FloatArray:
    """Displacement over each stride, m, earth frame, for velocities `start` at its two ends."""
    there, place = sample(inertial.velocity, middle), sample(inertial.position, middle)
    span = time_s[:, None]
    gained = there[nxt] - there
    return np.asarray(place[nxt] - place - there * span - gained * span / 2 + (start + start[nxt]) * span / 2)


def _surplus_mps(
    inertial: Strapdown, middle: FloatArray, nxt: np.ndarray, time_s: FloatArray, start: FloatArray
) -> float:
    """Upward speed that every stride of the recording seems to gain, and cannot: the median over the strides."""
    there = sample(inertial.velocity, middle)
    gained = (there[nxt] - there + start - start[nxt])[:, 2]
    known = gained[np.isfinite(gained) & np.isfinite(time_s)]
    # a loss cannot be a shock that is too large: an accelerometer that reads too little drifts instead
    return max(float(np.median(known)), 0.0) if len(known) else 0.0


def _without_surplus(
    way: FloatArray, surplus_mps: float, time_s: FloatArray, landing_s: FloatArray, p: PathParameters
) -> tuple[FloatArray, FloatArray]:
    """Run and rise, m, of displacements `way`, for a surplus that enters as a step at the landing.

    A sensor that clips or rings gives the shock too little or too much of a push, up and backward. `_way` took its
    upward part off as a steady drift. Its backward part has tilted the vertical, which is the mean of all pushes.
    """
    shift_m = surplus_mps * (landing_s - time_s / 2)
    tilt = p.shock_backward_share * surplus_mps / (STANDARD_GRAVITY_MPS2 * time_s)
    run_m = np.hypot(way[:, 0], way[:, 1]) - p.shock_backward_share * shift_m
    return run_m, way[:, 2] + shift_m + tilt * run_m


def _integral(values: FloatArray, rate_hz: float) -> FloatArray:
    """Trapezoidal integral from the first sample on."""
    total = np.cumsum(values, axis=0)
    total -= 0.5 * (values + values[:1])
    return np.asarray(total / rate_hz)


def _pivot_velocity(
    move: Movement,
    inertial: Strapdown,
    contact: FloatArray,
    toe_off: FloatArray,
    middle: FloatArray,
    phases: tuple[float, ...],
    arm_m: FloatArray,
) -> FloatArray:
    """Velocity at `middle`, m/s, earth frame, shape (k, 3), if the shin turns about the ankle at `phases` of stance."""
    pivot = contact[:, None] + (toe_off - contact)[:, None] * np.array(phases)[None, :]
    turning = np.cross(np.radians(sample(move.pieces.gyro_dps, pivot)), arm_m)
    quaternion = sample(move.quaternion, pivot)
    quaternion = quaternion / np.linalg.norm(quaternion, axis=-1, keepdims=True)
    carried = to_earth(quaternion, turning) - sample(inertial.velocity, pivot)
    return np.asarray(np.median(carried, axis=1) + sample(inertial.velocity, middle))


def _combined(along: FloatArray, square: FloatArray, slope: FloatArray, creep_mps: float) -> FloatArray:
    """Take the part along the ground from `along`, plus the ankle's creep, and the part square to it from `square`."""
    forward = np.hypot(along[:, 0], along[:, 1])
    heading = along[:, :2] / np.maximum(forward, 1e-6)[:, None]
    c, s = np.cos(slope), np.sin(slope)
    with_ground = forward * c + along[:, 2] * s + creep_mps
    off_ground = square[:, 2] * c - (square[:, :2] * heading).sum(axis=1) * s
    horizontal = with_ground * c - off_ground * s
    return np.column_stack([heading * horizontal[:, None], with_ground * s + off_ground * c])


def _turn_deg(move: Movement, middle: FloatArray, nxt: np.ndarray) -> FloatArray:
    """Change of the heading of the shin's right axis from one mid-stance to the next."""
    quaternion = sample(move.quaternion, middle)
    right = to_earth(quaternion, np.broadcast_to([0.0, 0.0, 1.0], (len(middle), 3)))
    heading = np.degrees(np.arctan2(right[:, 1], right[:, 0]))
    return np.asarray(np.abs((heading[nxt] - heading + 180) % 360 - 180))
