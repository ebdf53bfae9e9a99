"""Any bytes to control, any values to the writers, for the host to judge: codec_any.py SEED COUNT.

Prints for each write what the handlers were called with and what was answered, and for each packet its samples.
"""

import json
import random
import sys

import codec_checks as checks
from pod.wire import packet, packing
from pod.wire.frame import Frame

HEADS = (b"\x03\x01", b"\x02\x02", b"\x03\x04", b"\x0a\x05", b"\x07\x06", b"\x03\x07", b"\x09\x08", b"\x06\x09")


def some_bytes(most):
    return bytes(random.getrandbits(8) for _ in range(random.randint(0, most)))


def control():
    written = some_bytes(8) if random.getrandbits(1) else b""
    for _ in range(random.randint(0, 3)):
        written += random.choice(HEADS) + some_bytes(12)
    handlers = checks.Handlers()
    answers = checks.answers_to(written, handlers)
    return {
        "written": written.hex(),
        "calls": handlers.calls,
        "answers": [answer.hex() for answer in answers],
        "raised": len(handlers.raised),
    }


def samples():
    count = random.randint(1, 19)
    width = random.getrandbits(4) + 1
    value = [random.getrandbits(16) for _ in range(6)]
    rows = []
    for _ in range(count):
        value = [(old + random.getrandbits(width) - (1 << width >> 1)) & 0xFFFF for old in value]
        rows.append([old - 0x10000 if old & 0x8000 else old for old in value])
    case = {"kind": 0, "flags": 0, "count": count, "behind": 1, "samples": rows}
    for name, bits in (("sequence", 24), ("run", 8), ("index", 30), ("clock_us", 30)):
        case[name] = random.getrandbits(bits)
    raw = checks.packet_of(case)
    room = bytearray(packet.MAX_PACKET)
    length = packing.pack(raw, room)
    frame = Frame()
    frame.copy(raw, len(raw))
    framed = bytes(frame.bytes[: frame.seal(2, len(raw))])
    case["raw"], case["packed"], case["frame"] = raw.hex(), bytes(room[:length]).hex(), framed.hex()
    return case


random.seed(int(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    print(json.dumps(control()))
    print(json.dumps(samples()))
