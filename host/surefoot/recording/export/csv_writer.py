"""CSV in Surefoot's own columns: what `read_csv` reads, to the last bit."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from surefoot.recording.csv_file import COLUMNS, HEADER
from surefoot.recording.export.columns import slices
from surefoot.recording.export.extras import Extras
from surefoot.recording.samples import Recording

GZIP_LEVEL = 4
"""Of an hour at 1000 Hz: 13 s instead of 34 s of the usual 9, for 7 % more bytes."""


def write_csv(recording: Recording, _extras: Extras, path: Path) -> None:
    """Write the samples, gzipped where the name ends in `.gz`; numbers have as many digits as they need."""
    schema = pa.schema([(name, pa.float64()) for name in COLUMNS])
    with gzip.open(path, "wb", GZIP_LEVEL) if path.suffix.lower() == ".gz" else path.open("wb") as stream:
        stream.write(f"{HEADER}\n".encode())
        with csv.CSVWriter(stream, schema, write_options=csv.WriteOptions(include_header=False)) as writer:
            for batch in slices(recording, schema):
                writer.write_batch(batch)
