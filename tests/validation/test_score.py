"""The score against values worked out by hand, against its definition, and against stored numbers of the reference.

`expected/score.json` holds the numbers of the reference scoring script, written before and independently of this
module: `score.py tests/fixtures/treadmill/jdx_s999_L/truth.csv tests/validation/expected/strides.csv --json`.
`expected/strides.csv` is that truth with contacts, lengths and the rest moved by random amounts, three strides and
some cells taken out, and four contacts put in that nobody made.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.validation.score import Spread, match, score, spread
from tests.recordings import TREADMILL

EXPECTED = Path(__file__).parent / "expected"


def truth_table() -> pd.DataFrame:
    """Four strides of 0.7 s, 2.1 m, 3 m/s, and their five contacts."""
    contact_s = 1.0 + 0.7 * np.arange(4)
    return pd.DataFrame(
        {
            "contact_s": contact_s,
            "toeoff_s": contact_s + 0.25,
            "next_contact_s": contact_s + 0.7,
            "stride_time_s": 0.7,
            "stride_length_m": 2.1,
            "speed_mps": 3.0,
            "cadence_spm": 120 / 0.7,
            "grade": -0.10,
        }
    )


def as_product(truth: pd.DataFrame) -> pd.DataFrame:
    return truth.drop(columns="next_contact_s").rename(columns={"toeoff_s": "toe_off_s"})


def test_the_truth_scores_without_error() -> None:
    truth = truth_table()
    result = score(truth, as_product(truth))
    assert (result.reference_contacts, result.matched_contacts, result.false_contacts) == (3, 3, 0)
    assert (result.recall, result.strides_scored, result.strides_without_length) == (1.0, 4, 0)
    for value in vars(result).values():
        if isinstance(value, Spread):
            assert value.n == 4
            assert value.rmse == pytest.approx(0.0, abs=1e-9)


def test_errors_worked_out_by_hand() -> None:
    strides = as_product(truth_table())
    strides["contact_s"] += [0.010, 0.020, 0.010, 0.020]
    strides["toe_off_s"] += 0.005
    strides["stride_length_m"] = [2.31, 2.1, 2.1, np.nan]
    strides["speed_mps"] = 3.3
    strides["grade"] = -0.08
    result = score(truth_table(), strides)
    assert result.contact_ms == Spread(
        4, pytest.approx(15), pytest.approx(5), pytest.approx(15), pytest.approx(math.sqrt(250))
    )
    assert result.toe_off_ms.bias == pytest.approx(5)
    assert result.contact_time_ms.bias == pytest.approx(-10)
    assert result.stride_length_pct == Spread(
        3,
        pytest.approx(10 / 3),
        pytest.approx(math.sqrt(200 / 9)),
        pytest.approx(10 / 3),
        pytest.approx(math.sqrt(100 / 3)),
    )
    assert result.speed_pct.bias == pytest.approx(10)
    assert result.grade_points.bias == pytest.approx(2)
    assert result.strides_without_length == 1


def test_missed_and_false_contacts() -> None:
    strides = as_product(truth_table()).drop(index=[0, 2])  # the first is free, the third is not
    extra = pd.DataFrame({"contact_s": [0.5, 1.35, 1.75, 2.9, 4.5]})  # 0.5 and 4.5 lie outside the span
    result = score(truth_table(), pd.concat([strides, extra]).sort_values("contact_s"))
    assert result.reference_contacts == 3
    assert result.matched_contacts == 2
    assert result.false_contacts == 3


def test_no_stride_at_all() -> None:
    result = score(truth_table(), pd.DataFrame({"contact_s": []}))
    assert (result.matched_contacts, result.recall, result.false_contacts, result.strides_scored) == (0, 0.0, 0, 0)
    assert result.contact_ms.n == 0
    assert math.isnan(result.contact_ms.bias)


def test_stored_numbers_of_the_reference_scoring() -> None:
    result = asdict(score(TREADMILL["jdx_s999_L"].truth(), pd.read_csv(EXPECTED / "strides.csv")))
    expected = json.loads((EXPECTED / "score.json").read_text())
    assert result.keys() == expected.keys()
    for name, value in expected.items():
        assert result[name] == pytest.approx(value, abs=1e-9), name


def test_spread_leaves_out_what_was_not_measured() -> None:
    assert spread(np.array([1.0, np.nan, 3.0])) == Spread(2, 2.0, 1.0, 2.0, math.sqrt(5))


times = st.lists(st.integers(0, 2_000), max_size=14, unique=True).map(lambda ms: np.array(sorted(ms)) / 1000)


@given(times, times)
def test_match_takes_the_nearest_pair_first(reference_s: np.ndarray, detected_s: np.ndarray) -> None:
    pairs = sorted(
        (abs(detected - expected), i, j)
        for i, expected in enumerate(reference_s)
        for j, detected in enumerate(detected_s)
        if abs(detected - expected) <= 0.1
    )
    taken: dict[int, int] = {}
    for _, i, j in pairs:
        if i not in taken and j not in taken.values():
            taken[i] = j
    reference, detected = match(reference_s, detected_s)
    assert list(zip(reference.tolist(), detected.tolist(), strict=True)) == sorted(taken.items())
