"""The whole way from a recording to the movement of the shin in its own axes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from surefoot.motion.activity import Activity, ActivityParameters, tell_apart
from surefoot.motion.alignment import Alignment, AlignmentParameters, align, pitched
from surefoot.motion.bias import BiasParameters, gyro_bias_dps
from surefoot.motion.orientation import (
    LevelParameters,
    OrientationParameters,
    from_turned_axes,
    levelled,
    orient,
    up_in_axes,
)
from surefoot.motion.pieces import IntArray, PieceParameters, Pieces, cut
from surefoot.motion.slip import Slip, SlipParameters, undo_slips
from surefoot.motion.swing import SwingParameters, find_swings
from surefoot.recording.samples import Condition, FloatArray, Recording


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
        No piece of it is long enough, or its rate is outside 100 to 1000 Hz.
    """
    p = parameters or MotionParameters()
    pieces = cut(recording, p.pieces)
    swings = find_swings(pieces, None, p.swing)
    activity = tell_apart(pieces, swings, p.activity)
    if activity.running.any():
        # walking and handling turn about other axes: what counts is the axis of the running
        swings = find_swings(pieces, activity.running, p.swing)
        activity = tell_apart(pieces, swings, p.activity)
    conditions = pieces.conditions
    pieces, slips, slip_conditions = undo_slips(pieces, swings, activity.running_swing, p.slip)
    if slips:
        swings = find_swings(pieces, activity.running, p.swing)
        activity = tell_apart(pieces, swings, p.activity)
    bias_dps = gyro_bias_dps(pieces, swings.peak, activity.standing, p.bias)
    pieces = replace(pieces, gyro_dps=pieces.gyro_dps - bias_dps)
    orientation = orient(pieces, p.orientation)
    bias_dps = bias_dps + orientation.bias_dps
    pieces = replace(pieces, gyro_dps=pieces.gyro_dps - orientation.bias_dps)
    quaternion = levelled(orientation.quaternion, pieces, swings.peak, p.level)
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
        conditions=conditions + slip_conditions + _bias_condition(bias_dps),
    )


def _bias_condition(bias_dps: FloatArray) -> tuple[Condition, ...]:
    size = float(np.linalg.norm(bias_dps))
    if size < 3:
        return ()
    return (Condition("gyro_bias", f"The gyroscope was {size:.1f} deg/s off at rest; this was taken off.", 1),)
