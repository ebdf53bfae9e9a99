"""Recordings written for other programs: CSV, Parquet, MCAP, by the end of the name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from surefoot.errors import OutputError
from surefoot.recording import read_recording
from surefoot.recording.export.csv_writer import write_csv
from surefoot.recording.export.extras import Extras, read_extras
from surefoot.recording.export.mcap_writer import write_mcap
from surefoot.recording.export.parquet_writer import write_parquet
from surefoot.recording.new_file import new_file
from surefoot.recording.samples import Recording

__all__ = ["WRITERS", "export_recording", "import_recording"]

Writer = Callable[[Recording, Extras, Path], None]

WRITERS: dict[str, Writer] = {
    ".csv": write_csv,
    ".csv.gz": write_csv,
    ".parquet": write_parquet,
    ".mcap": write_mcap,
}
"""The writer of each kind of file, by the end of its name."""
CSV_ENDINGS = (".csv", ".csv.gz")


def export_recording(path: Path, out: Path, *, overwrite: bool = False) -> Recording:
    """Write the recording `path`, of any kind that can be read, as `out`; the end of its name says as what.

    `out` is whole or not there; one that exists stays as it is unless `overwrite`. What comes back is what was
    written; its conditions say what was converted, left out or doubted on the way.

    Raises
    ------
    RecordingError
        The recording cannot be read.
    OutputError
        `out` is of no known kind, exists already, or cannot be written.
    """
    return _write(path, out, tuple(WRITERS), overwrite)


def import_recording(path: Path, out: Path, *, overwrite: bool = False) -> Recording:
    """Write a recording of another program as CSV in Surefoot's columns, gzipped where the name of `out` ends so.

    As `export_recording` otherwise.

    Raises
    ------
    RecordingError
    OutputError
    """
    return _write(path, out, CSV_ENDINGS, overwrite)


def _write(path: Path, out: Path, endings: tuple[str, ...], overwrite: bool) -> Recording:
    ending = next((ending for ending in reversed(endings) if out.name.lower().endswith(ending)), None)
    if ending is None:
        raise OutputError(out, "the end of its name says no kind", f"name it with {' or '.join(endings)} at the end")
    otherwise = "name another file, or replace it with --overwrite"
    with new_file(out, overwrite=overwrite, else_do=otherwise) as draft:
        recording = read_recording(path)
        WRITERS[ending](recording, read_extras(path), draft)
    return recording
