"""The ring of packets against a plain list that keeps everything."""

from hypothesis import given
from hypothesis import strategies as st
from pod.wire.packet import MAX_PACKET, SEQUENCE, after
from pod.wire.ring import PacketRing

SLOTS = 8


class PlainList:
    """What the ring must be: every packet ever made, and sets of what happened to each."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.made: list[bytes] = []
        self.acked: set[int] = set()
        self.kept: set[int] = set()
        self.lost = 0

    def here(self) -> range:
        return range(max(0, len(self.made) - (SLOTS - 1)), len(self.made))

    def make(self, packet: bytes) -> None:
        before = self.here()
        self.made.append(packet)
        for gone in set(before) - set(self.here()):
            self.lost += gone not in self.acked and gone not in self.kept


actions = st.lists(
    st.one_of(
        st.tuples(st.just("make"), st.binary(min_size=16, max_size=MAX_PACKET)),
        st.tuples(st.just("ack"), st.integers(0, SLOTS)),
        st.tuples(st.just("keep"), st.just(0)),
    ),
    max_size=60,
)


@given(actions=actions, first=st.sampled_from([0, 1, SEQUENCE, SEQUENCE - 3, 0x7FFFFE]))
def test_ring_holds_the_newest_and_counts_what_was_lost(actions, first):
    ring = PacketRing(SLOTS)
    ring.open(first)
    truth = PlainList(first)
    for action, value in actions:
        if action == "make":
            ring.packet()[: len(value)] = value
            ring.commit(len(value))
            truth.make(value)
        elif action == "ack" and truth.made:
            newest = max(0, len(truth.made) - 1 - value)
            assert ring.acknowledge((first + newest) & SEQUENCE)
            truth.acked.update(range(newest + 1))
        elif action == "keep" and ring.unkept():
            truth.kept.add((ring.to_keep - first) & SEQUENCE)
            ring.to_keep = (ring.to_keep + 1) & SEQUENCE
    assert ring.dropped == truth.lost
    for number, packet in enumerate(truth.made):
        sequence = (first + number) & SEQUENCE
        assert ring.holds(sequence) == (number in truth.here())
        if number in truth.here():
            assert bytes(ring.get(sequence)) == packet
    assert ring.unacked() == len(truth.made) - (max(truth.acked) + 1 if truth.acked else 0)


def test_an_acknowledgement_of_what_was_never_made_is_refused():
    ring = PacketRing(SLOTS)
    ring.open(5)
    ring.commit(244)
    assert not ring.acknowledge(6)
    assert ring.acknowledge(5)
    assert not ring.acknowledge(0x400000)
    assert ring.acked == 6


def test_the_body_is_the_packet_behind_its_header():
    ring = PacketRing(SLOTS)
    ring.body()[0] = 77
    assert ring.packet()[16] == 77
    assert len(ring.body()) == 228


@given(start=st.integers(0, SEQUENCE), ahead=st.integers(1, 0x7FFFFF))
def test_order_across_the_wrap(start, ahead):
    later = (start + ahead) & SEQUENCE
    assert after(later, start)
    assert not after(start, later)
    assert not after(start, start)
