"""The script of a virtual run: a list of stretches, and the runner who runs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tests.rig.stride_bank import Gait, mean_cycle_gait, treadmill_gait

Kind = Literal["run", "walk", "turn", "stand", "handling"]
ACTIVITY: dict[str, str] = {
    "run": "running",
    "walk": "walking",
    "turn": "running",
    "stand": "standing",
    "handling": "other",
}


@dataclass(frozen=True)
class Changes:
    """What is invented on top of the recorded strides, per stretch; zero changes nothing.

    Attributes
    ----------
    harder : float
        Share added to the shock: axial (standing 1 g off) and ap acceleration of the shin, contact to +80 ms.
    reach_deg : float
        Added to the shin angle at contact; back to nothing by mid-stance. But for gravity, the shin feels the same
        landing.
    braking : float
        Share added to the backward ap acceleration of the shin, contact to +100 ms.
    off_plane : float
        Share added to the rates of the sideways and lengthwise angles, contact to +120 ms (1.0 doubles them).
    """

    harder: float = 0.0
    reach_deg: float = 0.0
    braking: float = 0.0
    off_plane: float = 0.0


@dataclass(frozen=True)
class Stretch:
    """A part of a run in which nothing changes.

    Attributes
    ----------
    kind : str
        'turn' is running through `turn_deg` (positive to the left), 'handling' the pod in somebody's hand.
    duration_s, distance_m : float
        One of the two; a distance is along the ground, at `speed_mps`.
    cadence_factor : float
        Cadence relative to the runner's own at that speed; the speed stays.
    grade : float
        Rise over run.
    posture : 'slope', 'plumb' or 'level'
        'slope': the whole runner tilts with the ground, as in the recordings with turned gravity. 'plumb': the path of
        the ankle follows the ground, the shin keeps its angles to gravity; braking along a descent then has a part up
        the shin, so shock rises with steepness by some per cent. 'level': the shin moves as on the level and only the
        route has the grade: the landings are unchanged in every number, which a real descent's never are.
    """

    kind: Kind
    duration_s: float = 0.0
    distance_m: float = 0.0
    speed_mps: float = 3.0
    cadence_factor: float = 1.0
    grade: float = 0.0
    posture: Literal["slope", "plumb", "level"] = "slope"
    changes: Changes = field(default_factory=Changes)
    turn_deg: float = 180.0

    @property
    def seconds(self) -> float:
        """How long the stretch lasts."""
        return self.duration_s or self.distance_m / self.speed_mps


@dataclass(frozen=True)
class Transient:
    """The shock that a marker recording cannot hold: a damped swing of the sensor that begins after each contact.

    Attributes
    ----------
    size_g_per_mps : float
        Axial peak per m/s of running speed; stride to stride it varies by `spread` (one standard deviation, a share).
    delay_ms, delay_spread_ms : float
        From contact to the beginning; the peak comes about 0.18 / frequency later.
    frequency_hz, frequency_spread_hz : float
    ap_share, ml_share : float
        Size along the other shin axes (negative: backward, to the left).
    """

    size_g_per_mps: float = 1.6
    spread: float = 0.12
    delay_ms: float = 8.0
    delay_spread_ms: float = 2.0
    frequency_hz: float = 20.0
    frequency_spread_hz: float = 1.5
    ap_share: float = -0.35
    ml_share: float = 0.10


@dataclass(frozen=True)
class Runner:
    """Whose strides are run again.

    Attributes
    ----------
    gait_names : tuple of str
        Recordings of the same runner in order of speed, or ('running',) for the mean cycle of a real shank sensor.
    transient : Transient or None
        Shock added to every running stride.
    variation : float
        Standard deviation of stride-to-stride changes of size (a share), for a gait that has none of its own.
    """

    gait_names: tuple[str, ...] = ("rbds001_25_R", "rbds001_35_R")
    transient: Transient | None = field(default_factory=Transient)
    variation: float = 0.0

    def gaits(self, kind: Kind) -> tuple[Gait, ...]:
        """Recorded gaits for a stretch of this kind."""
        if kind == "walk":
            return (mean_cycle_gait("walking"),)
        if self.gait_names == ("running",):
            return (mean_cycle_gait("running"),)
        return tuple(treadmill_gait(name) for name in self.gait_names)


FOREFOOT = Runner()
"""rbds001, between its recordings at 2.5 and 3.5 m/s, with an invented shock."""

FOREFOOT_CLEAN = Runner(transient=None)
"""rbds001 as recorded from markers."""

REARFOOT = Runner(gait_names=("running",), transient=None, variation=0.04)
"""P01: the mean cycle of a real shank sensor, ringing included. Its contacts are estimated."""
