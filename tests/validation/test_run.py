"""A validation of a product whose errors are known."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from surefoot.validation.checkout import Reference, find_checkout, load_references, load_yardsticks
from surefoot.validation.page import OURS, ZERO_VELOCITY
from surefoot.validation.run import as_json, validate

CHECKOUT = find_checkout()


def late_and_long(reference: Reference) -> pd.DataFrame:
    """The truth, 12 ms late at contact and 3 % too long, without grade."""
    strides = reference.truth.rename(columns={"toeoff_s": "toe_off_s"}).drop(columns="grade")
    strides["contact_s"] += 0.012
    strides["stride_length_m"] *= 1.03
    return strides


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    few = [r for r in load_references(CHECKOUT) if r.name.startswith("jdx") or r.name.endswith("down08")]
    return validate(few, load_yardsticks(CHECKOUT), late_and_long)


def test_a_row_per_recording_and_method(rows: pd.DataFrame) -> None:
    assert len(rows) == 4 * (len(load_yardsticks(CHECKOUT).detect) + 2)
    assert not rows.duplicated(["recording", "file", "method"]).any()


def test_known_errors_come_back(rows: pd.DataFrame) -> None:
    ours = rows[rows["method"] == OURS]
    assert ours["contact_bias_ms"].to_numpy() == pytest.approx(12, abs=0.1)
    assert ours["toe_off_bias_ms"].to_numpy() == pytest.approx(0, abs=1e-6)
    assert ours["stride_length_rmse_pct"].to_numpy() == pytest.approx(3)
    assert (ours["found_percent"] == 100).all()
    assert (ours["grade_n_points"] == 0).all()
    assert ours["grade_bias_points"].isna().all()


def test_zero_velocity_measures_a_path_only(rows: pd.DataFrame) -> None:
    plain = rows[rows["method"] == ZERO_VELOCITY]
    assert (plain["stride_length_rmse_pct"] > 5).all()
    assert plain["toe_off_bias_ms"].isna().all()


def test_json_has_null_for_what_was_not_measured(rows: pd.DataFrame) -> None:
    first = json.loads(as_json(rows))[0]
    assert first["method"] == OURS
    assert first["contact_bias_ms"] == pytest.approx(12, abs=0.1)
    assert first["grade_bias_points"] is None
