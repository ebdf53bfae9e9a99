"""Which rows of a table of samples can be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from surefoot.errors import RecordingError
from surefoot.recording.samples import SERIOUS_SHARE, Condition, FloatArray
from surefoot.words import count_of

BACKWARD_SHARE_MAX = 0.05
"""More samples out of order than this, and the column is not a clock."""


def forward_only(path: Path | str, t_s: FloatArray, column: str = "t_s") -> tuple[np.ndarray, list[Condition]]:
    """Keep the samples whose time is later than that of all before them, and say what was left out.

    Raises
    ------
    RecordingError
        There is no sample, or the times of `column` are no clock.
    """
    if not len(t_s):
        raise RecordingError(path, "it holds no complete sample", "record again, or give another file")
    latest = np.maximum.accumulate(t_s)
    ahead = np.ones(len(t_s), dtype=bool)
    ahead[1:] = t_s[1:] > latest[:-1]
    duplicated = np.zeros(len(t_s), dtype=bool)
    duplicated[1:] = t_s[1:] == latest[:-1]
    backward = ~ahead & ~duplicated
    if backward.mean() > BACKWARD_SHARE_MAX or ahead.mean() < 0.5:
        raise RecordingError(
            path, f"its time does not run forward (column {column})", "give the time of each sample in seconds"
        )
    return ahead, [
        dropped("duplicated_time", "repeated a time that was there already and were left out", duplicated),
        dropped("backward_time", "went back in time and were left out", backward),
    ]


def dropped(code: str, what: str, rows: np.ndarray) -> Condition:
    """Say how many samples, those marked in `rows`, were left out and why."""
    count = int(rows.sum())
    serious = bool(count and rows.mean() > SERIOUS_SHARE)
    return Condition(code, f"{count_of(count, 'sample')} {what}.", count, serious=serious)
