"""The whole way from a recording to the movement of the shin in its own axes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from surefoot.errors import RecordingError
from surefoot.motion.activity import Activity, find_still, tell_apart
from surefoot.motion.activity_parameters import ActivityParameters
from surefoot.motion.alignment import Alignment, AlignmentParameters, align, pitched
from surefoot.motion.bias import BiasParameters, gyro_bias_dps
from surefoot.motion.orientation import (
    LevelParameters,
    OrientationParameters,
    from_turned_axes,
    levelled,
    orient,
    stride_means,
    to_earth,
    up_in_axes,
)
from surefoot.motion.pieces import BoolArray, IntArray, PieceParameters, Pieces, cut
from surefoot.motion.slip import Slip, SlipParameters, undo_slips
from surefoot.motion.swing import SwingParameters, find_swings
from surefoot.recording.samples import Condition, FloatArray, Recording

REST_TOLERANCE_G = 0.03
"""An uncalibrated MPU6050 may be 3 % off (datasheet)."""
FORCE_TOLERANCE_G = 0.02
"""Of whole strides. A sound sensor is within 0.005; 0.02 already moves the pod's own grade by some points."""


@dataclass(frozen=True)
class MotionParameters:
    """All settings of the room."""

    pieces: PieceParameters = field(default_factory=PieceParameters)
    swing: SwingParameters = field(default_factory=SwingParameters)
    activity: ActivityParameters = field(default_factory=ActivityParameters)
    slip: SlipParameters = field(default_factory=SlipParameters)
    bias: BiasParameters = field(default_factory=BiasParameters)
    orientation: OrientationParameters = field(default_factory=OrientationParameters)
    level: LevelParameters = field(default_factory=LevelParameters)
    alignment: AlignmentParameters = field(default_factory=AlignmentParameters)
    mean_force_g: tuple[float, float] = (0.85, 1.28)
    """Mean specific force of whole strides within which the two sensors are taken to agree."""


@dataclass(frozen=True)
class Movement:
    """The shin's movement in shin axes (forward, axial, right).

    Attributes
    ----------
    pieces : Pieces
        Samples in shin axes, gyroscope bias taken off.
    quaternion : array, shape (n, 4)
        w, x, y, z; turns shin axes into an earth frame with z up and an arbitrary, slowly drifting heading.
    up : array, shape (n, 3)
        Direction up in shin axes.
    peak : int array, shape (m,)
        Sample index of each swing.
    activity : Activity
    alignment : Alignment
    bias_dps : array, shape (3,)
        Gyroscope bias that was taken off, sensor axes.
    slips : tuple of Slip
    conditions : tuple of Condition
    """

    pieces: Pieces
    quaternion: FloatArray
    up: FloatArray
    peak: IntArray
    activity: Activity
    alignment: Alignment
    bias_dps: FloatArray
    slips: tuple[Slip, ...]
    conditions: tuple[Condition, ...]

    def pitched(self, angle_deg: float) -> Movement:
        """Return the same movement with the shin's axes turned so that every shin angle is `angle_deg` smaller."""
        alignment = pitched(self.alignment, angle_deg)
        turn = alignment.rotation @ self.alignment.rotation.T
        return replace(
            self,
            pieces=self.pieces.turned(turn),
            quaternion=from_turned_axes(self.quaternion, turn),
            up=self.up @ turn.T,
            alignment=alignment,
        )


