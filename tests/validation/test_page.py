"""The page says what the rows say, and whether it is enough."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from surefoot.validation.page import COMMAND, OURS, ZERO_VELOCITY, render
from surefoot.validation.targets import Target

TARGETS = (
    Target("Contact, bias", "contact_bias_ms", must=20, aim=10, unit="ms"),
    Target("Strides found", "found_percent", must=98, aim=100, unit="%", at_least=True),
    Target("Mean grade", "grade_bias_points", must=3, aim=1, unit="points", variants=("grade",)),
)
METHODS = pd.DataFrame({"name": ["Somebody 1999"], "made_for": ["hoppers"], "published_error": ["2 ± 1 ms"]})


def row(method: str, variant: str = "clean", **measured: float) -> dict[str, object]:
    facts = {"recording": "runner_L", "file": "imu.csv.gz", "variant": variant, "rate_hz": 200, "true_grade": -0.08}
    counts = {"matched_contacts": 39, "reference_contacts": 40, "false_contacts": 2, "found_percent": 97.5}
    nothing = {
        f"{quantity}_{statistic}_{unit}": np.nan
        for quantity, unit in (("contact", "ms"), ("toe_off", "ms"), ("cadence", "spm"), ("grade", "points"))
        for statistic in ("bias", "sd")
    }
    path = {"stride_length_n_pct": 35, "strides_scored": 41, "stride_length_rmse_pct": np.nan, "speed_bias_pct": np.nan}
    return facts | counts | nothing | path | measured | {"method": method}


ROWS = pd.DataFrame(
    [
        row(OURS, contact_bias_ms=-12.3, contact_sd_ms=4.56, stride_length_rmse_pct=3.21, speed_bias_pct=-2.0),
        row("Somebody 1999", contact_bias_ms=1.0, contact_sd_ms=25.0),
        row(ZERO_VELOCITY, stride_length_rmse_pct=11.1),
        row(OURS, variant="impact", contact_bias_ms=9.0, contact_sd_ms=1.0),
    ]
)
PAGE = render(ROWS, METHODS, TARGETS)


def cells(start: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith(start)
    ]


def test_says_how_to_write_it_again() -> None:
    assert f"`{COMMAND}`" in PAGE
    assert PAGE.endswith("\n")


def test_the_worst_recording_is_held_against_the_target() -> None:
    assert cells("| Contact, bias")[0][2:] == ["≤ 20 ms", "≤ 10 ms", "12.3 ms", "must met"]
    assert cells("| Strides found")[0][2:] == ["≥ 98 %", "≥ 100 %", "97.5 %", "missed"]


def test_what_no_recording_shows_is_not_called_met() -> None:
    assert cells("| Mean grade")[0][-2:] == ["–", "not measured"]


def test_ours_stands_beside_the_published_method() -> None:
    lines = cells("| runner_L (200 Hz) | Surefoot") + cells("|  | Somebody 1999")
    assert lines[0] == ["runner_L (200 Hz)", OURS, "39/40", "2", "-12.3 ± 4.6", "–"]
    assert lines[-1] == ["", "Somebody 1999", "39/40", "2", "+1.0 ± 25.0", "–"]


def test_the_path_stands_beside_zero_velocity() -> None:
    line = next(line for line in cells("| runner_L (200 Hz)") if len(line) == 8)
    assert line[1:] == ["35/41", "3.2 %", "11.1 %", "-2.0 %", "–", "-8 %", "–"]


def test_every_table_is_whole() -> None:
    for block in PAGE.split("\n\n"):
        if block.startswith("|"):
            assert len({line.count("|") for line in block.splitlines()}) == 1


@pytest.mark.parametrize("sentence", ["Two runners", "not downhill running", "No shock value is validated", "25 Hz"])
def test_the_limits_are_told(sentence: str) -> None:
    assert sentence in PAGE


@pytest.mark.parametrize(("value", "verdict"), [(-10.0, "aim met"), (10.1, "must met"), (-20.1, "missed")])
def test_verdicts_go_by_magnitude(value: float, verdict: str) -> None:
    rows = pd.DataFrame({"variant": ["clean", "clean"], "contact_bias_ms": [value, 3.0]})
    assert TARGETS[0].verdict(TARGETS[0].measured(rows)) == verdict
