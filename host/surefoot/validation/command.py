"""`surefoot validate`: everything that has a reference, scored and written down."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from surefoot.analysis import analyze
from surefoot.settings import Settings
from surefoot.validation.alternatives import ALTERNATIVES, try_alternatives
from surefoot.validation.checkout import Reference, find_checkout, load_references, load_yardsticks
from surefoot.validation.elsewhere import ELSEWHERE, score_elsewhere
from surefoot.validation.page import render
from surefoot.validation.robustness import ROBUSTNESS, score_faults
from surefoot.validation.run import as_json, validate
from surefoot.validation.virtual import VIRTUAL, run_virtual


def validate_checkout(page: Path | None) -> tuple[Path, str]:
    """Score everything and write the page.

    Returns
    -------
    tuple of Path and str
        The page that was written, and the rows behind its tables as JSON.

    Raises
    ------
    SurefootError
        There is no checkout around.
    """
    checkout = find_checkout()
    references = list(load_references(checkout))
    yardsticks = load_yardsticks(checkout)
    rows = validate(references, yardsticks, _product)
    further = [
        (ALTERNATIVES, try_alternatives(references)),
        (ROBUSTNESS, score_faults(references)),
        (VIRTUAL, run_virtual(checkout)),
        (ELSEWHERE, score_elsewhere(checkout)),
    ]
    path = page or checkout / "docs" / "validation.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(render(rows, yardsticks.methods, further=further), encoding="utf-8")
    draft.replace(path)
    return path, as_json(rows)


def _product(reference: Reference) -> pd.DataFrame:
    settings = Settings(side=reference.side, sensor_height_m=reference.sensor_height_m)
    return analyze(reference.recording, settings).strides
