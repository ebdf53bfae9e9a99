"""Keep SECONDS of running at RATE: what it allocates, and how long the flash holds the loop up at most."""

import json
import struct
import sys

from heap_use import allocated_by
from nor_flash import NorFlash
from pod.flash.keeper import ALWAYS, Keeper
from pod.flash.store import RunStore
from pod.wire import packet
from pod.wire.ring import PacketRing

SECONDS = int(sys.argv[1])
RATE_HZ = int(sys.argv[2])
BLOCKS = int(sys.argv[3])
FIFO_MS = 85 * 1000 // RATE_HZ
PACKETS = SECONDS * RATE_HZ // packet.MAX_SAMPLES
PER_S = RATE_HZ // packet.MAX_SAMPLES
KINDS = 16

flash = NorFlash(BLOCKS)
store = RunStore(flash, flash.ticks_us)
store.mount()
while store.prepare():
    pass
ring = PacketRing(64)
keeper = Keeper(ring, store)

bodies = []
for kind in range(KINDS):
    body = bytearray(packet.MAX_PACKET - packet.HEADER)
    for at in range(6 * packet.MAX_SAMPLES):
        # Every fourth one cannot be packed.
        value = at * at * 977 if kind & 3 == 3 else 11 * kind + (at * 7 + kind * at) % 40
        struct.pack_into(">H", body, 2 * at, value & 0xFFFF)
    bodies.append(body)


class Seen:
    """What happened."""

    kept = 0
    erased = 0
    longest_step_us = 0
    longest_erase_us = 0


def make(number):
    body = bodies[number % KINDS]
    into = ring.body()
    for at in range(len(into)):
        into[at] = body[at]
    packet.write_header(
        ring.packet(), packet.SAMPLES, 0, packet.MAX_SAMPLES, 0, ring.next, 1, ring.next * packet.MAX_SAMPLES, number
    )
    ring.commit(packet.MAX_PACKET)


def keep_all():
    """As the main loop does: make, keep, once a second acknowledge, erase where that is allowed."""
    for number in range(PACKETS):
        make(number)
        for _ in range(3):
            begun_us = flash.us
            if keeper.step(True, ALWAYS):
                Seen.kept += 1
            Seen.longest_step_us = max(Seen.longest_step_us, flash.us - begun_us)
        if number % PER_S == 0:
            ring.acknowledge((ring.next - 1) & packet.SEQUENCE)
            store.release(1, ring.next - 1)
        if store.ready() < 8 and store.may_erase(FIFO_MS):
            begun_us = flash.us
            if store.prepare():
                Seen.erased += 1
                Seen.longest_erase_us = max(Seen.longest_erase_us, flash.us - begun_us)
        flash.us &= 0xFFFFFF


head = ring.packet()
packet.write_header(head, packet.START, 0, 102, 0, 0, 1, 0, 0)
ring.commit(packet.length(head))
keeper.open(1)
allocated = allocated_by(keep_all)
print(
    json.dumps(
        {
            "allocated": allocated,
            "packets": 2 * PACKETS,
            "kept": Seen.kept,
            "erased": Seen.erased,
            "longest_step_us": Seen.longest_step_us,
            "longest_erase_us": Seen.longest_erase_us,
            "dropped": ring.dropped,
            "full": keeper.full,
        }
    )
)
