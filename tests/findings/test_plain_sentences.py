"""What a runner reads: numbers, units, singular and plural, and no word that claims too much."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from surefoot.findings.compare import find
from surefoot.findings.comparison import Comparison
from surefoot.findings.model import METRICS
from surefoot.findings.parameters import DEFAULTS
from surefoot.findings.sentences import sentences_of
from surefoot.findings.words import WORDS
from tests.rig.invented_strides import Part, changed, ground_of, invented_run

NEVER = re.compile(
    r"\b(injur\w*|pain\w*|safe|unsafe|risk|abnormal|load|force|danger\w*|diagnos\w*|nan|inf)\b", re.IGNORECASE
)


FLAGS = pd.DataFrame(
    {
        "group": ["level", "descent-1", "descent-2", "last third", "grade -0.15..-0.10", "climb-1"],
        "kind": ["segment", "segment", "segment", "third", "grade", "segment"],
        "distance_m": [3000.0, 400.0, 1210.0, 1000.0, 1500.0, 600.0],
        "hard_reaching": [3.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        "hard_reaching_per_km": [1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        "braking": [6.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        "braking_per_km": [2.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        "start_grade_low": [np.nan, np.nan, np.nan, np.nan, -0.15, np.nan],
        "end_grade_high": [np.nan, np.nan, np.nan, np.nan, -0.10, np.nan],
    }
)
GROUND = (Part("level", 1), Part("descent-1", 1, -0.08), Part("descent-2", 1, -0.14), Part("climb-1", 1, 0.07))


LEVEL = pd.DataFrame(
    [("shock_axial_g", 40, 6.02, 5.8, 6.21, 5.0, 7.0), ("shin_angle_deg", 40, -2.2, -2.6, -1.9, -4.0, 0.0)],
    columns=["metric", "n", "median", "median_low", "median_high", "p10", "p90"],
)
NO_LEVEL = LEVEL.iloc[:0]


def shock_row(**changes) -> Comparison:
    row = {
        "group": "descent-2", "kind": "segment", "metric": "shock_axial_g", "strides": 150, "n": 142,
        "rejected_share": 0.05, "clipped_share": 0.03, "median": 9.8, "median_low": 9.2, "median_high": 10.3,
        "p90": 14.0, "baseline": 8.0, "difference": 1.8, "difference_low": 1.2, "difference_high": 2.4,
        "difference_percent": 22.5, "z": 6.0, "raised": True, "speed_mps": 3.3, "beyond_mps": 0.0,
    } | changes  # fmt: skip
    return Comparison(**row)


def said(*rows: Comparison, source: str = "route", flags: pd.DataFrame = FLAGS):
    return sentences_of(rows, flags, NO_LEVEL, ground_of(GROUND, source), DEFAULTS)


def test_a_finding_reads_as_the_notes_ask():
    (sentence,) = said(shock_row())
    assert sentence.text == (
        "On descent 2 (-14 %, 1.2 km) your landing shock was 9.8 g (median; 95 % interval 9.2 to 10.3, 142 strides; "
        "sensor limit reached in 3 %), 22 % (15 to 30 %) above your own level running at the same speed."
    )
    assert sentence.advice.startswith("What runners often try: ")
    assert (sentence.metric, sentence.group, sentence.raised) == ("shock_axial_g", "descent-2", True)


def test_what_went_down_is_below_and_its_interval_ascends():
    (sentence,) = said(shock_row(difference=-1.8, difference_low=-2.4, difference_high=-1.2, difference_percent=-22.5))
    assert "22 % (15 to 30 %) below your own level running" in sentence.text
    assert sentence.advice == ""


def test_an_angle_is_told_in_degrees_and_as_reaching():
    angle = shock_row(
        metric="shin_angle_deg", median=13.2, median_low=12.4, median_high=13.9, clipped_share=0.0,
        difference=6.04, difference_low=5.2, difference_high=7.0, difference_percent=np.nan,
    )  # fmt: skip
    (sentence,) = said(angle)
    assert sentence.text == (
        "On descent 2 (-14 %, 1.2 km) the shin reached 6.0 degrees (5.2 to 7.0 degrees) further ahead at landing than "
        "in your own level running at the same speed: 13.2 degrees from the vertical (median; 95 % interval 12.4 to "
        "13.9, 142 strides)."
    )


def test_a_censored_median_is_at_least_so_much():
    row = shock_row(
        median=15.0, median_low=14.8, median_high=np.nan, median_censored=True, censored=True, clipped_share=0.7,
        difference=7.0, difference_low=6.0, difference_high=np.nan, difference_percent=87.5,
    )  # fmt: skip
    (sentence,) = said(row)
    assert "was at least 15.0 g (median; 95 % interval 14.8 upwards, 142 strides; sensor limit" in sentence.text
    assert "at least 88 % (interval from 75 %) above" in sentence.text


def test_experimental_measures_are_named_so():
    for metric in ("braking_dv_mps", "off_plane", "frontal_rms_dps", "settle_ms"):
        (sentence,) = said(shock_row(metric=metric, experimental=True))
        assert "(experimental)" in sentence.text


def test_the_pod_alone_is_named_and_gives_no_grade():
    (sentence,) = said(shock_row(), source="pod")
    assert sentence.text.startswith("On descent 2 (1.2 km, from the pod alone) your landing shock")


def test_a_short_descent_is_told_in_metres_and_only_once_in_full():
    rows = [
        shock_row(group="descent-1"),
        shock_row(group="descent-1", metric="off_plane", experimental=True, difference_percent=30.0),
    ]
    first, second = said(*rows)
    assert first.text.startswith("On descent 1 (-8 %, 400 m) your")
    assert second.text.startswith("On descent 1 the twist")


def test_less_shock_with_more_reach_is_told_together():
    angle = shock_row(metric="shin_angle_deg", difference=6.0, difference_percent=np.nan)
    shock = shock_row(difference=-1.8, difference_low=-2.4, difference_high=-1.2, difference_percent=-22.5)
    first, _ = said(shock, angle)
    assert first.text.endswith(
        "At the same time the shin reached further ahead: less shock along the shin is not less in every direction."
    )


def test_bands_and_thirds_are_named_in_words():
    band, third = shock_row(group="grade -0.15..-0.10", kind="grade"), shock_row(group="last third", kind="third")
    late, steep = said(band, third)
    assert steep.text.startswith("Where the ground fell by 10 to 15 % your landing shock was")
    assert late.text.startswith("In the last third of the run (level parts) your landing shock was")
    assert late.text.endswith("above the first third at the same speed.")


def test_one_landing_is_singular():
    flags = FLAGS.copy()
    flags.loc[1, ["hard_reaching", "hard_reaching_per_km"]] = 1.0, 2.5
    flags.loc[1, ["braking", "braking_per_km"]] = 12.0, 30.0
    *_, last = said(shock_row(), flags=flags)
    assert last.text == (
        "On descent 1: 1 landing hard and reaching (2 per km; 1 per km on the level), 12 landings braking "
        "(experimental) (30 per km; 2 per km on the level)."
    )
    assert not last.raised


def test_the_page_has_few_sentences_and_counts_the_rest():
    rows = [shock_row(group=f"descent-{i}", metric=metric) for i in (1, 2) for metric in METRICS]
    sentences = said(*rows)
    assert len(sentences) == 8
    assert sentences[-1].text == "9 more differences of this run are in the table."
    advice = [sentence.advice for sentence in sentences if sentence.advice]
    assert len(advice) == len(set(advice))


def test_a_quiet_run_says_what_was_compared():
    (sentence,) = find(invented_run(seed=0), ground_of()).sentences
    assert not sentence.raised
    assert sentence.text == (
        "Nothing stood out: 3 descents, 1 climb and 3 grade bands against your own level running and the last third "
        "against the first at the same speed, in 8 measures, no difference was both surely more than chance and large "
        "enough to be worth telling."
    )


@pytest.mark.parametrize("source", ["route", "pod"])
def test_no_sentence_claims_more_than_a_shin_can_tell(source):
    run = invented_run(seed=1, drift=0.1)
    down = (run["segment"] == "descent-1").to_numpy()
    for metric in METRICS:
        run = changed(run, down, metric, 2.0, 5.0)
    findings = find(run, ground_of(source=source))
    texts = [f"{sentence.text} {sentence.advice}" for sentence in findings.sentences] + [findings.baseline_note]
    texts += [f"{words.name} {words.tries_up} {words.tries_down}" for words in WORDS.values()]
    assert len(findings.sentences) > 5
    assert not [text for text in texts if NEVER.search(text)]


def test_a_level_run_is_told_what_it_was_like():
    (sentence,) = sentences_of((), FLAGS, LEVEL, ground_of(GROUND, "route"), DEFAULTS)
    assert sentence.text == (
        "On the level your landing shock was 6.0 g (median; 95 % interval 5.8 to 6.2, 40 strides), and the ankle "
        "landed about 2 degrees behind the knee (good to 5). The run has no other ground to compare that with."
    )
    assert not sentence.raised


def test_a_speed_that_level_running_hardly_had_is_not_called_the_same():
    (sentence,) = said(shock_row(matched=False))
    assert sentence.text.endswith("above your own level running carried to that speed, 3.3 m/s.")
