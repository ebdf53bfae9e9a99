"""The page's rows: one per descent, per grade band and per measure of the thirds, with every number already written."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from surefoot.analysis import Analysis
from surefoot.report import numbers
from surefoot.report.charts.against_grade import grade_bands, name_band
from surefoot.report.charts.descents import draw_descent
from surefoot.report.charts.ground import POD_MARK, Part, parts
from surefoot.report.charts.series import rolling_band
from surefoot.report.charts.strip import Mark, draw_strip, shared_scale
from surefoot.report.charts.style import DESCENT
from surefoot.report.charts.thirds import draw_thirds
from surefoot.report.words import METRIC_WORDS, Metric

DESCENT_METRICS = ("shock_axial_g", "shin_angle_deg", "braking_dv_mps", "off_plane")
MOSTLY = 0.5

Row = dict[Hashable, Any]


@dataclass(frozen=True)
class Cell:
    """One measure of one group, in words; `picture` is an SVG or ''."""

    title: str
    experimental: bool
    value: str
    interval: str
    difference: str = ""
    difference_interval: str = ""
    raised: bool = False
    picture: str = ""
    note: str = ""


@dataclass(frozen=True)
class DescentRow:
    """One descent as the page shows it."""

    title: str
    where: str
    shape: str
    counts: str
    picture: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ThirdRow:
    """One measure's first and last third."""

    metric: Metric
    first: str
    first_note: str
    last: str
    last_note: str
    change: str
    change_note: str
    raised: bool
    picture: str


def descent_rows(analysis: Analysis) -> tuple[DescentRow, ...]:
    """Write one row per descent, in time order."""
    descents = parts(analysis.terrain, "descent")
    compared = analysis.findings.comparisons
    compared = compared[compared["group"].isin([d.segment for d in descents])]
    records = {(row["group"], row["metric"]): row for row in compared.to_dict("records")}
    scales = {
        name: shared_scale(compared.loc[compared["metric"] == name, _BOUNDS].to_numpy(dtype=float).ravel())
        for name in DESCENT_METRICS
    }
    shock = rolling_band(analysis.strides, "shock_axial_g", 15)
    shock_scale = shared_scale(np.concatenate([shock.low, shock.high]))
    return tuple(
        DescentRow(
            title=descent.title,
            **_place(analysis, descent),
            counts=_counts(analysis, descent, records.get((descent.segment, DESCENT_METRICS[0]))),
            picture=draw_descent(analysis, descent, shock_scale, _baseline(analysis, "shock_axial_g")),
            cells=tuple(
                _descent_cell(METRIC_WORDS[name], records.get((descent.segment, name)), scales[name], descent)
                for name in DESCENT_METRICS
            ),
        )
        for descent in descents
    )


def grade_table(analysis: Analysis) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Write the numbers behind the charts against grade: per band its name, and n, then one text per measure."""
    bands = grade_bands(analysis)
    rows = []
    for _, band in bands.groupby("group", sort=False):
        by_metric = {row["metric"]: row for row in band.to_dict("records")}
        texts = [_with_interval(METRIC_WORDS[name], by_metric.get(name)) for name in DESCENT_METRICS[:3]]
        rows.append((name_band(*band[["edge_low", "edge_high"]].iloc[0]), (numbers.number(band["n"].max()), *texts)))
    return tuple(rows)


def third_rows(analysis: Analysis) -> tuple[ThirdRow, ...]:
    """Write one row per measure that was compared in both the first and the last third."""
    compared = analysis.findings.comparisons
    compared = compared[compared["kind"] == "third"].dropna(subset=["median", "median_low"])
    records = {(row["group"], row["metric"]): row for row in compared.to_dict("records")}
    return tuple(
        _third_row(metric, first, last)
        for name, metric in METRIC_WORDS.items()
        if (first := records.get(("first third", name))) and (last := records.get(("last third", name)))
    )


_BOUNDS = ["median", "median_low", "median_high", "baseline"]


def _place(analysis: Analysis, descent: Part) -> dict[str, str]:
    segments = analysis.terrain.segments
    row = segments[segments["segment"] == descent.segment].iloc[0]
    start = f"from {numbers.clock(descent.start_s)}"
    if math.isfinite(row["start_m"]):
        start += f", at {numbers.distance(row['start_m'])}"
    return {"where": start, "shape": _shape(row, analysis.terrain.source)}


def _shape(row: pd.Series, source: str) -> str:
    """Write a descent's length, drop and grade; the pod alone tells the length only."""
    if not math.isfinite(row["length_m"]):
        return "length and grade not measured"
    length = f"{numbers.distance(row['length_m'])} long"
    if source == "pod":
        return f"{length}, {POD_MARK}"
    drop = f"{length}, {numbers.quantity(-row['rise_m'], 'm', 0)} down"
    return f"{drop}; mean {numbers.grade(row['mean_grade'])}, steepest {numbers.grade(row['steepest_grade'])}"


