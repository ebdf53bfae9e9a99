"""What was tried for contact, toe-off and the path, each on every reference recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from surefoot.analysis import analyze
from surefoot.gait.contacts import ContactParameters
from surefoot.gait.path import PathParameters
from surefoot.gait.strides import GaitParameters
from surefoot.gait.toe_off import ToeOffParameters
from surefoot.settings import Settings
from surefoot.validation.checkout import Reference
from surefoot.validation.score import Score, score

ALTERNATIVES = """## What was tried

Each line changes one thing of the product and scores it on all recordings above, both runners, clean and with impact.
Bias is its range over the recordings, SD the largest. The first line of each group is what the product does: the one
whose worst recording is best, or nearly so, and which does not hang on a single reading. Its few constants (the share
of the rise, the lead of the turn, the shares of the drops, the phases of stance) were chosen on these same recordings,
so that the figures of this page are not those of an untouched test set."""

_GAIT = GaitParameters()
_VARIANTS: tuple[tuple[str, str, GaitParameters], ...] = (
    ("contact", "axial rise, moved by the turn of the swing", _GAIT),
    ("contact", "axial rise alone", replace(_GAIT, contact=ContactParameters(turn_weight=0.0))),
    (
        "contact",
        "turn of the swing alone",
        replace(_GAIT, contact=ContactParameters(turn_weight=1.0, turn_limit_s=1.0)),
    ),
    ("contact", "half of the rise", replace(_GAIT, contact=ContactParameters(rise_share=0.5))),
    ("toe-off", "mean of three readings", _GAIT),
    ("toe-off", "drop of the sagittal rate alone", replace(_GAIT, toe_off=ToeOffParameters(weights=(1, 0, 0)))),
    ("toe-off", "drop of the axial acceleration alone", replace(_GAIT, toe_off=ToeOffParameters(weights=(0, 1, 0)))),
    ("toe-off", "end of the ankle's push alone", replace(_GAIT, toe_off=ToeOffParameters(weights=(0, 0, 1)))),
    ("path", "turning about the ankle, two parts of stance", _GAIT),
    (
        "path",
        "both from the later part of stance",
        replace(_GAIT, path=PathParameters(upward_phases=PathParameters().forward_phases)),
    ),
    ("path", "no creep of the ankle", replace(_GAIT, path=PathParameters(ankle_forward_mps=0.0))),
    ("path", "shock's surplus straight up", replace(_GAIT, path=PathParameters(shock_backward_share=0.0))),
)


def try_alternatives(references: Sequence[Reference]) -> pd.DataFrame:
    """Score every variant on every reference: a table of texts."""
    lines = []
    for group, what, gait in _VARIANTS:
        scores = [_scored(reference, gait) for reference in references]
        if group == "path":
            speed = _range([one.speed_pct.bias for one in scores], "%")
            length = f"{max(one.stride_length_pct.rmse for one in scores):.1f} %"
            grade = _range([one.grade_points.bias for one in scores], "points")
            figures = f"speed {speed}; largest stride length RMSE {length}; grade {grade}"
        else:
            spreads = [one.contact_ms if group == "contact" else one.toe_off_ms for one in scores]
            largest = max(spread.sd for spread in spreads)
            figures = f"bias {_range([spread.bias for spread in spreads], 'ms')}; largest SD {largest:.1f} ms"
        lines.append((group, what, figures))
    return pd.DataFrame(lines, columns=["", "variant", "on all recordings"])


def _scored(reference: Reference, gait: GaitParameters) -> Score:
    settings = Settings(side=reference.side, sensor_height_m=reference.sensor_height_m, gait=gait)
    return score(reference.truth, analyze(reference.recording, settings).strides)


def _range(values: Sequence[float], unit: str) -> str:
    return f"{np.min(values):+.1f} to {np.max(values):+.1f} {unit}"
