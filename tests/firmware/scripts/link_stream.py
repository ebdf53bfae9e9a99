"""Packets through the stand-in's link: small MTU, storms of ENOMEM, a link that dies, numbers that wrap."""

import json

import air
from link_rig import CONTROL, DATA, Rig
from pod.wire import packet

STOP = b"\x02\x03\x07"


def say(**facts):
    print(json.dumps(facts))


def fill(rig, count=19, form=packet.SAMPLES):
    """One packet whose every byte follows from its number."""
    ring = rig.ring
    sequence = ring.next
    buf = ring.packet()
    packet.write_header(buf, form, 0, count, 0, sequence, 1, sequence & 0xFF, 0)
    for i in range(16, 244):
        buf[i] = (sequence * 7 + i) & 0xFF
    ring.commit(packet.length(buf))


def is_right(data):
    sequence = packet.sequence(data)
    return len(data) == packet.length(data) and all(data[i] == (sequence * 7 + i) & 0xFF for i in range(16, len(data)))


def put_together(notifications):
    """Pieces by the book: first byte 0x80 + number, 0x40 on the last one."""
    packets = []
    parts = []
    for data in notifications:
        if data[0] < 0x80:
            packets.append(data)
            continue
        if data[0] & 0x3F != len(parts):
            raise AssertionError("a piece is missing")
        parts.append(data[1:])
        if data[0] & 0x40:
            packets.append(b"".join(parts))
            parts = []
    return packets


def streaming(mtu=247, first=0, interval=None, **link):
    rig = Rig(slots=64, make_air=lambda ble: air.Air(ble, **link))
    central = rig.bonded(mtu=mtu)
    central.write(CONTROL, b"\x02\x02\x01")
    rig.radio.receive()
    if interval:
        rig.ble.connection_updated(central.conn, interval)
    rig.ring.open(first)
    rig.sender.begin(1)
    rig.sender.start()
    return rig, central


# The same packets, whatever the MTU: whole, short, events.
for mtu in (23, 24, 100, 185, 246, 247, 517):
    rig, central = streaming(mtu, per_event=8)
    for n in range(20):
        fill(rig, n if n % 3 else 19, packet.SAMPLES if n % 5 else packet.EVENT)
        rig.turns(16)
    rig.turns(400)
    notified = central.values(DATA)
    packets = put_together(notified)
    say(
        mtu=mtu,
        right=[packet.sequence(p) for p in packets] == list(range(20)) and all(is_right(p) for p in packets),
        longest=max(len(n) for n in notified),
        cut=sum(n[0] >= 0x80 for n in notified),
        enomem=rig.sender.enomem,
    )

# A link far too slow for what comes: one notification in 50 ms, nothing at all for 3 s, then a good link. Every 2 s the
# host writes *stop*, again at each connection event until the stack has a buffer to hear it with.
rig, central = streaming(per_event=1)
produced = most = longest_wait = heard = 0
asking = None
for turn in range(6000):
    if turn % 8 == 0 and rig.ring.unsent() < 60:
        fill(rig)
        produced += 1
    rig.radio.step(rig.now_ms)
    most = max(most, rig.sender.step(rig.now_ms))
    heard += rig.radio.receive() == STOP
    rig.now_ms += 5
    if turn % 10 or 2000 < turn < 2600:
        continue
    if turn % 400 == 0:
        asking = turn
    if asking is not None and central.write(CONTROL, STOP) == 0:
        longest_wait = max(longest_wait, turn - asking)
        asking = None
    rig.air.event()
waiting = rig.ring.unsent()
rig.air.per_event = 8
rig.turns(600)
packets = central.values(DATA)
say(
    slow_in_order=[packet.sequence(p) for p in packets] == list(range(produced)),
    slow_right=all(is_right(p) for p in packets),
    slow_produced=produced,
    slow_waiting=waiting,
    slow_refused_per_s=rig.sender.enomem / 30,
    most_in_a_step=most,
    events_until_heard=longest_wait // 10,
    heard=heard,
)

# The link dies without a word while packets flow; the host comes back.
rig, central = streaming(first=0xFFFFF0)
for _ in range(12):
    fill(rig)
    rig.turns(6)
rig.ring.acknowledge(0xFFFFF3)
held = len(rig.air.queue)
arrived = [packet.sequence(p) for p in central.values(DATA)]
del rig.ble.links[central.conn]
for _ in range(12):
    fill(rig)
    rig.turns(3, event_every=9)
say(dead=rig.sender.dead, flowing=rig.sender.flowing, linked=rig.radio.linked(), unsent=rig.ring.unsent() > 0)
keys = central.keys
rig.air.centrals.clear()
rig.air.queue.clear()
rig.advertised()
central.conn = None
central.connect()
central.exchange_mtu(247)
central.encrypt()
rig.turns(50)
say(unasked=len(central.values(DATA)))
central.write(CONTROL, b"\x02\x02\x02")
rig.radio.receive()
rig.sender.start()
rig.turns(200)
packets = central.values(DATA)
numbers = [packet.sequence(p) for p in packets]
say(
    resumed=numbers == [(0xFFFFF4 + n) & 0xFFFFFF for n in range(20)],
    resumed_right=all(is_right(p) for p in packets),
    first_arrived=arrived[0] == 0xFFFFF0,
    dropped=rig.ring.dropped,
)

# Another central in the same place, with the same number, gets nothing of it.
rig, central = streaming()
fill(rig)
rig.turns(10)
central.disconnect()
rig.ble.gap_advertise(1)
follower = air.Central(rig.air, b"\x02\x00\x00\x00\x00\x02")
rig.pairing.open(rig.now_ms)
rig.radio.step(rig.now_ms)
follower.connect()
follower.pair()
follower.write(CONTROL, b"\x02\x04\x01")
rig.radio.receive()
for _ in range(5):
    fill(rig)
    rig.turns(20)
say(follower_owns=rig.radio.owner is rig.radio.connections[0], follower_gets=len(follower.values(DATA)))

# Answers go before data, each to whom it is for.
rig, central = streaming()
second = rig.bonded(air.Central(rig.air, b"\x02\x00\x00\x00\x00\x02"))
for _ in range(6):
    fill(rig)
first_link, second_link = rig.radio.connections
for n in range(3):
    rig.sender.answers.put(first_link, bytes([0x82, n, 0]), 3)
rig.sender.answers.put(second_link, b"\x82\x09\x0b", 3)
rig.turns(60)
order = [h for h, _ in central.received]
control = central.handle(CONTROL)
say(
    answers_first=order[:3] == [control] * 3 and control not in order[3:],
    answers=[d.hex() for d in central.values(CONTROL)],
    other=[d.hex() for d in second.values(CONTROL)],
    other_data=len(second.values(DATA)),
    data_too=len(central.values(DATA)),
)
