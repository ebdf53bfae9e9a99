"""One recording's way through the rooms, from samples to findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from surefoot.columns import STRIDE_COLUMNS
from surefoot.errors import RecordingError
from surefoot.findings.compare import find
from surefoot.findings.model import Findings
from surefoot.gait.path import SensorPlace
from surefoot.gait.side import Side, guess_side
from surefoot.gait.strides import Gait, find_strides, learn_gain
from surefoot.landing.curves import LandingCurves, landing_curves
from surefoot.landing.measure import measure
from surefoot.motion.movement import Movement, movement
from surefoot.recording.checks import CheckParameters, check, clipped_samples, with_range, without_frozen
from surefoot.recording.samples import Condition, Recording
from surefoot.settings import DEFAULT_SENSOR_HEIGHT_M, Settings
from surefoot.terrain.ground import from_pod, lay_route
from surefoot.terrain.model import Route, Terrain
from surefoot.terrain.parameters import TerrainParameters

GAIN_EXPECTED = (0.85, 1.15)
"""Personal factors on stride length outside this come from a wrong speed or height rather than from a runner."""


@dataclass(frozen=True)
class Quality:
    """How good the recording is, and how much of it is what.

    `activity_s` has the keys running, turning (tight turns of running), walking, standing, other (handling of the pod,
    what cannot be told) and sums to the time that has samples. `alignment_quality` is 0 to 1; `alignment_method` says
    what the shin's axes rest on.
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
    side: Side
    side_given: bool
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


def analyze(recording: Recording, settings: Settings | None = None, route: Route | None = None) -> Analysis:
    """Take a recording through all rooms.

    Raises
    ------
    RecordingError
        The recording cannot be analysed, or holds no running.
    RouteError
        The route cannot be laid along it.
    """
    s = _with_told(settings or Settings(), recording)
    recording = without_frozen(with_range(recording, s.checks), s.checks)
    conditions = recording.conditions + check(recording, s.checks)
    move = _movement(recording, conditions, s)
    guess = guess_side(move)
    gait = find_strides(move, _sensor_place(guess, s), s.speed_gain or 1.0, s.gait)
    if gait.strides.empty:
        raise RecordingError(recording.name, "no landing was found in its running", "record at least 10 s of running")
    landings = measure(gait, _clipped(recording, move, s.checks), s.landing)
    strides = gait.strides.join(landings)
    gain = s.speed_gain or 1.0
    if s.treadmill_speed_mps and not s.speed_gain:
        gain = learn_gain(strides, s.treadmill_speed_mps)
        strides = _scaled(strides, gain)
    terrain, places = _ground(strides, route, s.terrain)
    strides = strides.join(places)
    if route is not None and not (s.speed_gain or s.treadmill_speed_mps) and _sure(terrain):
        gain = learn_gain(strides, strides["route_speed_mps"].to_numpy(float))
        strides = _scaled(strides, gain)
    strides = strides[[column.name for column in STRIDE_COLUMNS]]
    conditions += move.conditions + _own_conditions(strides, move, guess, gain, s) + _placement_condition(terrain)
    return Analysis(
        name=recording.name,
        about=s.about,
        strides=strides,
        quality=_quality(recording, gait, strides, guess, gain, conditions, s),
        terrain=terrain,
        findings=find(strides, terrain, s.findings),
        curves=landing_curves(gait, _groups(strides)),
        parameters=s.as_parameters(gain),
    )


def _with_told(s: Settings, recording: Recording) -> Settings:
    """Fill in what the recording says of its sensor where the settings say nothing."""
    return replace(
        s,
        side=recording.side if s.side == "unknown" else s.side,
        sensor_height_m=recording.sensor_height_m if s.sensor_height_m is None else s.sensor_height_m,
    )


def _movement(recording: Recording, conditions: tuple[Condition, ...], s: Settings) -> Movement:
    """Bring the recording to shin axes; where that fails, what was wrong with its samples is the likely reason."""
    try:
        return movement(recording, s.motion)
    except RecordingError as error:
        serious = [condition.sentence.rstrip(".") for condition in conditions if condition.serious]
        if not serious:
            raise
        raise RecordingError(recording.name, f"{error.why}; {'; '.join(serious)}", error.next_step) from error


def _sensor_place(guess: Side, s: Settings) -> SensorPlace:
    """Where the sensor sits; how the shin circles tells the leg more surely than a tired runner does."""
    return SensorPlace(s.sensor_height_m or DEFAULT_SENSOR_HEIGHT_M, s.side if guess == "unknown" else guess)


def _clipped(recording: Recording, move: Movement, limits: CheckParameters) -> np.ndarray:
    """Clipped samples on the movement's time base: near one in time counts."""
    at_s = recording.t_s[clipped_samples(recording, limits)]
    clipped = np.zeros(len(move.pieces.t_s), dtype=bool)
    clipped[np.clip(np.searchsorted(move.pieces.t_s, at_s - 0.5 / move.pieces.rate_hz), 0, len(clipped) - 1)] = True
    return clipped


