"""The sender by itself, against a radio that says what the test likes."""

import struct

from hypothesis import given
from hypothesis import strategies as st
from pod.link.answers import Answers
from pod.link.connection import GONE, NO_MEMORY, SENT, Connection
from pod.link.pace import Pace
from pod.link.pieces import Pieces
from pod.link.sender import Sender
from pod.wire.ring import PacketRing

BUSY = 11
SPACE = 1 << 24


class Handles:
    data = 1
    control = 2


class FakeRadio:
    """One connection. `says` is what the stack will say, in turn, and *sent* after that."""

    handles = Handles

    def __init__(self, mtu=247):
        self.link = Connection()
        self.owner = None
        self.says = []
        self.sent = []
        self.mtu = mtu
        self.connect()

    def connect(self):
        self.link.take(0, 0, bytes(6))
        self.link.trusted = True
        self.link.mtu = self.mtu
        self.owner = self.link
        self.sent.append([])

    def lose(self):
        self.link.clear()
        self.owner = None

    def notify(self, connection, handle, data):
        if not connection.trusted:
            return GONE
        said = self.says.pop(0) if self.says else SENT
        if said == SENT:
            self.sent[-1].append((handle, bytes(data)))
        elif said == GONE:
            connection.trusted = False
        return said

    def data(self, session=-1):
        return put_together([d for handle, d in self.sent[session] if handle == Handles.data])

    def answers(self):
        return [d for handle, d in self.sent[-1] if handle == Handles.control]


class Shelf:
    """A store with the packets given."""

    def __init__(self, packets):
        self.packets = packets
        self.reads = 0

    def read(self, run, sequence, into):
        self.reads += 1
        found = self.packets.get((run, sequence), b"")
        into[: len(found)] = found
        return len(found)


def put_together(notifications):
    """Packets from whole ones and pieces, by docs/link.md; an unfinished one is dropped when the next begins."""
    packets, parts = [], []
    for data in notifications:
        if data[0] < 0x80:
            packets.append(data)
            continue
        number = data[0] & 0x3F
        if number == 0:
            parts = []
        assert number == len(parts)
        parts.append(data[1:])
        if data[0] & 0x40:
            packets.append(b"".join(parts))
    return packets


def made(sequence, count=19):
    """A whole packet as the test expects it."""
    body = bytes((sequence * 7 + i) & 0xFF for i in range(count * 12))
    header = struct.pack("<BBBB", 0x10, 0, count, 0) + struct.pack("<I", sequence)[:3] + struct.pack("<BII", 1, 0, 0)
    return header + body


def commit(ring, count=19):
    whole = made(ring.next, count)
    ring.packet()[: len(whole)] = whole
    ring.commit(len(whole))


def numbers(packets):
    return [int.from_bytes(p[4:7], "little") for p in packets]


def drain(sender, radio, now_ms=0):
    radio.says = []
    for _ in range(300):
        now_ms += 300
        sender.step(now_ms)


actions = st.lists(
    st.one_of(
        st.tuples(st.just("packet"), st.integers(1, 19)),
        st.tuples(st.just("time"), st.sampled_from([0, 1, 5, 30, 300])),
        st.tuples(st.just("refuse"), st.integers(1, 6)),
        st.tuples(st.just("dead"), st.integers(0, 3)),
        st.tuples(st.just("leave"), st.just(0)),
        st.tuples(st.just("ack"), st.integers(0, 200)),
    ),
    max_size=60,
)


@given(actions, st.sampled_from([23, 100, 247]), st.sampled_from([0, SPACE - 20]))
def test_every_packet_arrives_in_order_whatever_happens(actions, mtu, first):
    radio = FakeRadio(mtu)
    ring = PacketRing()
    ring.open(first)
    sender = Sender(radio, ring)
    sender.begin(1)
    sender.start()
    now_ms = made_count = 0
    acked = first
    for name, value in actions:
        if name == "packet" and made_count < 60:
            commit(ring, value)
            made_count += 1
        elif name == "time":
            now_ms += value
            sender.step(now_ms)
        elif name == "refuse":
            radio.says = [NO_MEMORY] * value
        elif name == "dead":
            radio.says = [SENT] * value + [GONE]
        elif name == "leave":
            radio.lose()
        elif name == "ack" and (acked - first) % SPACE < made_count:
            got = set(numbers(p for s in range(len(radio.sent)) for p in radio.data(s)))
            while acked in got:
                acked = (acked + 1) % SPACE
            if acked != first:
                assert ring.acknowledge((acked - 1) % SPACE)
        if radio.owner is None or not radio.owner.trusted:
            sender.step(now_ms)
            assert not sender.flowing
            radio.lose()
            radio.connect()
            sender.start()
    drain(sender, radio, now_ms)
    wanted = [(first + n) % SPACE for n in range(made_count)]
    everything = {}
    for session in range(len(radio.sent)):
        packets = radio.data(session)
        order = [(n - first) % SPACE for n in numbers(packets)]
        assert order == list(range(order[0], order[0] + len(order))) if order else True, "once, in order, in a session"
        everything.update(zip(numbers(packets), packets, strict=True))
    assert sorted(everything, key=lambda n: (n - first) % SPACE) == wanted
    for sequence, whole in everything.items():
        assert whole[16:] == made(sequence, whole[2])[16:]


