"""Whatever is written to control: no exception, no handler called out of its range, an answer the host can read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pod.wire.answer import Answer
from pod.wire.control import LATER, Control

from surefoot.recording.framing import write_frame
from surefoot.wire.control import read_notification
from surefoot.wire.packets import Packet
from tests.firmware.scripts import codec_checks as checks
from tests.rig import interpreter
from tests.rig.vectors import vectors

U8, U24, U32 = range(1 << 8), range(1 << 24), range(1 << 32)
RANGES = {
    "hello": (range(1, 2),),
    "start": (),
    "stop": (),
    "mark": (U8,),
    "get": (range(1, 13),),
    "ack": (U32, U24),
    "list": (U32,),
    "fetch": (U32, U24, U24),
    "cancel": (),
    "erase": (U32, range(2)),
    "identify": (U8,),
    "self_test": (),
    "restart": (range(3),),
}
SETTINGS = {
    1: {200, 250, 500, 1000},
    2: range(3),
    3: {0, *range(200, 3001)},
    4: range(3),
    5: range(2),
    6: range(1, 241),
    **{offset: {*range(-3000, 3001), 32767} for offset in (7, 8, 9)},
    **{scale: {*range(-1000, 1001), 32767} for scale in (10, 11, 12)},
}


def in_range(call: list) -> bool:
    """Whether docs/link.md lets a handler be called so."""
    name, *arguments = call
    if name == "time":
        return len(bytes.fromhex(arguments[0])) == 8 and any(bytes.fromhex(arguments[0]))
    if name == "set":
        return arguments[1] in SETTINGS[arguments[0]]
    if name == "fetch" and arguments[1] > arguments[2]:
        return False
    return all(value in allowed for value, allowed in zip(arguments, RANGES[name], strict=True))


def judge(calls: list[list], answers: list[bytes]) -> None:
    assert all(in_range(call) for call in calls), calls
    for answer in answers:
        assert 3 <= len(answer) <= 20
        if answer[2]:
            assert read_notification(answer).error == answer[2] <= 15
    # an ack is the only call without an answer
    assert len(calls) - sum(call[0] == "ack" for call in calls) <= len(answers)


a_request = st.tuples(st.integers(0, 20), st.integers(0, 20), st.binary(max_size=14)).map(
    lambda parts: bytes([parts[0] if parts[0] > 12 else len(parts[2]) + 1, parts[1]]) + parts[2]
)
requests = [bytes.fromhex(case["written"]) for case in vectors("control")["requests"]]
nearly = st.tuples(st.sampled_from(requests), st.integers(0, 100)).map(
    lambda parts: bytes(byte ^ (1 << parts[1] % 8 if at == parts[1] // 8 else 0) for at, byte in enumerate(parts[0]))
)
writes = st.one_of(
    st.binary(max_size=40), st.lists(st.one_of(a_request, st.sampled_from(requests), nearly), max_size=4).map(b"".join)
)


@given(writes)
def test_any_write(written):
    handlers = checks.Handlers()
    answers = checks.answers_to(written, handlers)
    assert handlers.raised == []
    judge(handlers.calls, answers)


@given(writes, st.integers(0, 60))
def test_only_the_bytes_that_were_written_are_read(written, length):
    length = min(length, len(written))
    sent: list[list[bytes]] = [[], []]
    for number, data in enumerate((written[:length], written)):
        control = Control(checks.Handlers(), lambda buf, size, number=number: sent[number].append(bytes(buf[:size])))
        control.receive(data, length)
    assert sent[0] == sent[1]


@given(writes)
def test_a_refusal_answers_all_and_does_nothing(written):
    handlers, free = checks.Handlers(), checks.Handlers()
    refused = checks.answers_to(written, handlers, refusal=11)
    assert handlers.calls == []
    # the length beyond the end is told as ever
    assert {answer[2] for answer in refused} <= {11, 2}
    freely = [answer[:2] for answer in checks.answers_to(written, free)]
    assert [answer[:2] for answer in refused if answer[0] != 0x88] == [head for head in freely if head[0] != 0x88]


def test_what_a_handler_raises_is_answered_and_told():
    class Broken(checks.Handlers):
        def start(self, answer):
            answer.u8(1)
            raise OSError(5)

    handlers = Broken()
    assert checks.answers_to(bytes.fromhex("02 02 07 02 03 08"), handlers) == [b"\x82\x07\x0f", b"\x83\x08\x00"]
    assert [type(error) for error in handlers.raised] == [OSError]
    assert handlers.calls == [["stop"]]


def test_more_data_than_an_answer_holds_is_a_fault():
    handlers = checks.Handlers(puts=[("u32", 1)] * 5)
    assert checks.answers_to(bytes.fromhex("02 02 07"), handlers) == [b"\x82\x07\x0f"]
    assert len(handlers.raised) == 1


def test_a_handler_may_answer_later():
    handlers = checks.Handlers(result=LATER)
    assert checks.answers_to(bytes.fromhex("06 09 19 00 00 00 00"), handlers) == []
    later = Answer()
    later.begin(0x09, 0x19)
    later.u16(0)
    assert bytes(later.bytes[: later.length]) == bytes.fromhex("89 19 00 00 00")


@pytest.mark.parametrize("run", [interpreter.run, interpreter.run_32bit])
def test_on_the_interpreter(run):
    check_lines(run("codec_any.py", 1, 150))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 5))
@pytest.mark.parametrize("run", [interpreter.run, interpreter.run_32bit])
def test_on_the_interpreter_at_length(run, seed):
    check_lines(run("codec_any.py", seed, 1000))


def check_lines(lines: list[dict]) -> None:
    writes = [line for line in lines if "written" in line]
    packets = [line for line in lines if "raw" in line]
    assert len(writes) == len(packets) > 0
    assert sum(len(line["calls"]) for line in writes) > len(writes) // 20
    for line in writes:
        assert line["raised"] == 0
        judge(line["calls"], [bytes.fromhex(answer) for answer in line["answers"]])
        host_view = checks.Handlers()
        again = checks.answers_to(bytes.fromhex(line["written"]), host_view)
        assert (host_view.calls, [answer.hex() for answer in again]) == (line["calls"], line["answers"])
    assert sum(bool(line["packed"]) for line in packets) > len(packets) // 4
    for line in packets:
        raw = Packet.from_bytes(bytes.fromhex(line["raw"]))
        assert raw.samples().tolist() == line["samples"]
        assert (raw.sequence, raw.index, raw.clock_us) == (line["sequence"], line["index"], line["clock_us"])
        assert bytes.fromhex(line["frame"]) == write_frame(2, raw.to_bytes())
        if line["packed"]:
            assert Packet.from_bytes(bytes.fromhex(line["packed"])).unpacked() == raw
