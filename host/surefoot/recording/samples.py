"""The samples of one recording, as every reader delivers them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
STANDARD_GRAVITY_MPS2 = 9.80665
SERIOUS_SHARE = 0.01
"""Of the samples: where more are missing, left out or repaired, what rests on them is doubtful."""
Leg = Literal["left", "right", "unknown"]
SIDES: tuple[Leg, ...] = ("unknown", "left", "right")
"""By the number of the pod's setting `side`."""


def said_side(said: object, setting: int | None) -> Leg:
    """Return the leg that the runner said, or else that of the pod's setting."""
    for side in SIDES[1:]:
        if said == side:
            return side
    return SIDES[setting] if setting is not None and 0 <= setting < len(SIDES) else "unknown"


def true_runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """List the runs of True in `mask` (n,) as `[start, end)`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


@dataclass(frozen=True)
class Condition:
    """Something about a recording that its reader must know: said once, in the summary and on the page.

    Attributes
    ----------
    code : str
        Stable short name, such as `gaps`, `clipped` or `strap_slip`.
    sentence : str
        Plain sentence with the number in it.
    count : int
        How often it occurred (samples, gaps or strides; the sentence says which).
    serious : bool
        True where it makes some results unusable or doubtful.
    """

    code: str
    sentence: str
    count: int = 1
    serious: bool = False


@dataclass(frozen=True)
class Recording:
    """Samples of one shin sensor in its own axes.

    Attributes
    ----------
    t_s : array, shape (n,)
        Time of each sample, s from the first; strictly increasing, gaps left open.
    accel_g : array, shape (n, 3)
        Specific force, g (+1 g up at rest), sensor axes.
    gyro_dps : array, shape (n, 3)
        Angular rate, deg/s, sensor axes, right-handed.
    accel_range_g, gyro_range_dps : float
        Range of the sensor; a sample at it is clipped.
    nominal_rate_hz : float or None
        The rate that the recorder promised, where it said so.
    name : str
        File name, for the page.
    conditions : tuple of Condition
        What the reader had to repair, drop or doubt.
    side : 'left', 'right' or 'unknown'
        Leg that wore the sensor, where the recording says so.
    sensor_height_m : float or None
        Height of the sensor above the ankle joint, where the recording says so.
    start_utc_us : int or None
        UTC of the first sample, where the recording says so.
    """

    t_s: FloatArray
    accel_g: FloatArray
    gyro_dps: FloatArray
    accel_range_g: float = 16.0
    gyro_range_dps: float = 2000.0
    nominal_rate_hz: float | None = None
    name: str = "recording"
    conditions: tuple[Condition, ...] = field(default_factory=tuple)
    side: Leg = "unknown"
    sensor_height_m: float | None = None
    start_utc_us: int | None = None


Reader = Callable[[Path], Recording]
"""Reads one kind of file; raises `RecordingError`. The registry of readers is `recording.READERS`."""
