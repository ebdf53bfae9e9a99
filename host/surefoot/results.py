"""The files of an analysis: written whole or not at all."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import csv, parquet

from surefoot import __version__
from surefoot.analysis import Analysis
from surefoot.columns import STRIDE_COLUMNS
from surefoot.errors import OutputError, reason, remedy

STRIDES_PARQUET = "strides.parquet"
STRIDES_CSV = "strides.csv"
SUMMARY = "summary.json"
REPORT = "report.html"


def write_results(analysis: Analysis, folder: Path, report: str | None) -> list[Path]:
    """Write the strides table, the summary and, where given, the page into `folder`.

    All files are made beside the folder first and moved in when all are complete.

    Raises
    ------
    OutputError
        The folder cannot be made or written; nothing is left behind.
    """
    with _drafts(folder) as draft:
        table = strides_table(analysis.strides)
        parquet.write_table(table, draft / STRIDES_PARQUET, compression="zstd")
        csv.write_csv(table, draft / STRIDES_CSV)
        (draft / SUMMARY).write_text(json.dumps(summary(analysis), indent=2) + "\n", encoding="utf-8")
        if report is not None:
            (draft / REPORT).write_text(report, encoding="utf-8")
        return _published(draft, folder)


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot hold results, before any work is done.

    Raises
    ------
    OutputError
    """
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir():
        raise OutputError(folder, f"{existing.name} is a file, not a folder", "name another folder with --out")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise OutputError(folder, "it may not be written to", "name another folder with --out")


def strides_table(strides: pd.DataFrame) -> pa.Table:
    """Make the stored form: rounded to what is meant, empty where not measured, units and meaning in the metadata."""
    fields = []
    arrays = []
    for column in STRIDE_COLUMNS:
        values = strides[column.name]
        if column.kind == "number":
            array = pa.array(values.to_numpy(float).round(5), type=pa.float64(), from_pandas=True)
        elif column.kind == "count":
            array = pa.array(values.to_numpy(int), type=pa.int64())
        elif column.kind == "flag":
            array = pa.array(values.to_numpy(bool))
        else:
            array = pa.array(values.astype(str).tolist(), type=pa.string())
        note = {"unit": column.unit, "meaning": column.meaning, "evidence": column.evidence}
        fields.append(pa.field(column.name, array.type, metadata=note))
        arrays.append(array)
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata={"surefoot_version": __version__}))


def summary(analysis: Analysis) -> dict[str, Any]:
    """Make the facts of a run as plain JSON values: unknown numbers are null."""
    strides = analysis.strides[analysis.strides["usable"]]
    numbers = [
        column.name for column in STRIDE_COLUMNS if column.kind == "number" and not column.name.endswith("off_s")
    ]
    medians = strides[numbers].drop(columns=["contact_s"]).median()
    found = analysis.findings
    facts = {
        "surefoot_version": __version__,
        "recording": analysis.name,
        "about": analysis.about,
        "quality": asdict(analysis.quality),
        "median": medians.to_dict(),
        "ground": {
            "source": analysis.terrain.source,
            "placement": asdict(analysis.terrain.placement) if analysis.terrain.placement else None,
            "segments": analysis.terrain.segments.to_dict("records"),
        },
        "findings": {
            "sentences": [asdict(sentence) for sentence in found.sentences],
            "baseline_note": found.baseline_note,
            "baseline": found.baseline.to_dict("records"),
            "comparisons": found.comparisons.to_dict("records"),
            "flags": found.flags.to_dict("records"),
        },
        "parameters": analysis.parameters,
    }
    return dict(_plain(facts))


def _published(draft: Path, folder: Path) -> list[Path]:
    """Move the files of `draft` into `folder`; the former results go, a page without its tables too, or all stay."""
    written = [folder / path.name for path in sorted(draft.iterdir())]
    former = draft / "former"
    former.mkdir()
    try:
        for name in (STRIDES_PARQUET, STRIDES_CSV, SUMMARY, REPORT):
            if (folder / name).exists() and (folder / name in written or _is_our_page(folder / name)):
                (folder / name).replace(former / name)
        for path in written:
            (draft / path.name).replace(path)
    except BaseException:
        for path in former.iterdir():
            path.replace(folder / path.name)
        raise
    return written


def _is_our_page(path: Path) -> bool:
    """Whether a page that nothing new replaces is one of an earlier analysis, and not somebody else's."""
    return path.is_file() and b"Surefoot" in path.read_bytes()[:4096]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


@contextmanager
def _drafts(folder: Path) -> Iterator[Path]:
    """Yield a folder for drafts; it, and whatever folder was made for nothing, is gone afterwards."""
    check_folder(folder)
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    draft = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".surefoot-", dir=folder))
        yield draft
    except OSError as error:
        raise OutputError(folder, reason(error), remedy(error, "name another folder with --out")) from error
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)
        for place in made:
            # what was made for nothing is empty now; what holds results, these or another run's, stays
            with suppress(OSError):
                place.rmdir()
