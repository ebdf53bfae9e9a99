"""Packets cut for a small MTU and put together again, whatever got lost between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.wire.fragments import Reassembly, cut
from surefoot.wire.packets import Packet
from tests.rig.vectors import named, vectors

VECTORS = vectors("fragments")

packets = st.binary(min_size=16, max_size=244).map(lambda data: b"\x10" + data[1:])


def joined(notifications: list[bytes]) -> tuple[list[bytes], int]:
    reassembly = Reassembly()
    came = [packet for notification in notifications if (packet := reassembly.add(notification)) is not None]
    return came, reassembly.broken


@pytest.mark.parametrize(**named(VECTORS["cut"]))
def test_cut(case):
    packet = bytes.fromhex(case["packet"])
    Packet.from_bytes(packet)
    assert [piece.hex(" ") for piece in cut(packet, case["mtu"])] == case["notifications"]
    assert joined([bytes.fromhex(piece) for piece in case["notifications"]]) == ([packet], 0)


@pytest.mark.parametrize(**named(VECTORS["joined"]))
def test_joined(case):
    came, broken = joined([bytes.fromhex(notification) for notification in case["notifications"]])
    assert [packet.hex(" ") for packet in came] == case["packets"]
    assert broken == case["broken"]


@given(st.lists(packets, max_size=6), st.integers(23, 600))
def test_any_packets_at_any_mtu(sent, mtu):
    pieces = [piece for packet in sent for piece in cut(packet, mtu)]
    assert all(len(piece) <= mtu - 3 for piece in pieces)
    assert joined(pieces) == (sent, 0)


@given(st.lists(packets, min_size=1, max_size=6, unique=True), st.integers(23, 246), st.data())
def test_a_lost_piece_costs_its_packet_and_no_other(sent, mtu, data):
    cuts = [cut(packet, mtu) for packet in sent]
    hit = data.draw(st.integers(0, len(sent) - 1))
    piece = data.draw(st.integers(0, len(cuts[hit]) - 1))
    del cuts[hit][piece]
    came, broken = joined([piece for pieces in cuts for piece in pieces])
    assert came == sent[:hit] + sent[hit + 1 :]
    # nobody can know of a packet whose only piece, or whose last piece and whatever follows, never came
    assert broken <= 1


@given(st.lists(st.binary(max_size=250), max_size=40))
def test_anything_may_come(notifications):
    came, broken = joined(notifications)
    assert all(0 < len(packet) <= 250 for packet in came)
    assert broken <= len(notifications)
