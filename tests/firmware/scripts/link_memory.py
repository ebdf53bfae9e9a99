"""Bytes that the link allocates while packets flow: link_memory.py SECONDS MTU."""

import gc
import json
import sys

import air
from link_rig import Rig
from pod.wire import packet

PACKET_MS = 38  # 19 samples at 500 Hz
TURN_MS = 5
NO_TURN_MS = (1 << 30) - TURN_MS  # taken away instead of adding: the sum would need more than 30 bits


class CountingAir(air.Air):
    """Takes everything, keeps nothing, and checks the order."""

    def counting(self, first):
        self.next = first
        self.packets = self.wrong = self.piece = 0

    def send(self, conn, handle, data, length):
        if data[0] < 0x80:
            self.packet(packet.sequence(data))
            return 0
        if data[0] & 0x3F != self.piece:
            self.wrong += 1
        if self.piece == 0 and data[5] != self.next & 0xFF:
            self.wrong += 1
        self.piece += 1
        if data[0] & 0x40:
            self.piece = 0
            self.packet(self.next)
        return 0

    def packet(self, sequence):
        if sequence != self.next:
            self.wrong += 1
        self.next = (self.next + 1) & packet.SEQUENCE
        self.packets += 1


def main_loop(rig, turns):
    """What the pod's main loop does for the link, and a sampler that fills the ring."""
    radio, sender, ring = rig.radio, rig.sender, rig.ring
    now_ms = rig.now_ms
    elapsed = 0
    for _ in range(turns):
        radio.step(now_ms, False)
        radio.receive()
        sender.step(now_ms)
        elapsed += TURN_MS
        if elapsed >= PACKET_MS:
            elapsed -= PACKET_MS
            buf = ring.packet()
            packet.write_header(buf, packet.SAMPLES, 0, 19, 0, ring.next, 1, ring.next & 0xFFFF, now_ms)
            ring.commit(packet.MAX_PACKET)
            ring.acknowledge((ring.next - 20) & packet.SEQUENCE)
        now_ms = (now_ms - NO_TURN_MS) & 0x3FFFFFFF
    rig.now_ms = now_ms


def main(seconds, mtu):
    first = packet.SEQUENCE - 100
    rig = Rig(slots=64, make_air=CountingAir)
    central = rig.bonded(mtu=mtu)
    central.write("5f6f0003-7375-7265-666f-6f7420706f64", b"\x02\x02\x01")
    rig.radio.receive()
    rig.ble.connection_updated(central.conn, 6 if mtu < 247 else 24)
    rig.step()
    rig.air.counting(first)
    rig.ring.open(first)
    rig.sender.begin(1)
    rig.sender.start()
    rig.now_ms = (1 << 30) - 2000
    main_loop(rig, 100)  # the views of pieces are made once
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    main_loop(rig, seconds * 1000 // TURN_MS)
    allocated = gc.mem_alloc() - before
    gc.enable()
    print(
        json.dumps(
            {
                "allocated": allocated,
                "packets": rig.air.packets,
                "wrong": rig.air.wrong,
                "sent": rig.sender.sent,
                "waiting": rig.ring.unsent(),
                "faults": rig.radio.listener.faults,
                "handler_failed": rig.ble.handler_failed is not None,
            }
        )
    )


main(int(sys.argv[1]), int(sys.argv[2]))
