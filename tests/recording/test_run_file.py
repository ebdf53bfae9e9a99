"""A run file gives back every sample that is in it, once, in order, and says exactly what is not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.errors import RecordingError
from surefoot.recording import read_recording
from surefoot.recording.framing import FrameType, write_frame
from surefoot.recording.run_file import open_run, read_run
from surefoot.wire.packets import Flag, Kind, Packet, record_packet, sample_packet
from surefoot.wire.records import End, Event, Mark
from tests.rig.made_runs import RUN, START, START_UTC_US, MadeRun, file_frame, file_of, live_file, made_run, with_start


@pytest.fixture
def short() -> MadeRun:
    return made_run(8)


def written(tmp_path, content: bytes):
    path = tmp_path / "a.run"
    path.write_bytes(content)
    return path


def codes(recording) -> list[str]:
    return [condition.code for condition in recording.conditions]


def test_all_samples_in_g_and_degrees_per_second(tmp_path, short):
    recording = read_recording(written(tmp_path, live_file(short)))
    assert len(recording.t_s) == 4000
    # MPU6050 data sheet: 2048 counts per g at 16 g, 16.4 per deg/s at 2000 deg/s
    np.testing.assert_allclose(recording.accel_g, short.values[:, :3] / 2048, rtol=1e-12)
    np.testing.assert_allclose(recording.gyro_dps, short.values[:, 3:] / 16.4, rtol=1e-12)
    assert recording.t_s[0] == 0
    np.testing.assert_allclose(recording.t_s, (short.taken_us - short.taken_us[0]) / 1e6, atol=0.002)
    assert recording.start_utc_us == pytest.approx(START_UTC_US + short.taken_us[0], abs=2000)
    assert (recording.nominal_rate_hz, recording.accel_range_g, recording.gyro_range_dps) == (500, 16, 2000)
    assert codes(recording) == ["not_closed"]


def test_other_ranges_and_the_calibration_of_the_pod(tmp_path):
    start = with_start(
        accel_range_g=8,
        gyro_range_dps=1000,
        accel_offset_100ug=(100, -200, 300),
        accel_scale_e4=(50, 0, -100),
        side=2,
    )
    run = made_run(2, start=start)
    recording = read_run(written(tmp_path, live_file(run)))
    measured_g = run.values[:, :3] / 4096
    np.testing.assert_allclose(recording.accel_g[:, 0], (measured_g[:, 0] - 0.01) / 1.005, atol=1e-12)
    np.testing.assert_allclose(recording.accel_g[:, 1], measured_g[:, 1] + 0.02, atol=1e-12)
    np.testing.assert_allclose(recording.accel_g[:, 2], (measured_g[:, 2] - 0.03) / 0.99, atol=1e-12)
    np.testing.assert_allclose(recording.gyro_dps, run.values[:, 3:] / 32.8, rtol=1e-12)
    assert (recording.accel_range_g, recording.gyro_range_dps, recording.side) == (8, 1000, "right")
    assert "calibrated" in codes(recording)


def test_what_the_runner_said_goes_before_the_settings_of_the_pod(tmp_path):
    run = made_run(2, start=with_start(side=2))
    said = [b'{"side":"right","sensor_height_m":0.2}', b'{"side":"left"}', b"[1]", b'{"sensor_height_m":7}', b"\xff{"]
    frames = b"".join(write_frame(FrameType.SETTINGS, payload) for payload in said[:3])
    recording = read_run(written(tmp_path, live_file(run) + frames))
    assert (recording.side, recording.sensor_height_m) == ("left", 0.2)
    impossible = b"".join(write_frame(FrameType.SETTINGS, payload) for payload in said[2:])
    assert read_run(written(tmp_path, live_file(run) + impossible)).sensor_height_m is None


def test_a_run_straight_off_the_flash_of_the_pod(tmp_path):
    """Blocks of 4096 bytes, as docs/run-file.md has them; packed packets."""
    run = made_run(12, packed=True)
    blocks, block, serial = [], b"", 8
    for packet in run.packets:
        frame = write_frame(FrameType.PACKET, packet.to_bytes())
        if not block or len(block) + len(frame) > 4092:
            blocks.append(block.ljust(4096, b"\xff"))
            serial += 1
            block = write_frame(FrameType.READY, (3).to_bytes(4, "little"))
            numbers = serial.to_bytes(4, "little") + RUN.to_bytes(4, "little") + packet.sequence.to_bytes(3, "little")
            block += write_frame(FrameType.BLOCK, numbers)
        block += frame
    torn = write_frame(FrameType.PACKET, run.packets[3].to_bytes())[:20]
    content = b"".join(blocks[1:]) + (block + torn).ljust(4096, b"\xff")
    assert {packet.kind for packet in run.packets} >= {Kind.PACKED, Kind.START}
    recording = read_run(written(tmp_path, content))
    np.testing.assert_array_equal(recording.accel_g * 2048, run.values[:, :3])
    np.testing.assert_allclose(recording.t_s, (run.taken_us - run.taken_us[0]) / 1e6, atol=0.002)
    assert codes(recording) == ["damaged", "not_closed"]


packed_too = st.lists(st.tuples(st.integers(0, 41), st.booleans()), min_size=1, max_size=120)
SMALL = made_run(1.5, packed=True)


@given(packed_too)
@settings(max_examples=30, deadline=None)
def test_any_order_any_repeats_any_holes(tmp_path_factory, order):
    """Packets come in any order, some again, some never, some unpacked."""
    path = tmp_path_factory.mktemp("runs") / "any.run"
    packets = [SMALL.packets[number % len(SMALL.packets)] for number, _ in order]
    forms = [
        packet.unpacked() if unpack and packet.kind == Kind.PACKED else packet
        for packet, (_, unpack) in zip(packets, order, strict=True)
    ]
    path.write_bytes(file_of(SMALL, forms))
    file = open_run(path)
    here = sorted({packet.sequence for packet in packets})
    assert file.run.headers.sequence.tolist() == here
    assert file.run.repeats == len(packets) - len(here)
    assert file.run.contradictions == 0
    index = [
        packet.index + n
        for packet in SMALL.packets
        if packet.sequence in here and packet.kind <= 1
        for n in range(packet.count)
    ]
    assert file.run.index.tolist() == index
    np.testing.assert_array_equal(file.run.values, SMALL.values[index])
    holes = sorted(set(range(here[-1])) - set(here))
    named = [n for a, b in zip(file.gaps.first_sequence, file.gaps.last_sequence, strict=True) for n in range(a, b + 1)]
    assert named == holes
    end = max(p.index + (p.count if p.kind <= 1 else 0) for p in SMALL.packets if p.sequence in here)
    assert file.gaps.samples.sum() == end - len(index)


def test_a_repeat_that_says_something_else_is_told(tmp_path, short):
    other = replace(short.packets[5], body=bytes(len(short.packets[5].body)))
    recording = read_run(written(tmp_path, file_of(short, [*short.packets, other])))
    assert "contradictions" in codes(recording)
    np.testing.assert_allclose(recording.accel_g * 2048, short.values[:, :3])
    late = replace(short.packets[6], clock_us=short.packets[6].clock_us + 1)
    assert "contradictions" in codes(read_run(written(tmp_path, file_of(short, [*short.packets, late]))))
    two_starts = replace(short.packets[0], body=with_start(side=1).to_bytes())
    assert "contradictions" in codes(read_run(written(tmp_path, file_of(short, [*short.packets, two_starts]))))


def test_a_packet_that_cannot_be_unpacked_is_replaced_by_a_repeat_that_can(tmp_path):
    run = made_run(2, packed=True)
    broken = replace(run.packets[5], body=b"\xff" * 20)
    alone = read_run(written(tmp_path, file_of(run, [*run.packets[:5], broken, *run.packets[6:]])))
    assert len(alone.t_s) == 1000 - 19
    assert {"lost_samples", "unreadable"} <= set(codes(alone))
    healed = read_run(written(tmp_path, file_of(run, [*run.packets[:5], broken, *run.packets[6:], run.packets[5]])))
    np.testing.assert_array_equal(healed.accel_g * 2048, run.values[:, :3])
    assert codes(healed) == ["not_closed"]


def test_packets_of_another_run_are_left_out(tmp_path, short):
    other = made_run(1, start=with_start(run=RUN + 1), seed=9)
    recording = read_run(written(tmp_path, file_of(short, [*other.packets, *short.packets])))
    np.testing.assert_allclose(recording.accel_g * 2048, short.values[:, :3])
    (condition,) = [c for c in recording.conditions if c.code == "other_runs"]
    assert condition.count == len(other.packets)


def test_a_run_is_not_chosen_by_its_repeats(tmp_path, short):
    other = made_run(1, start=with_start(run=RUN + 1), seed=9)
    content = file_of(short, [*short.packets[:20] * 3, *other.packets[:25]])
    np.testing.assert_array_equal(open_run(written(tmp_path, content)).run.values, other.values[: 24 * 19])


def test_loss_and_the_gaps_of_the_pod_are_told_apart(tmp_path):
    """100 packets; 10 to 14 lost; the FIFO overran before packet 30 and 40 samples were never taken."""
    period_us = 2000
    random = np.random.default_rng(3)
    packets = [record_packet(Kind.START, START.to_bytes(), 0, 0, 0, run=RUN)]
    index = 0
    for sequence in range(1, 100):
        if sequence == 30:
            index += 40
        flags = Flag.OVERFLOW | Flag.CLIPPED if sequence == 30 else 0
        values = random.integers(-9000, 9000, (19, 6)).astype(np.int16)
        clock_us = round((index + 18.5) * period_us)
        packets.append(sample_packet(values, sequence, index, clock_us, run=RUN, flags=int(flags)))
        index += 19
    event = Event(4, 5).to_bytes()
    packets.append(record_packet(Kind.EVENT, event, 100, index, index * period_us, run=RUN))
    run = MadeRun(packets, np.zeros((0, 6), np.int16), np.arange(1, 5000) * 2000.0, 0, 0.0)
    kept = packets[:10] + packets[15:]
    path = written(tmp_path, file_of(run, kept))
    gaps = open_run(path).gaps
    assert gaps.packets.tolist() == [5, 0]
    assert gaps.samples.tolist() == [95, 40]
    assert gaps.first_sequence.tolist() == [10, 30]
    assert gaps.last_sequence.tolist() == [14, 30]
    assert gaps.by_pod.tolist() == [False, True]
    recording = read_run(path)
    sentences = {condition.code: condition.sentence for condition in recording.conditions}
    assert "5 packets" in sentences["lost_packets"]
    assert "0.2 s" in sentences["lost_packets"]
    assert "0.08 s" in sentences["pod_gaps"]
    assert "buffer ran over" in sentences["pod_gaps"]
    assert "5 packets" in sentences["dropped_by_pod"]
    steps = np.diff(recording.t_s)
    assert np.flatnonzero(steps > 0.003).tolist() == [170, 455]
    np.testing.assert_allclose(steps[[170, 455]], [96 * 0.002, 41 * 0.002], atol=1e-4)


def test_a_lost_beginning_is_assumed_and_said(tmp_path, short):
    recording = read_run(written(tmp_path, file_of(short, short.packets[20:])))
    np.testing.assert_allclose(recording.accel_g * 2048, short.values[19 * 19 :, :3])
    assert recording.t_s[0] == 0
    assert {"no_start", "lost_packets"} <= set(codes(recording))
    assert recording.nominal_rate_hz is None


@pytest.mark.parametrize("started", [True, False])
def test_a_loss_longer_than_the_clock_counts(tmp_path, started):
    """Half an hour is lost: the pod's clock began anew twice meanwhile."""
    run = made_run(2000, 497.0)
    kept = [*run.packets[0 if started else 1 : 500], *run.packets[-500:]]
    recording = read_run(written(tmp_path, file_of(run, kept)))
    assert recording.t_s[-1] == pytest.approx((run.taken_us[-1] - run.taken_us[0]) / 1e6, abs=0.003)


