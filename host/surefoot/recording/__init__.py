"""Recordings of one shin sensor: what a file holds, whatever its kind."""

from __future__ import annotations

from pathlib import Path

from surefoot.errors import RecordingError
from surefoot.recording.framing import RUN_ENDING
from surefoot.recording.given_file import check_given
from surefoot.recording.samples import Condition, Reader, Recording

__all__ = ["READERS", "Condition", "Reader", "Recording", "read_recording"]


def _run(path: Path) -> Recording:
    from surefoot.recording.run_file import read_run

    return read_run(path)


def _csv(path: Path) -> Recording:
    from surefoot.recording.foreign import read_any_csv

    return read_any_csv(path)


def _zip(path: Path) -> Recording:
    from surefoot.recording.foreign import read_zip

    return read_zip(path)


READERS: dict[str, Reader] = {RUN_ENDING: _run, ".csv": _csv, ".csv.gz": _csv, ".zip": _zip}
"""The reader of each kind of file, by the end of its name; each is loaded when it is needed."""


def read_recording(path: Path) -> Recording:
    """Read a recording of any known kind.

    Raises
    ------
    RecordingError
        The file does not exist, is of no known kind, or cannot be used; the message says what to do.
    """
    check_given(path)
    for ending, reader in READERS.items():
        if path.name.lower().endswith(ending):
            return reader(path)
    kinds = ", ".join(READERS)
    raise RecordingError(path, f"its kind is unknown (known are {kinds})", "give a recording of one of these kinds")
