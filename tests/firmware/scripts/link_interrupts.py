"""Interrupts between any two calls that the firmware makes: link_interrupts.py SEED TURNS.

At each call centrals may come, go, write, ask for a start; links may be lost inside the very call that sends.
"""

import json
import random
import sys

import air
from link_rig import CONTROL, DATA, Rig
from pod.wire import packet

START = b"\x02\x02\x01"
NOTE = b"\x03\x04\x01\x00"


class Host(air.Central):
    """A bonded central that remembers each of its visits."""

    def __init__(self, *args):
        super().__init__(*args)
        self.visits = []

    def keep(self):
        if self.received:
            self.visits.append((self.asked, self.values(DATA)))
        self.received = []


class Chaos:
    def __init__(self, rig, hosts, strangers):
        self.rig, self.hosts, self.strangers = rig, hosts, strangers
        self.done = 0
        self.leaked = 0

    def __call__(self, name):
        if self.rig.ble._in_handler or random.getrandbits(5):
            return
        self.done += 1
        central = random.choice(self.hosts + self.strangers)
        if central.conn is None:
            central.asked = False
            if central.connect() and central in self.hosts:
                central.exchange_mtu(central.mtu)
                if central.encrypt() and random.getrandbits(2):
                    central.write(CONTROL, START)
            elif central.conn is not None and random.getrandbits(1):
                central.pair()
        elif central in self.strangers:
            self.leaked += len(central.received)
            central.disconnect()
        elif random.getrandbits(2):
            central.write(CONTROL, NOTE)
        else:
            central.keep()
            central.disconnect()


def fill(ring):
    buf = ring.packet()
    packet.write_header(buf, packet.SAMPLES, 0, 19, 0, ring.next, 1, 0, 0)
    ring.commit(packet.MAX_PACKET)


def in_order(notifications):
    """Whether whole packets and pieces of packets follow each other without a repeat."""
    last = None
    piece = 0
    for data in notifications:
        if data[0] >= 0x80:
            first = data[0] & 0x3F == 0
            if not first and data[0] & 0x3F != piece:
                return False
            piece = 0 if data[0] & 0x40 else (data[0] & 0x3F) + 1
            if not first:
                continue
        sequence = packet.sequence(data[1:] if data[0] >= 0x80 else data)
        if last is not None and not packet.after(sequence, last):
            return False
        last = sequence
    return True


def main(seed, turns):
    random.seed(seed)
    rig = Rig(slots=16)
    hosts = []
    for n, mtu in ((1, 247), (2, 60)):
        host = rig.bonded(Host(rig.air, bytes([n, 0, 0, 0, 0, n])), mtu)
        host.mtu, host.asked = mtu, False
        host.disconnect()
        rig.advertised()
        hosts.append(host)
    strangers = [air.Central(rig.air, bytes([9, 0, 0, 0, 0, 9]))]
    chaos = rig.ble.before_call = Chaos(rig, hosts, strangers)
    rig.sender.begin(1)
    starts = unasked = 0
    for turn in range(turns):
        if turn % 8 == 0:
            fill(rig.ring)
            rig.ring.acknowledge((rig.ring.next - 2) & packet.SEQUENCE)
        chaos("between")
        rig.radio.step(rig.now_ms)
        if turn % 20 == 0:
            rig.radio.tell(rig.radio.handles.status, bytes(20))
            rig.radio.publish(rig.radio.handles.rsc, bytes(4))
        written = rig.radio.receive()
        if written == START and rig.radio.writer is rig.radio.owner:
            for host in hosts:
                if host.conn is not None and host.conn == rig.radio.writer.handle:
                    host.keep()
                    host.asked = True
            rig.sender.start()
            starts += 1
        rig.sender.step(rig.now_ms)
        rig.now_ms = (rig.now_ms + 5) & 0x3FFFFFFF
        if turn % 3 == 0:
            rig.air.event()
    rig.ble.before_call = None
    right = got = 0
    for host in hosts:
        host.keep()
        for asked, notifications in host.visits:
            unasked += bool(notifications) and not asked
            right += in_order(notifications)
            got += len(notifications)
    print(
        json.dumps(
            {
                "interrupts": chaos.done,
                "leaked": chaos.leaked,
                "starts": starts,
                "visits": sum(len(host.visits) for host in hosts),
                "in_order": right,
                "unasked": unasked,
                "notifications": got,
                "dead": rig.sender.dead,
                "faults": rig.radio.listener.faults,
                "switched_off": rig.ble.handler_failed is not None,
            }
        )
    )


main(int(sys.argv[1]), int(sys.argv[2]))
