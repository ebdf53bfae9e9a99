"""Many packets at once: samples in their places, counters beyond their wraps, loss left open."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.errors import WireError
from surefoot.wire.columns import PacketTable, extend
from surefoot.wire.packets import COUNTER, SEQUENCES, Kind, Packet, record_packet, sample_packet
from tests.rig.read_packets import read_headers, read_samples
from tests.rig.vectors import named, vectors

VECTORS = vectors("packets")


@pytest.mark.parametrize(**named(VECTORS["counters"]))
def test_counters_of_the_vectors(case):
    assert extend(np.array(case["values"]), case["modulus"]).tolist() == case["extended"]


@given(
    st.integers(0, COUNTER - 1),
    st.lists(st.integers(-COUNTER // 2, COUNTER // 2 - 1), max_size=50),
)
def test_steps_of_less_than_half_the_modulus_are_found_again(first, steps):
    true = np.cumsum([first, *steps])
    assert extend(true % COUNTER, COUNTER).tolist() == true.tolist()


def stream(count: int, first: int = 0, rate_hz: float = 500.0) -> tuple[list[Packet], np.ndarray]:
    """Return `count` packets of a run from packet `first` on, with all their samples."""
    random = np.random.default_rng(4)
    values = random.integers(-32768, 32768, (19 * count, 6)).astype(np.int16)
    packets = [
        sample_packet(
            values[19 * number : 19 * number + 19],
            sequence=first + number,
            index=19 * (first + number),
            clock_us=round((19 * (first + number) + 18.5 + number % 3) * 1e6 / rate_hz),
            behind=number % 3,
        )
        for number in range(count)
    ]
    return packets, values


def test_raw_and_packed_samples_come_out_in_order():
    packets, values = stream(40)
    quiet = values // 512
    mixed = [
        sample_packet(quiet[19 * p.sequence :][:19], p.sequence, p.index, p.clock_us).packed() if p.sequence % 2 else p
        for p in packets
    ]
    assert {packet.kind for packet in mixed} == {0, 1}
    samples = read_samples(mixed)
    expected = np.where((np.arange(760) // 19 % 2 == 1)[:, None], quiet, values)
    np.testing.assert_array_equal(samples.values, expected)
    np.testing.assert_array_equal(samples.index, np.arange(760))
    assert samples.unreadable == ()


def test_all_counters_wrap_within_a_run():
    packets, values = stream(40, first=SEQUENCES - 20)
    samples = read_samples(packets, rate_hz=500.0)
    np.testing.assert_array_equal(samples.headers.sequence, np.arange(SEQUENCES - 20, SEQUENCES + 20))
    first = 19 * (SEQUENCES - 20) % COUNTER
    np.testing.assert_array_equal(samples.index, np.arange(first, first + 760))
    assert np.all(np.diff(samples.headers.clock_us) > 0)
    np.testing.assert_array_equal(samples.values, values)


def test_clock_pairs_lie_on_the_line_of_the_true_rate():
    packets, _ = stream(3000, rate_hz=497.5)
    index, clock_us = read_samples(packets, rate_hz=500.0).headers.clock_pairs()
    assert clock_us[-1] > 100e6
    rate_hz = 1e6 / np.polyfit(index, clock_us, 1)[0]
    assert rate_hz == pytest.approx(497.5, abs=1e-4)
    # a sample's own time: half a period before the clock that said behind 0
    assert np.abs(clock_us - index * 1e6 / 497.5).max() < 1


def test_a_packet_that_cannot_tell_how_far_behind_it_was_gives_no_pair():
    values = np.zeros((19, 6), np.int16)
    packets = [sample_packet(values, 0, 0, 0, behind=255), sample_packet(values, 1, 19, 38000, behind=254)]
    index, clock_us = read_samples(packets).headers.clock_pairs()
    assert index.tolist() == [19 + 18 + 254.5]
    assert clock_us.tolist() == [38000]


def test_the_rate_keeps_the_clock_right_over_a_long_loss():
    values = np.zeros((19, 6), np.int16)
    hour_us = 3600 * 10**6
    packets = [sample_packet(values, 0, 0, 0), sample_packet(values, 95000, 500 * 3600, hour_us)]
    assert read_headers(packets, rate_hz=498.0).clock_us.tolist() == [0, hour_us]


def test_loss_stays_open_and_other_kinds_are_no_samples():
    packets, values = stream(10)
    mark = record_packet(Kind.MARK, b"\0\7", sequence=3, index=57, clock_us=114000)
    kept = [*packets[:3], mark, *packets[7:]]
    samples = read_samples(kept)
    np.testing.assert_array_equal(samples.index, np.r_[0:57, 133:190])
    np.testing.assert_array_equal(samples.values, values[samples.index])
    assert samples.headers.sequence.tolist() == [0, 1, 2, 7, 8, 9]
    assert read_headers(kept).kind.tolist() == [0, 0, 0, 3, 0, 0, 0]


def test_what_cannot_be_unpacked_is_named_and_left_out():
    packets, values = stream(5)
    broken = Packet(1, 0, 19, 0, 2, 0, 38, 76000, b"\xff" * 20)
    samples = read_samples([*packets[:2], broken, *packets[3:]])
    assert samples.unreadable == (2,)
    np.testing.assert_array_equal(samples.index, np.r_[0:38, 57:95])
    np.testing.assert_array_equal(samples.values, values[samples.index])


@pytest.mark.parametrize("packets", [[], [record_packet(Kind.MARK, b"\0\7", 0, 0, 0)]])
def test_no_samples_at_all(packets):
    samples = read_samples(packets)
    assert samples.values.shape == (0, 6)
    assert samples.index.shape == (0,)
    assert len(samples.headers.clock_pairs()[0]) == 0


@pytest.mark.soak
def test_an_hour_at_1000_hz():
    packets, values = stream(2000)
    quiet = values // 64
    packed = [sample_packet(quiet[19 * p.sequence :][:19], 0, 0, 0).packed() for p in packets]
    assert {packet.kind for packet in packed} == {int(Kind.PACKED)}
    hour = [
        replace(packed[number % 2000], sequence=number, index=19 * number, clock_us=19000 * number % COUNTER)
        for number in range(190_000)
    ]
    samples = read_samples([Packet.from_bytes(packet.to_bytes()) for packet in hour], rate_hz=1000.0)
    np.testing.assert_array_equal(samples.values, np.tile(quiet, (95, 1)))
    np.testing.assert_array_equal(samples.index, np.arange(19 * 190_000))
    np.testing.assert_array_equal(samples.headers.clock_us, 19000 * np.arange(190_000))


any_bytes = st.binary(min_size=16, max_size=250)
nearly = st.builds(
    lambda form, count, body, clock_high: bytes([form, 0, count]) + bytes(12) + bytes([clock_high]) + body,
    st.integers(0x0F, 0x20),
    st.integers(0, 25),
    st.one_of(st.integers(0, 20).map(lambda n: bytes(12 * n)), st.binary(max_size=30)),
    st.sampled_from([0, 0x3F, 0x40]),
)


@given(st.lists(st.one_of(any_bytes, nearly), min_size=1, max_size=12))
def test_the_same_are_packets_one_by_one_and_at_once(contents):
    table = PacketTable.from_bytes(b"".join(contents), np.array([len(content) for content in contents]))
    fits = table.fits()
    for row, content in enumerate(contents):
        try:
            packet = Packet.from_bytes(content)
        except WireError:
            assert not fits[row]
            continue
        assert fits[row]
        fields = (packet.kind, packet.sequence, packet.run, packet.index, packet.clock_us, packet.flags, packet.behind)
        head = table.head[row]
        rest = tuple(head[name] for name in ("run", "index", "clock_us", "flags", "behind"))
        assert (table.kind[row], table.sequence[row], *rest) == fields
        assert table.packet_bytes(row) == content
