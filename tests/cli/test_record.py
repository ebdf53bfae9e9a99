"""The command record around a recorder that stands in: who is chosen, what is asked for, what is said, how it ends."""

from __future__ import annotations

import asyncio
import errno
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
import typer

from surefoot.cli import ask_to_pair, record, tracks
from surefoot.errors import LinkLost, PairingNeeded, PodNotFound, SeveralPods
from surefoot.pod.figures import Figures
from surefoot.pod.outcome import Outcome as PodOutcome
from surefoot.pod.outcome import RecordedFile
from surefoot.recording.examination import examine
from surefoot.recording.run_writer import RunWriter
from tests.cli.known_figures import RUNNING
from tests.command_line import Outcome, run_command
from tests.rig.made_packets import end_packet, sample_packet, start_packet
from tests.rig.made_runs import START_UTC_US, live_file, made_run

Call = Callable[..., Outcome]
PODS = ("Surefoot 3A7F", "Surefoot 00C2")
PACKETS = 30


class StandIn:
    """Records nothing for as long as it is let, a second of its own time for each look at its figures."""

    made: ClassVar[list[StandIn]] = []
    unknown: ClassVar[int] = 0
    """How many attempts find no bond."""
    failing: ClassVar[Exception | None] = None
    ends_after_s: ClassVar[float] = 5000

    def __init__(self, pod: Any, options: Any, clock: Any) -> None:
        self.pod, self.options, self.clock = pod, options, clock
        self.marks = 0
        self.stops = 0
        self._looks = 0
        self._ended = asyncio.Event()
        StandIn.made.append(self)

    @property
    def figures(self) -> Figures:
        self._looks += 1
        if self._looks >= self.ends_after_s:
            self._ended.set()
        return replace(RUNNING, pod=self.pod.name, elapsed_s=float(self._looks), marks=self.marks, file=None)

    def stop(self) -> None:
        self.stops += 1
        self._ended.set()

    def mark(self, text: str = "") -> None:
        self.marks += 1

    async def run(self) -> PodOutcome:
        if StandIn.unknown:
            StandIn.unknown -= 1
            raise PairingNeeded(self.pod.name, "it is not paired with this computer", "press its button")
        if StandIn.failing:
            raise StandIn.failing
        await self._ended.wait()
        path = self.options.folder / f"{self.pod.name[-4:]}.run"
        packets = [start_packet(7), *(sample_packet(7, n + 1) for n in range(PACKETS)), end_packet(7, PACKETS + 1)]
        writer = RunWriter.create(path, writer="a test", created_utc_us=1)
        for packet in packets:
            writer.packet(2, packet)
        writer.close(3)
        file = RecordedFile(path, 7, len(packets), 0, 0, closed=True)
        return PodOutcome(self.pod.name, (file,), 0, None, (f"{path.name} is complete.",))


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    async def wait_for_pod(wanted: str | None) -> Any:
        for name in PODS:
            if wanted is None or wanted in name:
                return SimpleNamespace(name=name, address=f"24:0A:C4:00:{name[-4:-2]}:{name[-2:]}", rssi_dbm=-61)
        raise PodNotFound(wanted or "", "it was not heard in 30 s", "switch it on")

    monkeypatch.setattr(tracks, "wait_for_pod", wait_for_pod)
    monkeypatch.setattr(tracks, "Recorder", StandIn)
    monkeypatch.setattr(tracks, "REDRAW_S", 0.001)
    monkeypatch.setattr(ask_to_pair, "AGAIN_S", 0.001)
    StandIn.made, StandIn.unknown, StandIn.failing, StandIn.ends_after_s = [], 0, None, 5000
    yield


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    return lambda *arguments: run_command(monkeypatch, capsys, "record", "--out", tmp_path, *arguments)


def test_it_ends_after_the_duration_and_says_what_is_in_the_file(call: Call, tmp_path: Path) -> None:
    outcome = call("--duration", 20)
    assert outcome.code == 0
    (recorder,) = StandIn.made
    assert recorder.stops == 1
    assert "3A7F.run is complete." in outcome.out
    assert f"{19 * PACKETS} samples" in outcome.out
    assert str(tmp_path / "3A7F.run") in outcome.out
    assert outcome.err == ""


def test_the_end_is_said_shortly_with_a_true_command(call: Call, tmp_path: Path) -> None:
    """30 packets of 19 samples at 500 Hz, the first of them is number 19; RUNNING has 1,043 landings; no marks."""
    lines = call("--duration", 20).out.splitlines()
    run = tmp_path / "3A7F.run"
    assert lines[-4:] == [
        "- 0:01 long: 570 samples, 1,043 landings, 0 marks.",
        "- 19 samples could not be read and are missing.",
        f"Written to {run}",
        f"Analyse it later: surefoot analyze {run} --out {tmp_path / '3A7F'}",
    ]


def test_nothing_lost_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "a.run"
    run.write_bytes(live_file(made_run(5)))
    RunWriter.resume(run).close(START_UTC_US + 6_000_000)
    record._tell_file(examine(run), None)
    assert capsys.readouterr().out == f"- 0:05 long: 2,500 samples, 0 marks.\n- Nothing is lost.\nWritten to {run}\n"


