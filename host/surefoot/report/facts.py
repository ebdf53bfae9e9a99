"""The run in a few figures, the quality of its recording in words, and the settings it was analysed with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from surefoot.analysis import Analysis, Quality
from surefoot.report import numbers
from surefoot.terrain.model import Terrain


@dataclass(frozen=True)
class Fact:
    """A figure with its name; `note` carries the interval or what else belongs to it."""

    name: str
    value: str
    note: str = ""
    unit: str = ""


def key_figures(analysis: Analysis) -> tuple[Fact, ...]:
    """Distance, running time, strides, cadence and shock of the whole run."""
    strides = analysis.strides
    usable = strides[strides["usable"].to_numpy(dtype=bool)]
    cadence = usable["cadence_spm"].dropna()
    shock = usable["shock_axial_g"].dropna()
    bound = len(shock) > 0 and usable["clipped"].mean() >= 0.5
    return (
        _distance(analysis),
        Fact(
            "Running",
            numbers.duration(analysis.quality.activity_s.get("running", math.nan)),
            f"of {numbers.duration(analysis.quality.duration_s)} recorded",
        ),
        Fact("Strides", numbers.number(len(strides)), f"of one leg; {numbers.number(len(usable))} usable"),
        Fact("Cadence", numbers.number(cadence.median()), _middle_half(list(cadence), 0), "steps/min"),
        Fact(
            "Shock",
            numbers.quantity(shock.median(), "g", 1, at_least=bool(bound)),
            _middle_half(list(shock), 1),
        ),
    )


def quality_facts(quality: Quality) -> tuple[Fact, ...]:
    """Say how much was recorded, how completely, and on what the shin axes rest."""
    nominal = quality.nominal_rate_hz
    promised = f"{numbers.number(nominal)} Hz promised" if nominal is not None else ""
    gaps = "no gaps"
    if quality.gaps:
        gaps = f"{numbers.count(quality.gaps, 'gap')}, the longest {numbers.quantity(quality.longest_gap_s, 's', 1)}"
    height = numbers.quantity(quality.sensor_height_m * 100, "cm", 1)
    return (
        Fact("Recorded", numbers.duration(quality.duration_s), _activities(quality)),
        Fact("Sampling", numbers.quantity(quality.rate_hz, "Hz", 1), promised),
        Fact("Missing samples", _fine_share(quality.missing_share), gaps),
        Fact(
            "Usable strides",
            f"{numbers.number(quality.usable_strides)} of {numbers.number(quality.strides)}",
            _of(quality.usable_strides, quality.strides),
        ),
        Fact(
            "At the sensor’s limit",
            numbers.count(quality.clipped_strides, "stride"),
            f"{_of(quality.clipped_strides, quality.strides)}; their peaks are lower bounds"
            if quality.clipped_strides
            else "no peak was cut off",
        ),
        Fact(
            "Pod",
            _side(quality),
            f"{height} above the ankle, {'as given' if quality.sensor_height_given else 'assumed'}",
        ),
    )


def rejected(analysis: Analysis) -> str:
    """Say why strides were left out of the statistics; '' if none was."""
    reasons = analysis.strides.loc[~analysis.strides["usable"].to_numpy(dtype=bool), "reject_reason"]
    if reasons.empty:
        return ""
    counts = reasons.fillna("").replace("", "no reason given").value_counts(sort=True)
    told = ", ".join(f"{reason} ({numbers.number(n)})" for reason, n in counts.items())
    return f"Left out of the statistics, but counted as strides: {numbers.number(len(reasons))} – {told}."


def alignment(quality: Quality) -> str:
    """Say in words how the shin's axes were found and how far to trust them."""
    basis = {
        "standing": "The shin’s axes come from standing still at the start and from the swing of the leg.",
        "running": "The shin’s axes come from the running itself, as no standing still was found.",
    }[quality.alignment_method]
    score = quality.alignment_quality
    if not math.isfinite(score):
        return f"{basis} How well they fit could not be judged."
    word = "well" if score >= 0.8 else "fairly" if score >= 0.5 else "poorly"
    doubt = " Take reach, braking and steadiness with doubt." if score < 0.5 else ""
    return f"{basis} They fit the movement {word} ({numbers.number(score, 2)} of 1).{doubt}"


def ground(terrain: Terrain) -> str:
    """Say where grade comes from and how surely a route was laid along the recording."""
    if terrain.source == "none":
        return (
            "Grade is not known: there is no route, and the pod’s own path does not tell it in this recording. "
            "Without grade there are no descents to show."
        )
    if terrain.source == "pod":
        return (
            "Grade comes from the pod alone: it tells uphill, level and downhill apart, roughly, and its altitude is "
            "relative to the start. A route (GPX or FIT) makes it better."
        )
    text = "Grade comes from the route."
    place = terrain.placement
    if place is not None:
        fit = f"correlation {numbers.number(place.correlation, 2)}"
        text += (
            f" It was laid along the recording by {place.by} ({fit}, good to about "
            f"{numbers.quantity(place.uncertainty_s, 's', 1)}): {place.sureness}."
        )
    return text


def settings(parameters: Mapping[str, Any], prefix: str = "") -> tuple[tuple[str, str], ...]:
    """Flatten nested parameters to (dotted name, text) pairs in their own order."""
    rows: list[tuple[str, str]] = []
    for name, value in parameters.items():
        if isinstance(value, Mapping):
            rows.extend(settings(value, f"{prefix}{name}."))
        else:
            rows.append((f"{prefix}{name}", "not given" if value is None else str(value)))
    return tuple(rows)


def _distance(analysis: Analysis) -> Fact:
    profile = analysis.terrain.profile
    if analysis.terrain.source == "route" and profile is not None and np.isfinite(profile.distance_m).any():
        length_m = float(np.nanmax(profile.distance_m) - np.nanmin(profile.distance_m))
        return Fact("Distance", numbers.distance(length_m), "along the route")
    length_m = float(analysis.strides["stride_length_m"].sum(min_count=1))
    return Fact(
        "Distance", numbers.distance(length_m), "from the pod alone" if math.isfinite(length_m) else "not measured"
    )


def _middle_half(values: list[float], digits: int) -> str:
    if not values:
        return "not measured"
    ordered = sorted(values)
    low, high = ordered[len(ordered) // 4], ordered[len(ordered) * 3 // 4]
    return f"median; middle half {numbers.interval(low, high, '', digits)}"


def _side(quality: Quality) -> str:
    if quality.side == "unknown":
        return "Side not known"
    return f"{quality.side.capitalize()} shin" + ("" if quality.side_given else ", guessed")


def _activities(quality: Quality) -> str:
    told = [f"{numbers.duration(seconds)} {name}" for name, seconds in quality.activity_s.items() if seconds >= 0.5]
    return ", ".join(told) or "nothing told apart"


def _fine_share(value: float) -> str:
    return numbers.quantity(value * 100, "%", 1) if 0.0005 <= value < 0.1 else numbers.share(value)


def _of(part: int, whole: int) -> str:
    return numbers.share(part / whole) if whole else "none was found"
