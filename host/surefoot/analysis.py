"""One recording's way through the rooms, from samples to findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from surefoot.findings.model import Findings
from surefoot.landing.curves import LandingCurves
from surefoot.recording.samples import Condition
from surefoot.terrain.model import Terrain


@dataclass(frozen=True)
class Quality:
    """How good the recording is, and how much of it is what.

    `activity_s` has the keys running, walking, standing, other (turns in place, handling, what cannot be told) and
    sums to the time that has samples. `alignment_quality` is 0 to 1; `alignment_method` says what the shin axes rest on.
    """

    duration_s: float
    samples: int
    rate_hz: float
    nominal_rate_hz: float | None
    missing_share: float
    gaps: int
    longest_gap_s: float
    activity_s: dict[str, float]
    strides: int
    usable_strides: int
    clipped_strides: int
    alignment_method: Literal["standing", "running"]
    alignment_quality: float
    side: Literal["left", "right", "unknown"]
    sensor_height_m: float
    sensor_height_given: bool
    speed_gain: float
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Analysis:
    """All that is known of one run; the report and the files are made from this and nothing else.

    `about` says in a sentence or two what the recording is, where somebody said it (the demo does).
    """

    name: str
    about: str
    strides: pd.DataFrame
    quality: Quality
    terrain: Terrain
    findings: Findings
    curves: tuple[LandingCurves, ...]
    parameters: dict[str, Any]
