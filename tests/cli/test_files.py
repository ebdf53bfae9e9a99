"""Commands over files: what they print where, their exit codes, and that the given file stays as it is."""

from __future__ import annotations

import csv
import json
import shlex
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from surefoot.cli.fetch import Wanted
from surefoot.recording.run_writer import RunWriter
from tests.command_line import Outcome, everything_in, run_command
from tests.rig.foreign_files import accel_g, gyro_dps, phyphox_accelerometer, phyphox_gyroscope, times
from tests.rig.made_packets import end_packet, event_packet, sample_packet, start_packet

Call = Callable[..., Outcome]
BEGAN_US = 1_790_000_000_000_000
RUN, PACKETS, SAMPLES = 261, 40, 19
DATA = [sample_packet(RUN, sequence) for sequence in range(1, PACKETS + 1)]
ALL = (start_packet(RUN), *DATA, end_packet(RUN, PACKETS + 1))


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    return lambda *arguments: run_command(monkeypatch, capsys, *arguments)


def _write(path: Path, packets: Sequence[bytes] = ALL, closed: bool = True) -> Path:
    writer = RunWriter.create(path, writer="a test", created_utc_us=BEGAN_US)
    writer.settings({"side": "left", "sensor_height_m": 0.131})
    for number, packet in enumerate(packets):
        writer.packet(BEGAN_US + 38_000 * number, packet)
    if closed:
        writer.close(BEGAN_US + 38_000 * len(packets))
    else:
        writer.abandon()
    return path


def test_info_says_what_is_in_the_file(tmp_path: Path, call: Call) -> None:
    run = _write(tmp_path / "a [run].run")
    outcome = call("info", run)
    assert outcome.code == 0
    assert f"{PACKETS * SAMPLES} samples" in outcome.out
    assert f"Run {RUN}" in outcome.out
    assert "a [run].run" in outcome.out
    assert "surefoot analyze" in outcome.err
    facts = json.loads(call("info", run, "--json").out)
    assert facts["complete"] is True
    assert facts["side"] == "left"
    assert facts["sensor_height_m"] == 0.131
    assert (facts["run"]["samples"], facts["run"]["missing_packets"]) == (PACKETS * SAMPLES, 0)


