"""The whole pod under MicroPython, from the button to the packets that a host holds, in virtual time."""

import struct

import pytest

from surefoot.wire.answers import Fetched, Greeting, KeptRun, Marked, SelfTested, Started, Stopped
from surefoot.wire.packets import Kind, Packet
from surefoot.wire.records import End, EndReason, Event, EventCode, Mark, Start, StartedBy, read_record
from surefoot.wire.status import RunningMeasurement, State, Status
from tests.recordings import TREADMILL
from tests.rig import interpreter
from tests.rig.read_packets import read_samples
from tests.rig.sample_file import raw_samples, write_samples

HEAP_KB = 6000
"""Host, flash and air live in the same interpreter; what the pod alone takes is measured in test_pod_memory."""


@pytest.fixture
def live(tmp_path):
    def run(name, argument=""):
        return interpreter.run("pod_scenarios.py", tmp_path, name, argument, heap_kb=HEAP_KB)

    run.folder = tmp_path
    return run


def packets_of(folder):
    data = (folder / "packets").read_bytes()
    found = []
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<H", data, at)
        found.append(Packet.from_bytes(data[at + 2 : at + 2 + length]))
        at += 2 + length
    unique = {packet.sequence: packet for packet in found}
    return [unique[number] for number in sorted(unique)]


def counters(samples):
    """Number that the modelled sensor gave each sample (mpu6050.Counter)."""
    raw = samples.values.astype(">i2").tobytes()
    rows = [raw[at : at + 12] for at in range(0, len(raw), 12)]
    assert all(bytes(b ^ 255 for b in row[:4]) == row[4:8] for row in rows)
    return [int.from_bytes(row[:4], "big") for row in rows]


def assert_every_sample_once(packets):
    """In order, none missing, none doubled, and numbered without a jump."""
    assert [packet.sequence for packet in packets] == list(range(len(packets)))
    samples = read_samples(packets)
    made = counters(samples)
    assert made == list(range(made[0], made[0] + len(made)))
    assert samples.index.tolist() == list(range(len(made)))
    return samples


def data(answer):
    assert answer[0] == 0
    return bytes.fromhex(answer[1])


@pytest.mark.parametrize("mtu", [247, 185, 23])
def test_a_host_gets_every_sample_of_a_run(live, mtu):
    (told,) = live("stream", mtu)
    assert (told["faults"], told["dropped"]) == (0, 0)
    assert Greeting.from_bytes(data(told["hello"])).version == 1
    run = Started.from_bytes(data(told["start"])).run
    stopped = Stopped.from_bytes(data(told["stop"]))
    packets = packets_of(live.folder)
    assert (stopped.run, stopped.packets) == (run, len(packets))
    samples = assert_every_sample_once(packets)
    assert len(samples.values) == pytest.approx(500 * 4.2, rel=0.05)
    records = {packet.sequence: read_record(packet) for packet in packets if packet.kind > Kind.PACKED}
    start, end = records.pop(0), records.pop(len(packets) - 1)
    assert isinstance(start, Start) and isinstance(end, End)
    assert (start.run, start.started_by, start.rate_hz, start.sensor_part) == (run, StartedBy.HOST, 500, "MPU-6050")
    assert (end.reason, end.samples, end.packets_dropped) == (EndReason.HOST, len(samples.values), 0)
    mark = Marked.from_bytes(data(told["mark"]))
    assert records.pop(mark.sequence) == Mark(source=1, label=7)
    (clock,) = records.values()
    assert clock.utc_us == 1_790_000_000_000_000
    # Running Speed and Cadence Service 1.0: bit 2 of the feature is "walking or running status supported"
    assert told["feature"] == [0, "0400"]
    maker, model, firmware, hardware, serial, level = (bytes.fromhex(value) for _, value in told["device"])
    assert (maker, model, serial) == (b"Surefoot", b"shin pod", b"240ac4125f6f")
    assert (firmware, hardware, level) == (b"0.1.0", b"esp32-devkitc, MPU-6050", bytes([77]))
    # 4.00 V, between 70 % at 3.95 V and 80 % at 4.02 V
    status = Status.from_bytes(bytes.fromhex(told["status"][1]))
    assert (status.state, status.battery_percent, status.packets_dropped) == (State.MEASURING, 77, 0)


def test_a_broken_link_leaves_no_hole(live):
    """The link is missing for 2 and for 8 s; what the host has not acknowledged went to flash and is fetched."""
    (told,) = live("broken_link")
    assert (told["faults"], told["dropped"]) == (0, 0)
    fetched = Fetched.from_bytes(bytes.fromhex(told["fetched"])[2:])
    assert told["lost"] > 100
    assert (fetched.sent, fetched.not_kept) == (fetched.sent, 0)
    packets = packets_of(live.folder)
    assert_every_sample_once(packets)
    assert any(packet.kind == Kind.PACKED for packet in packets)
    events = [read_record(packet) for packet in packets if packet.kind == Kind.EVENT]
    codes = [event.code for event in events if isinstance(event, Event)]
    assert codes == [EventCode.LINK_LOST, EventCode.LINK_BACK] * 2