def test_counters_wrap_within_a_run(tmp_path):
    first = 2**24 - 50
    values = np.random.default_rng(1).integers(-9000, 9000, (1900, 6)).astype(np.int16)
    packets = [
        sample_packet(values[19 * n : 19 * n + 19], first + n, 2**30 - 600 + 19 * n, 2**30 - 10**6 + 38000 * n, run=RUN)
        for n in range(100)
    ]
    content = file_frame() + b"".join(
        write_frame(FrameType.PACKET, packet.to_bytes()) for packet in packets[:30][::-1] + packets[30:]
    )
    recording = read_run(written(tmp_path, content))
    np.testing.assert_allclose(np.diff(recording.t_s), 0.002, atol=1e-5)
    np.testing.assert_array_equal(recording.accel_g * 2048, values[:, :3])


def test_marks_of_the_host_and_of_the_button(tmp_path, short):
    pressed = record_packet(Kind.MARK, Mark(0, 1).to_bytes(), 212, 2000, short.clock_us(short.taken_us[2000]), run=RUN)
    end = record_packet(Kind.END, End(0, 4000, 0, 0, 0, 0).to_bytes(), 213, 4000, 0, run=RUN)
    mark = write_frame(FrameType.MARK, (START_UTC_US + 6_000_000).to_bytes(8, "little") + "Brücke\x1b[2J".encode())
    recording = read_run(
        written(tmp_path, live_file(replace(short, packets=[*short.packets[:-1], pressed, end])) + mark)
    )
    (condition,) = [c for c in recording.conditions if c.code == "marks"]
    assert condition.sentence == "2 marks were set, at 0:04, 0:06."