def test_a_packet_that_is_overwritten_half_sent_is_given_up():
    radio = FakeRadio(mtu=23)
    ring = PacketRing(4)
    sender = Sender(radio, ring)
    sender.start()
    commit(ring)
    sender.step(0)
    assert 0 < len(radio.sent[-1]) < 13
    for _ in range(5):
        commit(ring)
    drain(sender, radio)
    # The link is slower than the samples: it goes on with the newest quarter, as the oldest would all go half sent.
    assert radio.data() == [made(5)]


def test_a_new_run_does_not_go_on_with_the_old_ones_packet():
    radio = FakeRadio(mtu=23)
    ring = PacketRing()
    sender = Sender(radio, ring)
    sender.start()
    commit(ring, 7)
    sender.step(0)
    ring.open(0)
    sender.begin(2)
    assert not sender.flowing
    commit(ring, 19)
    sender.start()
    drain(sender, radio)
    assert radio.data() == [made(0)]


def test_nothing_flows_unasked():
    radio = FakeRadio()
    ring = PacketRing()
    sender = Sender(radio, ring)
    sender.begin(1)
    commit(ring)
    drain(sender, radio)
    assert radio.sent == [[]]


def fetching(packets, ring_first=0, ring_count=0, mtu=247):
    radio = FakeRadio(mtu)
    ring = PacketRing(16)
    ring.open(ring_first)
    for _ in range(ring_count):
        commit(ring)
    sender = Sender(radio, ring, Shelf(packets))
    sender.begin(7)
    return sender, radio, ring


def fetched_event(run, sent, missing):
    return b"\xc1\x00" + struct.pack("<I", run) + struct.pack("<I", sent)[:3] + struct.pack("<I", missing)[:3]


@given(
    st.sets(st.integers(0, 60)),
    st.integers(0, 60),
    st.integers(0, 40),
    st.sampled_from([0, SPACE - 30]),
    st.sampled_from([23, 247]),
)
def test_a_fetch_sends_what_there_is_and_counts_the_rest(kept, first, length, base, mtu):
    last = first + length
    shelf = {(7, (base + n) % SPACE): made((base + n) % SPACE, n % 19 + 1) for n in kept}
    sender, radio, _ = fetching(shelf, (base + 50) % SPACE, 16, mtu)
    assert sender.fetch(7, (base + first) % SPACE, (base + last) % SPACE) == 0
    drain(sender, radio)
    there = kept | set(range(51, 66))  # a ring of 16 holds 15
    wanted = [n for n in range(first, last + 1) if n in there]
    assert numbers(radio.data()) == [(base + n) % SPACE for n in wanted]
    assert radio.answers() == [fetched_event(7, len(wanted), length + 1 - len(wanted))]
    assert not sender.fetching.active


def test_a_fetch_of_another_run_comes_from_the_store():
    sender, radio, _ = fetching({(6, 3): made(3, 5)}, 0, 10)
    sender.fetch(6, 0, 9)
    drain(sender, radio)
    assert radio.data() == [made(3, 5)]
    assert radio.answers() == [fetched_event(6, 1, 9)]


def test_without_a_store_memory_serves():
    radio = FakeRadio()
    ring = PacketRing(16)
    commit(ring)
    sender = Sender(radio, ring)
    sender.fetch(0, 0, 1)
    drain(sender, radio)
    assert radio.data() == [made(0)]
    assert radio.answers() == [fetched_event(0, 1, 1)]


def test_live_packets_go_before_fetched_ones():
    sender, radio, ring = fetching({(6, n): made(n) for n in range(30)}, 100)
    sender.fetch(6, 0, 29)
    sender.start()
    now_ms = 0
    for _ in range(10):
        commit(ring)
        commit(ring)
        sender.step(now_ms)
        now_ms += 30
    live = [n for n in numbers(radio.data()) if n >= 100]
    assert live == list(range(100, 120))  # no live packet waited for a fetched one
    assert numbers(radio.data())[:2] == [100, 101]
    assert len(radio.data()) > len(live)
    drain(sender, radio, now_ms)
    assert [n for n in numbers(radio.data()) if n < 100] == list(range(30))


