"""What each kind of central can do with each characteristic; advertising; the life of connections."""

import json

import air
from link_rig import CONTROL, DATA, IDENTITY, STATUS, Rig

UUIDS = [DATA, CONTROL, STATUS, IDENTITY, 0x2A29, 0x2A24, 0x2A26, 0x2A27, 0x2A25, 0x2A19, 0x2A53, 0x2A54]


def say(**facts):
    print(json.dumps(facts))


def rights(rig, central, who):
    for uuid in UUIDS:
        handle = central.handle(uuid)
        central.received.clear()
        central.subscribe(uuid)
        wrote = central.write(uuid, b"\x02\x01\x00")
        heard = rig.radio.receive() is not None
        read = central.read(uuid)[0]
        if uuid == 0x2A53:
            rig.radio.publish(handle, b"\x00\x00\x00\x00")
        elif uuid != 0x2A54:
            rig.radio.tell(handle, b"\x01\x02")
        rig.air.event()
        text = uuid if isinstance(uuid, str) else f"{uuid:04x}"
        notified = len(central.values(uuid))
        say(who=who, uuid=text, read=read, write=wrote, heard=heard, notified=notified)


# Strangers: not encrypted; encrypted without a bond, before the pod has sent it away.
rig = Rig()
stranger = air.Central(rig.air)
stranger.connect()
rights(rig, stranger, "stranger")
stranger.pair()
rights(rig, stranger, "unbonded")
rig.step()
rig.air.event()
say(sent_away=stranger.conn is None, refusals=rig.radio.refusals)

rig = Rig()
rights(rig, rig.bonded(), "bonded")
say(
    adv=bytes(rig.air.adv_data).hex(), response=bytes(rig.air.resp_data).hex(), name=rig.ble.config("gap_name").decode()
)
say(le_secure=rig.ble.settings["le_secure"], mtu=rig.ble.config("mtu"), io=rig.ble.settings["io"])

# Two centrals: the first bonded one that writes is the owner; the place is free when it has gone.
rig = Rig()
first = rig.bonded(air.Central(rig.air, b"\x01\x00\x00\x00\x00\x01"))
second = rig.bonded(air.Central(rig.air, b"\x02\x00\x00\x00\x00\x02"))
second.write(CONTROL, b"\x02\x01\x01")
first.write(CONTROL, b"\x02\x01\x02")
seen = []
for _ in range(2):
    request = rig.radio.receive()
    seen.append([request[2], rig.radio.writer is rig.radio.owner])
say(requests=seen, third=rig.radio.receive())
say(advertises_when_full=rig.ble.advertising is not None)
second.disconnect()
say(owner_after=rig.radio.owner is None, linked=rig.radio.linked())
rig.advertised()
say(advertises_again=rig.ble.advertising is not None)
first.write(CONTROL, b"\x02\x01\x03")
rig.radio.receive()
say(next_owner=rig.radio.owner is rig.radio.writer, linked_again=rig.radio.linked())

# What somebody wrote who has gone meanwhile is not taken for its follower's, though all numbers are the same.
rig = Rig()
first = rig.bonded()
first.write(CONTROL, b"\x02\x01\x01")
first.disconnect()
rig.ble.gap_advertise(1)
follower = air.Central(rig.air, b"\x02\x00\x00\x00\x00\x02")
rig.pairing.open(rig.now_ms)
rig.radio.step(rig.now_ms)
follower.connect()
follower.pair()
say(follower_trusted=rig.radio.connections[0].trusted, follower_heard=rig.radio.receive())

# More writes than places; parts of one write are the program's to part.
rig = Rig()
central = rig.bonded()
for tag in range(6):
    central.write(CONTROL, bytes([2, 1, tag]))
tags = []
request = rig.radio.receive()
while request:
    tags.append(request[2])
    request = rig.radio.receive()
