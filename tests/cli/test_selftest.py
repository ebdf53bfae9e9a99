"""The command selftest around a bench that stands in: what is asked, said, written, and how it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from surefoot.cli import ask_to_pair, bench
from surefoot.cli.guide import SelftestGuide, live_line
from surefoot.errors import LinkLost, OutputError, PairingNeeded, PodError
from surefoot.selftest import run
from surefoot.selftest.bench import Identity, Streamed
from surefoot.selftest.faces import FaceState, Seen
from surefoot.wire.answers import SelfTested
from surefoot.wire.packets import Kind, Packet, record_packet, sample_packet
from surefoot.wire.records import End, Start
from tests.command_line import Outcome, everything_in, run_command
from tests.rig.made_packets import start_packet
from tests.rig.table import Imperfect, at_rest

Call = Callable[..., Outcome]
POD = SimpleNamespace(name="Surefoot 3A7F", address="24:0A:C4:00:3A:7F", rssi_dbm=-61)
KNOWN = {
    "board": "esp32-devkitc",
    "serial_number": bytes.fromhex("240ac4003a7f"),
    "sensor_part": "MPU-6050",
    "who_am_i": 0x68,
    "rate_hz": 500,
    "accel_range_g": 16,
    "gyro_range_dps": 2000,
    "accel_bandwidth_hz": 184,
    "gyro_bandwidth_hz": 188,
    "temperature_cdegc": 2500,
    "battery_mv": 3900,
    "accel_offset_100ug": (32767,) * 3,
    "accel_scale_e4": (32767,) * 3,
}
START = Start(**{**vars(Start.from_bytes(start_packet(1)[16:])), **KNOWN})


class StandIn:
    """A pod that lies still; its accelerometer is as noisy as it is told to be."""

    way = "Bluetooth"
    knows_flash = False
    made: ClassVar[list[StandIn]] = []
    unknown: ClassVar[int] = 0
    noise_g: ClassVar[float] = 0.0054
    turning_dps: ClassVar[float] = 0.0
    failing: ClassVar[Exception | None] = None

    def __init__(self) -> None:
        self.pod = POD.name
        self.closed = False
        StandIn.made.append(self)

    @classmethod
    async def open(cls, pod: Any, _clock: Any = None, *, pair: bool = False) -> StandIn:
        if StandIn.unknown:
            StandIn.unknown -= 1
            raise PairingNeeded(POD.name, "it is not paired with this computer", "press its button")
        one = cls()
        one.given, one.paired = pod, pair  # type: ignore[attr-defined]
        return one

    async def identity(self) -> Identity:
        return Identity(START, "esp32-devkitc, MPU-6050", has_sensor=True)

    async def chip_self_test(self) -> SelfTested:
        return SelfTested(63, (1, -2, 0, 3, -1, 2), (20, -30, 10))

    async def stream(self, seconds: float, on_packet: Any) -> Streamed:
        if StandIn.failing:
            raise StandIn.failing
        values = at_rest(Imperfect(accel_noise_g=StandIn.noise_g), seconds).astype("int16")
        values[:, 5] += (StandIn.turning_dps * 16.4 * np.sin(np.arange(len(values)) / 300)).astype("int16")
        packets = [record_packet(Kind.START, START.to_bytes(), 0, 0, 0)]
        for at in range(0, len(values) - 18, 19):
            packets.append(sample_packet(values[at : at + 19], len(packets), at, (at + 19) * 2000 + 1000))
        samples = 19 * (len(packets) - 1)
        end = End(0, samples, 0, 0, 0, 0)
        packets.append(record_packet(Kind.END, end.to_bytes(), len(packets), samples, samples * 2000))
        for packet in packets:
            await on_packet(packet)
        data = tuple(packet.to_bytes() for packet in packets)
        return Streamed(data, np.arange(len(data)) * 0.038, len(data), 0, seconds)

    async def read_setting(self, number: int) -> int:
        return 32767

    async def write_setting(self, number: int, value: int) -> None:
        raise AssertionError("nothing is to be written")

    async def keep_settings(self) -> None:
        raise AssertionError("nothing was written")

    async def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    async def wait_for_pod(_wanted: str | None) -> Any:
        return POD

    monkeypatch.setattr(bench, "wait_for_pod", wait_for_pod)
    monkeypatch.setattr(bench, "BleBench", StandIn)
    monkeypatch.setattr(bench, "UsbBench", StandIn)
    monkeypatch.setattr(ask_to_pair, "AGAIN_S", 0.001)
    StandIn.made, StandIn.unknown, StandIn.failing = [], 0, None
    StandIn.noise_g, StandIn.turning_dps = 0.0054, 0.0
    yield
    assert all(one.closed for one in StandIn.made)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    return lambda *arguments: run_command(monkeypatch, capsys, "selftest", *arguments)


def test_a_good_pod(call: Call, tmp_path: Path) -> None:
    outcome = call("--no-faces", "--seconds", 6, "--out", tmp_path / "tests")
    assert outcome.code == 0
    assert "Surefoot 3A7F passes 13 of 13 checks." in outcome.out
    assert "accel. noise" in outcome.out
    assert "The pod is not calibrated." in outcome.out
    assert "do not touch it" in outcome.err
    [path] = (tmp_path / "tests").iterdir()
    assert path.name.startswith("surefoot-selftest_3A7F_20")
    assert path.suffix == ".json"
    kept = json.loads(path.read_text())
    assert kept["passed"] is True
    assert kept["serial"] == "240ac4003a7f"
    assert {check["key"] for check in kept["checks"]} >= {"identity", "noise_accel", "rate", "battery", "stream"}


def test_a_noisy_pod_ends_with_1(call: Call, tmp_path: Path) -> None:
    StandIn.noise_g = 0.02
    outcome = call("--no-faces", "--seconds", 6, "--out", tmp_path)
    assert outcome.code == 1
    assert "Surefoot 3A7F does not pass: accel. noise. It passes 12 of 13 checks." in outcome.out
    assert "FAIL" in outcome.out
    assert len(list(tmp_path.iterdir())) == 1


def test_json_is_all_of_stdout(call: Call, tmp_path: Path) -> None:
    facts = json.loads(call("--no-faces", "--seconds", 6, "--json", "--out", tmp_path).out)
    [path] = tmp_path.iterdir()
    assert facts.pop("file") == str(path)
    assert facts == json.loads(path.read_text())


def test_a_test_that_could_not_be_made_ends_with_2_and_writes_nothing(call: Call, tmp_path: Path) -> None:
    StandIn.failing = LinkLost(POD.name, "it cannot be reached any more", "bring it near")
    outcome = call("--no-faces", "--out", tmp_path)
    assert (outcome.code, outcome.out) == (2, "")
    assert "cannot be reached any more" in outcome.err
    assert everything_in(tmp_path) == {}


def test_ctrl_c_writes_nothing(call: Call, tmp_path: Path) -> None:
    StandIn.failing = asyncio.CancelledError()  # type: ignore[assignment]
    outcome = call("--no-faces", "--out", tmp_path)
    assert outcome.code == 130
    assert everything_in(tmp_path) == {}


def test_a_pod_that_does_not_know_this_computer(call: Call, tmp_path: Path) -> None:
    StandIn.unknown = 2
    outcome = call("--no-faces", "--seconds", 6, "--out", tmp_path)
    assert outcome.code == 0
    assert outcome.err.count("Press its button") == 1
    assert StandIn.made[-1].paired  # type: ignore[attr-defined]


def test_a_port_is_tested_at_the_cable(call: Call, tmp_path: Path) -> None:
    outcome = call("--port", "/dev/ttyACM0", "--no-faces", "--seconds", 6, "--out", tmp_path)
    assert outcome.code == 0
    assert StandIn.made[-1].given == "/dev/ttyACM0"  # type: ignore[attr-defined]
    assert "program is stopped for the test" in outcome.err


def test_a_meter_that_says_otherwise(call: Call, tmp_path: Path) -> None:
    outcome = call("--no-faces", "--seconds", 6, "--meter", 3.7, "--out", tmp_path)
    assert outcome.code == 1
    assert "3.90 V, +200 mV from the meter" in outcome.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--pod", "3A7F", "--port", "/dev/ttyACM0"), "one way at a time"),
        (("--seconds", 2), "5 to 3600"),
        (("--seconds", "nan"), "5 to 3600"),
        (("--meter", 391), "no cell of a pod"),
    ],
)
def test_what_cannot_be_is_a_sentence(call: Call, arguments: tuple[str, ...], said: str) -> None:
    outcome = call(*arguments)
    assert outcome.code == 2
    assert said in outcome.err
    assert not StandIn.made


@pytest.mark.parametrize("where", ["file", "file/below"])
def test_an_output_that_cannot_be_is_a_sentence_before_a_pod_is_touched(call: Call, tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("")
    outcome = call("--no-faces", "--seconds", 6, "--out", tmp_path / where)
    assert outcome.code == 2
    assert "Cannot write" in outcome.err
    assert not StandIn.made


@pytest.mark.parametrize("as_json", [False, True])
def test_a_result_that_cannot_be_written_is_shown_all_the_same(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    def full(_report: Any, folder: Path) -> Path:
        raise OutputError(folder, "no space left on device", "free some space")

    monkeypatch.setattr(bench, "write_report", full)
    outcome = call("--no-faces", "--seconds", 6, "--out", tmp_path, *(["--json"] if as_json else []))
    assert outcome.code == 2
    assert "no space left" in outcome.err
    assert "passes 13 of 13 checks" in outcome.out
    if as_json:
        assert json.loads(outcome.out)["file"] is None


def test_a_pod_that_was_moved_is_to_be_tested_again(call: Call, tmp_path: Path) -> None:
    StandIn.turning_dps = 30.0
    outcome = call("--no-faces", "--seconds", 6, "--out", tmp_path)
    assert outcome.code == 1
    assert (
        "passes 10 of 13 checks; not measured: accel. noise, gyro. noise, gyro. bias; do the test again" in outcome.out
    )


def test_no_port_no_word_of_what_happens_to_it(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing_there(*_: Any, **__: Any) -> Any:
        raise PodError("", "there is no such port", "look at the cable")

    monkeypatch.setattr(StandIn, "open", nothing_there)
    outcome = call("--port", "/dev/nope", "--no-faces", "--out", tmp_path)
    assert outcome.code == 2
    assert "stopped" not in outcome.err


def test_a_recording_pod_is_refused_in_a_sentence(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: Any, **__: Any) -> Any:
        raise PodError(POD.name, "it is recording a run, which a test would disturb", "end the run first")

    monkeypatch.setattr(StandIn, "open", refused)
    outcome = call("--no-faces", "--out", tmp_path)
    assert outcome.code == 2
    assert "recording a run" in outcome.err


def test_the_guide_says_each_face_once(capsys: pytest.CaptureFixture[str]) -> None:
    shown: list[str] = []
    guide = SelftestGuide(60, shown.append)
    states = [
        FaceState(Seen.MOVING, (), ("X up", "X down"), 0, 0.0),
        FaceState(Seen.STILL, (), ("X up", "X down"), 0, 1.2),
        FaceState(Seen.TAKEN, ("X up",), ("X down",), 0, 0.0),
        FaceState(Seen.TAKEN, ("X up",), ("X down",), 0, 0.0),
        FaceState(Seen.TAKEN, ("X up", "X down"), (), 0, 0.0),
        FaceState(Seen.TAKEN, ("X up", "X down"), (), 1, 0.0),
        FaceState(Seen.TAKEN, ("X up", "X down"), (), 2, 0.0),
    ]
    for state in states:
        guide.faces(state)
    assert capsys.readouterr().err.splitlines() == [
        "- X up: 1 of 6; left: X down.",
        "- X down: 2 of 6; now twice askew.",
        "- Askew: 1 of 2.",
        "- Askew: 2 of 2.",
    ]
    assert shown[1] == live_line(states[1]) == "still: wait (1.2 s)"


def test_packets_before_the_samples_are_no_progress() -> None:
    """The start packet carries the index 0 and no samples."""
    shown: list[str] = []
    on_packet = run._shown(START, SelftestGuide(6, shown.append))
    assert asyncio.run(on_packet(record_packet(Kind.START, START.to_bytes(), 0, 0, 0))) is False
    assert shown == []
    values = at_rest(Imperfect(), 1).astype("int16")[:19]
    packet: Packet = sample_packet(values, 1, 1481, 0)
    assert asyncio.run(on_packet(packet)) is False
    assert shown == ["3 of 6 s"]