@pytest.mark.parametrize("end", ["button", "power"])
def test_a_run_without_a_host_waits_in_flash(live, end):
    alone, later = live("alone", end)
    assert (alone["dropped"], alone["faults"], later["faults"]) == (0, 0, 0)
    assert len(later["listed"]) == 2
    row = KeptRun.from_bytes(bytes.fromhex(later["listed"][0])[3:])
    packets = packets_of(live.folder)
    assert (row.run, row.packets, row.rate_hz) == (alone["run"], len(packets), 500)
    assert row.packets == alone["next"] - alone["unkept"]
    assert alone["unkept"] <= 1
    samples = assert_every_sample_once(packets)
    assert len(samples.values) >= 500 * 12 * 0.99
    start = read_record(packets[0])
    assert isinstance(start, Start) and start.started_by == StartedBy.BUTTON
    last = read_record(packets[-1])
    if end == "button":
        assert isinstance(last, End) and last.reason == EndReason.BUTTON
    else:
        assert packets[-1].kind == Kind.PACKED
    assert later["too_early"][0] == 12
    assert later["erased"][0] in (0, 5)  # what is acknowledged may be erased already
    assert later["afterwards"][0][6:] == "0000"


def test_running_reaches_host_watch_and_cue(live):
    """A treadmill recording at 3.5 m/s: landings, cadence, shock as told, and a pulse for each landing above 3 g."""
    recording = TREADMILL["rbds001_35_R"]
    _, accel_g, gyro_dps = recording.samples(500, impact=True)
    write_samples(raw_samples(accel_g, gyro_dps), live.folder / "raw")
    (told,) = live("running", live.folder / "raw")
    truth = recording.truth()
    assert told["faults"] == 0
    status = Status.from_bytes(bytes.fromhex(told["status"]))
    assert status.landings == pytest.approx(told["seconds"] / truth.stride_time_s.mean(), abs=3)
    assert status.cadence_spm == pytest.approx(truth.cadence_spm.mean(), abs=1)
    assert status.contact_ms == pytest.approx(truth.contact_time_s.mean() * 1000, abs=30)
    watch = RunningMeasurement.from_bytes(bytes.fromhex(told["watch"]))
    assert (watch.running, watch.speed_mps) == (True, 0)
    assert watch.cadence_spm == pytest.approx(truth.cadence_spm.mean(), abs=1)
    assert told["pulses_without_threshold"] == 0
    assert told["pulses"] == pytest.approx(told["landings_with_threshold"], abs=1)


def test_running_alone_starts_a_run_by_itself_when_asked_to(live):
    recording = TREADMILL["rbds001_35_R"]
    _, accel_g, gyro_dps = recording.samples(500)
    write_samples(raw_samples(accel_g, gyro_dps), live.folder / "raw")
    (told,) = live("by_motion", live.folder / "raw")
    assert (told["before"], told["after"], told["faults"]) == (False, True, 0)


def test_an_empty_battery_closes_the_run_and_then_the_pod_sleeps(live):
    alone, later = live("battery")
    assert alone["stopped"] == "deepsleep"
    packets = packets_of(live.folder)
    assert_every_sample_once(packets)
    end = read_record(packets[-1])
    assert isinstance(end, End) and end.reason == EndReason.BATTERY
    events = [read_record(packet) for packet in packets if packet.kind == Kind.EVENT]
    assert [(event.code, event.value) for event in events] == [(EventCode.BATTERY_LOW, 3300)]
    assert later["faults"] == 0


def test_a_pod_that_nobody_moves_sleeps(live):
    (told,) = live("rest")
    assert told["stopped"] == "deepsleep"
    assert told["asleep_after_s"] == pytest.approx(60, abs=5)
    assert {name for name, *_ in told["wakes"]} == {"ext0", "ext1"}


def test_a_sensor_that_is_not_known_is_refused_in_words(live):
    (told,) = live("stranger")
    assert bytes.fromhex(told["hardware"][1]).decode() == "esp32-devkitc, unknown sensor: WHO_AM_I 0x55"
    assert Status.from_bytes(bytes.fromhex(told["status"][1])).state == State.SENSOR_FAILED
    assert told["start"] == [9, ""]
    assert told["self_test"] == [9, ""]


def test_a_sensor_that_goes_ends_the_run_and_is_found_again(live):
    (told,) = live("unplugged")
    packets = packets_of(live.folder)
    end = read_record(packets[-1])
    assert isinstance(end, End) and end.reason == EndReason.SENSOR_LOST
    assert [told["without"], told["again"]] == [State.SENSOR_FAILED, State.MEASURING]


def test_a_reset_in_mid_run_is_followed_by_a_new_run(live):
    """By the watchdog; after switching off and on nothing starts by itself."""
    first, second, third = live("watchdog")
    assert (first["run"], first["recording"]) == (1, True)
    assert (second["run"], second["recording"], second["started_by"]) == (2, True, StartedBy.RESUMED)
    assert third["recording"] is False


