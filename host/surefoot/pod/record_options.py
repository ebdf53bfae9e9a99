"""What is asked of a recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from surefoot.recording.payloads import Scalar

STAND_STILL_S = 5.0
"""As long as the calibration of the sensor's axes needs it."""


@dataclass(frozen=True)
class RecordOptions:
    """How to record.

    Attributes
    ----------
    folder : Path
        Where the file goes.
    side : str or None
        'left' or 'right', to be set on the pod; None: as it is set there.
    rate_hz : int or None
        200, 250, 500 or 1000, to be set on the pod; None: as it is set there.
    pair : bool
        Make a bond if there is none; the pod's button must have been pressed for 3 s.
    stand_still_s : float
        How long the runner is asked to stand still at the start; 0: not at all.
    facts : mapping
        What else the runner says, written into the file: `sensor_height_m`, `notes`.
    """

    folder: Path
    side: str | None = None
    rate_hz: int | None = None
    pair: bool = False
    stand_still_s: float = STAND_STILL_S
    facts: Mapping[str, Scalar] = field(default_factory=dict)