say(tags=tags, lost=rig.radio.listener.inbox.lost)
for tag in range(20):
    central.write(CONTROL, bytes([2, 1, tag]))
    if rig.radio.receive()[2] != tag:
        say(wrong_tag=tag)
central.write(CONTROL, bytes(range(200)))
say(long_write=len(rig.radio.receive()))

# One that is encrypted but not bonded takes no place from the owner's requests, and nothing can be sent to it.
rig = Rig()
central = rig.bonded()
stranger = air.Central(rig.air, b"\x02\x00\x00\x00\x00\x02")
stranger.connect()
stranger.pair()
for tag in range(6):
    stranger.write(CONTROL, bytes([2, 1, tag]))
central.write(CONTROL, b"\x02\x01\x09")
say(owners_request=rig.radio.receive()[2])
stranger_link = rig.radio.connections[1]
say(to_stranger=rig.radio.notify(stranger_link, rig.radio.handles.data, b"secret"), queued=len(rig.air.queue))

# MTU and interval as told; 1.25 ms units rounded up.
rig = Rig()
central = rig.bonded(mtu=185)
link = rig.radio.connections[0]
say(mtu_small=link.mtu, interval_unknown=link.interval_ms)
for units in (6, 12, 36, 40, 3200):
    rig.ble.connection_updated(central.conn, units)
    say(units=units, interval_ms=link.interval_ms)
central.disconnect()
say(forgotten=[link.mtu, link.interval_ms, link.handle])

# A third link though nobody asked for it; a failed connection; two strangers that stay.
rig = Rig()
centrals = [air.Central(rig.air, bytes([n, 0, 0, 0, 0, n])) for n in (1, 2, 3)]
for central in centrals:
    rig.ble.gap_advertise(1)
    central.connect()
rig.step()
rig.air.event()
say(third_stays=centrals[2].conn is not None)
rig.turns(2000, ms=10)
say(after_20_s=sum(c.conn is not None for c in centrals))
rig.turns(2000, ms=10)
say(after_40_s=sum(c.conn is not None for c in centrals), advertises_then=rig.ble.advertising is not None)
rig = Rig()
rig.ble.links[0] = type("Link", (), {"addr_type": 0xFF, "addr": bytes(6)})
rig.ble.advertising = None
rig.ble.disconnected(0)
rig.advertised()
say(advertises_after_failure=rig.ble.advertising is not None)

# The stack refuses to advertise for a while.
rig = Rig()
central = rig.bonded()
tries = []


def refuse(name):
    if name == "gap_advertise" and len(tries) < 3:
        tries.append(rig.now_ms)
        raise OSError(12)


rig.ble.before_call = refuse
central.disconnect()
rig.ble.advertising = None
rig.radio.listener.advertising = False
rig.turns(1000, ms=10)
say(
    tries=len(tries),
    tried_apart=min(tries[n + 1] - tries[n] for n in range(2)),
    at_last=rig.ble.advertising is not None,
)

# A central that comes in the middle of the call that starts advertising.
rig = Rig()
first = rig.bonded()
first.disconnect()
rig.ble.advertising = None
rig.radio.listener.advertising = False
second = air.Central(rig.air, b"\x02\x00\x00\x00\x00\x02")
plain_advertise = rig.air.advertise


def come_at_once(*args):
    plain_advertise(*args)
    rig.air.advertise = plain_advertise
    second.connect()


rig.air.advertise = come_at_once
rig.advertised()
rig.advertised()
say(came_in_between=second.conn is not None, third_place_open=rig.ble.advertising is not None)

# A link that the stack lost without a word: found dead, its place is free.
rig = Rig()
central = rig.bonded()
del rig.ble.links[central.conn]
rig.radio.tell(central.handle(STATUS), bytes(20))
say(dead_trusted=rig.radio.connections[0].trusted)
rig.step()
say(dead_place_free=rig.radio.connections[0].handle < 0, faults=rig.radio.listener.faults)
say(data_handle=rig.radio.handles.data == central.handle(DATA))
