"""The shin's path over each stride, from mid-stance to mid-stance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.motion.movement import Movement
from surefoot.motion.orientation import STANDARD_GRAVITY_MPS2, to_earth
from surefoot.motion.windows import sample
from surefoot.recording.samples import FloatArray


@dataclass(frozen=True)
class PathParameters:
    """Where in stance the shin turns about the ankle."""

    forward_phases: tuple[float, ...] = (0.44, 0.47, 0.50, 0.53)
    """Parts of the contact time at which the ankle hardly moves forward: later than the foot's landing, earlier than
    the heel's rise."""
    upward_phases: tuple[float, ...] = (0.22, 0.26, 0.30, 0.34)
    """Parts at which the ankle is at its lowest and so moves neither up nor down."""
    sensor_ahead_m: float = 0.03
    """A sensor on the front of the shin sits this far ahead of the line from ankle to knee."""
    ankle_forward_mps: float = 0.04
    """Forward speed of the ankle at `forward_phases`, as measured on the two reference runners (-0.02 to 0.12)."""
    landing_s: float = 0.02
    """From contact to the middle of the shock."""


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


def shin_path(
    move: Movement,
    contact: FloatArray,
    toe_off: FloatArray,
    follows: np.ndarray,
    sensor_height_m: float,
    parameters: PathParameters | None = None,
) -> Path:
    """Integrate the acceleration twice between mid-stances.

    Parameters
    ----------
    move : Movement
    contact, toe_off : arrays, shape (k,)
        Fractional sample indices.
    follows : bool array, shape (k,)
        The next row is the next contact, without a gap between.
    sensor_height_m : float
        Height of the sensor above the ankle joint.

    Notes
    -----
    At mid-stance the shin turns about the ankle, so that the sensor moves at omega x r, which is not zero (Yang, Mohr
    and Li 2011; Li et al. 2010 for walking). The velocity at both ends of a stride is set to that, averaged over
    a few phases of stance, and the difference that integration leaves is taken off in proportion to time.
    """
    p = parameters or PathParameters()
    rate_hz = move.pieces.rate_hz
    accel = to_earth(move.quaternion, move.pieces.accel_g)
    accel[:, 2] -= 1.0
    accel *= STANDARD_GRAVITY_MPS2
    velocity = _integral(accel, rate_hz)
    position = _integral(velocity, rate_hz)
    middle = contact + (toe_off - contact) * float(np.mean(p.forward_phases))
    there = sample(velocity, middle)
    start_velocity = _velocity_at(move, velocity, there, contact, toe_off, sensor_height_m, p)
    place = sample(position, middle)
    nxt = np.minimum(np.arange(len(contact)) + 1, max(len(contact) - 1, 0))
    time_s = np.where(follows, (middle[nxt] - middle) / rate_hz, np.nan)
    span = time_s[:, None]
    # position after removing the end mismatch of velocity in proportion to time
    way = place[nxt] - place - there * span - (there[nxt] - there) * span / 2
    way = way + (start_velocity + start_velocity[nxt]) * span / 2
    mismatch = there[nxt, 2] - there[:, 2] + start_velocity[:, 2] - start_velocity[nxt, 2]
    # what is gained or lost at every landing (a clipped or ringing sensor) is a step there, not a steady drift
    surplus = _middle(mismatch[follows])
    landing_s = np.where(follows, (contact[nxt] - middle) / rate_hz + p.landing_s, np.nan)
    way[:, 2] += surplus * (landing_s - time_s / 2)
    run_m = np.hypot(way[:, 0], way[:, 1])
    return Path(
        run_m=run_m,
        rise_m=way[:, 2],
        time_s=time_s,
        turn_deg=_turn_deg(move, middle, nxt),
    )


def _middle(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else 0.0


def _integral(values: FloatArray, rate_hz: float) -> FloatArray:
    """Trapezoidal integral from the first sample on."""
    total = np.cumsum(values, axis=0)
    total -= 0.5 * (values + values[:1])
    return np.asarray(total / rate_hz)


def _velocity_at(
    move: Movement,
    velocity: FloatArray,
    there: FloatArray,
    contact: FloatArray,
    toe_off: FloatArray,
    sensor_height_m: float,
    p: PathParameters,
) -> FloatArray:
    """Velocity of the sensor at mid-stance, m/s, earth frame, shape (k, 3).

    At each pivot phase it is the turning about the ankle, carried to mid-stance by the integral of acceleration.
    """
    arm = np.array([p.sensor_ahead_m, sensor_height_m, 0.0])
    estimates = []
    for phases in (p.forward_phases, p.upward_phases):
        pivot = contact[:, None] + (toe_off - contact)[:, None] * np.array(phases)[None, :]
        carried = _about_ankle(move, pivot, arm) - sample(velocity, pivot) + there[:, None, :]
        estimates.append(carried.mean(axis=1))
    horizontal, vertical = estimates
    creep = 1 + p.ankle_forward_mps / np.maximum(np.hypot(horizontal[:, 0], horizontal[:, 1]), 0.1)
    return np.column_stack([horizontal[:, 0] * creep, horizontal[:, 1] * creep, vertical[:, 2]])


def _about_ankle(move: Movement, pivot: FloatArray, arm_m: FloatArray) -> FloatArray:
    """Velocity of the sensor, m/s, earth frame, if the shin turns about the ankle: omega x arm."""
    rate = np.radians(sample(move.pieces.gyro_dps, pivot))
    turning = np.cross(rate, arm_m)
    quaternion = sample(move.quaternion, pivot)
    quaternion = quaternion / np.linalg.norm(quaternion, axis=-1, keepdims=True)
    return to_earth(quaternion, turning)


def _turn_deg(move: Movement, middle: FloatArray, nxt: np.ndarray) -> FloatArray:
    """Change of the heading of the shin's right axis from one mid-stance to the next."""
    quaternion = sample(move.quaternion, middle)
    right = to_earth(quaternion, np.broadcast_to([0.0, 0.0, 1.0], (len(middle), 3)))
    heading = np.degrees(np.arctan2(right[:, 1], right[:, 0]))
    return np.abs((heading[nxt] - heading + 180) % 360 - 180)
