"""UTC of a run from what its file tells: answers, clock packets, arrivals, the start packet."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.recording.framing import FrameType, write_frame
from surefoot.recording.payloads import arrived_payload, clock_payload
from surefoot.recording.run_file import open_run
from surefoot.recording.run_time import RunTime
from surefoot.wire.packets import Kind, record_packet
from surefoot.wire.records import Clock
from tests.rig.made_runs import RUN, START_UTC_US, MadeRun, file_frame, file_of, made_run, with_start


@pytest.fixture(scope="module")
def hour() -> MadeRun:
    return made_run(3600, 499.2, clock_ppm=25.0, clock_zero_us=2**30 - 10_000_000)


@pytest.fixture(scope="module")
def minute() -> MadeRun:
    return made_run(60, 501.0, clock_ppm=-30.0, clock_zero_us=77_000_000)


def timed(tmp_path, content: bytes) -> RunTime:
    path = tmp_path / "a.run"
    path.write_bytes(content)
    return open_run(path).time


def unarrived(run: MadeRun) -> bytes:
    return b"".join(write_frame(FrameType.PACKET, packet.to_bytes()) for packet in run.packets)


def errors_ms(time: RunTime, run: MadeRun) -> np.ndarray:
    """Found less true UTC of all samples."""
    found_us = time.start_utc_us + time.at_s(np.arange(len(run.taken_us))) * 1e6
    return (found_us - START_UTC_US - run.taken_us) / 1e3


def test_an_hour_with_an_answer_every_minute(tmp_path, hour):
    random = np.random.default_rng(8)
    answers = [hour.asked(second * 1e6, *(10_000 + random.exponential(15_000, 2))) for second in range(5, 3600, 60)]
    time = timed(tmp_path, file_frame() + unarrived(hour) + b"".join(answers))
    assert time.utc.source == "answers"
    assert time.utc.drift_ppm == pytest.approx(25, abs=3)
    assert time.rate_hz == pytest.approx(499.2, rel=5e-6)
    assert np.abs(errors_ms(time, hour)).max() < 12
    assert 1 < time.utc.residual_ms < 12


def test_late_answers_do_not_pull(tmp_path, hour):
    """One answer in four waited half a second to three seconds somewhere, always on the way back."""
    random = np.random.default_rng(9)
    answers = [
        hour.asked(second * 1e6, 20_000, 20_000 if n % 4 else random.uniform(5e5, 3e6))
        for n, second in enumerate(range(5, 3600, 60))
    ]
    time = timed(tmp_path, file_frame() + unarrived(hour) + b"".join(answers))
    assert np.abs(errors_ms(time, hour)).max() < 3
    assert time.utc.drift_ppm == pytest.approx(25, abs=1)


def test_one_answer_before_the_run_began(tmp_path, minute):
    """Asked 8 s before the start, when no run was recorded: index and run say nothing."""
    asked = START_UTC_US - 8_000_000
    clock_us = minute.clock_us(-8_000_000 + 30_000) % 2**30
    before = write_frame(FrameType.CLOCK, clock_payload(asked, asked + 60_000, clock_us, 0, 0))
    time = timed(tmp_path, before + file_of(minute, minute.packets))
    assert time.utc.source == "answers"
    assert time.utc.drift_ppm is None
    assert np.abs(errors_ms(time, minute)).max() < 4


def test_an_answer_of_another_start_of_the_pod_is_left_aside(tmp_path, minute):
    asked = START_UTC_US - 8_000_000
    other = write_frame(FrameType.CLOCK, clock_payload(asked, asked + 60_000, 400_000_000, 0, 0))
    of_other_run = write_frame(FrameType.CLOCK, clock_payload(asked, asked + 60_000, 400_000_000, 5, RUN + 256))
    unset = write_frame(FrameType.CLOCK, clock_payload(1000, 2000, 77_000_000, 5, RUN))
    time = timed(tmp_path, other + of_other_run + unset + file_of(minute, minute.packets))
    assert time.utc.source == "arrivals"


def test_arrivals_are_the_last_but_one_resort(tmp_path, hour):
    """Packets wait 20 ms at least, often much longer, and seconds while the link is down."""
    random = np.random.default_rng(2)
    down = (hour.taken_us[-1] * 0.3, hour.taken_us[-1] * 0.4)
    frames = []
    for packet in hour.packets:
        at_us = hour.ended_us(packet)
        late_us = 20_000 + random.exponential(40_000)
        if down[0] < at_us < down[1]:
            late_us += down[1] - at_us
        frames.append(hour.arrived(packet, late_us))
    time = timed(tmp_path, file_frame() + b"".join(frames))
    assert time.utc.source == "arrivals"
    # late by what each packet waited at least: 3 ms in the FIFO, 20 on the way
    assert errors_ms(time, hour).min() > 15
    assert errors_ms(time, hour).max() < 35
    assert time.utc.drift_ppm == pytest.approx(25, abs=3)


def test_a_run_fetched_later_does_not_go_by_its_arrivals(tmp_path):
    start = with_start(utc_us=START_UTC_US - 600 * 10**6, utc_age_s=600)
    run = made_run(60, 500.0, start=start)
    late = START_UTC_US + 7200 * 10**6
    frames = [
        write_frame(FrameType.ARRIVED, arrived_payload(late + 4000 * n, packet.to_bytes()))
        for n, packet in enumerate(run.packets)
    ]
    time = timed(tmp_path, file_frame() + b"".join(frames))
    assert time.utc.source == "start packet"
    assert np.abs(errors_ms(time, run)).max() < 1100
    # an answer during the fetch, two hours later, ties the same clock to UTC: two hours of 40 ppm are 0.3 s
    heard_us = 7200.0 * 10**6
    answer = clock_payload(late, late + 60_000, run.clock_us(heard_us + 30_000) % 2**30, 0, 0)
    better = timed(tmp_path, file_frame() + b"".join(frames) + write_frame(FrameType.CLOCK, answer))
    assert better.utc.source == "answers"
    assert np.abs(errors_ms(better, run)).max() < 5


def test_the_clock_packets_of_the_stream(tmp_path, minute):
    packets = list(minute.packets[:-1])
    written = START_UTC_US + 30_000_000
    clock_us = minute.clock_us(30_000_000 + 40_000)
    index = int(np.searchsorted(minute.taken_us, 30_000_000))
    place = next(n for n, packet in enumerate(packets) if packet.index >= index)
    told = record_packet(Kind.CLOCK, Clock(written).to_bytes(), place, packets[place].index, clock_us, run=RUN)
    later = [replace(packet, sequence=packet.sequence + 1) for packet in packets[place:]]
    run = replace(minute, packets=[*packets[:place], told, *later])
    time = timed(tmp_path, unarrived(run))
    assert time.utc.source == "clock packets"
    # written 40 ms before it arrived
    assert np.abs(errors_ms(time, run) + 40).max() < 3


def test_no_evidence_no_utc(tmp_path, minute):
    time = timed(tmp_path, unarrived(minute))
    assert time.utc.source == "none"
    assert time.start_utc_us is None


@given(st.integers(-10_000, 2**32), st.integers(0, 2**30 - 1), st.floats(-40, 40))
@settings(max_examples=25, deadline=None)
def test_wherever_the_clock_of_the_pod_stood(tmp_path_factory, off_us, zero_us, ppm):
    run = made_run(4, 498.0, clock_ppm=ppm, clock_zero_us=zero_us)
    answers = run.asked(1e6) + run.asked(3e6 + off_us % 1000)
    time = timed(tmp_path_factory.mktemp("utc"), file_frame() + unarrived(run) + answers)
    assert time.utc.source == "answers"
    assert np.abs(errors_ms(time, run)).max() < 2
