"""Pack one packet many times: what it allocates."""

import json
import struct

from heap_use import allocated_by
from pod.wire import packet, packing

PACKETS = 200
JUMP_AT = (13, 2, 16, 10, 12, 5)
"""An impact: codes so long that they are written in two parts."""

made = bytearray(packet.MAX_PACKET)
into = bytearray(packet.MAX_PACKET)
packet.write_header(made, packet.SAMPLES, packet.CLIPPED, 19, 7, 0x123456, 9, 0x3FFFFFFE, 0x2ABCDEF0)
values = [0] * 6
for n in range(19):
    for c in range(6):
        values[c] += (
            (7 * n * (c + 1)) % 23 - 11 + (13000 if c == 4 else -13000) * ((n == JUMP_AT[c]) - (n == JUMP_AT[c] + 1))
        )
    struct.pack_into(">6h", made, packet.HEADER + packet.SAMPLE * n, *values)


def pack_all():
    length = 0
    for _ in range(PACKETS):
        length = packing.pack(made, into)
    return length


length = pack_all()
print(
    json.dumps(
        {
            "allocated": allocated_by(pack_all),
            "packed_bytes": length,
            "hex": into[:length].hex(),
        }
    )
)
