"""Packets and the records in them, against the vectors; anything else is a WireError."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.errors import WireError
from surefoot.wire import records
from surefoot.wire.packets import Packet
from surefoot.wire.records import RECORDS, read_record
from tests.rig.vectors import named, vectors

VECTORS = vectors("packets")
HEADER = ("kind", "flags", "count", "behind", "sequence", "run", "index", "clock_us")
BY_NAME = {case["name"]: case for case in VECTORS["packets"]}


def plain(record) -> dict:
    """Fields of a record as JSON has them."""
    jsonable = {tuple: list, bytes: lambda value: value.hex(" ")}
    return {name: jsonable.get(type(value), lambda same: same)(value) for name, value in asdict(record).items()}


@pytest.mark.parametrize(**named(VECTORS["packets"]))
def test_header_both_ways(case):
    packet = Packet.from_bytes(bytes.fromhex(case["hex"]))
    assert {name: getattr(packet, name) for name in HEADER} == {name: case[name] for name in HEADER}
    assert packet.to_bytes().hex(" ") == case["hex"]


@pytest.mark.parametrize(**named([case for case in VECTORS["packets"] if "samples" in case]))
def test_samples(case):
    values = Packet.from_bytes(bytes.fromhex(case["hex"])).samples()
    assert values.dtype == np.int16
    assert values.tolist() == case["samples"]


@pytest.mark.parametrize(**named([case for case in VECTORS["packets"] if "record" in case]))
def test_record_both_ways(case):
    packet = Packet.from_bytes(bytes.fromhex(case["hex"]))
    record = read_record(packet)
    assert type(record).__name__ == case["record"]
    assert plain(record) == case["fields"]
    assert record.to_bytes() == packet.body


def test_kind_of_the_future_is_kept():
    packet = Packet.from_bytes(bytes.fromhex(BY_NAME["a kind of the future"]["hex"]))
    assert read_record(packet) is None
    assert packet.body == b"\xaa\xbb\xcc"
    with pytest.raises(WireError, match="kind 9 holds no samples"):
        packet.samples()


@pytest.mark.parametrize(**named(VECTORS["refused"]))
def test_refused(case):
    with pytest.raises(WireError):
        read_whole(bytes.fromhex(case["hex"]))


def read_whole(data: bytes) -> None:
    packet = Packet.from_bytes(data)
    if packet.kind in RECORDS:
        read_record(packet)
    elif packet.kind in (0, 1):
        packet.samples()


HEADS = [bytes.fromhex(case["hex"])[:16] for case in VECTORS["packets"]]


@given(st.one_of(st.binary(max_size=260), st.builds(bytes.__add__, st.sampled_from(HEADS), st.binary(max_size=240))))
def test_any_bytes_give_a_result_or_a_wire_error(data):
    try:
        read_whole(data)
    except WireError as error:
        assert error.part in str(error)


@given(st.sampled_from(sorted(RECORDS)), st.binary(max_size=110))
def test_any_body_that_is_read_is_written_the_same(kind, body):
    try:
        record = RECORDS[kind].from_bytes(body)
    except WireError:
        return
    if "\ufffd" not in getattr(record, "text", ""):
        assert record.to_bytes() == body


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", 16),
        ("flags", 256),
        ("count", 3),
        ("behind", -1),
        ("sequence", 1 << 24),
        ("sequence", -1),
        ("run", 256),
        ("index", 1 << 30),
        ("clock_us", -1),
        ("body", b"\0" * 23),
    ],
)
def test_nothing_is_written_that_cannot_be_read(name, value):
    whole = Packet.from_bytes(bytes.fromhex(BY_NAME["two samples"]["hex"]))
    with pytest.raises(WireError):
        replace(whole, **{name: value}).to_bytes()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("run", 1 << 32),
        ("side", -1),
        ("board", "seventeen letters"),
        ("board", "Küche"),
        ("serial_number", b"12345"),
        ("gyro_bias_raw", (1, 2)),
        ("temperature_cdegc", 32768),
    ],
)
def test_record_with_a_value_that_does_not_fit(name, value):
    start = read_record(Packet.from_bytes(bytes.fromhex(BY_NAME["start"]["hex"])))
    with pytest.raises(WireError, match="Cannot use the start"):
        replace(start, **{name: value}).to_bytes()


def test_text_of_an_event_is_cut_and_never_refused():
    written = records.Event(10, 1, "x" * 59 + "ü").to_bytes()
    assert len(written) == 64  # a letter of two bytes begins with the 60th, and goes as a whole
    assert records.Event.from_bytes(written).text == "x" * 59
