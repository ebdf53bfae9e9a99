"""Findings in plain sentences: the number, its uncertainty, and what a runner might try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from surefoot.findings.comparison import Comparison
from surefoot.findings.measures import Measures
from surefoot.findings.model import METRICS, Sentence
from surefoot.findings.parameters import FindingsParameters
from surefoot.findings.places import count, descents_and_climbs, place
from surefoot.findings.words import WORDS
from surefoot.terrain.model import Terrain


def sentences_of(
    rows: Sequence[Comparison],
    flags: pd.DataFrame,
    baseline: pd.DataFrame,
    terrain: Terrain,
    params: FindingsParameters,
) -> tuple[Sentence, ...]:
    """Put the findings of a run in the order of their importance, at most `max_sentences`.

    Descents come first, the one with the largest changes before the others, then the last third, grade bands and
    climbs; within a group the metrics keep their order. What does not fit is counted in the last sentence. A run
    without findings gets a sentence that says what was compared, or what its level running (`baseline`) is like.
    """
    found = _ordered([row for row in rows if row.raised], params)
    if not found:
        return (_nothing_found(rows, baseline),)
    landings = _landings(flags)
    room = params.max_sentences - len(landings)
    shown = found if len(found) <= room else found[: room - 1]
    first_of_group = [row.group not in {before.group for before in shown[:i]} for i, row in enumerate(shown)]
    texts = [
        _finding(row, place(row, flags, terrain, in_full), found)
        for row, in_full in zip(shown, first_of_group, strict=True)
    ]
    left = len(found) - len(shown)
    more = [_context(f"{count(left, 'more difference')} of this run {'is' if left == 1 else 'are'} in the table.")]
    return (*_advised_once(texts), *landings, *(more if left else []))


def baseline_note(measures: Measures, rows: Sequence[Comparison], params: FindingsParameters) -> str:
    """Say what the baseline is made of, or why there is none."""
    level = (measures.segment == "level") & measures.usable
    strides = int(np.count_nonzero(level))
    speeds = measures.speed_mps[level & np.isfinite(measures.speed_mps)]
    if strides < params.min_strides:
        usable = int(np.count_nonzero(measures.usable))
        if not strides and usable >= params.min_strides and (measures.segment[measures.usable] != "").any():
            return "No baseline: all of this run was taken for climbs and descents, so there is no level running."
        had = f"only {count(strides, 'usable level stride')}" if strides else "no usable level strides"
        if usable < params.min_strides:
            had = f"only {count(usable, 'usable stride')}"
        return f"No baseline: the run has {had} to compare with ({params.min_strides} are needed)."
    if speeds.size < params.min_strides:
        return (
            f"No baseline: the speed of the {count(strides, 'usable level stride')} is not known, so nothing matches."
        )
    low, high = np.quantile(speeds, [0.05, 0.95])
    compared = any(np.isfinite(row.difference) for row in rows)
    matched = ", at matched speed" if compared else ""
    note = f"Your own level running, {count(strides, 'usable stride')} at {low:.1f} to {high:.1f} m/s{matched}."
    outside = {row.group for row in rows if row.beyond_mps < 0.0 or row.beyond_mps > 0.0}
    if outside:
        note += (
            f" {count(len(outside), 'part')} of the run {'was' if len(outside) == 1 else 'were'} more than "
            f"{100.0 * params.matched_speed_share:.0f} % outside these speeds; there the baseline is less sure."
        )
    return note


def _ordered(found: list[Comparison], params: FindingsParameters) -> list[Comparison]:
    def size(row: Comparison) -> float:
        return abs(row.difference) / params.smallest_changes[row.metric].beside(row.baseline)

    largest = {row.group: max(size(other) for other in found if other.group == row.group) for row in found}
    return sorted(found, key=lambda row: (_rank(row), -largest[row.group], row.group, METRICS.index(row.metric)))


def _rank(row: Comparison) -> int:
    return 0 if row.group.startswith("descent") else {"third": 1, "grade": 2, "segment": 3}[row.kind]


def _finding(row: Comparison, where: str, found: Sequence[Comparison]) -> Sentence:
    words = WORDS[row.metric]
    text = _angle(row) if row.metric == "shin_angle_deg" else _value(row)
    advice = words.tries_up if row.difference > 0.0 else words.tries_down
    return Sentence(f"{where} {text}.{_trade(row, found)}", advice, row.metric, row.group, raised=True)


def _value(row: Comparison) -> str:
    words = WORDS[row.metric]
    name = f"{words.name} (experimental)" if row.experimental else words.name
    bound = "at least " if row.median_censored else ""
    direction = "above" if row.difference > 0.0 else "below"
    return (
        f"{name} was {bound}{words.amount(row.median)} ({_evidence(row)}), {_change(row)} {direction} {_against(row)}"
    )


def _angle(row: Comparison) -> str:
    words = WORDS[row.metric]
    direction = "further ahead" if row.difference > 0.0 else "less far ahead"
    return (
        f"the shin reached {_change(row)} {direction} at landing than in {_against(row)}: "
        f"{words.amount(row.median)} from the vertical ({_evidence(row)})"
    )


def _change(row: Comparison) -> str:
    """'22 % (15 to 30 %)', or the same in the metric's unit where a percentage means nothing."""
    words = WORDS[row.metric]
    ends = sorted(abs(end) for end in (row.difference_low, row.difference_high) if np.isfinite(end))
    if np.isfinite(row.difference_percent):
        share = 100.0 / abs(row.baseline)
        size, shown, unit = _percent(abs(row.difference_percent)), [f"{end * share:.0f}" for end in ends], "%"
    else:
        size, shown, unit = words.amount(abs(row.difference)), [words.number(end) for end in ends], words.unit
    if len(ends) == 2:
        return f"{size} ({shown[0]} to {shown[1]} {unit}".rstrip() + ")"
    return f"at least {size} (interval from {shown[0]} {unit})"


