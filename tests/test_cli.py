"""The command line: what it prints where, what it writes, and that looking at it costs nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import webbrowser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surefoot import __version__, cli
from tests.command_line import everything_in, run_command
from tests.recordings import TREADMILL
from tests.rig.gpx_file import write_gpx
from tests.rig.script import FOREFOOT, Stretch
from tests.rig.virtual_runner import build, write_csv

RUN = TREADMILL["rbds001_35_R"].imu_path(200)
TABLES = {"strides.csv", "strides.parquet", "summary.json"}
COMMANDS = sorted(command.name or command.callback.__name__ for command in cli.app.registered_commands)  # type: ignore[union-attr]
HOST = Path(__file__).parent.parent / "host"


def _python(code: str) -> str:
    """Run code in a fresh interpreter."""
    environment = {**os.environ, "PYTHONPATH": str(HOST)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return done.stdout.strip()


def test_importing_is_cheap() -> None:
    """Neither the package nor its command line loads what computes, draws or reads."""
    heavy = (
        "{'numpy', 'scipy', 'pandas', 'pyarrow', 'matplotlib', 'jinja2', 'gpxpy', 'fitdecode', 'vqf', "
        "'bleak', 'bleak_retry_connector', 'asyncio', 'rich.live', 'rich.progress', 'mcap'}"
    )
    for module in ("surefoot", "surefoot.cli", "surefoot.errors", "surefoot.columns"):
        assert _python(f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))") == "[]"


def test_the_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(monkeypatch, capsys, "--version").out == f"surefoot {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    outcome = run_command(monkeypatch, capsys, command, "--help")
    assert outcome.code == 0
    assert outcome.err == ""
    assert "Example" in outcome.out
    assert f"surefoot {command}" in outcome.out.split("Example", 1)[1]


def test_help_names_every_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run_command(monkeypatch, capsys, "--help")
    assert outcome.code == 0
    assert {"analyze", "demo"} <= set(COMMANDS)
    assert all(command in outcome.out for command in COMMANDS)


def test_an_analysis_writes_its_files_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "run"
    outcome = run_command(monkeypatch, capsys, "analyze", RUN, "--out", out, "--side", "right")
    assert outcome.code == 0
    assert set(everything_in(out)) == TABLES | {"report.html"}
    assert str(out) in outcome.out
    assert "report.html" in outcome.out
    summary = json.loads((out / "summary.json").read_text())
    assert str(summary["quality"]["strides"]) in outcome.out
    for sentence in summary["findings"]["sentences"]:
        assert sentence["text"] in outcome.out
    for condition in summary["quality"]["conditions"]:
        assert condition["sentence"] in outcome.err
        assert condition["sentence"] not in outcome.out
    assert "<html" in (out / "report.html").read_text(encoding="utf-8")


def test_no_report_writes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = run_command(monkeypatch, capsys, "analyze", RUN, "--out", tmp_path, "--no-report")
    assert outcome.code == 0
    assert set(everything_in(tmp_path)) == TABLES
    assert "report.html" not in outcome.out


def test_json_is_all_that_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = run_command(monkeypatch, capsys, "analyze", RUN, "--out", tmp_path, "--no-report", "--json")
    assert outcome.code == 0
    assert json.loads(outcome.out) == json.loads((tmp_path / "summary.json").read_text())


def test_what_is_told_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ["--side", "left", "--sensor-height", 0.12, "--treadmill-speed", 3.4, "--about", "Ada's [treadmill] run"]
    outcome = run_command(monkeypatch, capsys, "analyze", RUN, "--out", tmp_path, "--no-report", "--json", *told)
    facts = json.loads(outcome.out)
    assert facts["about"] == "Ada's [treadmill] run"
    quality = facts["quality"]
    assert (quality["side"], quality["side_given"]) == ("left", True)
    assert (quality["sensor_height_m"], quality["sensor_height_given"]) == (0.12, True)
    assert facts["median"]["speed_mps"] == pytest.approx(3.4, rel=1e-3)
    gain = quality["speed_gain"]
    again = ["--sensor-height", 0.12, "--speed-gain", gain]
    outcome = run_command(monkeypatch, capsys, "analyze", RUN, "--out", tmp_path, "--no-report", "--json", *again)
    assert json.loads(outcome.out)["median"]["speed_mps"] == pytest.approx(3.4, rel=1e-3)


def test_a_run_with_its_route(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four minutes with a walk in it, half of them down 8 %: the descent is found where it was."""
    script = [
        Stretch("stand", 10),
        Stretch("run", 90, speed_mps=2.8),
        Stretch("walk", 20, speed_mps=1.4),
        Stretch("run", 120, speed_mps=3.1, grade=-0.08),
        Stretch("stand", 10),
    ]
    run = build(script, FOREFOOT, seed=6)
    write_csv(run, tmp_path / "run.csv.gz")
    write_gpx(run.route, tmp_path / "run.gpx", "route")
    out = tmp_path / "out"
    arguments = [tmp_path / "run.csv.gz", "--out", out, "--route", tmp_path / "run.gpx", "--no-report", "--json"]
    outcome = run_command(monkeypatch, capsys, "analyze", *arguments)
    assert outcome.code == 0
    facts = json.loads(outcome.out)
    assert facts["ground"]["source"] == "route"
    strides = pd.read_parquet(out / "strides.parquet")
    middle = strides[strides["contact_s"].between(150, 220)]
    assert set(middle["segment"]) == {"descent-1"}
    assert middle["route_grade"].mean() == pytest.approx(-0.08, abs=0.015)
    assert middle["route_speed_mps"].mean() == pytest.approx(3.1, rel=0.03)
    level = strides[strides["contact_s"].between(20, 90)]
    assert set(level["segment"]) == {"level"}


def test_the_demo_runs_and_opens_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    out = tmp_path / "a demo"
    assert run_command(monkeypatch, capsys, "demo", "--out", out).code == 0
    assert opened == [(out / "report.html").as_uri()]
    assert set(everything_in(out)) == TABLES | {"report.html"}
    assert json.loads((out / "summary.json").read_text())["about"]
    assert run_command(monkeypatch, capsys, "demo", "--out", out, "--no-open").code == 0
    assert len(opened) == 1


def test_ctrl_c_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("surefoot.results.summary", stopped)
    outcome = run_command(monkeypatch, capsys, "analyze", RUN, "--out", tmp_path / "deep" / "run", "--no-report")
    assert outcome.code == 130
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    assert everything_in(tmp_path) == {}


def test_names_with_blanks_brackets_and_accents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "läufe [bold] & co" / "Zürich [red]run.csv.gz"
    run.parent.mkdir()
    run.write_bytes(RUN.read_bytes())
    outcome = run_command(monkeypatch, capsys, "analyze", run, "--out", run.parent / "out", "--no-report")
    assert outcome.code == 0
    assert run.name in outcome.out
    assert str(run.parent) in outcome.out
    gone = run.parent / "[gone].csv"
    outcome = run_command(monkeypatch, capsys, "analyze", gone, "--out", run.parent / "out2")
    assert outcome.code == 2
    assert "[gone].csv" in outcome.err


def test_two_analyses_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        run_command(monkeypatch, capsys, "analyze", RUN, "--out", tmp_path / name, "--no-report")
    assert everything_in(tmp_path / "a") == everything_in(tmp_path / "b")
    assert np.all(pd.read_csv(tmp_path / "a" / "strides.csv")["stride"].diff().dropna() == 1)