def test_nobody_answers_whether_to_analyse(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def ctrl_c(*_words: object, **_kinds: object) -> None:
        raise typer.Abort

    monkeypatch.setattr(record, "somebody_is_there", lambda: True)
    monkeypatch.setattr("surefoot.cli.record.typer.confirm", ctrl_c)
    outcome = call("--duration", 5)
    assert outcome.code == 0
    assert f"Not analysed; the recording is kept in {tmp_path / '3A7F.run'}\n" in outcome.err
    assert "Stopped" not in outcome.err


def test_a_disk_that_fails_beside_the_recording_is_one_sentence(call: Call) -> None:
    """Out of the group of tasks it comes inside an ExceptionGroup."""
    StandIn.failing = OSError(errno.EIO, "Input/output error", "/media/card/a.run")
    outcome = call("--duration", 5)
    assert (outcome.code, outcome.err) == (2, "Cannot write or read /media/card/a.run: input/output error.\n")


def test_a_height_in_cm_is_named(call: Call) -> None:
    assert "14.5 cm are 0.145" in call("--sensor-height", 14.5).err


def test_what_is_not_a_terminal_gets_plain_lines(call: Call) -> None:
    outcome = call("--duration", 20)
    assert "0:00:01 Surefoot 3A7F left: recording, 172 steps/min" in outcome.out
    assert "\x1b" not in outcome.out + outcome.err


def test_json_is_all_of_stdout(call: Call, tmp_path: Path) -> None:
    outcome = call("--duration", 5, "--json")
    (facts,) = json.loads(outcome.out)
    assert facts["pod"] == "Surefoot 3A7F"
    assert facts["complete"] is True
    assert facts["ended_by"] == "host"
    assert facts["files"][0]["path"] == str(tmp_path / "3A7F.run")
    assert facts["files"][0]["run"]["samples"] == 19 * PACKETS
    assert "Surefoot 3A7F left: recording" in outcome.err


def test_what_the_runner_says_reaches_the_recorder(call: Call, tmp_path: Path) -> None:
    said = ["--side", "left", "--sensor-height", 0.13, "--rate", 1000, "--note", "new shoes"]
    assert call("--duration", 2, *said).code == 0
    options = StandIn.made[0].options
    assert (options.folder, options.side, options.rate_hz, options.stand_still_s) == (tmp_path, "left", 1000, 5.0)
    assert dict(options.facts) == {"sensor_height_m": 0.13, "notes": "new shoes"}
    assert not options.pair


def test_nothing_said_is_nothing_set(call: Call) -> None:
    assert call("--duration", 2, "--no-stand").code == 0
    options = StandIn.made[0].options
    assert (options.side, options.rate_hz, options.stand_still_s, dict(options.facts)) == (None, None, 0.0, {})


def test_two_pods_two_files_one_clock(call: Call, tmp_path: Path) -> None:
    outcome = call("--pod", "00C2", "--pod", "3A7F", "--side", "right", "--side", "left", "--duration", 3, "--json")
    assert outcome.code == 0
    first, second = StandIn.made
    assert (first.pod.name, second.pod.name) == ("Surefoot 00C2", "Surefoot 3A7F")
    assert (first.options.side, second.options.side) == ("right", "left")
    assert first.clock is second.clock
    assert [Path(one["files"][0]["path"]).name for one in json.loads(outcome.out)] == ["00C2.run", "3A7F.run"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--pod", "1", "--pod", "2", "--pod", "3"],
        ["--side", "left", "--side", "right"],
        ["--pod", "3A7F", "--pod", "00C2", "--side", "left", "--side", "left"],
        ["--rate", "300"],
        ["--side", "middle"],
        ["--duration", "0"],
        ["--duration", "nan"],
        ["--pod", "virtual", "--rate", "1000"],
        ["--sensor-height", "14"],
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_done(call: Call, wrong: list[str]) -> None:
    outcome = call(*wrong)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err
    assert StandIn.made == []


def test_a_pod_that_is_not_there(call: Call) -> None:
    outcome = call("--pod", "FFFF")
    assert outcome.code == 2
    assert "FFFF" in outcome.err
    assert "switch it on" in outcome.err


def test_a_recorder_that_cannot_begin(call: Call, tmp_path: Path) -> None:
    StandIn.failing = LinkLost("Surefoot 3A7F", "no link came about", "bring it near")
    outcome = call("--duration", 5)
    assert outcome.code == 2
    assert "no link came about" in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_pairing_asks_for_the_button_and_tries_again(call: Call) -> None:
    StandIn.unknown = 3
    outcome = call("--duration", 5)
    assert outcome.code == 0
    assert "Press its button. It is not paired with this computer." in outcome.out
    assert [one.options.pair for one in StandIn.made] == [False, True, True, True]
    assert "pairing" in outcome.out


def test_pairing_gives_up_in_the_end(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask_to_pair, "PAIR_S", 0.05)
    StandIn.unknown = 10**9
    outcome = call("--duration", 5)
    assert outcome.code == 2
    assert "press its button" in outcome.err


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    known = tracks.wait_for_pod

    async def wait_for_pod(wanted: str | None) -> Any:
        if wanted is None:
            raise SeveralPods(PODS)
        return await known(wanted)

    monkeypatch.setattr(tracks, "wait_for_pod", wait_for_pod)


@pytest.mark.usefixtures("several")
def test_several_pods_and_nobody_to_ask(call: Call) -> None:
    outcome = call("--duration", 5)
    assert outcome.code == 2
    assert "--pod 3A7F" in outcome.err
    assert all(name in outcome.err for name in PODS)


@pytest.mark.usefixtures("several")
def test_several_pods_are_asked_about(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "somebody_is_there", lambda: True)
    answers = iter(["", "3", "x", "2 2", "2"])
    monkeypatch.setattr("surefoot.cli.record.typer.prompt", lambda *_words, **_more: next(answers))
    outcome = call("--duration", 5, "--no-analyze")
    assert outcome.code == 0
    assert "1  Surefoot 3A7F\n2  Surefoot 00C2\n" in outcome.err
    assert [one.pod.name for one in StandIn.made] == ["Surefoot 00C2"]
    assert list(answers) == []


@pytest.mark.parametrize(("answer", "analysed"), [(True, True), (False, False)])
def test_the_end_offers_to_analyse(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: bool, analysed: bool
) -> None:
    calls: list[tuple[Path, Path]] = []
    monkeypatch.setattr(record, "somebody_is_there", lambda: True)
    monkeypatch.setattr(record, "analyze_into", lambda run, out, *_more, **_kinds: calls.append((run, out)))
    monkeypatch.setattr(record, "print_findings", lambda *_words: None)
    asked: list[str] = []
    monkeypatch.setattr(
        "surefoot.cli.record.typer.confirm", lambda words, *_more, **_kinds: asked.append(words) or answer
    )
    assert call("--duration", 5).code == 0
    assert len(asked) == 1
    assert calls == ([(tmp_path / "3A7F.run", tmp_path / "3A7F")] if analysed else [])
    StandIn.made, asked[:], calls[:] = [], [], []
    (tmp_path / "3A7F.run").unlink()
    assert call("--duration", 5, "--analyze").code == 0
    assert (asked, len(calls)) == ([], 1)


def test_what_cannot_be_analysed_is_said_after_what_was_recorded(call: Call) -> None:
    """The stand-in's run is noise of half a second."""
    outcome = call("--duration", 5, "--analyze")
    assert outcome.code == 2
    assert "3A7F.run is complete." in outcome.out
    assert "Cannot use 3A7F.run" in outcome.err
    assert "Traceback" not in outcome.err


def test_a_terminal_that_is_gone_does_not_end_the_recording(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_words: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(tracks.PlainLines, "show", gone)
    StandIn.ends_after_s = 50
    outcome = call()
    assert outcome.code == 0
    assert "is complete" in outcome.out


def test_a_terminal_that_hangs_does_not_hold_the_recording_up(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Ctrl-S does it: nothing can be written until the recording has long ended."""
    ended = threading.Event()
    run = StandIn.run

    async def run_and_tell(self: StandIn) -> PodOutcome:
        outcome = await run(self)
        ended.set()
        return outcome

    waited: list[bool] = []
    monkeypatch.setattr(StandIn, "run", run_and_tell)
    monkeypatch.setattr(tracks.PlainLines, "show", lambda *_words: waited.append(ended.wait(20)))
    assert call("--duration", 5).code == 0
    assert waited[0] is True


@pytest.mark.parametrize(("presses", "code"), [(1, 2), (2, 130)])
def test_the_second_ctrl_c_leaves_at_once(call: Call, monkeypatch: pytest.MonkeyPatch, presses: int, code: int) -> None:
    @contextmanager
    def interrupts(on_interrupt: Callable[[], None]) -> Iterator[None]:
        for press in range(presses):
            asyncio.get_running_loop().call_later(0.01 * press, on_interrupt)
        yield

    async def run(self: StandIn) -> PodOutcome:
        while self.stops < presses:
            await asyncio.sleep(0.001)
        return PodOutcome(self.pod.name, (), None, None, ("The rest was not waited for.",))

    monkeypatch.setattr(tracks, "interrupts", interrupts)
    monkeypatch.setattr(StandIn, "run", run)
    monkeypatch.setattr(record, "somebody_is_there", lambda: True)
    outcome = call("--analyze")
    assert StandIn.made[0].stops == presses
    assert outcome.code == code
    assert "The rest was not waited for." in outcome.out
    assert ("Stopped" in outcome.err) == (presses == 2)


def test_a_virtual_pod_needs_a_checkout(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("surefoot.cli.virtual.__file__", str(tmp_path / "virtual.py"))
    monkeypatch.chdir(tmp_path)
    outcome = call("--pod", "virtual", "--duration", 5)
    assert outcome.code == 2
    assert "the virtual pod: it is not part of the installed package" in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_stdin_that_is_closed(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert call("--duration", 5).code == 0