BAD = {
    "empty": (b"", "empty"),
    "foreign": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "no frame"),
    "filling only": (b"\xff" * 9000, "no frame"),
    "no packet": (file_frame(), "no packet"),
    "one packet without samples": (file_of(SMALL, SMALL.packets[:1]), "fewer than two samples"),
    "a newer format": (write_frame(1, b'{"format":2}') + file_of(SMALL, SMALL.packets)[80:], "version 2"),
    "odd packets": (file_frame() + write_frame(2, b"\x10" * 16) + write_frame(3, b"\x20" * 30), "no packet"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_gets_one_sentence(tmp_path, name):
    content, why = BAD[name]
    with pytest.raises(RecordingError, match=why) as caught:
        read_run(written(tmp_path, content))
    assert caught.value.path.name == "a.run"


def test_a_file_that_may_not_be_read(tmp_path):
    with pytest.raises(RecordingError, match="there is no such file"):
        read_run(tmp_path / "none.run")
    with pytest.raises(RecordingError, match="it is a folder"):
        read_run(tmp_path)


def test_unknown_frames_kinds_and_records_stay_out_of_the_way(tmp_path, short):
    future = Packet(9, 0, 3, 0, len(short.packets) - 1, RUN % 256, 4000, 0, b"new")
    longer = record_packet(Kind.EVENT, b"\x63" * 3, len(short.packets), 4000, 0, run=RUN)
    content = write_frame(0x7F, b"x" * 99) + file_of(short, [*short.packets[:-1], future, longer])
    recording = read_run(written(tmp_path, content + write_frame(0xFE, b"")))
    np.testing.assert_array_equal(recording.accel_g * 2048, short.values[:, :3])
