"""How long parts of keeping a packet take, in turns of an empty loop: a measure that carries over to a board."""

import json
import struct
import time
from array import array

from pod.wire import crc, packet, packing
from pod.wire.frame import PACKET, Frame

TIMES = 300


def turns(function):
    begun = time.ticks_us()
    for _ in range(TIMES):
        function()
    took_us = time.ticks_diff(time.ticks_us(), begun) / TIMES
    begun = time.ticks_us()
    for _ in range(100000):
        pass
    return round(took_us / (time.ticks_diff(time.ticks_us(), begun) / 100000))


made = bytearray(packet.MAX_PACKET)
into = bytearray(packet.MAX_PACKET)
packet.write_header(made, packet.SAMPLES, 0, 19, 0, 5, 1, 95, 1000)
for at in range(114):
    struct.pack_into(">h", made, 16 + 2 * at, (at // 6 * 300 * (at % 6) + at * at * 7919 % 64) % 30000)
state = array("H", (0, 0))
frame = Frame()
length = packing.pack(made, into)


def seal(buf, size):
    frame.copy(buf, size)
    frame.seal(PACKET, size)


print(
    json.dumps(
        {
            "pack": turns(lambda: packing.pack(made, into)),
            "packed_bytes": length,
            "checksum_of_244": turns(lambda: crc.update(state, made, 0, 244)),
            "frame_of_244": turns(lambda: seal(made, 244)),
            "frame_packed": turns(lambda: seal(into, length)),
        }
    )
)
