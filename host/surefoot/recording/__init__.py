"""Recordings of one shin sensor: what a file holds, whatever its kind."""

from __future__ import annotations

from pathlib import Path

from surefoot.errors import RecordingError
from surefoot.recording.foreign import read_any_csv, read_zip
from surefoot.recording.run_file import read_run
from surefoot.recording.samples import Condition, Reader, Recording

__all__ = ["READERS", "Condition", "Reader", "Recording", "read_recording"]

READERS: dict[str, Reader] = {".run": read_run, ".csv": read_any_csv, ".csv.gz": read_any_csv, ".zip": read_zip}
"""The reader of each kind of file, by the end of its name."""


def read_recording(path: Path) -> Recording:
    """Read a recording of any known kind.

    Raises
    ------
    RecordingError
        The file does not exist, is of no known kind, or cannot be used; the message says what to do.
    """
    if not path.exists():
        raise RecordingError(path, "there is no such file", "check the name and the folder")
    if path.is_dir():
        raise RecordingError(path, "it is a folder", "name the recording inside it")
    for ending, reader in READERS.items():
        if path.name.lower().endswith(ending):
            return reader(path)
    kinds = ", ".join(READERS)
    raise RecordingError(path, f"its kind is unknown (known are {kinds})", "give a recording of one of these kinds")