def _ground(strides: pd.DataFrame, route: Route | None, p: TerrainParameters) -> tuple[Terrain, pd.DataFrame]:
    if route is not None:
        return lay_route(route, strides, p)
    terrain, segment = from_pod(strides, p)
    empty = dict.fromkeys(("route_grade", "route_speed_mps", "route_altitude_m"), np.nan)
    return terrain, pd.DataFrame({**empty, "segment": segment}, index=strides.index)


def _sure(terrain: Terrain) -> bool:
    return terrain.placement is not None and terrain.placement.sureness != "unsure"


def _scaled(strides: pd.DataFrame, gain: float) -> pd.DataFrame:
    lengths = ["stride_length_m", "speed_mps", "rise_m"]
    return strides.assign(**{name: strides[name] * gain for name in lengths})


def _groups(strides: pd.DataFrame) -> dict[str, np.ndarray]:
    usable = strides["usable"].to_numpy(bool)
    segment = strides["segment"].astype(str)
    descents = segment.str.startswith("descent").to_numpy(bool)
    level = (segment == "level").to_numpy(bool)
    if descents.any():
        return {"level": usable & level, "descents": usable & descents}
    return {"all": usable}


def _own_conditions(
    strides: pd.DataFrame, move: Movement, guess: Side, gain: float, s: Settings
) -> tuple[Condition, ...]:
    found = []
    rate_hz = move.pieces.rate_hz
    if rate_hz < 190:
        sentence = f"At {rate_hz:.0f} Hz shocks read 0.5 to 1.4 g too low; record at 200 Hz or more to compare them."
        found.append(Condition("slow_rate", sentence, 1, serious=True))
    if not GAIN_EXPECTED[0] <= gain <= GAIN_EXPECTED[1]:
        sentence = (
            f"The known speed is {gain:.2f} times the measured one; 0.85 to 1.15 is usual. Check the speed, and the "
            "height of the sensor."
        )
        found.append(Condition("speed_gain", sentence, 1, serious=True))
    if s.sensor_height_m is None:
        sentence = (
            f"The height of the sensor above the ankle was not given; {DEFAULT_SENSOR_HEIGHT_M * 100:.1f} cm were "
            "taken. Each centimetre changes speed and stride length by about 1 %."
        )
        found.append(Condition("sensor_height", sentence, 1))
    if "unknown" not in (s.side, guess) and s.side != guess:
        sentence = f"The pod was said to be on the {s.side} leg, but the shin moves like a {guess} one."
        found.append(Condition("side_doubt", sentence, 1))
    odd = float((strides["reject_reason"] == "toe-off not seen").mean())
    if odd > 0.5:
        sentence = (
            f"In {odd:.0%} of the landings no toe-off of a running leg was seen: the sensor may not sit on a shin. "
            "Cadence can be used, the rest not."
        )
        found.append(Condition("not_a_shin", sentence, 1, serious=True))
    if move.alignment.method == "running":
        sentence = (
            "No standing was found at rest: the shin's axes come from the running alone, with an assumed posture in "
            "mid-stance. Shin angles are good to compare within this run, not absolutely."
        )
        found.append(Condition("no_standing", sentence, 1))
    return tuple(found)


def _placement_condition(terrain: Terrain) -> tuple[Condition, ...]:
    if terrain.placement is None or terrain.placement.sureness == "sure":
        return ()
    unsure = terrain.placement.sureness == "unsure"
    sentence = (
        f"The route could be laid along the recording by {terrain.placement.by}, but "
        f"{'not surely: descents and grades may belong to other strides' if unsure else 'not beyond doubt'}."
    )
    return (Condition("route_placement", sentence, 1, serious=unsure),)


def _quality(
    recording: Recording,
    gait: Gait,
    strides: pd.DataFrame,
    guess: Side,
    gain: float,
    conditions: tuple[Condition, ...],
    s: Settings,
) -> Quality:
    pieces = gait.move.pieces
    return Quality(
        duration_s=float(recording.t_s[-1]),
        samples=len(recording.t_s),
        rate_hz=pieces.rate_hz,
        nominal_rate_hz=recording.nominal_rate_hz,
        missing_share=pieces.missing_share,
        gaps=pieces.gaps,
        longest_gap_s=pieces.longest_gap_s,
        activity_s=_activity_s(gait.move.activity.seconds, strides),
        strides=len(strides),
        usable_strides=int(strides["usable"].sum()),
        clipped_strides=int(strides["clipped"].sum()),
        alignment_method=gait.move.alignment.method,
        alignment_quality=gait.move.alignment.quality,
        side=guess if s.side == "unknown" else s.side,
        side_given=s.side != "unknown",
        sensor_height_m=s.sensor_height_m or DEFAULT_SENSOR_HEIGHT_M,
        sensor_height_given=s.sensor_height_m is not None,
        speed_gain=gain,
        conditions=conditions,
    )


def _activity_s(seconds: Mapping[str, float], strides: pd.DataFrame) -> dict[str, float]:
    turning = float(strides.loc[strides["reject_reason"] == "turn", "stride_time_s"].sum())
    return {**seconds, "running": seconds["running"] - turning, "turning": turning}