@pytest.mark.parametrize(
    ("fault", "advised"),
    [
        ("none", ["analyze"]),
        ("not closed", ["analyze", "repair"]),
        ("lost", ["analyze"]),
        ("flipped", ["analyze", "repair"]),
        ("no end", ["pull", "analyze"]),
    ],
)
def test_what_is_advised_can_be_typed(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch, fault: str, advised: list[str]
) -> None:
    run = tmp_path / "a run's" / "of a day.run"
    run.parent.mkdir()
    packets = {"lost": (*ALL[:10], *ALL[13:]), "no end": ALL[:-1]}
    _write(run, packets.get(fault, ALL), closed=fault != "not closed")
    if fault == "flipped":
        data = bytearray(run.read_bytes())
        data[len(data) // 2] ^= 4
        run.write_bytes(data)
    fetched: list[Wanted] = []

    async def fetch(wanted: Wanted) -> None:
        fetched.append(wanted)

    monkeypatch.setattr("surefoot.cli.fetch.fetch", fetch)
    commands = [line[line.index("surefoot ") :] for line in call("info", run).err.splitlines()]
    assert [shlex.split(command)[:2] for command in commands] == [["surefoot", name] for name in advised]
    for command in commands:
        name, *words = shlex.split(command)[1:]
        outcome = call(name, *words)
        if name == "analyze":
            # it understood, and read the file: the packets hold noise
            assert "its accelerations look like" in outcome.err
        else:
            assert outcome.code == 0, outcome.err
    assert [wanted.folder for wanted in fetched] == [run.parent] * advised.count("pull")
    if "repair" in advised:
        assert (run.parent / "of a day-repaired.run").exists()


@pytest.mark.parametrize("command", ["info", "verify", "repair", "analyze"])
def test_a_file_that_is_not_there_is_said_alike(tmp_path: Path, call: Call, command: str) -> None:
    more = ["--out", tmp_path / "out"] if command in ("repair", "analyze") else []
    gone = tmp_path / "gone.run"
    told = f"Cannot use {gone}: there is no such file; check the name and the folder.\n"
    assert call(command, gone, *more).err == told
    told = f"Cannot use {tmp_path}: it is a folder; name the recording inside it.\n"
    assert call(command, tmp_path, *more).err == told


def test_a_whole_file_verifies(tmp_path: Path, call: Call) -> None:
    run = _write(tmp_path / "whole.run")
    outcome = call("verify", run)
    assert (outcome.code, outcome.out, outcome.err) == (0, f"{run}: whole\n", "")


def test_what_the_pod_noted_is_told_of_a_whole_file_too(tmp_path: Path, call: Call) -> None:
    event, end = event_packet(RUN, PACKETS + 1), end_packet(RUN, PACKETS + 2)
    run = _write(tmp_path / "whole.run", (*ALL[:-1], event, end))
    noted = f"The pod noted at 0:02: its store is full, {PACKETS + 1} blocks in use."
    outcome = call("verify", run)
    assert (outcome.code, outcome.out) == (0, f"{run}: whole\n  {noted}\n")
    assert noted in call("info", run).out


@pytest.mark.parametrize("fault", ["lost packets", "not closed", "flipped", "cut off", "no end"])
def test_a_file_that_lacks_something_is_1(tmp_path: Path, call: Call, fault: str) -> None:
    run = tmp_path / "some.run"
    if fault == "lost packets":
        _write(run, (*ALL[:10], *ALL[13:]))
    elif fault == "no end":
        _write(run, ALL[:-1])
    else:
        _write(run, closed=fault != "not closed")
    data = bytearray(run.read_bytes())
    if fault == "flipped":
        data[len(data) // 2] ^= 4
    if fault == "cut off":
        del data[-100:]
    run.write_bytes(data)
    outcome = call("verify", run)
    assert outcome.code == 1
    assert f"{run}: readable, not whole" in outcome.out
    if fault == "lost packets":
        assert "packets 10 to 12" in outcome.out
        assert f"{3 * SAMPLES} samples" in outcome.out
    assert run.read_bytes() == data
    facts = json.loads(call("verify", run, "--json").out)
    assert facts[0]["complete"] is False


def test_of_several_files_the_worst_decides_and_all_are_told(tmp_path: Path, call: Call) -> None:
    whole, partial = _write(tmp_path / "whole.run"), _write(tmp_path / "partial.run", ALL[:-1])
    noise = tmp_path / "noise.run"
    noise.write_bytes(bytes(range(200)))
    assert call("verify", whole, partial).code == 1
    outcome = call("verify", noise, tmp_path / "gone.run", partial, whole)
    assert outcome.code == 2
    assert f"{whole}: whole" in outcome.out
    assert f"{partial}: readable, not whole" in outcome.out
    assert "noise.run" in outcome.err
    assert "gone.run" in outcome.err
    facts = json.loads(call("verify", noise, whole, "--json").out)
    assert [Path(one["path"]).name for one in facts] == ["noise.run", "whole.run"]
    assert [one["complete"] for one in facts] == [False, True]
    assert "noise.run" in facts[0]["error"]


@pytest.mark.parametrize("command", ["info", "verify", "repair", "export"])
def test_what_is_no_recording_gets_one_sentence(tmp_path: Path, call: Call, command: str) -> None:
    given = tmp_path / "noise.run"
    given.write_bytes(bytes(range(256)) * 4)
    more = ["--out", tmp_path / "out.run"] if command == "repair" else []
    outcome = call(command, given, *more)
    assert (outcome.code, outcome.out) == (2, "")
    assert "noise.run" in outcome.err
    assert "Traceback" not in outcome.err
    assert everything_in(tmp_path) == {"noise.run": given.read_bytes()}


def test_repair_makes_a_whole_copy_and_leaves_the_file(tmp_path: Path, call: Call) -> None:
    damaged = _write(tmp_path / "damaged.run", closed=False)
    data = damaged.read_bytes()
    out = tmp_path / "repaired.run"
    outcome = call("repair", damaged, "--out", out)
    assert outcome.code == 0
    assert f"Written to {out}" in outcome.out
    assert damaged.read_bytes() == data
    assert call("verify", out).code == 0
    outcome = call("repair", damaged, "--out", out)
    assert outcome.code == 2
    assert "already" in outcome.err
    facts = json.loads(call("repair", damaged, "--out", tmp_path / "again.run", "--json").out)
    assert facts["run"]["samples"] == PACKETS * SAMPLES


def test_export_writes_beside_the_recording(tmp_path: Path, call: Call) -> None:
    run = _write(tmp_path / "a.run")
    for kind in ("csv", "parquet"):
        outcome = call("export", run, "--format", kind)
        assert outcome.code == 0
        assert outcome.out == f"{PACKETS * SAMPLES} samples written to {tmp_path / f'a.{kind}'}\n"
        assert (tmp_path / f"a.{kind}").stat().st_size > 1000
    with (tmp_path / "a.csv").open() as file:
        rows = [row for row in csv.reader(file) if row and not row[0].startswith("#")]
    first = [int.from_bytes(DATA[0][at : at + 2], "big", signed=True) for at in range(16, 28, 2)]
    assert [float(value) for value in rows[1][1:4]] == pytest.approx([count / 2048 for count in first[:3]], abs=1e-4)
    assert [float(value) for value in rows[1][4:7]] == pytest.approx([count / 16.4 for count in first[3:]], abs=1e-2)


def test_export_says_what_it_will_not_do(tmp_path: Path, call: Call) -> None:
    run = _write(tmp_path / "a.run")
    (tmp_path / "a.csv").write_text("mine")
    outcome = call("export", run)
    assert outcome.code == 2
    assert (tmp_path / "a.csv").read_text() == "mine"
    assert call("export", run, "--overwrite").code == 0
    assert (tmp_path / "a.csv").read_text() != "mine"
    outcome = call("export", run, "--format", "csv", "--out", tmp_path / "b.parquet")
    assert outcome.code == 2
    assert "another kind" in outcome.err
    assert call("export", run, "--out", tmp_path / "b.xlsx").code == 2
    assert not (tmp_path / "b.xlsx").exists()
    facts = json.loads(call("export", run, "--out", tmp_path / "c.csv.gz", "--json").out)
    assert (facts["samples"], facts["path"]) == (PACKETS * SAMPLES, str(tmp_path / "c.csv.gz"))


def test_import_turns_a_foreign_file_into_csv(tmp_path: Path, call: Call) -> None:
    """As phyphox writes acceleration with g, in m/s^2, and rotation, in rad/s."""
    given, at_s = tmp_path / "phone.zip", times(100, 20)
    with zipfile.ZipFile(given, "w") as archive:
        archive.writestr("Accelerometer.csv", phyphox_accelerometer(at_s))
        archive.writestr("Gyroscope.csv", phyphox_gyroscope(at_s))
    out = tmp_path / "run.csv"
    outcome = call("import", given, "--out", out)
    assert outcome.code == 0, outcome.err
    assert str(out) in outcome.out
    with out.open() as file:
        row = next(row for row in csv.DictReader(file) if float(row["t_s"]) >= 5)
    moment_s = float(row["t_s"]) + at_s[0]
    assert [float(row[name]) for name in ("ax", "ay", "az")] == pytest.approx(accel_g(moment_s), abs=0.02)
    assert [float(row[name]) for name in ("gx", "gy", "gz")] == pytest.approx(gyro_dps(moment_s), abs=5)
    assert call("import", given, "--out", out).code == 2
    assert call("import", given, "--out", out, "--overwrite").code == 0
    assert call("import", tmp_path / "gone.zip", "--out", tmp_path / "x.csv").code == 2