def test_the_self_test_answers_and_is_in_the_next_start_packet(live):
    (told,) = live("self_test")
    tested = SelfTested.from_bytes(bytes.fromhex(told["event"])[2:])
    assert tested.passed == 0b111111
    packets = packets_of(live.folder)
    start = read_record(packets[0])
    assert isinstance(start, Start)
    assert (start.self_test, start.gyro_bias_raw) == (0b111111, tested.gyro_bias_raw) == (0b111111, (12, -7, 5))


def test_settings_outlive_a_reset_and_rate_takes_effect(live):
    first, second = live("settings")
    assert first["while_recording"][0] == 4
    assert second["rate"][1][:8] == (1000).to_bytes(4, "little").hex()
    packets = packets_of(live.folder)
    start = read_record(packets[0])
    assert isinstance(start, Start)
    assert (start.rate_hz, start.side, start.accel_offset_100ug[1]) == (1000, 2, -250)
    assert_every_sample_once(packets)


def test_without_the_partition_the_pod_streams_and_says_so(live):
    (told,) = live("no_store")
    assert told["list"] == [7, ""]
    assert Status.from_bytes(bytes.fromhex(told["status"][1])).store_free_permille == 65535
    assert_every_sample_once(packets_of(live.folder))


def test_identity_tells_of_the_run_that_is_on(live):
    (told,) = live("told_of_itself")
    first, second = (Start.from_bytes(bytes.fromhex(told[name][1])) for name in ("first", "second"))
    assert (first.run, first.started_by) == (1, StartedBy.HOST)
    assert (second.run, second.started_by) == (2, StartedBy.BUTTON)


def test_an_acknowledgement_of_what_was_never_made_releases_nothing(live):
    (told,) = live("invented_ack")
    assert (told["released"], told["acked"], told["faults"]) == (0, 0, 0)


def test_a_run_that_filled_the_flash_has_an_end_there(live):
    """16 blocks hold about 15 s; 30 s later the run ends, and the power goes."""
    alone, later = live("full")
    assert (alone["recording"], alone["full"], alone["faults"]) == (False, True, 0)
    packets = packets_of(live.folder)
    end = read_record(packets[-1])
    assert isinstance(end, End) and end.reason == EndReason.STORE_FULL
    samples = read_samples([packet for packet in packets if packet.kind <= Kind.PACKED])
    assert end.packets_dropped > 0
    made = counters(samples)
    assert made == sorted(set(made))
    assert later["faults"] == 0


def test_a_flash_that_was_full_takes_the_next_run(live):
    (told,) = live("recovers")
    assert (told["full"], told["full_afterwards"], told["dropped"], told["faults"]) == (True, False, 0, 0)
    assert told["kept"] > 100


def test_a_flash_that_is_not_ready_yet_takes_a_run_all_the_same(live):
    """The first start on a new board, at once; and the run that is resumed after a watchdog's reset."""
    first, resumed = live("not_ready")
    assert (first["recording"], first["dropped"], first["faults"]) == (True, 0, 0)
    assert (resumed["run"], resumed["dropped"], resumed["faults"]) == (2, 0, 0)


def test_a_setting_made_in_a_run_outlives_a_restart(live):
    first, second = live("set_and_restart")
    assert first["stopped"] == "reset"
    assert (second["cue"], second["threshold"]) == (900, 900)


def test_a_runner_who_stopped_a_run_may_go_on_running(live):
    recording = TREADMILL["rbds001_35_R"]
    _, accel_g, gyro_dps = recording.samples(500)
    write_samples(raw_samples(accel_g, gyro_dps), live.folder / "raw")
    (told,) = live("runs_on", live.folder / "raw")
    assert (told["by_motion"], told["after_press"]) == (True, False)


def test_rate_and_battery_may_change_while_there_is_no_sensor(live):
    (told,) = live("failed_sensor")
    assert [told["low"], told["failed"], told["faults"]] == [State.BATTERY_TOO_LOW, State.SENSOR_FAILED, 0]
    assert told["tested"] == [10, ""]
    packets = packets_of(live.folder)
    start = read_record(packets[0])
    assert isinstance(start, Start) and start.rate_hz == 1000
    assert_every_sample_once(packets)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_anything_written_to_control_leaves_the_pod_well(live, seed):
    (told,) = live("noise", seed)
    assert (told["faults"], told["hello"][0]) == (0, 0)


def test_the_power_goes_again_and_again(live):
    """Five runs cut off in the middle of a write: each is there up to its last whole packet; no number comes twice."""
    *cut, later = live("cut")
    rows = [KeptRun.from_bytes(bytes.fromhex(row)[3:]) for row in later["listed"][:-1]]
    numbers = [told["run"] for told in cut]
    assert len(set(numbers)) == len(numbers)
    begun = {told["run"]: told["kept"] for told in cut if told["kept"]}
    listed = {row.run: row.packets for row in rows}
    assert {run: listed.get(run) for run in begun} == begun
    assert later["faults"] == 0
