"""`surefoot validate`: everything that has a reference, scored and written down."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from surefoot.analysis import analyze
from surefoot.results import check_folder
from surefoot.settings import Settings
from surefoot.validation.alternatives import ALTERNATIVES, try_alternatives
from surefoot.validation.checkout import Reference, find_checkout, load_references, load_yardsticks
from surefoot.validation.elsewhere import ELSEWHERE, score_elsewhere
from surefoot.validation.page import render
from surefoot.validation.robustness import ROBUSTNESS, score_faults
from surefoot.validation.run import as_json, validate
from surefoot.validation.virtual import VIRTUAL, run_virtual


def figures() -> str:
    """Score the reference recordings: the rows behind the page's first tables, as JSON.

    Raises
    ------
    SurefootError
        There is no checkout around.
    """
    checkout = find_checkout()
    return as_json(validate(load_references(checkout), load_yardsticks(checkout), _product))


def write_page(page: Path | None) -> Path:
    """Score everything, write the page (docs/validation.md of the checkout if not named) and tell where it is.

    Raises
    ------
    SurefootError
        There is no checkout around, or the page cannot be written.
    """
    checkout = find_checkout()
    path = page or checkout / "docs" / "validation.md"
    check_folder(path.parent)
    references = list(load_references(checkout))
    yardsticks = load_yardsticks(checkout)
    rows = validate(references, yardsticks, _product)
    further = [
        (ALTERNATIVES, try_alternatives(references)),
        (ROBUSTNESS, score_faults(references)),
        (VIRTUAL, run_virtual(checkout)),
        (ELSEWHERE, score_elsewhere(checkout)),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(render(rows, yardsticks.methods, further=further), encoding="utf-8")
    draft.replace(path)
    return path


def _product(reference: Reference) -> pd.DataFrame:
    settings = Settings(side=reference.side, sensor_height_m=reference.sensor_height_m)
    return analyze(reference.recording, settings).strides
