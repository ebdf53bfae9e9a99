"""What every reader asks of a file before it is opened."""

from __future__ import annotations

from pathlib import Path

from surefoot.errors import RecordingError


def check_given(path: Path) -> None:
    """Refuse what is no file.

    Raises
    ------
    RecordingError
    """
    if not path.exists():
        raise RecordingError(path, "there is no such file", "check the name and the folder")
    if path.is_dir():
        raise RecordingError(path, "it is a folder", "name the recording inside it")
