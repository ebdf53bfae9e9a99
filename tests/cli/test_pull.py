"""The commands scan and pull around a pod that stands in: what is listed, fetched, asked for and said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from surefoot.cli import ask_to_pair, fetch
from surefoot.errors import LinkLost, PairingNeeded, SeveralPods
from surefoot.pod import find
from surefoot.pod.pull import Pulled
from surefoot.wire.answers import KeptRun
from tests.command_line import Outcome, run_command

Call = Callable[..., Outcome]
POD = SimpleNamespace(name="Surefoot 3A7F", address="24:0A:C4:00:3A:7F", rssi_dbm=-61)
KEPT = [KeptRun(258, 2, 94_737, 500, 5000), KeptRun(259, 0, 40, 0, 3), KeptRun(260, 5, 100, 1000, 6)]


class StandIn:
    """Keeps three runs, of which fetching 259 fails if it is told to."""

    made: ClassVar[list[StandIn]] = []
    unknown: ClassVar[int] = 0
    breaks: ClassVar[bool] = False
    kept: ClassVar[list[KeptRun]] = KEPT

    def __init__(self, pod: Any, folder: Path, clock: Any, *, pair: bool = False) -> None:
        self.folder, self.pair = folder, pair
        self.pulled: list[tuple[int, bool]] = []
        self.closed = False
        StandIn.made.append(self)

    async def list(self) -> list[KeptRun]:
        if StandIn.unknown:
            StandIn.unknown -= 1
            raise PairingNeeded(POD.name, "it is not paired with this computer", "press its button")
        return StandIn.kept

    async def pull(self, run: int, on_progress: Callable[[int, int], None], *, keep: bool = False) -> Pulled:
        if StandIn.breaks and run == 259:
            raise LinkLost(POD.name, "the link broke", "bring it near")
        on_progress(1, 2)
        self.pulled.append((run, keep))
        return Pulled(self.folder / f"{run}.run", run, 40, 3 if run == 259 else 0, run == 260, not keep)

    async def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    async def wait_for_pod(_wanted: str | None) -> Any:
        return POD

    monkeypatch.setattr(fetch, "wait_for_pod", wait_for_pod)
    monkeypatch.setattr(fetch, "Puller", StandIn)
    monkeypatch.setattr(ask_to_pair, "AGAIN_S", 0.001)
    StandIn.made, StandIn.unknown, StandIn.breaks, StandIn.kept = [], 0, False, KEPT
    yield
    assert all(puller.closed for puller in StandIn.made)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    return lambda *arguments: run_command(monkeypatch, capsys, *arguments)


def test_the_list_of_runs(call: Call) -> None:
    """94,737 packets of 19 samples at 500 Hz are one hour; a block has 4 KB."""
    outcome = call("pull", "--list")
    assert outcome.code == 0
    rows = [line.split() for line in outcome.out.splitlines()]
    assert rows[0] == ["run", "state", "length", "packets", "rate", "size"]
    assert rows[1] == ["258", "ended", "1:00:00", "94737", "500", "Hz", "20000", "KB"]
    assert rows[2] == ["259", "power", "lost", "-", "40", "-", "12", "KB"]
    assert rows[3] == ["260", "open", "0:00:01", "100", "1000", "Hz", "24", "KB"]
    assert StandIn.made[0].pulled == []
    facts = json.loads(call("pull", "--list", "--json").out)
    assert facts[1] == {"run": 259, "state": "power lost", "packets": 40, "rate_hz": None, "size_bytes": 12288}


def test_all_runs_are_fetched_unless_some_are_named(call: Call, tmp_path: Path) -> None:
    outcome = call("pull", "--out", tmp_path)
    assert outcome.code == 0
    assert StandIn.made[-1].pulled == [(258, False), (259, False), (260, False)]
    lines = outcome.out.splitlines()
    assert lines[0] == f"Run 258: 40 packets, verified, in {tmp_path / '258.run'}."
    assert lines[1] == f"Run 259: 40 packets, 3 packets lost, verified, in {tmp_path / '259.run'}."
    assert lines[2] == f"Run 260: 40 packets, verified, in {tmp_path / '260.run'} (joined with what was there)."
    assert call("pull", 260, 258, "--keep", "--out", tmp_path).code == 0
    assert StandIn.made[-1].pulled == [(258, True), (260, True)]


def test_kept_on_the_pod_is_said(call: Call, tmp_path: Path) -> None:
    assert "it is kept on the pod" in call("pull", 258, "--keep", "--out", tmp_path).out


def test_json_is_all_of_stdout(call: Call, tmp_path: Path) -> None:
    facts = json.loads(call("pull", "--out", tmp_path, "--json").out)
    assert [one["run"] for one in facts] == [258, 259, 260]
    assert facts[1]["lost_packets"] == 3
    assert facts[0]["path"] == str(tmp_path / "258.run")


def test_what_was_fetched_before_a_failure_is_told(call: Call, tmp_path: Path) -> None:
    StandIn.breaks = True
    outcome = call("pull", "--out", tmp_path)
    assert outcome.code == 2
    assert outcome.out.startswith("Run 258: 40 packets, verified")
    assert len(outcome.out.splitlines()) == 1
    assert "the link broke" in outcome.err
    assert [one["run"] for one in json.loads(call("pull", "--out", tmp_path, "--json").out)] == [258]


def test_a_run_that_the_pod_does_not_have(call: Call) -> None:
    outcome = call("pull", 7)
    assert (outcome.code, outcome.out) == (2, "")
    assert "258, 259, 260" in outcome.err


def test_a_pod_without_runs(call: Call) -> None:
    StandIn.kept = []
    for more in ([], ["--list"]):
        outcome = call("pull", *more)
        assert (outcome.code, outcome.out, outcome.err) == (0, "", "Surefoot 3A7F keeps no runs.\n")
    assert json.loads(call("pull", "--json").out) == []


def test_pairing_asks_for_the_button_once(call: Call, tmp_path: Path) -> None:
    StandIn.unknown = 3
    outcome = call("pull", 258, "--out", tmp_path)
    assert outcome.code == 0
    assert outcome.err.count("Press its button. It is not paired with this computer.") == 1
    assert [puller.pair for puller in StandIn.made] == [False, True, True, True]


def test_several_pods_say_how_to_name_one(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    async def several(_wanted: str | None) -> Any:
        raise SeveralPods(("Surefoot 00C2", "Surefoot 3A7F"))

    monkeypatch.setattr(fetch, "wait_for_pod", several)
    outcome = call("pull")
    assert outcome.code == 2
    assert "--pod 00C2" in outcome.err


def test_scan_lists_what_was_heard(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = [POD, SimpleNamespace(name="Surefoot 00C2", address="B3AF-11", rssi_dbm=None)]

    async def find_pods(_seconds: float) -> list[Any]:
        return heard

    monkeypatch.setattr(find, "find_pods", find_pods)
    rows = [line.split() for line in call("scan").out.splitlines()]
    assert rows[0] == ["name", "address", "signal"]
    assert rows[1] == ["Surefoot", "3A7F", "24:0A:C4:00:3A:7F", "-61", "dBm"]
    assert rows[2] == ["Surefoot", "00C2", "B3AF-11", "-"]
    assert json.loads(call("scan", "--json").out)[1] == {
        "name": "Surefoot 00C2",
        "address": "B3AF-11",
        "rssi_dbm": None,
    }
    heard.clear()
    outcome = call("scan", "--seconds", 2, "--json")
    assert (outcome.code, json.loads(outcome.out)) == (2, [])
    assert "none was heard in 2 s" in outcome.err
