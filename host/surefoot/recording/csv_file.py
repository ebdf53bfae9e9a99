"""CSV recordings: `t_s,ax,ay,az,gx,gy,gz` in s, g and deg/s, sensor axes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from surefoot.errors import RecordingError
from surefoot.recording.rows import dropped, forward_only
from surefoot.recording.samples import Condition, FloatArray, Recording

COLUMNS = ("t_s", "ax", "ay", "az", "gx", "gy", "gz")
HEADER = ",".join(COLUMNS)


def read_csv(path: Path) -> Recording:
    """Read a CSV recording; rows that cannot be used are dropped, counted and named in the conditions.

    Raises
    ------
    RecordingError
        Not such a table, text where numbers belong, infinite values, or no increasing time.
    """
    table, torn = _parse(path)
    values = {name: _numbers(path, table, name) for name in COLUMNS}
    # the parser's memory, three times that of the samples, would stay ours to the end
    del table
    pa.default_memory_pool().release_unused()
    whole = np.logical_and.reduce([np.isfinite(column) for column in values.values()])
    conditions = [dropped("nan", "had an empty or not-a-number value and were left out", ~whole)]
    ahead, clock_conditions = forward_only(path, values["t_s"][whole])
    conditions += clock_conditions
    if torn:
        conditions.append(Condition("truncated", "The file ends in the middle of a sample, which was left out.", 1))
    kept = np.flatnonzero(whole)[ahead]
    if len(kept) < len(whole):
        values = {name: column[kept] for name, column in values.items()}
    t_s = values["t_s"]
    if len(t_s) < 2:
        raise RecordingError(path, "it holds fewer than two samples", "record at least 10 s of running")
    return Recording(
        t_s=t_s - t_s[0],
        accel_g=np.column_stack([values[name] for name in COLUMNS[1:4]]),
        gyro_dps=np.column_stack([values[name] for name in COLUMNS[4:]]),
        name=path.name,
        conditions=tuple(condition for condition in conditions if condition.count),
    )


def _parse(path: Path) -> tuple[pa.Table, bool]:
    """Read the table, and tell whether its last row was torn off."""
    torn = False
    try:
        with _content(path) as content:
            try:
                table = csv.read_csv(content)
            except pa.ArrowInvalid:
                # a recorder that lost power leaves half a row at the end
                table, torn = _whole_rows(path), True
        names = [name.strip().lower() for name in table.column_names]
        table = table.rename_columns(names)
    except (pa.ArrowInvalid, pa.ArrowKeyError, UnicodeDecodeError) as error:
        raise RecordingError(path, _why_not_csv(str(error)), f"export it as CSV with the columns {HEADER}") from error
    except (OSError, EOFError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is damaged or not what its name says"
        raise RecordingError(path, f"it cannot be read ({reason})", "check the file and its permissions") from error
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise RecordingError(path, _why_missing(names, missing), f"name the columns {HEADER}")
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if twice:
        raise RecordingError(path, f"it has two columns named {twice[0]}", "keep one of them")
    if table.num_rows == 0:
        raise RecordingError(path, "it has a header and no samples", "record again, or give another file")
    return table, torn


def _content(path: Path) -> pa.NativeFile:
    return pa.input_stream(str(path), compression="gzip" if path.suffix.lower() == ".gz" else None)


def _whole_rows(path: Path) -> pa.Table:
    """Read the table without what follows its last line break."""
    with _content(path) as content:
        text = content.read()
    return csv.read_csv(pa.BufferReader(text[: text.rfind(b"\n") + 1]))


def _why_not_csv(message: str) -> str:
    if "Empty CSV file" in message:
        return "the file is empty"
    uneven = re.search(r"Expected (\d+) columns, got (\d+): ([\x20-\x7e]*)", message)
    if uneven and int(uneven[1]) >= len(COLUMNS):
        return f"the row '{uneven[3][:40]}' has {uneven[2]} values where the header has {uneven[1]}"
    return "it is not a table of comma-separated numbers"


def _why_missing(found: list[str], missing: list[str]) -> str:
    if len(found) == 1 and re.search(r"[;\t ]", found[0]):
        return "its values are not separated by commas"
    return f"it has no column {', '.join(missing)}"


def _numbers(path: Path, table: pa.Table, name: str) -> FloatArray:
    column = table.column(name)
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_null(column.type)):
        raise RecordingError(path, f"the column {name} holds something that is not a number", "remove or repair it")
    numbers = np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)
    infinite = np.flatnonzero(np.isinf(numbers))
    if len(infinite):
        raise RecordingError(
            path, f"the column {name} is infinite in line {infinite[0] + 2}", "leave such cells empty, or record again"
        )
    return numbers
