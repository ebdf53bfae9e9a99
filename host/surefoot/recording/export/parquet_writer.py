"""Parquet, compressed with zstd: units in the names and in the metadata of the columns, facts in that of the table."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from surefoot.recording.export.columns import COLUMNS, facts_of, slices
from surefoot.recording.export.extras import Extras
from surefoot.recording.samples import Recording


def write_parquet(recording: Recording, extras: Extras, path: Path) -> None:
    """Write the samples, one row group per slice; values as they are, not rounded."""
    fields = [
        pa.field(column.name, pa.float64(), nullable=False, metadata={"unit": column.unit, "meaning": column.meaning})
        for column in COLUMNS
    ]
    schema = pa.schema(fields, metadata=facts_of(recording, extras))
    with parquet.ParquetWriter(str(path), schema, compression="zstd") as writer:
        for batch in slices(recording, schema):
            writer.write_batch(batch)