def test_one_fetch_at_a_time_and_cancel():
    sender, radio, _ = fetching({(6, n): made(n) for n in range(30)})
    assert sender.fetch(6, 0, 29) == 0
    assert sender.fetch(6, 0, 3) == BUSY
    sender.step(0)
    sender.cancel()
    drain(sender, radio)
    assert 0 < len(radio.data()) < 30
    assert radio.answers() == []
    assert sender.fetch(6, 29, 29) == 0


def test_a_fetch_ends_with_its_owner():
    sender, radio, _ = fetching({(6, n): made(n) for n in range(30)})
    sender.fetch(6, 0, 29)
    sender.step(0)
    radio.lose()
    radio.connect()  # the same place, the same number, another visit
    drain(sender, radio)
    assert radio.sent[-1] == []
    assert sender.fetch(6, 0, 0) == 0


def test_a_long_hole_takes_little_of_each_step():
    sender, radio, _ = fetching({})
    shelf = sender.fetching._store
    sender.fetch(6, 0, 999)
    for step in range(1, 1001):
        sender.step(step)
        assert shelf.reads <= step
    drain(sender, radio)
    assert radio.answers() == [fetched_event(6, 0, 1000)]


def test_the_event_waits_for_room():
    sender, radio, _ = fetching({})
    sender.fetch(6, 0, 0)
    while sender.answers.put(radio.link, b"\x82\x00\x00", 3):
        pass
    drain(sender, radio)
    assert radio.answers() == [b"\x82\x00\x00"] * 8 + [fetched_event(6, 0, 1)]


@given(st.lists(st.one_of(st.binary(min_size=1, max_size=20), st.just(None)), max_size=40))
def test_answers_are_a_queue(entries):
    answers, link, model = Answers(), Connection(), []
    for entry in entries:
        if entry is not None:
            fits = len(model) < 8
            assert answers.put(link, entry + b"beyond", len(entry)) == fits
            model += [entry] * fits
        elif model:
            assert answers.to() is link
            assert bytes(answers.next()) == model.pop(0)
            answers.done()
        assert answers.waiting == len(model)
        assert answers.room() == 8 - len(model)


def test_an_answer_is_not_given_to_the_next_central():
    answers, link = Answers(), Connection()
    link.take(0, 0, bytes(6))
    answers.put(link, b"x", 1)
    link.clear()
    link.take(0, 0, bytes(6))
    assert answers.to() is None


@given(st.binary(min_size=1, max_size=244), st.integers(23, 300))
def test_pieces_are_as_the_page_says(data, mtu):
    data = bytes([data[0] & 0x7F]) + data[1:]
    pieces, out = Pieces(), []
    pieces.load(data, mtu)
    while not pieces.done:
        out.append(bytes(pieces.next()))
        assert bytes(pieces.next()) == out[-1]
        pieces.sent()
    if mtu >= 247:
        assert out == [data]
        return
    assert all(len(piece) <= mtu - 3 for piece in out)
    assert [piece[0] & 0x3F for piece in out] == list(range(len(out)))
    assert [piece[0] >> 6 for piece in out] == [2] * (len(out) - 1) + [3]
    assert b"".join(piece[1:] for piece in out) == data


def test_pace_by_hand():
    pace = Pace()
    clock = (1 << 30) - 40
    assert pace.left(clock, 30, True) == 4
    for _ in range(4):
        pace.taken()
    assert pace.left(clock + 29, 30, True) == 0
    assert pace.left((clock + 30) % (1 << 30), 30, True) == 4
    pace.refused()
    assert pace.left((clock + 89) % (1 << 30), 30, True) == 0
    assert pace.left((clock + 90) % (1 << 30), 30, True) == 2
    pace.refused()
    assert pace.left((clock + 90 + 119) % (1 << 30), 30, True) == 0
    assert pace.left((clock + 90 + 120) % (1 << 30), 30, True) == 1


def test_pace_comes_back():
    pace = Pace()
    now_ms = 0
    for _ in range(10):
        pace.left(now_ms, 15, False)
        pace.refused()
        now_ms += 1000
    taken = 0
    for _ in range(3000):
        now_ms += 1
        for _ in range(pace.left(now_ms, 15, False)):
            pace.taken()
            taken += 1
    assert pace.left(now_ms + 15, 15, False) == 8
    assert taken > 300
