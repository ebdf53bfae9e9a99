"""From the sensor's axes to the shin's: forward, up along the tibia, and to the runner's right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import ndimage

from surefoot.motion.pieces import BoolArray
from surefoot.recording.samples import FloatArray


@dataclass(frozen=True)
class AlignmentParameters:
    """What the shin's axes rest on."""

    mean_angle_deg: float = -37.0
    """First guess without standing: mean shin angle over a running stride (-31 to -39 at 2.5 to 4 m/s, two runners)."""
    standing_agrees_deg: float = 30.0
    """A stillness in which the pod hangs or lies otherwise than on a standing leg differs by more."""


@dataclass(frozen=True)
class Alignment:
    """Axes of the shin in the sensor.

    Attributes
    ----------
    rotation : array, shape (3, 3)
        Rows: forward, axial, right, in sensor axes.
    method : 'standing' or 'running'
    quality : float
        Share of the rotation of running that is about the axis found, 0 to 1.
    """

    rotation: FloatArray
    method: Literal["standing", "running"]
    quality: float


def align(
    swing_axis: FloatArray,
    explained: float,
    up: FloatArray,
    running: BoolArray,
    standing: BoolArray,
    parameters: AlignmentParameters | None = None,
) -> Alignment:
    """Align by standing where there is any, else by the running alone.

    Parameters
    ----------
    swing_axis : array, shape (3,)
        Axis of the swing, sensor axes (`Swings.axis`).
    explained : float
    up : array, shape (n, 3)
        Direction up in sensor axes.
    running, standing : bool arrays, shape (n,)

    Notes
    -----
    The right axis is the swing's axis made perpendicular to gravity as it stands on average, which takes out the
    coupling of the swing with rotation about the tibia. The tibia then follows from standing, or from the mean shin
    angle of running; `level_midstance` refines the latter.
    """
    p = parameters or AlignmentParameters()
    mean_up = _unit(up[running].mean(axis=0)) if running.any() else _unit(up.mean(axis=0))
    from_running = _axes(swing_axis, mean_up, p.mean_angle_deg)
    still_up = _longest_stillness(up, standing)
    if still_up is not None and float(still_up @ from_running[1]) > np.cos(np.radians(p.standing_agrees_deg)):
        return Alignment(_axes(swing_axis, still_up, 0.0), "standing", explained)
    return Alignment(from_running, "running", explained)


def pitched(alignment: Alignment, angle_deg: float) -> Alignment:
    """Turn the axes about the right axis so that every shin angle becomes smaller by `angle_deg`."""
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return Alignment(turn @ alignment.rotation, alignment.method, alignment.quality)


def shin_angle_deg(up: FloatArray) -> FloatArray:
    """Shin angle from the direction up in shin axes (..., 3): positive when the ankle is ahead of the knee."""
    return np.degrees(np.arctan2(up[..., 0], up[..., 1]))


def _axes(swing_axis: FloatArray, up: FloatArray, angle_deg: float) -> FloatArray:
    """Axes for which `up` lies in the sagittal plane at the shin angle `angle_deg`."""
    right = _unit(swing_axis - (swing_axis @ up) * up)
    ahead = np.cross(up, right)
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return np.stack([s * up + c * ahead, c * up - s * ahead, right])


def _longest_stillness(up: FloatArray, standing: BoolArray) -> FloatArray | None:
    labels, count = ndimage.label(standing)
    if not count:
        return None
    longest = 1 + int(np.argmax(np.bincount(labels)[1:]))
    return _unit(up[labels == longest].mean(axis=0))


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / np.linalg.norm(vector))
