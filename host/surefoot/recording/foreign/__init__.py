"""Recordings of other programs, told by their content: each module reads one format and says where it is described."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from surefoot.errors import RecordingError
from surefoot.recording.csv_file import COLUMNS, read_csv
from surefoot.recording.foreign import blue_trident, movesense, phyphox, xsens_dot
from surefoot.recording.foreign.archive import BYTES_MAX, read_members
from surefoot.recording.foreign.parts import Part, recording_of
from surefoot.recording.foreign.table import BEGINNING_BYTES, Header, Names, Text, find_header
from surefoot.recording.samples import Recording

__all__ = ["FORMATS", "Format", "read_any_csv", "read_zip"]


@dataclass(frozen=True)
class Format:
    """How the tables of one program are told and read.

    Attributes
    ----------
    recognises : function
        Whether the names of columns are of this program.
    read : function
        Reads such a table; raises `RecordingError`.
    """

    recognises: Callable[[Names], bool]
    read: Callable[[Text, Header], Part]


FORMATS = tuple(Format(module.recognises, module.read) for module in (phyphox, blue_trident, xsens_dot, movesense))


def read_any_csv(path: Path) -> Recording:
    """Read a CSV file, plain or gzipped: Surefoot's own columns, or those of another program.

    Raises
    ------
    RecordingError
    """
    beginning = _beginning(path)
    if find_header(beginning, lambda names: COLUMNS[0] in names) is not None:
        return read_csv(path)
    found = _told(beginning)
    if found is None:
        return read_csv(path)
    reader, header = found
    return recording_of(path.name, [reader.read(Text(path.name, _whole(path)), header)])


def read_zip(path: Path) -> Recording:
    """Read a zip archive with the tables of one sensor's recording: an export of phyphox, or files packed together.

    Raises
    ------
    RecordingError
    """
    texts = read_members(path)
    parts: list[Part] = []
    refused: list[RecordingError] = []
    for text in texts:
        found = _told(text.data[:BEGINNING_BYTES])
        if found is not None:
            reader, header = found
            try:
                parts.append(reader.read(replace(text, name=PurePosixPath(text.name).name), header))
            except RecordingError as error:
                refused.append(error)
    if not parts and not refused:
        raise RecordingError(path, "none of its files is a table that is known", "see docs/formats.md for what is read")
    meta = {PurePosixPath(text.name.lower()).name: text for text in texts if "meta/" in text.name.lower()}
    parts = [
        phyphox.with_meta(part, meta.get("device.csv"), meta.get("time.csv")) if part.clock == phyphox.CLOCK else part
        for part in parts
    ]
    try:
        return recording_of(path.name, parts)
    except RecordingError as error:
        # a table that is there and cannot be used is the better reason
        raise (refused or [error])[0] from error


def _told(beginning: bytes) -> tuple[Format, Header] | None:
    """Find the format of a table by its header."""
    for reader in FORMATS:
        header = find_header(beginning, reader.recognises)
        if header is not None:
            return reader, header
    return None


def _beginning(path: Path) -> bytes:
    """Read what tells the format; nothing where that cannot be read, since the reader then says why."""
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            return file.read(BEGINNING_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""


def _whole(path: Path) -> bytes:
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "it is damaged"
        raise RecordingError(path, f"it cannot be read ({reason})", "check the file and its permissions") from error
    if len(data) > BYTES_MAX:
        raise RecordingError(path, f"it is longer than {BYTES_MAX / 1e6:.0f} MB", "give a shorter part of it")
    return data