def _evidence(row: Comparison) -> str:
    words = WORDS[row.metric]
    low, high = words.number(row.median_low), words.number(row.median_high)
    ends = f"{low} to {high}" if np.isfinite(row.median_high) else f"{low} upwards"
    limit = f"; sensor limit reached in {_percent(100.0 * row.clipped_share)}"
    clipped = row.metric == "shock_axial_g" and row.clipped_share > 0.0
    return f"median; 95 % interval {ends}, {count(row.n, 'stride')}{limit if clipped else ''}"


def _against(row: Comparison) -> str:
    if row.kind == "third":
        return "the first third at the same speed"
    if row.beyond_mps == 0.0:
        carried = "at the same speed" if row.matched else f"carried to that speed, {row.speed_mps:.1f} m/s"
        return f"your own level running {carried}"
    pace = "fast" if row.beyond_mps > 0.0 else "slow"
    return f"your own level running, which was never so {pace} ({row.speed_mps:.1f} m/s here, so it may be the speed)"


def _trade(row: Comparison, found: Sequence[Comparison]) -> str:
    """Shock along the shin often falls because the landing turns backward; then both belong together."""
    if row.metric != "shock_axial_g" or row.difference > 0.0:
        return ""
    up = {other.metric for other in found if other.group == row.group and other.difference > 0.0}
    turned = {"shin_angle_deg": "the shin reached further ahead", "braking_dv_mps": "the shin lost more speed"}
    said = [phrase for metric, phrase in turned.items() if metric in up]
    if not said:
        return ""
    return f" At the same time {' and '.join(said)}: less shock along the shin is not less in every direction."


def _advised_once(sentences: Sequence[Sentence]) -> list[Sentence]:
    said = [sentence.advice for sentence in sentences]
    return [
        replace(sentence, advice="") if sentence.advice in said[:i] else sentence
        for i, sentence in enumerate(sentences)
    ]


def _landings(flags: pd.DataFrame) -> list[Sentence]:
    """Name the descent with the most flagged landings, beside the level."""
    descents = flags[flags["group"].str.startswith("descent")]
    level = flags[flags["group"] == "level"]
    rate = descents["hard_reaching_per_km"].fillna(0.0) + descents["braking_per_km"].fillna(0.0)
    if level.empty or rate.empty or rate.max() <= 0.0:
        return []
    worst = descents.iloc[int(rate.to_numpy().argmax())]
    kinds = {"hard_reaching": "hard and reaching", "braking": "braking (experimental)"}
    parts = [
        f"{worst[kind]:.0f} {'landing' if worst[kind] == 1 else 'landings'} {name} "
        f"({worst[f'{kind}_per_km']:.0f} per km; {level[f'{kind}_per_km'].iloc[0]:.0f} per km on the level)"
        for kind, name in kinds.items()
        if worst[kind] > 0.0
    ]
    return [_context(f"On {worst['group'].replace('-', ' ')}: {', '.join(parts)}.", str(worst["group"]))]


def _nothing_found(rows: Sequence[Comparison], baseline: pd.DataFrame) -> Sentence:
    judged = [row for row in rows if np.isfinite(row.difference) and row.judged]
    if not judged:
        return _level_only(baseline)
    places = descents_and_climbs({row.group for row in judged})
    return _context(
        f"Nothing stood out: {places} at the same speed, in {count(len({row.metric for row in judged}), 'measure')}, "
        "no difference was both surely more than chance and large enough to be worth telling."
        + (
            " The run is too short to judge its thirds."
            if any(not row.judged and row.group == "last third" for row in rows)
            else ""
        )
    )


def _level_only(baseline: pd.DataFrame) -> Sentence:
    """Say what level running was like, where there is nothing to compare it with."""
    shock, angle = (baseline[baseline["metric"] == metric].iloc[:1] for metric in ("shock_axial_g", "shin_angle_deg"))
    if shock.empty or angle.empty or not np.isfinite(shock["median_low"].iloc[0] + angle["median_low"].iloc[0]):
        return _context("Nothing could be compared: see the note on the baseline.")
    row, degrees = shock.iloc[0], float(angle["median"].iloc[0])
    reach = f"about {abs(degrees):.0f} degrees {'ahead of' if degrees >= 0 else 'behind'} the knee (good to 5)"
    return _context(
        f"On the level your landing shock was {row['median']:.1f} g (median; 95 % interval {row['median_low']:.1f} to "
        f"{row['median_high']:.1f}, {count(int(row['n']), 'stride')}), and the ankle landed {reach}. "
        "The run has no other ground to compare that with."
    )


def _context(text: str, group: str = "") -> Sentence:
    return Sentence(text, "", "", group, raised=False)


def _percent(value: float) -> str:
    return "less than 1 %" if 0.0 < value < 0.5 else f"{value:.0f} %"