def movement(recording: Recording, parameters: MotionParameters | None = None) -> Movement:
    """Bring a recording to shin axes.

    Raises
    ------
    RecordingError
        No piece of it is long enough, its rate is outside 100 to 1000 Hz, or nobody runs in it.
    """
    p = parameters or MotionParameters()
    pieces = cut(recording, p.pieces)
    still = find_still(pieces, p.activity)
    swings = find_swings(pieces, None, p.swing)
    activity = tell_apart(pieces, swings, still, p.activity)
    if activity.running.any():
        # walking and handling turn about other axes: what counts is the axis of the running
        swings = find_swings(pieces, activity.running, p.swing)
        activity = tell_apart(pieces, swings, still, p.activity)
    if not activity.running_swing.any():
        raise RecordingError(recording.name, _why_no_running(activity), "record at least 10 s of running")
    conditions = pieces.conditions
    pieces, slips, slip_conditions = undo_slips(pieces, swings, activity.running_swing, p.slip)
    if slips:
        swings = find_swings(pieces, activity.running, p.swing)
        activity = tell_apart(pieces, swings, still, p.activity)
    bias_dps = gyro_bias_dps(pieces, swings.peak, activity.standing, p.bias)
    pieces = replace(pieces, gyro_dps=pieces.gyro_dps - bias_dps)
    orientation = orient(pieces, p.orientation)
    bias_dps = bias_dps + orientation.bias_dps
    pieces = replace(pieces, gyro_dps=pieces.gyro_dps - orientation.bias_dps)
    force_g = to_earth(orientation.quaternion, pieces.accel_g)
    quaternion = levelled(orientation.quaternion, force_g, pieces, swings.peak, p.level)
    up = up_in_axes(quaternion)
    alignment = align(swings.axis, swings.explained, up, activity.running, activity.standing, p.alignment)
    return Movement(
        pieces=pieces.turned(alignment.rotation),
        quaternion=from_turned_axes(quaternion, alignment.rotation),
        up=up @ alignment.rotation.T,
        peak=swings.peak,
        activity=activity,
        alignment=alignment,
        bias_dps=bias_dps,
        slips=slips,
        conditions=(
            conditions
            + slip_conditions
            + _bias_condition(bias_dps)
            + _rest_condition(pieces, activity)
            + _agreement_condition(pieces, force_g, swings.peak, activity.running_swing, p)
        ),
    )


def _why_no_running(activity: Activity) -> str:
    seconds = {kind: value for kind, value in activity.seconds.items() if value >= 1}
    found = ", ".join(f"{value:.0f} s of {kind}" for kind, value in seconds.items())
    return f"no running was found in it ({found or 'nothing that could be told'})"


def _bias_condition(bias_dps: FloatArray) -> tuple[Condition, ...]:
    size = float(np.linalg.norm(bias_dps))
    if size < 3:
        return ()
    return (
        Condition(
            "gyro_bias", f"The gyroscope seems to read {size:.1f} deg/s too much at rest; this was taken off.", 1
        ),
    )


def _rest_condition(pieces: Pieces, activity: Activity) -> tuple[Condition, ...]:
    """Say where the accelerometer does not read 1 g at rest."""
    if not activity.standing.any():
        return ()
    level = float(np.median(np.linalg.norm(pieces.accel_g[activity.standing], axis=1)))
    if abs(level - 1) < REST_TOLERANCE_G:
        return ()
    sentence = (
        f"At rest the accelerometer reads {level:.2f} g, not 1: shocks are off by about {abs(level - 1):.0%}, and "
        "grade from the pod alone is doubtful. A calibration of the sensor would mend it."
    )
    return (Condition("rest_level", sentence, 1, serious=True),)


def _agreement_condition(
    pieces: Pieces, force_g: FloatArray, peak: IntArray, running_swing: BoolArray, p: MotionParameters
) -> tuple[Condition, ...]:
    """Say where accelerometer and gyroscope cannot belong to one right-handed sensor.

    Over a whole stride the mean specific force, carried into the earth frame by the gyroscope, is 1 g: to 0.005 where
    the sensor is sound. Swapped, reversed or dead axes make it 1.3 to 2.5.
    """
    inside = running_swing[:-1] & running_swing[1:] & (np.diff(peak) < p.level.longest_cycle_s * pieces.rate_hz)
    if not inside.any():
        return ()
    force = stride_means(force_g, peak[:-1][inside], peak[1:][inside])
    size = float(np.median(np.linalg.norm(force, axis=1)))
    low, high = p.mean_force_g
    if abs(size - 1) <= FORCE_TOLERANCE_G:
        return ()
    if low <= size <= high:
        sentence = (
            f"Over whole strides the mean force is {size:.2f} g instead of 1: the accelerometer is a little off, or "
            "its strap rings. Grade from the pod alone is doubtful."
        )
        return (Condition("mean_force", sentence, 1),)
    sentence = (
        f"Accelerometer and gyroscope disagree: over whole strides the mean force is {size:.2f} g instead of 1. An "
        "axis may be swapped, reversed or dead, or the strap hits hard; results are doubtful."
    )
    return (Condition("axes_disagree", sentence, 1, serious=True),)
