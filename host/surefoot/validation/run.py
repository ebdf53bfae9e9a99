"""All reference recordings, through the product and through the published methods: one row each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Any

import pandas as pd

from surefoot.validation.checkout import Reference, Yardsticks
from surefoot.validation.page import OURS, ZERO_VELOCITY
from surefoot.validation.score import Score, Spread, score

Analyse = Callable[[Reference], pd.DataFrame]
"""The product: the strides table of a reference's recording, told no more than its side and sensor height."""


def validate(references: Iterable[Reference], yardsticks: Yardsticks, analyse: Analyse) -> pd.DataFrame:
    """Score the product and the published methods on every reference.

    Returns
    -------
    DataFrame
        A row per reference and method. What was measured: recording, file, variant, side, rate_hz, speed_mps,
        true_grade, method. How well: reference_contacts, matched_contacts, found_percent, false_contacts,
        strides_scored, strides_without_length, and `<quantity>_<n|bias|sd|mae|rmse>_<unit>` of contact, toe_off,
        contact_time, stride_time (ms), cadence (spm), stride_length, speed (pct) and grade (points). nan where a
        method does not measure a quantity.
    """
    return pd.DataFrame(
        [
            _facts(reference) | {"method": method} | _flat(score(reference.truth, strides))
            for reference in references
            for method, strides in _tables(reference, yardsticks, analyse)
        ]
    )


def as_json(rows: pd.DataFrame) -> str:
    """Write the rows as a JSON list of objects, null for what was not measured."""
    plain = rows.astype(object).where(rows.notna(), None)
    return json.dumps(plain.to_dict("records"), indent=2)


def _tables(reference: Reference, yardsticks: Yardsticks, analyse: Analyse) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the strides table of each method, the product's first."""
    t_s, truth = reference.recording.t_s, reference.truth
    accel_g, gyro_dps = reference.as_right_shin()
    yield OURS, analyse(reference)
    for name, detect in yardsticks.detect.items():
        contact_s, toe_off_s = detect(t_s, accel_g, gyro_dps)
        yield name, pd.DataFrame({"contact_s": contact_s, "toe_off_s": toe_off_s})
    contact_s, toe_off_s = truth["contact_s"].to_numpy(), truth["toeoff_s"].to_numpy()
    length_m = yardsticks.zero_velocity(t_s, accel_g, gyro_dps, contact_s, toe_off_s)
    yield ZERO_VELOCITY, pd.DataFrame({"contact_s": contact_s, "stride_length_m": length_m})


def _facts(reference: Reference) -> dict[str, Any]:
    return {
        "recording": reference.name,
        "file": reference.recording.name,
        "variant": reference.variant,
        "side": reference.side,
        "rate_hz": reference.rate_hz,
        "speed_mps": reference.speed_mps,
        "true_grade": reference.grade,
    }


def _flat(result: Score) -> dict[str, float]:
    """Spread a score over columns: contact_ms with its bias becomes contact_bias_ms, and so on."""
    row = {"found_percent": 100 * result.recall}
    for name, value in vars(result).items():
        if isinstance(value, Spread):
            quantity, _, unit = name.rpartition("_")
            row |= {f"{quantity}_{statistic}_{unit}": number for statistic, number in asdict(value).items()}
        else:
            row[name] = value
    return row
