"""What a user may say about a run, and the parameters of every room."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from surefoot import __version__
from surefoot.errors import ParameterError
from surefoot.findings.parameters import FindingsParameters
from surefoot.gait.side import Side
from surefoot.gait.strides import GaitParameters
from surefoot.landing.measure import LandingParameters
from surefoot.motion.movement import MotionParameters
from surefoot.recording.checks import CheckParameters
from surefoot.sensor_height import check_sensor_height
from surefoot.terrain.parameters import TerrainParameters

DEFAULT_SENSOR_HEIGHT_M = 0.145


@dataclass(frozen=True)
class Settings:
    """What a user may say about a run, and the parameters of every room.

    Attributes
    ----------
    side : 'left', 'right' or 'unknown'
        Leg that wears the pod; unknown is guessed from the movement.
    sensor_height_m : float or None
        Height of the sensor above the ankle joint; the default is said where it is used.
    speed_gain : float or None
        Personal factor on stride length and speed, learnt from an earlier run.
    treadmill_speed_mps : float or None
        Steady belt speed from which the factor is learnt now.
    about : str
        What the recording is, for the page.
    """

    side: Side = "unknown"
    sensor_height_m: float | None = None
    speed_gain: float | None = None
    treadmill_speed_mps: float | None = None
    about: str = ""
    checks: CheckParameters = field(default_factory=CheckParameters)
    motion: MotionParameters = field(default_factory=MotionParameters)
    gait: GaitParameters = field(default_factory=GaitParameters)
    landing: LandingParameters = field(default_factory=LandingParameters)
    terrain: TerrainParameters = field(default_factory=TerrainParameters)
    findings: FindingsParameters = field(default_factory=FindingsParameters)

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises
        ------
        ParameterError
        """
        check_sensor_height(self.sensor_height_m)
        _within("the speed gain", self.speed_gain, 0.5, 2.0, "as a summary of an earlier run gives it")
        if self.speed_gain is not None and self.treadmill_speed_mps is not None:
            raise ParameterError(
                "the speed gain",
                self.speed_gain,
                "a treadmill speed was given too, which teaches it",
                "give one of the two",
            )
        _within("the treadmill speed", self.treadmill_speed_mps, 0.5, 8.0, "m/s; 10 km/h are 2.78")

    def as_parameters(self, gain: float) -> dict[str, Any]:
        """All settings of the rooms as plain values, with the version and the factor on speed that was used."""
        rooms = ("checks", "motion", "gait", "landing", "terrain", "findings")
        return {"version": __version__, "speed_gain": gain, **{name: _nested(getattr(self, name)) for name in rooms}}


def _within(name: str, value: float | None, low: float, high: float, hint: str) -> None:
    if value is not None and not (math.isfinite(value) and low <= value <= high):
        raise ParameterError(name, value, f"it must lie between {low} and {high}", f"give it in {hint}")


def _nested(value: Any) -> Any:
    """Turn dataclasses and mappings into dictionaries, all the way down."""
    if is_dataclass(value):
        return {entry.name: _nested(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _nested(entry) for key, entry in value.items()}
    return value
