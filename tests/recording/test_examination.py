"""What is said of a run file: whose it is, what is missing and when, how good its clock was, what to do next."""

import json
from dataclasses import replace

import pytest

from surefoot.recording.examination import Examination, examine
from surefoot.recording.framing import FrameType, write_frame
from surefoot.recording.resume import resume_point
from surefoot.recording.run_writer import RunWriter
from surefoot.wire.packets import Flag, Kind, record_packet
from tests.rig.made_runs import RUN, SERIAL, START_UTC_US, MadeRun, file_frame, file_of, live_file, made_run, with_start


def recorded(path, run: MadeRun, lost: tuple[int, ...] = (), *, close: bool = True) -> Examination:
    """Write a run with the writer, a question every 10 s, without the packets `lost`."""
    writer = RunWriter.create(path, writer="surefoot test", created_utc_us=START_UTC_US)
    writer.settings({"side": "left", "sensor_height_m": 0.15})
    writer.link(START_UTC_US, True)
    writer.abandon()
    with path.open("ab") as stream:
        next_us = 0.0
        for packet in run.packets:
            if run.ended_us(packet) >= next_us:
                stream.write(run.asked(next_us))
                next_us += 10e6
            if packet.sequence not in lost:
                stream.write(run.arrived(packet))
    writer = RunWriter.resume(path)
    writer.link(START_UTC_US + 20_000_000, False)
    writer.link(START_UTC_US + 21_500_000, True)
    writer.mark(START_UTC_US + 30_000_000, "hill")
    if close:
        writer.close(START_UTC_US + 60_000_000)
    else:
        writer.abandon()
    return examine(path)


def advised(found: Examination) -> list[str]:
    """Name the commands that are advised, '' for advice without one."""
    return [step.command.split(" ")[1] if step.command else "" for step in found.next_steps()]


@pytest.fixture(scope="module")
def minute() -> MadeRun:
    return made_run(60, 496.0, clock_ppm=20.0, start=with_start(side=1))


def test_a_whole_file(tmp_path, minute):
    found = recorded(tmp_path / "a.run", minute)
    assert (found.intact, found.complete) == (True, True)
    assert advised(found) == ["analyze"]
    assert found.next_steps()[0].command == f"surefoot analyze {found.path} --out {tmp_path / 'a'}"
    assert (found.side, found.sensor_height_m) == ("left", 0.15)
    assert found.pod is not None
    assert found.pod.serial_number == SERIAL.hex()
    assert (found.pod.firmware_version, found.pod.sensor_part, found.pod.rate_hz) == ("0.3.0", "MPU6050", 500)
    assert found.run is not None
    assert (found.run.run, found.run.samples, found.run.end_reason) == (RUN, 30_000, "host")
    # 30,000 samples at 496 Hz; too short for the drift of the pod's clock, 20 ppm, to be told
    assert found.run.duration_s == pytest.approx(29_999 / 496, abs=0.005)
    assert found.run.rate_hz == pytest.approx(496, rel=5e-5)
    assert found.run.rate_error_ppm == pytest.approx(-8000, abs=50)
    assert found.run.drift_ppm is None
    assert found.run.utc_source == "answers"
    assert found.run.start_utc_us == pytest.approx(START_UTC_US + minute.taken_us[0], abs=3000)
    assert found.run.jitter_ms == pytest.approx(0.5, abs=0.1)
    (mark,) = found.marks
    assert (mark.text, mark.utc_us) == ("hill", START_UTC_US + 30_000_000)
    assert mark.at_s == pytest.approx(30 - minute.taken_us[0] / 1e6, abs=0.005)
    (link_break,) = found.link_breaks
    assert (link_break.lost_utc_us, link_break.back_utc_us) == (START_UTC_US + 20_000_000, START_UTC_US + 21_500_000)
    sentences = "\n".join(found.sentences())
    for said in ("every byte before its end frame", "Run 261, 1:00", "495.99", "-0.80 % off nominal", "leg: left"):
        assert said in sentences