def _counts(analysis: Analysis, descent: Part, shock: Row | None) -> str:
    flags = analysis.findings.flags
    rows = flags[flags["group"] == descent.segment]
    if shock is None:
        inside = analysis.strides["contact_s"].between(descent.start_s, descent.end_s)
        return f"{numbers.count(int(inside.sum()), 'stride')} of this leg: too few to compare, or no baseline"
    told = [f"{numbers.count(int(shock['strides']), 'stride')} of this leg, n = {numbers.number(shock['n'])} usable"]
    if math.isfinite(shock["clipped_share"]):
        told.append(f"{numbers.share(shock['clipped_share'])} at the sensor’s limit")
    told += _speed(shock)
    for flag, noun in (("hard_reaching", "hard, reaching landing"), ("braking", "braking landing")):
        if len(rows) and math.isfinite(rows[flag].iloc[0]):
            rate = numbers.quantity(rows[f"{flag}_per_km"].iloc[0], "per km", 0)
            tag = " (experimental)" if flag == "braking" else ""
            told.append(f"{numbers.count(int(rows[flag].iloc[0]), noun)}{tag}, {rate}")
    return "; ".join(told)


def _speed(row: Row) -> list[str]:
    """Say the speed of a group, and whether the baseline had to be carried beyond the speeds of level running."""
    speed, beyond = row.get("speed_mps", math.nan), row.get("beyond_mps", math.nan)
    if not math.isfinite(speed):
        return []
    text = f"median speed {numbers.quantity(speed, 'm/s', 1)}"
    if math.isfinite(beyond) and beyond != 0:
        text += f", {'faster' if beyond > 0 else 'slower'} than your level running, so the difference may be the speed"
    return [text]


def _descent_cell(metric: Metric, row: Row | None, scale: tuple[float, float], descent: Part) -> Cell:
    if row is None or not math.isfinite(row["median"]):
        return Cell(metric.title, metric.experimental, numbers.NOT_MEASURED, "not measured")
    text = f"{metric.title}: {_with_interval(metric, row)}; level baseline {_value(metric, row['baseline'])}"
    difference, difference_interval = _difference(metric, row)
    mark = Mark(row["median"], row["median_low"], row["median_high"], DESCENT, "v")
    return Cell(
        title=metric.title,
        experimental=metric.experimental,
        value=_value(metric, row["median"], at_least=_median_is_bound(row)),
        interval=_interval(metric, row) if math.isfinite(row["median_low"]) else "too few for an interval",
        difference=difference,
        difference_interval=difference_interval,
        raised=bool(row["raised"]),
        picture=draw_strip([mark], row["baseline"], scale, f"{descent.segment}-{metric.name}", text),
        note=_high_end(metric, row) if metric.name == "shock_axial_g" else "",
    )


def _high_end(metric: Metric, row: Row) -> str:
    if row["censored"]:
        return "more than 1 in 10 at the sensor’s limit"
    return f"9 of 10 below {_value(metric, row['p90'])}" if math.isfinite(row["p90"]) else ""


def _third_row(metric: Metric, first: Row, last: Row) -> ThirdRow:
    ends = [tuple(row[name] * metric.factor for name in _BOUNDS[:3]) for row in (first, last)]
    texts = [_with_interval(metric, row) for row in (first, last)]
    return ThirdRow(
        metric=metric,
        first=_value(metric, first["median"], at_least=_median_is_bound(first)),
        first_note=f"{_interval(metric, first)}; n = {numbers.number(first['n'])}",
        last=_value(metric, last["median"], at_least=_median_is_bound(last)),
        last_note=f"{_interval(metric, last)}; n = {numbers.number(last['n'])}",
        change=_scaled(metric, last),
        change_note=_difference_interval(metric, last),
        raised=bool(last["raised"]),
        picture=draw_thirds(
            ends[0],
            ends[1],
            f"thirds-{metric.name}",
            f"{metric.title}: first third {texts[0]}, last third {texts[1]}",
        ),
    )


def _median_is_bound(row: Row) -> bool:
    """Tell whether the median itself is a lower bound, or only the high percentile beside it."""
    return bool(row.get("median_censored", row["censored"] and row["clipped_share"] >= MOSTLY))


def _value(metric: Metric, value: float, *, at_least: bool = False) -> str:
    return numbers.quantity(value * metric.factor, metric.unit, metric.digits, at_least=at_least)


def _interval(metric: Metric, row: Row) -> str:
    low, high = row["median_low"] * metric.factor, row["median_high"] * metric.factor
    return numbers.interval(low, high, "", metric.digits)


def _with_interval(metric: Metric, row: Row | None) -> str:
    if row is None:
        return numbers.NOT_MEASURED
    return f"{_value(metric, row['median'], at_least=_median_is_bound(row))} ({_interval(metric, row)})"


def _difference(metric: Metric, row: Row) -> tuple[str, str]:
    """Write the difference from level and its interval; in per cent first, save for angles."""
    if not math.isfinite(row["difference"]):
        return "", ""
    change, span, bound = _scaled(metric, row), _difference_interval(metric, row), _median_is_bound(row)
    if metric.unit == "°" or not math.isfinite(row["difference_percent"]):
        return change, span
    return numbers.quantity(row["difference_percent"], "%", 0, sign=True, at_least=bound), f"{change} ({span})"


def _scaled(metric: Metric, row: Row) -> str:
    difference = row["difference"] * metric.factor
    return numbers.quantity(difference, metric.unit, metric.digits, sign=True, at_least=_median_is_bound(row))


def _difference_interval(metric: Metric, row: Row) -> str:
    low, high = row["difference_low"] * metric.factor, row["difference_high"] * metric.factor
    return numbers.interval(low, high, "", metric.digits, sign=True)


def _baseline(analysis: Analysis, metric: str) -> float:
    table = analysis.findings.baseline
    medians = table.loc[table["metric"] == metric, "median"].dropna()
    return float(medians.iloc[0]) if len(medians) else math.nan
