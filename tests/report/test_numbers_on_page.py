"""The numbers that the page shows are those of the analysis."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from surefoot.analysis import Analysis
from surefoot.report import facts, render, tables
from tests.report.page_check import Page
from tests.rig import sample_analysis as sample


@pytest.fixture(scope="module")
def whole() -> Analysis:
    return sample.sample_analysis(600)


@pytest.fixture(scope="module")
def page(whole: Analysis) -> Page:
    return Page(render(whole))


CHANGES: dict[tuple[str, str], dict[str, object]] = {
    ("descent-1", "shock_axial_g"): {
        **{"median": 9.84, "median_low": 9.21, "median_high": 10.33, "p90": 12.04, "n": 142, "raised": True},
        **{"difference": 1.77, "difference_low": 1.2, "difference_high": 2.31, "difference_percent": 21.9},
    },
    ("descent-1", "shin_angle_deg"): {"difference": -1.26, "difference_low": -2.0, "difference_high": -0.51},
    ("descent-2", "shock_axial_g"): {
        **{"median": 15.0, "median_low": 15.0, "median_high": math.nan, "clipped_share": 0.7, "censored": True},
        **{"difference": 5.0, "difference_low": 4.0, "difference_high": math.nan, "difference_percent": 50.0},
    },
    ("grade -0.10..-0.06", "shock_axial_g"): {"median": 10.44, "n": 99},
    ("grade -0.10..-0.06", "braking_dv_mps"): {"median": 0.61, "median_low": 0.58, "median_high": 0.64},
    ("last third", "contact_time_s"): {
        **{"median": 0.2513, "median_low": 0.2491, "median_high": 0.2544},
        **{"difference": -0.0062, "difference_low": -0.0091, "difference_high": -0.0038},
    },
}


@pytest.fixture(scope="module")
def changed(whole: Analysis) -> Page:
    """The page after a few comparisons were given numbers that are known here."""
    table = whole.findings.comparisons.copy()
    for (group, metric), values in CHANGES.items():
        table.loc[(table["group"] == group) & (table["metric"] == metric), list(values)] = list(values.values())
    return Page(render(replace(whole, findings=replace(whole.findings, comparisons=table))))


def test_key_figures(whole: Analysis, page: Page) -> None:
    top = page.section("top")
    profile = whole.terrain.profile
    assert profile is not None
    usable = whole.strides[whole.strides["usable"]]
    assert f"Distance {(profile.distance_m[-1] - profile.distance_m[0]) / 1000:.2f} km along the route" in top
    assert f"Strides 600 of one leg; {len(usable)} usable" in top
    assert f"Cadence {usable['cadence_spm'].median():.0f} steps/min" in top
    assert f"Shock {usable['shock_axial_g'].median():.1f} g median; middle half" in top


def test_a_descent_shows_median_interval_difference_and_count(changed: Page) -> None:
    text = changed.section("descents")
    assert "Shock 9.8 g 9.2 to 10.3 +22 % against level +1.8 g (+1.2 to +2.3) 9 of 10 below 12.0 g" in text
    assert "n = 142 usable" in text


def test_a_negative_difference_has_a_true_minus(changed: Page) -> None:
    assert "−1.3° against level −2.0 to −0.5" in changed.section("descents")


def test_a_censored_median_makes_value_and_difference_lower_bounds(changed: Page) -> None:
    text = changed.section("descents")
    assert (
        "Shock ≥ 15.0 g ≥ 15.0 ≥ +50 % against level ≥ +5.0 g (≥ +4.0) more than 1 in 10 at the sensor’s limit" in text
    )
    assert "70 % at the sensor’s limit" in text


def test_only_the_high_percentile_is_a_bound_when_few_strides_are_clipped(whole: Analysis) -> None:
    table = whole.findings.comparisons.copy()
    rows = (table["group"] == "descent-2") & (table["metric"] == "shock_axial_g")
    table.loc[rows, ["median", "clipped_share", "censored"]] = [11.1, 0.12, True]
    rows = tables.descent_rows(replace(whole, findings=replace(whole.findings, comparisons=table)))
    shock = rows[1].cells[0]
    assert shock.value == "11.1\u00a0g"
    assert shock.note == "more than 1 in 10 at the sensor’s limit"


def test_thirds_show_contact_time_in_ms_and_the_matched_change(changed: Page) -> None:
    assert re.search(r"251 ms 249 to 254; n = \d+ −6 ms\s?−9 to −4", changed.section("thirds"))


def test_a_median_of_too_few_strides_has_no_interval_and_no_third(whole: Analysis) -> None:
    table = whole.findings.comparisons.copy()
    few = table["group"].isin(["descent-1", "first third"])
    table.loc[few, ["median_low", "median_high", "difference", "difference_low", "difference_high"]] = math.nan
    analysis = replace(whole, findings=replace(whole.findings, comparisons=table))
    first = tables.descent_rows(analysis)[0].cells[0]
    assert first.interval == "too few for an interval"
    assert first.difference == ""
    assert tables.third_rows(analysis) == ()


def test_the_numbers_by_grade(changed: Page) -> None:
    rows = [" ".join(row.text.split()) for row in changed.all("tr") if row.section == "grade"]
    band = next(row for row in rows if "−10 to −6 %" in row)
    assert "0.61 m/s (0.58 to 0.64)" in band


def test_a_grade_chart_tells_its_medians_in_its_alternative_text(changed: Page) -> None:
    labels = [e.attributes["aria-label"].replace("\u00a0", " ") for e in changed.all("svg") if e.section == "grade"]
    assert len(labels) == 3
    assert "−10 to −6 %: 10.4 g" in labels[0]
    assert "(n = 99)" in labels[0]


def test_quality_numbers(whole: Analysis) -> None:
    quality = replace(
        whole.quality,
        rate_hz=187.34,
        nominal_rate_hz=200.0,
        missing_share=0.062,
        gaps=1,
        longest_gap_s=2.25,
        clipped_strides=41,
        alignment_method="standing",
        alignment_quality=0.42,
        side="left",
        side_given=False,
        sensor_height_given=True,
    )
    facts_told = [f"{fact.value} {fact.note}" for fact in facts.quality_facts(quality)]
    text = " ".join([*facts_told, facts.alignment(quality)]).replace("\u00a0", " ")
    for part in (
        "187.3 Hz",
        "200 Hz promised",
        "6.2 %",
        "1 gap, the longest 2.2 s",
        "41 strides",
        "standing still",
        "poorly (0.42 of 1)",
        "Left shin, guessed",
        "14.5 cm above the ankle, as given",
    ):
        assert part in text


def test_rejected_strides_are_counted_by_reason(whole: Analysis, page: Page) -> None:
    left_out = whole.strides[~whole.strides["usable"]]
    text = page.section("quality")
    assert f"counted as strides: {len(left_out)} –" in text
    for reason, count in left_out["reject_reason"].value_counts().items():
        assert f"{reason} ({count})" in text
