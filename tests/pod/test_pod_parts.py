"""Parts of `surefoot.pod` that need no radio."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bleak.backends.device import BLEDevice
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
    BleakGATTProtocolError,
)
from hypothesis import given
from hypothesis import strategies as st

from surefoot.errors import OutputError, PairingNeeded, PodBusy, PodRefused
from surefoot.pod import link
from surefoot.pod.arrivals import Arrivals
from surefoot.pod.find import FoundPod
from surefoot.pod.gatt import is_pod_name
from surefoot.pod.ledger import Ledger
from surefoot.pod.link import PodLink
from surefoot.pod.pairing import has_no_bond
from surefoot.pod.race import first_of
from surefoot.pod.readiness import notes_before, refusal_to_record
from surefoot.pod.refusals import refusal
from surefoot.pod.run_copy import RunCopy
from surefoot.pod.run_files import copy_in, file_name, new_copy
from surefoot.pod.standing import Standing
from surefoot.pod.tally import Tally
from surefoot.pod.trouble import bluetooth_trouble, is_not_paired
from surefoot.pod.utc_clock import UtcClock
from surefoot.wire.answers import Greeting
from surefoot.wire.control import Answer, read_requests
from surefoot.wire.packets import Kind, Packet, record_packet, sample_packet
from surefoot.wire.records import End, Event, EventCode, Start
from surefoot.wire.status import Status
from tests.rig import made_runs, recorded
from tests.rig.radio.virtual_loop import run_virtual

SERIAL = bytes([0x24, 0x0A, 0xC4, 0x12, 0x5F, 0x6F])
START = replace(
    made_runs.START,
    run=1,
    boot_count=3,
    board="xiao",
    serial_number=SERIAL,
    sensor_part="MPU-6050",
    side=1,
    self_test=255,
    gyro_bias_raw=(0, 0, 0),
    accel_offset_100ug=(0, 0, 0),
    accel_scale_e4=(0, 0, 0),
    temperature_cdegc=2500,
    battery_mv=3900,
)
STATUS = Status(
    layout=1,
    state_and_flags=1,
    battery_percent=80,
    cadence_spm=0,
    contact_ms=0,
    shock_cg=65535,
    landings=0,
    packets_unacknowledged=0,
    store_free_permille=1000,
    newest_sequence=0,
    run=0,
    packets_dropped=0,
)
GREETING = Greeting(1, (0, 3, 0), 3, 1, 5)


def packet(sequence: int, run: int = 1, **fields: Any) -> bytes:
    values = np.full((19, 6), sequence, np.int16)
    return sample_packet(values, sequence, 19 * sequence, 38_000 * sequence, run=run, **fields).to_bytes()


# what operating systems say


@pytest.mark.parametrize(
    ("error", "platform", "words"),
    [
        (BleakBluetoothNotAvailableError("x", BleakBluetoothNotAvailableReason.POWERED_OFF), "darwin", "switched off"),
        (BleakDBusError("org.bluez.Error.NotReady", ["Resource Not Ready"]), "linux", "bluetoothctl power on"),
        (
            BleakBluetoothNotAvailableError("x", BleakBluetoothNotAvailableReason.DENIED_BY_USER),
            "darwin",
            "Privacy & Security",
        ),
        (
            BleakBluetoothNotAvailableError("x", BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM),
            "linux",
            "not allowed",
        ),
        (BleakBluetoothNotAvailableError("x", BleakBluetoothNotAvailableReason.NO_BLUETOOTH), "win32", "no Bluetooth"),
        (FileNotFoundError(2, "No such file or directory"), "linux", "service of this computer is not running"),
        (BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", ["x"]), "linux", "sudo systemctl start bluetooth"),
        (OSError("something else"), "win32", "something else"),
    ],
)
def test_why_bluetooth_cannot_be_used(error: BaseException, platform: str, words: str) -> None:
    said = str(bluetooth_trouble(error, platform))
    assert words in said
    assert said.count("\n") == 0


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BleakGATTProtocolError(0x05), True),  # insufficient authentication: Linux, macOS, Windows
        (BleakGATTProtocolError(0x08), True),  # insufficient authorization: what the pod says to who is not trusted
        (BleakGATTProtocolError(0x0F), True),  # insufficient encryption
        (BleakDBusError("org.bluez.Error.NotPermitted", ["Not paired"]), True),
        (BleakError("Could not read characteristic handle 12: Access Denied"), True),  # Windows
        (BleakError("Could not pair with device: FAILED"), True),
        (BleakError("Peer removed pairing information"), True),  # macOS
        (BleakGATTProtocolError(0x0E), False),
        (BleakError("Not connected"), False),
        (TimeoutError(), False),
    ],
)
def test_a_missing_bond_is_told_from_other_errors(error: BaseException, expected: bool) -> None:
    assert is_not_paired(error) is expected


ADDRESS, NAME = "24:0A:C4:12:5F:6F", "Surefoot 5F6F"


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({"path": "/org/bluez/hci0/dev_1", "props": {"Paired": False}}, True),
        ({"path": "/org/bluez/hci0/dev_1", "props": {"Paired": True}}, False),
        ({"path": "/org/bluez/hci0/dev_1", "props": {}}, False),
        ({"path": "/org/bluez/hci0/dev_1", "props": None}, False),
        (("peripheral", "delegate"), False),  # macOS
        (None, False),
    ],
)
def test_only_bluez_says_before_a_read_that_there_is_no_bond(details: Any, expected: bool) -> None:
    assert has_no_bond(BLEDevice(ADDRESS, NAME, details)) is expected


def test_where_bluez_has_no_bond_the_button_is_asked_for_at_once() -> None:
    """No bus is there to be asked: nothing is connected for it."""
    device = BLEDevice(ADDRESS, NAME, {"path": "/org/bluez/hci0/dev_1", "props": {"Paired": False}})

    async def body() -> float:
        clock = UtcClock(now_s=asyncio.get_running_loop().time)
        with pytest.raises(PairingNeeded, match="button for 3 seconds"):
            await PodLink.open(FoundPod(NAME, ADDRESS, -60, device), clock, lambda *_: None, lambda _: None)
        return clock.passed_s()

    assert run_virtual(body()) == 0


def test_every_refusal_of_the_pod_is_a_sentence() -> None:
    for code in range(1, 20):
        said = refusal("Surefoot 5F6F", code)
        assert "Surefoot 5F6F" in str(said)
        assert isinstance(said, PodBusy) if code == 11 else isinstance(said, PodRefused)


# finding


def test_names() -> None:
    assert is_pod_name("Surefoot 5F6F")
    assert not is_pod_name("Surefoot")
    assert not is_pod_name("Surefoot 5F6FF")
    assert not is_pod_name(None)


@pytest.mark.parametrize("wanted", ["Surefoot 5F6F", "surefoot 5f6f", "5F6F", " 5f6f ", "e4:0a:c4:12:5f:6f"])
def test_a_pod_answers_to_its_name_its_digits_and_its_address(wanted: str) -> None:
    pod = FoundPod("Surefoot 5F6F", "E4:0A:C4:12:5F:6F", -60, None)  # type: ignore[arg-type]
    assert pod.is_called(wanted)
    assert not pod.is_called("5F70")
    assert not pod.is_called("")


# before recording


def test_what_is_to_be_known_before_recording() -> None:
    assert notes_before(START, GREETING, STATUS) == []
    assert "14 %" in notes_before(START, GREETING, replace(STATUS, battery_percent=14))[0]
    assert notes_before(START, GREETING, replace(STATUS, battery_percent=255)) == []  # not measured
    assert "not calibrated" in notes_before(replace(START, accel_scale_e4=(0, 32767, 0)), GREETING, STATUS)[0]
    assert "no store" in notes_before(START, replace(GREETING, abilities=2), STATUS)[0]
    assert "full" in notes_before(START, GREETING, replace(STATUS, state_and_flags=0x21))[0]
    assert "5 %" in notes_before(START, GREETING, replace(STATUS, store_free_permille=50))[0]


def test_a_pod_that_cannot_record_says_why() -> None:
    assert refusal_to_record("Surefoot 5F6F", STATUS, "") is None
    sensor = refusal_to_record("Surefoot 5F6F", replace(STATUS, state_and_flags=4), "XIAO, no sensor at 0x68")
    assert "no sensor at 0x68" in str(sensor)
    assert "charge" in str(refusal_to_record("Surefoot 5F6F", replace(STATUS, state_and_flags=3), ""))


def test_what_the_status_does_not_know_is_none() -> None:
    known = replace(STATUS, shock_cg=1234, store_free_permille=973)
    assert (known.measured_battery_percent, known.store_free_share, known.shock_g) == (80, 0.973, 12.34)
    unknown = replace(STATUS, battery_percent=255, store_free_permille=65535)
    assert (unknown.measured_battery_percent, unknown.store_free_share, unknown.shock_g) == (None, None, None)


# the copy of a run


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "afile").write_text("x")
    with pytest.raises(OutputError, match="not a directory; name another folder"):
        new_copy(tmp_path / "afile" / "runs", SERIAL, 1, 1_000_000)


def test_a_packet_is_written_once_and_one_of_another_run_never(tmp_path: Path) -> None:
    copy = new_copy(tmp_path, SERIAL, 1, 1_000_000)
    assert copy.take(5, packet(0)) is not None
    assert copy.take(6, packet(0)) is None
    assert copy.take(7, packet(1, run=2)) is None
    assert copy.take(8, b"\xff" * 30) is None
    copy.writer.close(9)
    found = recorded.read(copy.writer.path)
    assert list(found.packets.values()) == [packet(0)]
    assert found.repeats == 0


@given(
    st.lists(st.integers(0, 60), max_size=80), st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=5)
)
def test_what_is_missing_lost_and_safe_is_exact(arrivals: list[int], given_up: list[tuple[int, int]]) -> None:
    """Against plain sets of numbers."""

    class NoFile:
        def packet(self, utc_us: int, data: bytes) -> None:
            pass

    copy = RunCopy(1, NoFile())  # type: ignore[arg-type]
    here: set[int] = set()
    for number in arrivals:
        assert (copy.take(0, packet(number)) is not None) == (number not in here)
        here.add(number)
    lost: set[int] = set()
    for start, size in given_up:
        copy.give_up(start, start + size)
        lost |= set(range(start, start + size)) - here
    settled = here | lost
    end = max(settled, default=-1) + 1
    holes = {number for start, stop in copy.holes() for number in range(start, stop)}
    assert holes == set(range(end)) - settled
    assert copy.missing_packets == len(holes)
    assert copy.lost_packets == len(lost)
    whole = next(number for number in range(end + 1) if number not in settled)
    assert copy.settled.whole_until == whole
    copy.safe_until = whole
    acknowledged = copy.acknowledgement()
    assert (acknowledged.sequence if acknowledged else -1) == whole - 1
    copy.total = end + 3
    assert not copy.is_complete
    copy.give_up(0, end + 3)
    assert copy.is_complete


def test_the_end_packet_says_how_many_there_are(tmp_path: Path) -> None:
    copy = new_copy(tmp_path, SERIAL, 1, 1_000_000)
    copy.take(5, record_packet(Kind.END, End(1, 100, 0, 0, 0, 0).to_bytes(), 7, 100, 1, run=1).to_bytes())
    assert copy.total == 8
    assert list(copy.holes()) == [(0, 7)]
    assert copy.end is not None and copy.end.reason == 1
    copy.writer.abandon()


def test_what_is_written_during_a_sync_is_not_made_safe_by_it() -> None:
    """The sync begins with packets 0 to 2; packet 3 is written while the disk is at work."""

    class SlowDisk:
        bytes_written = 0

        def packet(self, utc_us: int, data: bytes) -> None:
            self.bytes_written += len(data)

        def sync(self) -> None:
            loop.call_soon_threadsafe(copy.take, 0, packet(3))
            time.sleep(0.05)

    async def body() -> tuple[int, int]:
        for number in range(3):
            copy.take(0, packet(number))
        await copy.sync()
        return copy.settled.whole_until, copy.safe_until

    copy = RunCopy(1, SlowDisk())  # type: ignore[arg-type]
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        assert runner.run(body()) == (4, 3)


def test_the_file_of_a_run_is_found_again(tmp_path: Path) -> None:
    start = record_packet(Kind.START, START.to_bytes(), 0, 0, 1, run=1).to_bytes()
    first = new_copy(tmp_path, SERIAL, 1, 1_000_000)
    for data in (start, packet(1), packet(4)):
        first.take(5, data)
    first.writer.abandon()
    found = copy_in(tmp_path, SERIAL, 1, START)
    assert found is not None
    assert found.writer.path == first.writer.path
    assert list(found.holes()) == [(2, 4)]
    assert found.start_packet == start
    found.writer.abandon()
    assert copy_in(tmp_path, SERIAL, 2) is None
    assert copy_in(tmp_path, SERIAL, 1, replace(START, boot_count=4)) is None
    (tmp_path / file_name(SERIAL, 3, 1_000_000)).write_bytes(b"no run file")
    assert copy_in(tmp_path, SERIAL, 3) is None


def test_a_start_packet_that_differs_is_of_another_run(tmp_path: Path) -> None:
    copy = new_copy(tmp_path, SERIAL, 1, 1_000_000)
    start = record_packet(Kind.START, START.to_bytes(), 0, 0, 1, run=1)
    copy.take(5, start.to_bytes())
    copy.take(6, start.to_bytes())
    assert not copy.is_of_another_run
    copy.take(7, replace(start, clock_us=2).to_bytes())
    assert copy.is_of_another_run
    copy.writer.abandon()


# figures


def read(data: bytes) -> Packet:
    return Packet.from_bytes(data)


def test_the_rate_is_measured_over_wraps_of_the_clock_and_gaps() -> None:
    """19 samples in 38,010 us: 499.87 Hz; the clock begins just before its wrap at 2^30."""
    tally = Tally()
    tally.nominal_rate_hz = 500
    values = np.zeros((19, 6), np.int16)
    for number in [*range(600), *range(40_000, 40_600)]:
        clock_us = (2**30 - 3_000_000 + 38_010 * number) % 2**30
        tally.take(sample_packet(values, number, 19 * number, clock_us), is_newest=True)
        if number in (599, 40_599):
            assert tally.rate_hz == pytest.approx(499.868, abs=0.001)
    assert tally.samples == 1200 * 19


def test_shocks_are_of_landings_and_only_the_last_thirty_are_kept() -> None:
    tally = Tally()
    for landing in range(40):
        for _ in range(2):  # told at the landing and again within the second
            tally.take_status(replace(STATUS, landings=landing, shock_cg=100 + landing if landing else 65535))
    assert list(tally.shocks_g) == pytest.approx([1 + landing / 100 for landing in range(10, 40)])


def test_events_of_the_pod_become_sentences() -> None:
    tally = Tally()
    event = Event(EventCode.FAULT, 1, "OSError 5 in keep").to_bytes()
    told = tally.take(record_packet(Kind.EVENT, event, 9, 0, 0), is_newest=True)
    assert told == "The pod's firmware met a fault: OSError 5 in keep"
    link = Event(EventCode.LINK_LOST, 3).to_bytes()
    assert tally.take(record_packet(Kind.EVENT, link, 9, 0, 0), is_newest=True) is None


def test_standing_counts_only_while_nothing_moves() -> None:
    """A biased gyroscope (10 deg/s) and noise stand still; a swing of 100 deg/s does not."""
    noise = np.random.default_rng(1)
    still = np.array([2048, 0, 0, 164, 0, 0]) + noise.normal(0, 20, (1000, 6))
    moving = still + np.outer(np.sin(np.arange(1000) / 50), [0, 0, 0, 1640, 0, 0])
    standing = Standing(START)

    def pass_by(values: np.ndarray) -> None:
        for at in range(0, len(values) - 19, 19):
            standing.take(sample_packet(values[at : at + 19].astype(np.int16), 0, at, 0))

    pass_by(still)
    assert standing.seconds == pytest.approx(2 - 0.5, abs=0.1)
    pass_by(moving)
    assert standing.seconds == 0
    standing = Standing(replace(START, gyro_range_dps=250))  # the same counts are 12 deg/s then
    pass_by(moving)
    assert standing.seconds == pytest.approx(2 - 0.5, abs=0.1)


def test_a_packet_that_cannot_be_understood_is_in_the_file_and_ends_nothing(tmp_path: Path) -> None:
    """An event of one byte; then packed samples whose bits are none."""
    odd = [
        record_packet(Kind.EVENT, b"\x0d", 3, 0, 0, run=1).to_bytes(),
        replace(record_packet(Kind.EVENT, b"\xff" * 9, 4, 0, 0, run=1), kind=Kind.PACKED, count=19).to_bytes(),
    ]

    async def body() -> Path:
        clock = UtcClock(1_000_000, asyncio.get_running_loop().time)
        ledger = Ledger(tmp_path, clock, {}, 5.0)
        await ledger.begin(START, 1, is_new=True)
        ledger.may_write.set()
        task = asyncio.create_task(ledger.write_arrivals())
        for data in (*odd, packet(5)):
            ledger.arrivals.put(1, data)
        await asyncio.sleep(1)
        assert not task.done(), task.exception()
        task.cancel()
        [file], _ = await ledger.close()
        return file.path

    assert list(recorded.read(asyncio.run(body())).packets.values()) == [*odd, packet(5)]


def test_an_attempt_that_broke_does_not_break_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Client:
        is_connected = True

        async def start_notify(self, *_: Any) -> None:
            pass

        async def disconnect(self) -> None:
            pass

        async def write_gatt_char(self, _uuid: str, data: bytes, response: bool) -> None:
            [(tag, _)] = read_requests(data)
            greeting = Answer(0x01, tag, 0, GREETING).to_bytes()
            asyncio.get_running_loop().call_soon(opened[0]._take_control, greeting)

    async def second_time(_kind: Any, _device: Any, _name: str, disconnected: Any, **_: Any) -> Client:
        disconnected(None)
        return Client()

    async def identity(client: Any, *_: Any) -> Start:
        return START

    async def nothing(_: Any) -> None:
        pass

    plain = PodLink.__init__
    opened: list[PodLink] = []

    def kept(self: PodLink, *given: Any) -> None:
        plain(self, *given)
        opened.append(self)

    monkeypatch.setattr(PodLink, "__init__", kept)
    monkeypatch.setattr(link, "establish_connection", second_time)
    monkeypatch.setattr(link, "read_identity", identity)
    monkeypatch.setattr(link, "close_stale_connections_by_address", nothing)

    async def body() -> Greeting:
        clock = UtcClock(now_s=asyncio.get_running_loop().time)
        pod = FoundPod(NAME, ADDRESS, -60, BLEDevice(ADDRESS, NAME, None))
        return (await PodLink.open(pod, clock, lambda *_: None, lambda _: None)).greeting

    assert run_virtual(body()) == GREETING


# order


def test_arrivals_are_emptied_when_the_last_one_is_done_with() -> None:
    async def body() -> list[str]:
        order: list[str] = []
        arrivals = Arrivals()

        async def take() -> None:
            while True:
                _, arrival = await arrivals.next()
                await asyncio.sleep(1)
                order.append(str(arrival))

        task = asyncio.create_task(take())
        await asyncio.sleep(0.1)
        arrivals.put(1, "a")
        arrivals.put(2, "b")
        await arrivals.emptied()
        order.append("emptied")
        task.cancel()
        return order

    assert run_virtual(body()) == ["a", "b", "emptied"]


def test_the_first_to_end_decides_and_the_others_are_waited_for() -> None:
    async def body() -> list[str]:
        order: list[str] = []

        async def slow() -> None:
            try:
                await asyncio.sleep(10)
            finally:
                await asyncio.sleep(1)
                order.append("tidied")

        async def failing() -> None:
            await asyncio.sleep(2)
            raise ValueError("this one")

        assert await first_of(slow(), asyncio.sleep(1)) == 1
        with pytest.raises(ValueError, match="this one"):
            await first_of(slow(), failing())
        task = asyncio.create_task(first_of(slow(), slow()))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        return order

    assert run_virtual(body()) == ["tidied"] * 4
