"""Packed samples: hand-worked bits, a reference that is nothing but bit strings, and every way to be wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from surefoot.errors import WireError
from surefoot.wire.packets import Packet, sample_packet
from surefoot.wire.packing import pack, unpack, unpack_many
from tests.rig.vectors import named, vectors

PACKED = [case for case in vectors("packets")["packets"] if "bits" in case]

shapes = st.tuples(st.integers(1, 19), st.just(6))
anything = arrays.arrays(np.int16, shapes)
smooth = arrays.arrays(np.int16, shapes, elements=st.integers(-40, 40)).map(
    lambda steps: np.cumsum(steps, axis=0).astype(np.int16)
)
samples = st.one_of(anything, smooth)


def plain_unpack(body: bytes, count: int) -> list[list[int]]:
    """Read docs/link.md aloud: one bit after the other, text all the way."""
    text = "".join(f"{byte:08b}" for byte in body)
    at = 0

    def take(bits: int) -> int:
        nonlocal at
        at += bits
        assert at <= len(text), "beyond the end"
        return int(text[at - bits : at], 2) if bits else 0

    channels = []
    for _ in range(6):
        value, order, k = take(16), take(1), take(4)
        channel, step = [value], 0
        for number in range(count - 1):
            zeros = 0
            while zeros < 16 and take(1) == 0:
                zeros += 1
            mapped = take(16) if zeros == 16 else zeros << k | take(k)
            assert mapped < 1 << 16, "beyond 16 bits"
            signed = mapped // 2 if mapped % 2 == 0 else -(mapped + 1) // 2
            step = step + signed if order and number else signed
            channel.append(channel[-1] + step)
        channels.append([(value + 0x8000) % 0x10000 - 0x8000 for value in channel])
    assert "1" not in text[at:], "padding"
    assert len(text) - at < 8, "behind the end"
    return [list(sample) for sample in zip(*channels, strict=True)]


@pytest.mark.parametrize(**named(PACKED))
def test_bits_worked_out_by_hand(case):
    bits = "".join(letter for letter in case["bits"] if letter in "01")
    body = bytes.fromhex(case["hex"])[16:]
    assert "".join(f"{byte:08b}" for byte in body).startswith(bits)
    assert len(body) == -(-len(bits) // 8)
    assert plain_unpack(body, case["count"]) == case["samples"]
    assert unpack(body, case["count"]).tolist() == case["samples"]
    assert len(pack(np.array(case["samples"], np.int16))) == len(body)


@given(samples)
def test_round_trip(values):
    packed = pack(values)
    assert unpack(packed, len(values)).tolist() == values.tolist()
    assert plain_unpack(packed, len(values)) == values.tolist()


@given(samples, st.binary(min_size=1, max_size=3), st.integers(0, 240), st.integers(1, 19))
def test_damaged_bodies_are_read_like_the_reference_or_refused(values, noise, at, count):
    packed = pack(values)
    damaged = packed[:at] + noise + packed[at + len(noise) :]
    try:
        expected = plain_unpack(damaged, count)
    except AssertionError:
        with pytest.raises(WireError):
            unpack(damaged, count)
        return
    assert unpack(damaged, count).tolist() == expected


@given(st.lists(samples, max_size=8), st.sets(st.integers(0, 7)))
def test_many_at_once_are_each_alone(packets, broken):
    bodies = [pack(values)[: -1 if number in broken else None] for number, values in enumerate(packets)]
    values, readable = unpack_many(bodies, np.array([len(values) for values in packets], np.int64))
    assert readable.tolist() == [number not in broken for number in range(len(packets))]
    whole = [values for number, values in enumerate(packets) if number not in broken]
    assert values.tolist() == [sample for values in whole for sample in values.tolist()]


@given(samples)
def test_packed_packet_stands_for_the_same_packet(values):
    packet = sample_packet(values, sequence=5, index=95, clock_us=1000, run=3, behind=2, flags=2)
    packed = packet.packed()
    assert len(packed.body) <= len(packet.body)
    assert packed is packet or packed.kind == 1
    assert Packet.from_bytes(packed.to_bytes()).unpacked() == packet


def test_a_standing_sensor_takes_a_seventh():
    standing = sample_packet(np.tile(np.array([0, 2048, 0, 3, -2, 1], np.int16), (19, 1)), 0, 0, 0)
    # 6 channels of 16 + 1 + 4 + 18 bits are 234 bits
    assert len(standing.packed().body) == 30
