"""Input that cannot be analysed: one sentence that says what, why and what next, exit code 2, nothing left behind."""

from __future__ import annotations

import errno
import gzip
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyarrow import csv as arrow_csv

from tests.command_line import everything_in, run_command
from tests.recordings import FIXTURES, TREADMILL
from tests.rig.gpx_file import write_gpx
from tests.rig.script import FOREFOOT_CLEAN, Stretch
from tests.rig.virtual_runner import VirtualRun, build, write_csv

HEADER = "t_s,ax,ay,az,gx,gy,gz\n"
REFERENCE = TREADMILL["rbds001_35_R"]
GOOD = REFERENCE.imu_path(200)
ACCEL, GYRO = ["ax", "ay", "az"], ["gx", "gy", "gz"]

Make = Callable[[Path], list[str | Path | float]]
"""Puts the broken input into a folder and returns the arguments of `analyze`, `--out` excepted."""


def _file(name: str, content: str | bytes) -> Make:
    def make(folder: Path) -> list[str | Path | float]:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return [path]

    return make


@cache
def _good_text() -> str:
    return gzip.decompress(GOOD.read_bytes()).decode()


def _table(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Make:
    """Change the samples of a good recording."""

    def make(folder: Path) -> list[str | Path | float]:
        change(REFERENCE.imu(200)).to_csv(folder / "run.csv", index=False)
        return [folder / "run.csv"]

    return make


def _text(change: Callable[[str], str]) -> Make:
    """Change the text of a good recording."""
    return _file("run.csv", change(_good_text()))


def _scaled(columns: list[str], factor: float) -> Make:
    return _table(lambda table: table.assign(**{name: table[name] * factor for name in columns}))


def _virtual(*script: Stretch) -> Make:
    def make(folder: Path) -> list[str | Path | float]:
        write_csv(build(script, FOREFOOT_CLEAN), folder / "run.csv")
        return [folder / "run.csv"]

    return make


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("run.csv", HEADER)
    return packed.getvalue()


def _png() -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 8


def _infinite(table: pd.DataFrame) -> pd.DataFrame:
    table.loc[1234, "ay"] = np.inf
    return table


def _every_tenth(table: pd.DataFrame) -> pd.DataFrame:
    return table.iloc[::10]


def _uneven_row(text: str) -> str:
    lines = text.splitlines(keepends=True)
    lines[500] = "2.5,0.1,0.2\n"
    return "".join(lines)


def _word(text: str) -> str:
    lines = text.splitlines(keepends=True)
    lines[500] = "2.5,0.1,broken,0.2,1,2,3\n"
    return "".join(lines)


def _under_a_file(folder: Path) -> list[str | Path | float]:
    (folder / "run.csv").write_text(HEADER)
    return [folder / "run.csv" / "inside.csv"]


def _endless_link(folder: Path) -> list[str | Path | float]:
    (folder / "run.csv").symlink_to(folder / "run.csv")
    return [folder / "run.csv"]


def _folder_as_run(folder: Path) -> list[str | Path | float]:
    (folder / "run.csv").mkdir()
    return [folder / "run.csv"]


RECORDINGS: dict[str, tuple[Make, str]] = {
    "empty file": (_file("run.csv", ""), "empty"),
    "empty gzip": (_file("run.csv.gz", gzip.compress(b"")), "empty"),
    "header only": (_file("run.csv", HEADER), "no samples"),
    "one sample": (_file("run.csv", HEADER + "0,0,1,0,0,0,0\n"), "fewer than two samples"),
    "one line without a header": (_file("run.csv", "0,0,1,0,0,0,0\n"), "no column t_s"),
    "three samples": (_file("run.csv", HEADER + "0,0,1,0,1,0,0\n.005,0,1,0,1,0,0\n.01,0,1,0,1,0,0\n"), "longest part"),
    "prose": (_file("run.csv", "This morning I ran.\nIt rained.\n"), "name the columns"),
    "a word in a column": (_text(_word), "ay"),
    "random bytes": (_file("run.csv", np.random.default_rng(1).bytes(5000)), "not a table"),
    "a picture": (_file("run.csv", _png()), "not a table"),
    "an archive": (_file("run.csv", _zip()), "not a table"),
    "a route": (_file("run.csv", (FIXTURES / "routes" / "v01_course.gpx").read_bytes()[:60000]), "name the columns"),
    "a missing column": (_table(lambda table: table.drop(columns="gz")), "no column gz"),
    "semicolons": (_text(lambda text: text.replace(",", ";")), "not separated by commas"),
    "tabs": (_text(lambda text: text.replace(",", "\t")), "not separated by commas"),
    "a column under another's name": (_text(lambda text: text.replace("az", "ay", 1)), "no column az"),
    "a column twice": (_file("run.csv", "ay," + HEADER + "1,0,0,1,0,0,0,0\n" * 3), "two columns named ay"),
    "uneven rows": (_text(_uneven_row), "'2.5,0.1,0.2' has 3 values where the header has 7"),
    "an infinite value": (_table(_infinite), "ay is infinite in line 1236"),
    "nothing but nan": (_table(lambda table: table.assign(**dict.fromkeys([*ACCEL, *GYRO], np.nan))), "no complete"),
    "nothing but zeros": (_scaled([*ACCEL, *GYRO], 0.0), "accelerations are zero"),
    "no gyroscope": (_scaled(GYRO, 0.0), "angular rates are zero"),
    "m/s^2": (_scaled(ACCEL, 9.80665), "m/s^2"),
    "milli-g": (_scaled(ACCEL, 1000.0), "another unit than g"),
    "rad/s": (_scaled(GYRO, np.pi / 180), "rad/s"),
    "time in ms": (_scaled(["t_s"], 1000.0), "give t_s in seconds"),
    "a time that stands still": (_table(lambda table: table.assign(t_s=3.0)), "does not run forward"),
    "a time that runs backward": (_table(lambda table: table.assign(t_s=-table["t_s"])), "does not run forward"),
    "20 Hz": (_table(_every_tenth), "20 samples per second"),
    "a truncated gzip": (_file("run.csv.gz", GOOD.read_bytes()[:40000]), "cannot be read"),
    "a text named gzip": (_file("run.csv.gz", HEADER), "cannot be read"),
    "an unknown ending": (_file("run.xlsx", "PK"), "kind is unknown"),
    "no such file": (lambda folder: [folder / "gone.csv"], "no such file"),
    "a folder": (_folder_as_run, "is a folder"),
    "a file inside a file": (_under_a_file, "no such file"),
    "a link to itself": (_endless_link, "no such file"),
    "only standing": (_virtual(Stretch("stand", 30)), "no running"),
    "only walking": (_virtual(Stretch("walk", 30, speed_mps=1.4)), "no running"),
    "the pod in a hand": (_virtual(Stretch("handling", 30)), "no running"),
}

SETTINGS: dict[str, tuple[list[str | Path | float], str]] = {
    "no sensor height": (["--sensor-height", 0], "sensor height"),
    "a sensor height that is no number": (["--sensor-height", "nan"], "sensor height"),
    "a sensor height in cm": (["--sensor-height", 145], "sensor height"),
    "a belt in km/h": (["--treadmill-speed", 36], "treadmill speed"),
    "a belt that stands": (["--treadmill-speed", 0], "treadmill speed"),
    "a negative gain": (["--speed-gain", -1], "speed gain"),
    "an infinite gain": (["--speed-gain", "inf"], "speed gain"),
}


def _call_and_check(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    folder: Path,
    arguments: list[str | Path | float],
    says: str,
) -> str:
    """Call `analyze`; whatever is wrong, it leaves one sentence and no file, and says why."""
    before = everything_in(folder)
    outcome = run_command(monkeypatch, capsys, "analyze", *arguments, "--out", folder / "deep" / "results")
    assert outcome.code == 2
    assert outcome.out == ""
    _check_sentence(outcome.err)
    assert says in outcome.err
    assert everything_in(folder) == before
    return outcome.err


def _check_sentence(message: str) -> None:
    """One line: what cannot be done, why, and after a semicolon what to do next."""
    assert message.endswith(".\n")
    assert message.count("\n") == 1
    assert message.startswith("Cannot ")
    what, why_and_next = message.split(": ", 1)
    assert what
    why, next_step = why_and_next.rsplit("; ", 1)
    assert len(why) > 5
    assert len(next_step.split()) >= 3
    assert "Traceback" not in message
    assert "Error" not in message


@pytest.mark.parametrize("case", RECORDINGS)
def test_a_recording_that_cannot_be_used(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make, says = RECORDINGS[case]
    message = _call_and_check(monkeypatch, capsys, tmp_path, make(tmp_path), says)
    assert message.startswith("Cannot use ")


@pytest.mark.parametrize("case", SETTINGS)
def test_a_setting_that_cannot_be(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options, says = SETTINGS[case]
    _call_and_check(monkeypatch, capsys, tmp_path, [GOOD, *options], says)


@pytest.fixture(scope="module")
def other_day() -> VirtualRun:
    """Somebody's slow jog, 145 steps/min; the recording has 171."""
    return build([Stretch("run", 60, speed_mps=2.5, cadence_factor=0.88)], FOREFOOT_CLEAN)


def test_a_route_that_cannot_be_used(
    other_day: VirtualRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    route = tmp_path / "route.gpx"
    write_gpx(other_day.route, route, "another day")
    gpx = route.read_text()
    flat = "".join(part.split("</ele>")[-1] for part in gpx.split("<ele>"))
    contents: dict[str, tuple[bytes, str]] = {
        "another day": (gpx.encode(), "does not seem to belong to this recording"),
        "no altitude": (flat.encode(), "altitude"),
        "a table": (_good_text()[:5000].encode(), "neither GPX nor FIT"),
        "empty": (b"", "empty"),
        "cut off": (gpx[: len(gpx) // 2].encode(), "damaged"),
        "a picture": (_png(), "neither GPX nor FIT"),
    }
    for content, says in contents.values():
        route.write_bytes(content)
        message = _call_and_check(monkeypatch, capsys, tmp_path, [GOOD, "--route", route], says)
        assert message.startswith("Cannot use the route route.gpx")
    missing = tmp_path / "gone.gpx"
    _call_and_check(monkeypatch, capsys, tmp_path, [GOOD, "--route", missing], "no such file")


def test_no_place_for_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    for out in (file, file / "results", file / "deep" / "results", Path("/dev/full"), Path("/dev/null/x")):
        outcome = run_command(monkeypatch, capsys, "analyze", GOOD, "--out", out, "--no-report")
        assert outcome.code == 2
        assert outcome.out == ""
        _check_sentence(outcome.err)
        assert outcome.err.startswith(f"Cannot write to {out}")
    assert everything_in(tmp_path) == {"notes.txt": b"mine"}


def _no_space(*_arguments: object, **_options: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("writer", ["table", "text", "move", "folder"])
def test_no_space_left(
    writer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place, name = {
        "table": (arrow_csv, "write_csv"),
        "text": (Path, "write_text"),
        "move": (Path, "replace"),
        "folder": (tempfile, "mkdtemp"),
    }[writer]
    monkeypatch.setattr(place, name, _no_space)
    outcome = run_command(monkeypatch, capsys, "analyze", GOOD, "--out", tmp_path / "deep" / "results", "--no-report")
    assert outcome.code == 2
    assert outcome.out == ""
    _check_sentence(outcome.err)
    assert "no space left" in outcome.err.lower()
    assert everything_in(tmp_path) == {}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["analyze"], "Missing argument 'run'; see surefoot analyze --help."),
        (["analyze", GOOD], "Missing option '--out'; see surefoot analyze --help."),
        (["analyze", GOOD, "--out"], "see surefoot"),
        (["analyse", GOOD], "see surefoot --help."),
        (["analyze", GOOD, "--side", "up"], "'up' is not one of 'left', 'right'; see surefoot analyze --help."),
        (["record", "--rate", "fast"], "'--rate': it must be a whole number; see surefoot record --help."),
        (["record", "--duration", "an hour"], "'--duration': it must be a number; see surefoot record --help."),
        (["pull", "last"], "it must be a whole number; see surefoot pull --help."),
    ],
)
def test_a_command_that_is_not_understood(
    arguments: list[str | Path], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = run_command(monkeypatch, capsys, *arguments)
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.count("\n") == 1
    assert says in outcome.err
    assert "nput should" not in outcome.err
    assert "alue error" not in outcome.err
    assert "Traceback" not in outcome.err


def test_a_real_process_ends_alike(tmp_path: Path) -> None:
    """The same through a real process: nothing is printed behind the sentence's back."""
    path = tmp_path / "run.csv"
    path.write_text("")
    host = Path(__file__).parent.parent / "host"
    done = subprocess.run(
        [sys.executable, "-m", "surefoot", "analyze", path, "--out", tmp_path / "results"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(host)},
    )
    assert done.returncode == 2
    assert done.stdout == ""
    _check_sentence(done.stderr)
    assert everything_in(tmp_path) == {"run.csv": b""}