def test_what_is_missing_is_named_with_its_time(tmp_path, minute):
    found = recorded(tmp_path / "a.run", minute, lost=(100, 101, 102, 700))
    assert (found.intact, found.complete) == (True, False)
    assert found.run is not None
    first, second = found.run.missing
    assert (first.first_sequence, first.last_sequence, first.packets, first.samples) == (100, 102, 3, 57)
    # packet 100 begins with sample 99 * 19
    assert (first.first_sample, second.first_sample) == (1881, 699 * 19)
    assert first.at_s == pytest.approx((minute.taken_us[99 * 19] - minute.taken_us[0]) / 1e6, abs=0.003)
    assert first.seconds == pytest.approx(57 / 496, abs=0.001)
    assert (second.first_sequence, second.samples, second.cause) == (700, 19, "lost")
    assert (found.run.missing_packets, found.run.missing_samples) == (4, 76)
    # it was closed: the recorder had given these up, or the pod had let them go
    assert advised(found) == ["analyze"]
    assert "cannot be fetched any more" in found.next_steps()[0].sentence
    assert "Missing at 0:04: 57 samples, 1881 to 1937, 0.11 s (packets 100 to 102; lost)." in found.sentences()
    point = resume_point(tmp_path / "a.run")
    assert list(point.sequences.holes()) == [(100, 103), (700, 701)]
    assert (point.serial, point.run, point.closed) == (SERIAL, RUN, True)


def test_not_closed_and_changed_later(tmp_path, minute):
    open_file = recorded(tmp_path / "a.run", minute, close=False)
    assert (open_file.file.closed, open_file.file.hash_right, open_file.intact) == (False, None, False)
    assert "It was not closed." in open_file.sentences()
    assert advised(open_file) == ["analyze", "repair"]
    unfinished = recorded(tmp_path / "c.run", minute, lost=(700,), close=False)
    assert advised(unfinished) == ["pull", "analyze"]
    assert unfinished.next_steps()[0].command == f"surefoot pull --out {tmp_path}"
    no_end = recorded(tmp_path / "d.run", replace(minute, packets=minute.packets[:-1]))
    assert advised(no_end) == ["pull", "analyze"]
    recorded(tmp_path / "b.run", minute)
    content = bytearray((tmp_path / "b.run").read_bytes())
    # a frame taken out: all others are whole, and the end knows better
    mark = content.index(write_frame(FrameType.MARK, (START_UTC_US + 30_000_000).to_bytes(8, "little") + b"hill"))
    del content[mark : mark + 9 + 12]
    (tmp_path / "b.run").write_bytes(content)
    changed = examine(tmp_path / "b.run")
    assert (changed.file.closed, changed.file.hash_right, changed.file.missing_frames) == (True, False, 1)
    assert changed.file.damaged_places == 0
    assert "It was changed after it was closed: 1 frame is missing." in changed.sentences()
    assert advised(changed) == ["analyze", "repair"]
    assert "changed" in [condition.code for condition in changed.conditions]


def test_a_file_closed_and_continued(tmp_path, minute):
    recorded(tmp_path / "a.run", minute)
    writer = RunWriter.resume(tmp_path / "a.run")
    writer.mark(START_UTC_US, "more")
    writer.abandon()
    assert not examine(tmp_path / "a.run").file.closed
    assert examine(tmp_path / "a.run").file.hash_right
    assert not resume_point(tmp_path / "a.run").closed
    writer = RunWriter.resume(tmp_path / "a.run")
    writer.close(START_UTC_US)
    assert examine(tmp_path / "a.run").intact


def test_all_facts_as_json(tmp_path, minute):
    facts = json.loads(json.dumps(recorded(tmp_path / "a.run", minute, lost=(5,)).as_dict(), allow_nan=False))
    assert facts["run"]["missing"][0]["first_sequence"] == 5
    assert facts["file"]["damage"] == []
    assert facts["intact"] is True
    (tmp_path / "b.run").write_bytes(file_frame() + b"junk" + file_frame())
    found = examine(tmp_path / "b.run")
    assert json.loads(json.dumps(found.as_dict()))["file"]["damage"] == [{"offset": len(file_frame()), "size": 4}]
    assert found.run is None
    assert advised(found) == [""]
    assert found.as_dict()["next_step"] == "There is nothing in it to analyse: record again."
    assert not found.complete


def test_clipped_packets_are_counted(tmp_path, minute):
    packets = [replace(p, flags=int(Flag.CLIPPED)) if p.sequence in (7, 9) else p for p in minute.packets]
    found = recorded(tmp_path / "a.run", replace(minute, packets=packets))
    assert found.run is not None
    assert found.run.clipped_packets == 2


