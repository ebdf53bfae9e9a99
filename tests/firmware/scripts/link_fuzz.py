"""Events of any number with any data: link_fuzz.py SEED COUNT. The handler must survive, and the link work after it."""

import json
import random
import sys

import air
import bluetooth
from link_rig import CONTROL, IDENTITY, Rig


def anything(depth=0):
    kind = random.getrandbits(4)
    if kind < 6:
        return random.choice((0, 1, 2, 16, 19, 0xFFFF, 1 << 30, -1))
    if kind < 9:
        return memoryview(bytearray(random.choice((0, 1, 5, 6, 7, 16, 80))))
    if kind < 11:
        return bytes(random.getrandbits(8) for _ in range(random.getrandbits(3)))
    if kind < 13 or depth:
        return random.choice((None, True, False, "text", 1.5, (), {}))
    return [anything(1) for _ in range(random.getrandbits(2))]


def number():
    return random.choice((0, 0, 0, 1, 1, 2, 16, 19, 22, 25, 52, 0xFFFF, random.getrandbits(16)))


def bytes_of(most):
    return memoryview(bytes(random.getrandbits(8) for _ in range(random.getrandbits(8) % (most + 1))))


def address():
    return memoryview(bytes([random.getrandbits(2), 0, 0, 0, 0, 1]))


def key():
    return None if random.getrandbits(3) == 0 else memoryview(bytes([0, 1, 0, 0, 0, 0, random.getrandbits(2)]))


def value():
    return None if random.getrandbits(1) else bytes_of(90)


# What the stack may say, by its types; with numbers and lengths that it should not.
SAYINGS = {
    1: lambda: (number(), random.getrandbits(8), address()),
    2: lambda: (number(), random.getrandbits(8), address()),
    3: lambda: (number(), number()),
    4: lambda: (number(), number()),
    21: lambda: (number(), number()),
    27: lambda: (number(), number(), number(), number(), number()),
    28: lambda: (number(), random.getrandbits(2) > 0, False, random.getrandbits(2) > 0, random.choice((7, 16, 16))),
    29: lambda: (random.choice((1, 2, 3, 10, 255)), random.getrandbits(3), key()),
    30: lambda: (random.choice((1, 2, 3, 10, 255)), key(), value()),
}


def is_odd(event, said):
    """Whether the stack, in C, would choke on this answer."""
    if event == 4:
        return said not in (0, 8)
    if event == 29:
        return said is not None and not isinstance(said, bytes)
    return event == 30 and said not in (True, False)


def nonsense(count):
    """Data of any type and length: the handler alone."""
    heard = Rig().radio.listener._irq
    raised = odd = 0
    for _ in range(count):
        event = random.choice((1, 2, 3, 4, 21, 27, 28, 29, 30, random.getrandbits(6)))
        data = anything() if random.getrandbits(3) == 0 else tuple(anything() for _ in range(random.getrandbits(3)))
        try:
            odd += is_odd(event, heard(event, data))
        except Exception:
            raised += 1
    print(json.dumps({"nonsense_raised": raised, "nonsense_odd": odd}))


def main(seed, count):
    random.seed(seed)
    nonsense(count)
    rig = Rig()
    heard = rig.radio.listener._irq
    for handle in range(3):
        rig.ble.links[handle] = bluetooth._Link(0, bytes(6))
    raised = []
    denied = odd = trusted = 0
    events = sorted(SAYINGS)
    for n in range(count):
        if n % 10 == 0 and random.getrandbits(1):
            rig.pairing.open(rig.now_ms)
        event = random.choice(events)
        try:
            said = heard(event, SAYINGS[event]())
            odd += is_odd(event, said)
            denied += event == 4 and said == 8
            if n % 7 == 0:
                rig.step()
                rig.radio.receive()
                if rig.radio.linked() and not rig.sender.flowing:
                    rig.sender.start()
        except Exception as error:
            raised.append(repr(error))
        trusted += any(c.trusted for c in rig.radio.connections)
    faults = rig.radio.listener.faults
    for place in rig.radio.connections:
        rig.radio.listener.left(place)
    rig.ble.links.clear()
    rig.radio.listener.surplus = -1
    rig.radio.listener.advertising = False
    rig.pairing.close()
    rig.pairing.forget_all()
    while rig.radio.receive():
        pass
    rig.advertised()
    friend = rig.bonded(air.Central(rig.air))
    friend.write(CONTROL, b"\x02\x01\x00")
    works = rig.radio.receive() == b"\x02\x01\x00" and friend.read(IDENTITY)[0] == 0
    print(
        json.dumps(
            {
                "raised": raised[:5],
                "faults": faults,
                "denied": denied,
                "trusted": trusted,
                "odd": odd,
                "works": works,
                "switched_off": rig.ble.handler_failed is not None,
            }
        )
    )


main(int(sys.argv[1]), int(sys.argv[2]))
