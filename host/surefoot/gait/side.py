"""Which leg wears the pod, guessed from how the shin circles."""

from __future__ import annotations

from typing import Literal

import numpy as np

from surefoot.motion.movement import Movement

Side = Literal["left", "right", "unknown"]

CLEAR_DPS = 3.0
"""Below this difference nothing is said; the ten known recordings differ by 10 to 19 deg/s running."""


def guess_side(move: Movement) -> Side:
    """Guess the leg.

    A swinging shin does not return through the same angles: its mean rate about the forward axis is positive and that
    about its own long axis negative for a right leg, and the reverse for a left one. True of the eight legs of four
    recordings at hand (running and walking); no published method is known.
    """
    running = move.activity.running
    if not running.any():
        return "unknown"
    mean = move.pieces.gyro_dps[running].mean(axis=0)
    difference = float(mean[0] - mean[1])
    if abs(difference) < CLEAR_DPS or not np.isfinite(difference):
        return "unknown"
    return "right" if difference > 0 else "left"
