"""The files of an analysis: the same in both forms, empty where not measured, whole or not at all."""

from __future__ import annotations

import errno
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet

from surefoot import __version__
from surefoot.analysis import Analysis, analyze
from surefoot.columns import STRIDE_COLUMNS
from surefoot.errors import OutputError
from surefoot.report.page import render
from surefoot.results import check_folder, summary, write_results
from tests.analyses import kept, treadmill_analysis, treadmill_recording
from tests.command_line import everything_in

PAGE = "<!doctype html><title>page</title>"
ALL = {"report.html", "strides.csv", "strides.parquet", "summary.json"}
NAMES = [column.name for column in STRIDE_COLUMNS]


@pytest.fixture(scope="module")
def gappy() -> Analysis:
    """A recording with two gaps and without a route: much in its table is not measured."""
    recording = treadmill_recording("rbds001_35_R", 200)
    lost = ((recording.t_s > 8) & (recording.t_s < 8.3)) | ((recording.t_s > 19) & (recording.t_s < 19.8))
    return analyze(kept(recording, ~lost))


@pytest.fixture(scope="module")
def written(gappy: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "new" / "run"
    paths = write_results(gappy, folder, PAGE)
    assert {path.name for path in paths} == ALL
    assert all(path.parent == folder for path in paths)
    return folder


def test_nothing_but_the_files_is_left(written: Path) -> None:
    assert set(everything_in(written)) == ALL
    assert set(everything_in(written.parent.parent)) == {"new", "new/run"} | {f"new/run/{name}" for name in ALL}
    assert (written / "report.html").read_text(encoding="utf-8") == PAGE


def test_parquet_and_csv_hold_the_same(written: Path) -> None:
    stored, opened = pd.read_parquet(written / "strides.parquet"), pd.read_csv(written / "strides.csv")
    assert list(stored.columns) == list(opened.columns) == NAMES
    assert len(stored) == len(opened) > 30
    for column in STRIDE_COLUMNS:
        a, b = stored[column.name], opened[column.name]
        if column.kind == "text":
            assert (a.fillna("") == b.fillna("")).all()
        elif column.kind == "number":
            assert a.to_numpy(float) == pytest.approx(b.to_numpy(float), rel=1e-12, nan_ok=True)
        else:
            assert (a == b).all()


def test_the_files_hold_the_analysis(gappy: Analysis, written: Path) -> None:
    """Times to 0.01 ms; nothing is lost by rounding that a sensor could tell."""
    stored = pd.read_parquet(written / "strides.parquet")
    for column in STRIDE_COLUMNS:
        a, b = stored[column.name], gappy.strides[column.name]
        if column.kind == "number":
            assert a.to_numpy(float) == pytest.approx(b.to_numpy(float), abs=6e-6, nan_ok=True)
        else:
            assert (a.fillna("") == b.fillna("")).all() if column.kind == "text" else (a == b).all()


def test_not_measured_is_empty_and_never_0(gappy: Analysis, written: Path) -> None:
    cells = pd.read_csv(written / "strides.csv", dtype=str, keep_default_na=False)
    unknown = gappy.strides["stride_time_s"].isna().to_numpy()
    assert unknown.sum() >= 3
    for name in ("stride_time_s", "cadence_spm", "stride_length_m", "speed_mps", "rise_m", "grade"):
        assert (cells.loc[unknown, name] == "").all()
    for name in ("route_grade", "route_speed_mps", "route_altitude_m"):
        assert (cells[name] == "").all()
    for name in NAMES:
        assert not cells[name].str.lower().isin(["nan", "none", "null", "inf"]).any()
    table = parquet.read_table(written / "strides.parquet")
    assert table["route_grade"].null_count == len(cells)
    assert table["stride_time_s"].null_count == unknown.sum()


def test_units_and_version_travel_with_the_table(written: Path) -> None:
    schema = parquet.read_schema(written / "strides.parquet")
    assert schema.metadata[b"surefoot_version"] == __version__.encode()
    for suffix, unit in (
        ("_s", "s"), ("_ms", "ms"), ("_m", "m"), ("_mps", "m/s"),
        ("_deg", "deg"), ("_dps", "deg/s"), ("_g", "g"), ("_spm", "steps/min"),
    ):  # fmt: skip
        for name in (name for name in NAMES if name.endswith(suffix)):
            assert schema.field(name).metadata[b"unit"] == unit.encode()
    for name in NAMES:
        assert len(schema.field(name).metadata[b"meaning"]) > 5


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for entry in value.values() for number in _numbers(entry)]
    if isinstance(value, list):
        return [number for entry in value for number in _numbers(entry)]
    return [value] if isinstance(value, float) else []


