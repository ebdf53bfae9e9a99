"""Packing of samples: nothing is lost, whatever they are, and real running gets smaller."""

from __future__ import annotations

import csv
import gzip
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pod.wire import packet, packing

from tests.rig import packing_by_the_book
from tests.rig.interpreter import run, run_32bit

FIXTURES = Path(__file__).parents[1] / "fixtures"
INT16 = st.integers(-32768, 32767)
NEARLY_SMOOTH = st.integers(-300, 300)


def packet_of(samples: list[tuple[int, ...]]) -> bytearray:
    buf = bytearray(packet.MAX_PACKET)
    packet.write_header(buf, packet.SAMPLES, packet.CLIPPED, len(samples), 7, 0x123456, 9, 0x3FFFFFFE, 0x2ABCDEF0)
    for number, sample in enumerate(samples):
        struct.pack_into(">6h", buf, packet.HEADER + packet.SAMPLE * number, *sample)
    return buf


def packed(samples: list[tuple[int, ...]]) -> bytes:
    into = bytearray(packet.MAX_PACKET)
    return bytes(into[: packing.pack(packet_of(samples), into)])


def walk(steps: list[list[int]]) -> list[tuple[int, ...]]:
    """Channels that move by `steps`, of which each list is a channel."""
    channels = []
    for channel in steps:
        value, values = 0, []
        for step in channel:
            value = (value + step + 0x8000) % 0x10000 - 0x8000
            values.append(value)
        channels.append(values)
    return list(zip(*channels, strict=True))


def channels(step: st.SearchStrategy[int]) -> st.SearchStrategy[list[list[int]]]:
    return st.integers(1, 19).flatmap(
        lambda count: st.lists(st.lists(step, min_size=count, max_size=count), min_size=6, max_size=6)
    )


def assert_lossless(samples: list[tuple[int, ...]]) -> None:
    into = packed(samples)
    assert into == b"" or packing_by_the_book.unpack(into) == samples
    assert len(into) <= packet.HEADER + packet.SAMPLE * len(samples) - 4


@given(channels(INT16).map(lambda values: list(zip(*values, strict=True))))
@settings(max_examples=120)
def test_any_samples_come_back(samples: list[tuple[int, ...]]) -> None:
    assert_lossless(samples)


@given(channels(NEARLY_SMOOTH | INT16).map(walk))
@settings(max_examples=120)
def test_smooth_samples_with_jumps_come_back(samples: list[tuple[int, ...]]) -> None:
    assert_lossless(samples)


@given(channels(st.integers(-3, 3)).map(walk))
def test_what_hardly_moves_always_gets_smaller(samples: list[tuple[int, ...]]) -> None:
    assert_lossless(samples)
    assert len(samples) < 4 or packed(samples)


def test_a_packet_worked_out_by_hand() -> None:
    # Each channel 100, 102, 103, 103: first differences 2, 1, 0 are 4, 2, 0, in all 6; second ones 2, -1, -1 are
    # 4, 1, 1, in all 6 too, so order 0. k is 1, as 3 << 1 is not less than 6 * 11 / 16 = 4:
    # 100, order 0, k 1, then 4 = 0 0 1|0, 2 = 0 1|0, 0 = 1|0.
    channel = "0000000001100100" + "0" + "0001" + "0010" + "010" + "10"
    bits = channel * 6
    body = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    into = packed([(value,) * 6 for value in (100, 102, 103, 103)])
    assert into[packet.HEADER :] == body
    assert into[0] == 0x11
    assert into[1 : packet.HEADER] == packet_of([(0,) * 6] * 4)[1 : packet.HEADER]


def test_a_jump_is_written_as_it_is_and_bends_are_chosen() -> None:
    steady = [(40 * number, 0, 0, 0, 0, -32768 if number == 9 else 32767) for number in range(19)]
    into = packed(steady)
    bits = "".join(f"{byte:08b}" for byte in into[packet.HEADER :])
    assert bits[16] == "1", "a steady slope is packed by its second differences"
    assert packing_by_the_book.unpack(into) == steady


def test_the_largest_step_between_two_samples() -> None:
    samples = [(0, 0, 0, 0, 0, 0), (-32768, 0, 0, 0, 0, 0)]
    assert packing_by_the_book.unpack(packed(samples)) == samples


def test_other_packets_are_left_alone() -> None:
    into = bytearray(packet.MAX_PACKET)
    other = packet_of([(0,) * 6] * 19)
    for form in (packet.PACKED, packet.START, packet.EVENT, packet.END):
        other[0] = form
        assert packing.pack(other, into) == 0
    assert packing.pack(packet_of([]), into) == 0
    assert packing.pack(packet_of([(1, 2, 3, 4, 5, 6)]), into) == 0


def recording(path: str) -> list[tuple[int, ...]]:
    """Samples in raw counts at 16 g and 2000 deg/s."""
    with gzip.open(FIXTURES / path, "rt") as file:
        rows = [[float(row[name]) for name in ("ax", "ay", "az", "gx", "gy", "gz")] for row in csv.DictReader(file)]
    scales = (2048, 2048, 2048, 16.4, 16.4, 16.4)
    return [tuple(max(-32768, min(32767, round(v * s))) for v, s in zip(row, scales, strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("path", "most_bytes"),
    [("shoe_hill/imu_run.csv.gz", 184), ("treadmill/rbds001_35_R/imu_500hz_impact.csv.gz", 124)],
)
def test_a_run_gets_smaller(path: str, most_bytes: int) -> None:
    """The limits are those of an exact search for each channel's k and order, plus 2 %: measured apart, in numpy."""
    samples = recording(path)
    packets = [samples[at : at + 19] for at in range(0, len(samples) - 18, 19)]
    bodies = [len(packed(part)) - packet.HEADER for part in packets]
    for part in packets[::10]:
        assert_lossless(part)
    assert min(bodies) > 0
    assert sum(bodies) / len(bodies) <= most_bytes


@pytest.mark.parametrize("interpreter", [run, run_32bit])
def test_packing_allocates_nothing_on_the_board(interpreter) -> None:
    (result,) = interpreter("packing_cost.py")
    assert result["allocated"] == 0
    assert result["packed_bytes"] < 19 * 12
    jump_at = (13, 2, 16, 10, 12, 5)
    jumps = [
        [(13000 if c == 4 else -13000) * ((n == at) - (n == at + 1)) for n in range(19)] for c, at in enumerate(jump_at)
    ]
    samples = walk([[(7 * n * (c + 1)) % 23 - 11 + jumps[c][n] for n in range(19)] for c in range(6)])
    assert bytes.fromhex(result["hex"]) == packed(samples)
