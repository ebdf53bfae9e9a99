"""Tables of numbers as other programs write them: any separator, a decimal comma, lines before the header."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from surefoot.errors import RecordingError
from surefoot.recording.rows import dropped, forward_only
from surefoot.recording.samples import Condition, FloatArray
from surefoot.words import count_of

Names = tuple[str, ...]
"""Names of columns, in lower case, without quotes and blanks around them."""

BEGINNING_BYTES = 1 << 16
"""The header and the first row are within this."""
ROW_BYTES_MAX = 1 << 14
PREAMBLE_LINES_MAX = 30
"""Xsens DOT writes some ten lines before the header."""
UNEVEN_SHARE_MAX = 0.01
"""More rows with too few or too many values than this, and the separator or the decimal mark is another one."""
LARGEST = 1e18
"""UTC in us is a thousandth of it; what is larger is no measurement."""
NOT_NUMBERS = ["", "NaN", "nan", "\ufffd"]
"""What stands for no value; the last is Java's NaN on some phones."""


@dataclass(frozen=True)
class Text:
    """A file, or a member of an archive; `name` is for sentences."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Header:
    """Where a table starts in a text, and how it is written.

    Attributes
    ----------
    names : tuple of str
    preamble : tuple of str
        The lines before it.
    start : int
        Byte at which its first row starts.
    separator : str
    """

    names: Names
    preamble: tuple[str, ...]
    start: int
    separator: str


def find_header(beginning: bytes, recognises: Callable[[Names], bool]) -> Header | None:
    """Return the first line whose names are recognised, among those that a header may be on."""
    lines = beginning[:BEGINNING_BYTES].splitlines(keepends=True)[:PREAMBLE_LINES_MAX]
    start = 0
    for number, line in enumerate(lines):
        start += len(line)
        text = line.decode("utf-8", errors="replace").strip("\ufeff\r\n")
        separator = next((mark for mark in "\t;" if mark in text), ",")
        names = _names(text, separator)
        if recognises(names):
            preamble = tuple(before.decode("utf-8", errors="replace").strip() for before in lines[:number])
            return Header(names, preamble, start, separator)
    return None


def _names(line: str, separator: str) -> Names:
    try:
        cells = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        cells = []
    return tuple(cell.strip().lower() for cell in cells)


@dataclass(frozen=True)
class Columns:
    """Numbers of a table by the name of their column, and what had to be left out of it."""

    values: dict[str, FloatArray]
    conditions: tuple[Condition, ...]


def read_columns(text: Text, header: Header, wanted: Iterable[str]) -> Columns:
    """Read the `wanted` columns; rows with too few or too many values are left out and counted.

    Raises
    ------
    RecordingError
        A column is missing or there twice, holds text or infinite values, or the rows do not fit the header.
    """
    wanted = list(wanted)
    for name in wanted:
        if header.names.count(name) != 1:
            many = "no column" if name not in header.names else "more than one column"
            raise RecordingError(text.name, f"it has {many} named '{name}'", "export the recording again")
    table, uneven = _parse(text, header, wanted)
    if table.num_rows == 0 or uneven > UNEVEN_SHARE_MAX * table.num_rows + 1:
        why = "its rows do not have as many values as its header" if uneven else "it has a header and no samples"
        raise RecordingError(text.name, why, "export it again with a decimal point and commas between values")
    values = {}
    for name in wanted:
        column = table.column(str(header.names.index(name)))
        values[name] = np.asarray(column.to_numpy(), dtype=np.float64)
        if (np.abs(values[name]) > LARGEST).any():
            raise RecordingError(text.name, f"the column '{name}' has infinite values", "export the recording again")
    have = "has" if uneven == 1 else "have"
    torn = Condition("truncated", f"{count_of(uneven, 'row')} {have} too few or too many values; left out.", uneven)
    return Columns(values, (torn,) if uneven else ())


def _parse(text: Text, header: Header, wanted: list[str]) -> tuple[pa.Table, int]:
    """Read the numbers of the wanted columns, which are named by their place; and count the rows that do not fit."""
    rows = memoryview(text.data)[header.start :]
    if not text.data.isascii():
        # the parser stops at what is not UTF-8, even in rows that are left out
        rows = memoryview(bytes(rows).decode("utf-8", errors="replace").encode())
    first = bytes(rows[:ROW_BYTES_MAX]).split(b"\n", 1)[0]
    if not first.strip():
        raise RecordingError(text.name, "it has a header and no samples", "record again, or give another file")
    separator = header.separator.encode()
    # rows of some programs end in a separator, and their header does not
    width = max(len(header.names), first.count(separator) + 1)
    width = width if width <= len(header.names) + 1 else len(header.names)
    keys = [str(place) for place in range(width)]
    uneven = 0

    def leave_out(_row: Any) -> str:
        nonlocal uneven
        uneven += 1
        return "skip"

    places = [str(header.names.index(name)) for name in wanted]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(rows)),
            # one thread: rows that do not fit are counted by a function of Python
            read_options=arrow_csv.ReadOptions(column_names=keys, use_threads=False),
            parse_options=arrow_csv.ParseOptions(delimiter=header.separator, invalid_row_handler=leave_out),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=places,
                column_types={place: pa.float64() for place in places},
                decimal_point="," if separator != b"," and b"," in first else ".",
                null_values=NOT_NUMBERS,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError, UnicodeDecodeError) as error:
        raise RecordingError(
            text.name, "it holds something that is not a number", "export the recording again, each sensor on its own"
        ) from error
    return table, uneven


def usable_rows(text: Text, t_s: FloatArray, values: FloatArray, clock: str) -> tuple[np.ndarray, list[Condition]]:
    """Return the places of the rows that are complete and later than all before, and what was left out.

    Raises
    ------
    RecordingError
        The times of the column `clock` do not run forward, or fewer than two samples are left.
    """
    whole = np.isfinite(t_s) & np.isfinite(values).all(axis=1)
    ahead, conditions = forward_only(text.name, t_s[whole], clock)
    kept = np.flatnonzero(whole)[ahead]
    if len(kept) < 2:
        raise RecordingError(text.name, "it holds fewer than two samples", "record at least 10 s of running")
    lost = dropped("nan", "had an empty or not-a-number value and were left out", ~whole)
    return kept, [condition for condition in (lost, *conditions) if condition.count]
