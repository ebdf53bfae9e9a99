"""The columns of exported samples: names with units, and what they mean."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa

from surefoot import __version__
from surefoot.recording.export.extras import Extras
from surefoot.recording.samples import FloatArray, Recording

SLICE_ROWS = 1 << 16
"""Written at once: what a writer needs beside the recording is bounded by it."""


class Column(NamedTuple):
    """A column of exported samples."""

    name: str
    unit: str
    meaning: str


COLUMNS = (
    Column("t_s", "s", "time from the first sample"),
    *(Column(f"a{axis}_g", "g", f"specific force along sensor axis {axis}, +1 g up at rest") for axis in "xyz"),
    *(Column(f"g{axis}_dps", "deg/s", f"angular rate about sensor axis {axis}, right-handed") for axis in "xyz"),
)


def values_of(recording: Recording) -> tuple[FloatArray, ...]:
    """Return the values of `COLUMNS`, in order."""
    return (recording.t_s, *recording.accel_g.T, *recording.gyro_dps.T)


def slices(recording: Recording, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield the samples as batches of `schema`."""
    values = values_of(recording)
    for start in range(0, len(recording.t_s), SLICE_ROWS):
        yield pa.record_batch([pa.array(column[start : start + SLICE_ROWS]) for column in values], schema=schema)


def facts_of(recording: Recording, extras: Extras) -> dict[str, str]:
    """Return what is known of the recording beside its samples, as text; what is not known is not there."""
    facts = {
        "surefoot_version": __version__,
        "recording": recording.name,
        "accel_range_g": recording.accel_range_g,
        "gyro_range_dps": recording.gyro_range_dps,
        "nominal_rate_hz": recording.nominal_rate_hz,
        "start_utc_us": recording.start_utc_us,
        "side": None if recording.side == "unknown" else recording.side,
        "sensor_height_m": recording.sensor_height_m,
        "conditions": json.dumps([condition.sentence for condition in recording.conditions]),
        "log": json.dumps([entry._asdict() for entry in extras.log]),
    }
    return {name: str(value) for name, value in facts.items() if value is not None} | extras.facts