def test_what_the_pod_noted_is_told(tmp_path, minute):
    """Bodies by docs/link.md: u8 code, u32 value, text; what came again is told once, other places tell of the link."""
    noted = [
        (8, 3412, b""),
        (11, 3, b""),
        (11, 5, b""),
        (9, 1 << 16 | 1000, b""),
        (9, 7 << 16 | 0xFF38, b""),
        (10, 1, b"OSError: 5\x1b[2J"),
        (12, 4, b""),
        (5, 1200, b""),
        (6, 40, b""),
        (99, 7, b""),
    ]
    packets = list(minute.packets)
    for number, (code, value, text) in enumerate(noted):
        at = 200 + 50 * number
        body = bytes([code]) + value.to_bytes(4, "little") + text
        sample = packets[at]
        packets[at] = record_packet(Kind.EVENT, body, sample.sequence, sample.index, sample.clock_us, run=sample.run)
    found = recorded(tmp_path / "a.run", replace(minute, packets=packets))
    assert [(event.code, event.value) for event in found.events] == [(code, value) for code, value, _ in noted]
    # packet 200 begins with sample 199 * 19, at 496 Hz
    assert found.events[0].at_s == pytest.approx(199 * 19 / 496, abs=0.01)
    assert found.event_sentences() == (
        "The pod noted at 0:08: its battery is low, 3412 mV.",
        "The pod noted at 0:10 and 1 time later: it sent a device away that is not paired, number 5 since it started.",
        "The pod noted at 0:13: rate_hz changed to 1000 Hz.",
        "The pod noted at 0:15: accel_offset_x changed to -200 x 0.0001 g.",
        "The pod noted at 0:17: a fault in its firmware, number 1 since it started: OSError: 5\ufffd[2J.",
        "The pod noted at 0:19: it had no place for a request, number 4 since it started.",
        "The pod noted at 0:21: its store is full, 1,200 blocks in use.",
        "The pod noted at 0:25: event 99, value 7.",
    )
    assert set(found.event_sentences()) < set(found.sentences())
    assert found.as_dict()["events"][0]["what"] == "battery low"


@pytest.mark.parametrize(
    ("who", "said"), [(0, "started from the computer"), (3, "resumed after a restart"), (9, "started by number 9")]
)
def test_who_began_it_and_why_the_pod_had_started(tmp_path, who, said):
    found = recorded(tmp_path / "a.run", made_run(3, start=with_start(started_by=who, reset_cause=6)))
    sentences = "\n".join(found.sentences())
    assert f", {said}, ended from the computer." in sentences
    assert "its start 42 (brown out)" in sentences


def test_serial_and_run_from_the_settings_where_the_start_is_lost(tmp_path):
    path = tmp_path / "a.run"
    writer = RunWriter.create(path, writer="test", created_utc_us=START_UTC_US)
    assert (resume_point(path).serial, resume_point(path).run, len(resume_point(path).sequences)) == (b"", 0, 0)
    writer.settings({"serial": SERIAL.hex(), "run": RUN})
    writer.abandon()
    assert (resume_point(path).serial, resume_point(path).run) == (SERIAL, RUN)
    path.write_bytes(live_file(made_run(1)))
    assert resume_point(path).start is not None
    assert resume_point(path).start_packet == made_run(1).packets[0].to_bytes()


def test_a_start_packet_of_a_later_version_is_kept_as_it_came(tmp_path):
    path, run = tmp_path / "a.run", made_run(1)
    later = record_packet(Kind.START, b"\xfe later", 0, 0, 0, run=RUN)
    path.write_bytes(file_of(run, [*run.packets[1:5], later]))
    point = resume_point(path)
    assert (point.start, point.start_packet) == (None, later.to_bytes())
    path.write_bytes(file_of(run, run.packets[1:5]))
    assert resume_point(path).start_packet is None


def test_small_and_exact_values_are_said_as_such(tmp_path):
    """497,512 bytes are no 0.5 MB, and a rate that is right is not '-0.00 %' off."""
    found = recorded(tmp_path / "a.run", made_run(60, 500.0))
    size = (tmp_path / "a.run").stat().st_size
    assert size < 1_000_000
    assert f"a.run: {round(size / 1000)} KB" in found.sentences()[0]
    assert ".00 %" not in "".join(found.sentences())
