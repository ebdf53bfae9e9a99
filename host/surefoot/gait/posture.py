"""How the sensor is pitched on the shin, from the shin angle of mid-stance, where the runner never stood still."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.gait.path import Path
from surefoot.motion.alignment import shin_angle_deg
from surefoot.motion.movement import Movement
from surefoot.motion.windows import sample
from surefoot.recording.samples import FloatArray


@dataclass(frozen=True)
class PostureParameters:
    """The posture that is taken for granted where the runner never stood still."""

    phase: float = 0.5
    midstance_angle_deg: float = -28.0
    """Shin angle to the normal of the ground at half the contact time: -26 to -29 in six level recordings of two
    runners at 2.5 to 4 m/s. A runner who differs is off by the difference, in every stride alike."""


def pitch_error_deg(
    move: Movement,
    contact: FloatArray,
    toe_off: FloatArray,
    path: Path,
    parameters: PostureParameters | None = None,
) -> float:
    """Angle, deg, by which all shin angles are too large, judged by mid-stance; 0 where there is no stride.

    The angle is taken to the ground, whose slope the path gives, so that a recording of nothing but a descent is not
    taken for a leaning runner.
    """
    p = parameters or PostureParameters()
    measured = np.isfinite(toe_off) & np.isfinite(path.run_m) & (path.run_m > 0)
    if not measured.any():
        return 0.0
    at = contact[measured] + p.phase * (toe_off - contact)[measured]
    angle = shin_angle_deg(sample(move.up, at))
    slope = np.degrees(np.arctan2(path.rise_m[measured].sum(), path.run_m[measured].sum()))
    return float(np.median(angle) - slope - p.midstance_angle_deg)