def _refuse(word: str) -> None:
    raise AssertionError(word)


def test_the_summary_is_plain_json(gappy: Analysis, written: Path) -> None:
    text = (written / "summary.json").read_text(encoding="utf-8")
    facts = json.loads(text, parse_constant=_refuse)
    assert facts == summary(gappy)
    assert all(math.isfinite(number) for number in _numbers(facts))
    assert facts["surefoot_version"] == __version__
    assert facts["recording"] == "imu_200hz.csv.gz"
    assert facts["quality"]["gaps"] == 2
    assert facts["quality"]["strides"] == len(gappy.strides)
    assert {"gaps", "no_standing", "sensor_height"} <= {c["code"] for c in facts["quality"]["conditions"]}
    usable = gappy.strides[gappy.strides["usable"]]
    for name in ("shock_axial_g", "cadence_spm", "stride_length_m"):
        assert facts["median"][name] == pytest.approx(usable[name].median(), rel=1e-5)
    assert facts["median"]["route_grade"] is None


@pytest.mark.parametrize("name", ["jdx_s999_L", "rbds001_35_R_down15"])
def test_any_summary_can_be_json(name: str) -> None:
    facts = summary(treadmill_analysis(name))
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def test_a_second_analysis_replaces_the_first(tmp_path: Path, gappy: Analysis) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    write_results(gappy, tmp_path, PAGE)
    first = everything_in(tmp_path)
    other = treadmill_analysis("jdx_s999_L")
    write_results(other, tmp_path, PAGE + "2")
    second = everything_in(tmp_path)
    assert set(second) == ALL | {"mine.txt"}
    assert all(second[name] != first[name] for name in ALL)
    assert second["mine.txt"] == b"kept"
    assert len(pd.read_csv(tmp_path / "strides.csv")) == len(other.strides)


def test_without_a_page_no_former_page_stays(tmp_path: Path, gappy: Analysis) -> None:
    """It would speak of another run than the tables beside it."""
    write_results(gappy, tmp_path, render(gappy))
    paths = write_results(gappy, tmp_path, None)
    assert {path.name for path in paths} == set(everything_in(tmp_path)) == ALL - {"report.html"}


def test_a_page_of_somebody_else_stays(tmp_path: Path, gappy: Analysis) -> None:
    (tmp_path / "report.html").write_text("my own page")
    write_results(gappy, tmp_path, None)
    assert (tmp_path / "report.html").read_text() == "my own page"


@pytest.mark.parametrize("fails_at", range(1, 9))
def test_a_failure_leaves_the_former_results_whole(
    fails_at: int, tmp_path: Path, gappy: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of the moves fails, taking the former files away included."""
    write_results(gappy, tmp_path, PAGE)
    before = everything_in(tmp_path)
    replace, calls = Path.replace, 0

    def failing(self: Path, target: str | Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OutputError, match="no space left"):
        write_results(treadmill_analysis("jdx_s999_L"), tmp_path, PAGE + "2")
    assert calls >= fails_at
    assert everything_in(tmp_path) == before


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError, ValueError])
def test_stopping_leaves_nothing_and_says_what_it_was(
    stop: type[BaseException], tmp_path: Path, gappy: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopping(*_arguments: object, **_options: object) -> None:
        raise stop

    monkeypatch.setattr(Path, "write_text", stopping)
    with pytest.raises(stop):
        write_results(gappy, tmp_path / "deep" / "run", PAGE)
    assert everything_in(tmp_path) == {}


def test_a_place_is_checked_and_not_touched(tmp_path: Path) -> None:
    check_folder(tmp_path)
    check_folder(tmp_path / "a" / "b")
    (tmp_path / "file").write_text("")
    for bad in (tmp_path / "file", tmp_path / "file" / "b" / "c"):
        with pytest.raises(OutputError, match="is a file, not a folder"):
            check_folder(bad)
    assert set(everything_in(tmp_path)) == {"file"}


def test_no_value_of_a_table_is_changed_by_writing(gappy: Analysis, tmp_path: Path) -> None:
    before = gappy.strides.copy()
    write_results(gappy, tmp_path, None)
    pd.testing.assert_frame_equal(gappy.strides, before)
    assert np.isnan(gappy.strides["route_grade"]).all()
