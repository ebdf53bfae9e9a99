"""What the pod writes, the host reads, and the other way round: any values, the pod's modules under CPython."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pod.life import settings as pod_settings
from pod.wire import packet as pod_packet
from pod.wire.answer import Answer
from pod.wire.frame import Frame as PodFrame
from pod.wire.packing import pack as pod_pack

from surefoot.recording.framing import Frame, read_frames, write_frame
from surefoot.wire import answers, records, requests
from surefoot.wire.control import read_notification, write_request
from surefoot.wire.packets import Packet, sample_packet
from surefoot.wire.settings import SETTINGS
from surefoot.wire.status import RunningMeasurement, Status
from tests.firmware.scripts import codec_checks as checks
from tests.wire.test_wire_packets import plain

U8, U16, U24, U32 = (st.integers(0, (1 << bits) - 1) for bits in (8, 16, 24, 32))
U64 = st.integers(0, (1 << 64) - 1)
I16, I32 = (st.integers(-(1 << bits - 1), (1 << bits - 1) - 1) for bits in (16, 32))
COUNTER = st.integers(0, (1 << 30) - 1)
VECTOR = st.tuples(I16, I16, I16)
NAME = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=16)

shapes = st.tuples(st.integers(1, 19), st.just(6))
steps = arrays.arrays(np.int16, shapes, elements=st.integers(-300, 300))
samples = st.one_of(arrays.arrays(np.int16, shapes), steps.map(lambda s: np.cumsum(s, axis=0).astype(np.int16)))


@given(samples, st.tuples(U24, COUNTER, COUNTER), U8, st.integers(0, 400), st.integers(0, 15))
def test_packet_of_samples(values, counters, run, behind, flags):
    sequence, index, clock_us = counters
    packet = sample_packet(values, sequence, index, clock_us, run=run, behind=behind, flags=flags)
    case = {name: getattr(packet, name) for name in ("kind", "flags", "count", "sequence", "run", "index", "clock_us")}
    made = checks.packet_of(case | {"behind": behind, "samples": values.tolist()})
    assert made == packet.to_bytes()
    assert Packet.from_bytes(made) == packet
    assert pod_packet.sequence(made) == sequence


@given(samples)
def test_samples_packed_by_the_pod(values):
    packet = sample_packet(values, 5, 95, 1000, run=3, behind=2, flags=2)
    room = bytearray(pod_packet.MAX_PACKET)
    length = pod_pack(packet.to_bytes(), room)
    # 0: the pod keeps it as it is, which it may
    if length:
        assert Packet.from_bytes(bytes(room[:length])).unpacked() == packet
        assert len(packet.packed().to_bytes()) <= length < len(packet.to_bytes())


@pytest.mark.parametrize("step", [2, 30, 500, 4000])
def test_the_pod_packs_within_2_percent_of_the_best(step):
    random = np.random.default_rng(step)
    walk = np.cumsum(random.normal(0, step, (19 * 60, 6)), axis=0).astype(np.int64).astype(np.int16)
    packets = [sample_packet(walk[at : at + 19], 0, 0, 0) for at in range(0, len(walk), 19)]
    room = bytearray(pod_packet.MAX_PACKET)
    by_the_pod = sum(pod_pack(packet.to_bytes(), room) for packet in packets)
    best = sum(len(packet.packed().to_bytes()) for packet in packets)
    assert best <= by_the_pod <= 1.02 * best


start = st.builds(
    records.Start,
    *(st.just(1), U32, U8, U16, U8, st.tuples(U8, U8, U8), NAME, st.binary(min_size=6, max_size=6), NAME),
    *(U8, U16, U8, U16, U16, U16, U16, U16, U16, U8, U8, VECTOR, VECTOR, VECTOR, I16, U16, U64, U32),
)
event_text = st.text(st.characters(codec="ascii"), max_size=60)
others = st.one_of(
    st.builds(records.Mark, U8, U8),
    st.builds(records.Clock, U64),
    st.builds(records.Event, U8, U32, event_text),
    st.builds(records.End, U8, U32, U16, U16, U16, U32),
)


@given(st.one_of(start, others))
def test_records(record):
    body = bytearray(228)
    length = checks.write_record(body, type(record).__name__, plain(record))
    assert bytes(body[:length]) == record.to_bytes()
    assert type(record).from_bytes(bytes(body[:length])) == record


def test_counts_of_an_end_stay_at_their_highest():
    body = bytearray(228)
    counts = {"overflows": 70000, "bus_faults": 65536, "sensor_restarts": 65535, "packets_dropped": 70000}
    length = checks.write_record(body, "End", {"reason": 0, "samples": 0} | counts)
    assert records.End.from_bytes(bytes(body[:length])) == records.End(0, 0, 65535, 65535, 65535, 70000)


@given(st.binary(min_size=1, max_size=pod_packet.MAX_PACKET))
def test_frames(payload):
    frame = PodFrame()
    frame.copy(payload, len(payload))
    length = frame.seal(2, len(payload))
    assert bytes(frame.bytes[:length]) == write_frame(2, payload)
    other = PodFrame()
    other.bytes[:length] = write_frame(2, payload)
    assert other.check(2) == len(payload)


def test_frames_of_the_pod_behind_each_other(tmp_path):
    path = tmp_path / "pod.run"
    frame, payloads = PodFrame(), [bytes([number]) * number for number in range(1, 245)]
    with path.open("wb") as file:
        for payload in payloads:
            frame.copy(payload, len(payload))
            file.write(frame.grains(frame.seal(2, len(payload))))
    with path.open("rb") as file:
        found = list(read_frames(file))
    assert [part.payload if isinstance(part, Frame) else part for part in found] == payloads


VALUES = {"u8": U8, "u16": U16, "u24": U24, "u32": U32, "i32": I32}
valid = st.one_of(
    st.builds(requests.Hello, st.integers(1, 255)),
    *(st.just(request()) for request in (requests.StartRun, requests.StopRun, requests.Cancel, requests.SelfTest)),
    st.builds(requests.SetMark, U8),
    st.builds(requests.SetTime, U64.filter(bool)),
    st.sampled_from(sorted(SETTINGS)).flatmap(
        lambda number: st.builds(
            requests.Set,
            st.just(number),
            st.one_of(I32, st.integers(-4000, 4000), st.just(32767)).filter(SETTINGS[number].allows)
            if not SETTINGS[number].only
            else st.sampled_from(SETTINGS[number].only),
        )
    ),
    st.builds(requests.Get, st.sampled_from(sorted(SETTINGS))),
    st.builds(requests.Ack, U32, U24),
    st.builds(requests.ListRuns, U32),
    st.tuples(U24, U24).flatmap(lambda pair: st.builds(requests.Fetch, U32, st.just(min(pair)), st.just(max(pair)))),
    st.builds(requests.Erase, U32, st.integers(0, 1)),
    st.builds(requests.Identify, U8),
    st.builds(requests.Restart, st.integers(0, 2)),
)
CALLED = {
    "StartRun": "start",
    "StopRun": "stop",
    "SetMark": "mark",
    "SetTime": "time",
    "ListRuns": "list",
    "SelfTest": "self_test",
}


@given(st.lists(st.tuples(U8, valid), max_size=5))
def test_requests_reach_their_handlers(sent):
    handlers = checks.Handlers()
    got = checks.answers_to(b"".join(write_request(request, tag) for tag, request in sent), handlers)
    assert handlers.calls == [expected_call(request) for _, request in sent]
    answered = [(tag, request.CODE) for tag, request in sent if not isinstance(request, requests.Ack)]
    assert [(answer[1], answer[0] - 0x80) for answer in got] == answered


def expected_call(request) -> list:
    name = type(request).__name__
    arguments = [getattr(request, field.name) for field in fields(request)]
    if isinstance(request, requests.Hello):
        arguments = [1]
    elif isinstance(request, requests.SetTime):
        arguments = [request.utc_us.to_bytes(8, "little").hex(" ")]
    return [CALLED.get(name, name.lower()), *arguments]


PUTS = {
    requests.Hello(): (answers.Greeting, "u8 u8 u8 u8 u16 u8 u8"),
    requests.StartRun(): (answers.Started, "u32"),
    requests.StopRun(): (answers.Stopped, "u32 u24"),
    requests.SetMark(1): (answers.Marked, "u24 u32"),
    requests.SetTime(1): (answers.TimeTaken, "u32 u32"),
    requests.Set(2, 0): (answers.SettingInForce, "i32"),
    requests.Get(2): (answers.SettingLimits, "i32 i32 i32"),
    requests.ListRuns(): (answers.KeptRun, "u32 u8 u24 u16 u32"),
    requests.ListRuns(7): (answers.EndOfList, "u16"),
    requests.Fetch(1): (answers.Sending, "u24 u24"),
}


@pytest.mark.parametrize(("request_", "data"), PUTS.items(), ids=[kind.__name__ for kind, _ in PUTS.values()])
def test_data_of_answers(request_, data):
    kind, types = data

    @given(st.tuples(*(VALUES[name] for name in types.split())))
    def any_values(values):
        handlers = checks.Handlers(puts=list(zip(types.split(), values, strict=True)))
        (sent,) = checks.answers_to(write_request(request_, 9), handlers)
        answer = read_notification(sent)
        assert type(answer.data) is kind
        assert flat(vars(answer.data).values()) == list(values)

    any_values()


def flat(values) -> list[int]:
    return [part for value in values for part in (value if isinstance(value, tuple) else [value])]


@given(U32, U24, U24)
def test_fetched(run, sent, not_kept):
    answer = Answer()
    answer.fetched(run, sent, not_kept)
    assert read_notification(bytes(answer.bytes[: answer.length])) == answers.Fetched(run, sent, not_kept)


@given(U8, st.tuples(*[st.integers(-128, 127)] * 6), VECTOR)
def test_self_tested(passed, changes, bias):
    answer = Answer()
    answer.self_tested(passed, changes, bias)
    assert read_notification(bytes(answer.bytes[: answer.length])) == answers.SelfTested(passed, changes, bias)


@given(st.builds(Status, st.just(1), U8, U8, U8, U16, U16, U24, U8, U16, U24, U8, U16))
def test_status(status):
    assert checks.status_of(plain(status)) == status.to_bytes()
    assert Status.from_bytes(checks.status_of(plain(status))) == status


def test_status_of_values_too_large():
    whole = plain(Status(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    large = {"cadence_spm": 300, "contact_ms": 70000, "shock_cg": 70000, "packets_unacknowledged": 256}
    status = Status.from_bytes(checks.status_of(whole | large | {"packets_dropped": 65536, "run": 261}))
    assert (status.cadence_spm, status.contact_ms, status.shock_cg) == (255, 65535, 65534)
    assert (status.packets_unacknowledged, status.packets_dropped, status.run) == (255, 65535, 5)


@given(st.booleans(), st.integers(0, 400))
def test_measurement(running, cadence_spm):
    read = RunningMeasurement.from_bytes(checks.measurement_of(running, cadence_spm))
    assert read == RunningMeasurement(0.0, min(cadence_spm, 255), running)


@pytest.mark.parametrize("number", sorted(SETTINGS))
def test_settings_are_the_same_on_both_sides(number):
    assert len(SETTINGS) == pod_settings.COUNT
    for value in (*range(-3100, 3101), 32766, 32767, 32768, -(1 << 31), (1 << 31) - 1):
        assert pod_settings.allowed(number, value) == SETTINGS[number].allows(value), value
