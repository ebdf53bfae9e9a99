"""MCAP, which Foxglove and PlotJuggler open: one JSON message per sample, and a log of marks and events.

Topics: `/shin/imu` with the schema `surefoot.Sample` (the columns of the Parquet export), `/shin/log` with Foxglove's
well-known schema `foxglove.Log`. Times are UTC in ns where the recording knows it; otherwise they count from 0, and
the metadata record `recording` has no `start_utc_us`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from surefoot import __version__
from surefoot.errors import OutputError
from surefoot.recording.export.columns import COLUMNS, SLICE_ROWS, facts_of, values_of
from surefoot.recording.export.extras import Extras
from surefoot.recording.samples import Recording

if TYPE_CHECKING:
    from mcap.writer import Writer

SAMPLES_TOPIC = "/shin/imu"
LOG_TOPIC = "/shin/log"
SAMPLE_SCHEMA = {
    "title": "surefoot.Sample",
    "type": "object",
    "properties": {
        column.name: {"type": "number", "description": f"{column.meaning}, {column.unit}"} for column in COLUMNS
    },
    "required": [column.name for column in COLUMNS],
}
_TIME = {"type": "object", "title": "time", "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}}}
LOG_SCHEMA = {
    "title": "foxglove.Log",
    "type": "object",
    "properties": {
        "timestamp": _TIME,
        "level": {"type": "integer", "description": "1 debug, 2 info, 3 warning, 4 error, 5 fatal"},
        "message": {"type": "string"},
        "name": {"type": "string"},
        "file": {"type": "string"},
        "line": {"type": "integer"},
    },
}
LEVEL_INFO = 2
TIME_NS_MAX = (1 << 63) - 1
"""In 2262; MCAP counts in 64 bits, and some readers with a sign."""


def write_mcap(recording: Recording, extras: Extras, path: Path) -> None:
    """Write samples and log.

    Raises
    ------
    OutputError
        The package `mcap` is not installed, or the times do not fit into the format.
    """
    start_ns = 1000 * (recording.start_utc_us or 0)
    if start_ns + float(recording.t_s[-1]) * 1e9 > TIME_NS_MAX:
        raise OutputError(path.name, "its times go beyond what MCAP can hold", "export it as Parquet")
    try:
        from mcap.writer import Writer
    except ImportError as error:
        raise OutputError(path.name, "the package mcap is not installed", "install surefoot[mcap]") from error
    with path.open("wb") as stream:
        writer = Writer(stream)
        writer.start(library=f"surefoot {__version__}")
        writer.add_metadata("recording", facts_of(recording, extras))
        _write_log(writer, extras, start_ns)
        _write_samples(writer, recording, start_ns)
        writer.finish()  # type: ignore[no-untyped-call]


def _write_samples(writer: Writer, recording: Recording, start_ns: int) -> None:
    channel = _channel(writer, SAMPLES_TOPIC, SAMPLE_SCHEMA)
    line = "{" + ", ".join(f'"{column.name}": %r' for column in COLUMNS) + "}"
    values = values_of(recording)
    for start in range(0, len(recording.t_s), SLICE_ROWS):
        rows = zip(*(column[start : start + SLICE_ROWS].tolist() for column in values), strict=True)
        for sequence, row in enumerate(rows, start):
            at_ns = start_ns + round(row[0] * 1e9)
            writer.add_message(channel, at_ns, (line % row).encode(), at_ns, sequence & 0xFFFFFFFF)


def _write_log(writer: Writer, extras: Extras, start_ns: int) -> None:
    channel = _channel(writer, LOG_TOPIC, LOG_SCHEMA)
    for sequence, entry in enumerate(extras.log):
        at_ns = min(max(start_ns + round(entry.t_s * 1e9), 0), TIME_NS_MAX)
        message = {
            "timestamp": {"sec": at_ns // 10**9, "nsec": at_ns % 10**9},
            "level": LEVEL_INFO,
            "message": entry.text,
            "name": entry.kind,
            "file": "",
            "line": 0,
        }
        writer.add_message(channel, at_ns, json.dumps(message).encode(), at_ns, sequence)


def _channel(writer: Writer, topic: str, schema: Mapping[str, object]) -> int:
    schema_id = writer.register_schema(str(schema["title"]), "jsonschema", json.dumps(schema).encode())
    return writer.register_channel(topic, "json", schema_id)
