"""Who gets in, and who does not: pairing, bonds over a reset, and those who pretend."""

import json

import air
import bluetooth
from link_rig import CONTROL, IDENTITY, Rig

MINUTE_MS = 60000


def say(**facts):
    print(json.dumps(facts))


def trusted(rig, central):
    return central.conn is not None and central.read(IDENTITY)[0] == 0


def attempt(rig, central, how):
    """Connect, do `how`, and let the pod think about it; whether the central is in."""
    rig.advertised()
    if not central.connect():
        return None
    how()
    rig.turns(10)
    return trusted(rig, central)


def bonds_after_reset(rig):
    return Rig(saved=rig.memory).pairing.bonds()


# Closed, as after every start.
rig = Rig()
stranger = air.Central(rig.air)
say(closed_lets_in=attempt(rig, stranger, stranger.pair), closed_refusals=rig.radio.refusals)
say(closed_bonds=rig.pairing.bonds(), closed_hears=stranger.conn)

# Open: in, and again after a reset, with the saved bytes alone.
for private in (None, b"\x4a\x11\x22\x33\x44\x55"):
    rig = Rig()
    friend = air.Central(rig.air, private=private)
    rig.pairing.open(rig.now_ms)
    before = rig.memory.saves
    result = attempt(rig, friend, friend.pair)
    rig.turns(100)
    say(open_lets_in=result, saves=rig.memory.saves - before, stays=trusted(rig, friend))
    keys, address = friend.keys, friend.address
    rig = Rig(saved=rig.memory)
    friend = air.Central(rig.air, address, private)
    friend.keys = keys
    say(known_after_reset=attempt(rig, friend, friend.encrypt), rewritten=rig.memory.saves - before - 1)
    friend.write(CONTROL, b"\x02\x01\x00")
    say(heard_after_reset=rig.radio.receive() is not None)
    rig.ble.encryption_changed(friend.conn, True, False, True, 16)
    say(key_refresh=trusted(rig, friend))

# The window, to the millisecond, also across the wrap of the clock.
for start in (0, (1 << 30) - 30000):
    for later in (MINUTE_MS - 1, MINUTE_MS):
        rig = Rig()
        rig.pairing.open(start)
        rig.radio.step((start + later) & 0x3FFFFFFF)
        say(window=[start, later, rig.pairing.is_open, rig.ble.settings["bond"]])

# Five failures close it.
rig = Rig()
rig.pairing.open(rig.now_ms)
opened = []
clumsy = air.Central(rig.air)
clumsy.connect()
for _ in range(5):
    rig.step()
    opened.append(rig.pairing.is_open)
    clumsy.fail_to_pair()
rig.step()
say(open_before_each=opened, open_after_five=rig.pairing.is_open, then=clumsy.pair())
rig.pairing.open(rig.now_ms)
rig.step()
clumsy.fail_to_pair()
say(opens_again=rig.pairing.is_open)

# A short key is no bond.
rig = Rig()
rig.pairing.open(rig.now_ms)
weak = air.Central(rig.air)
say(short_key_lets_in=attempt(rig, weak, lambda: weak.pair(key_size=7)), short_key_counts=rig.pairing.failures)

# Forget all.
rig = Rig()
friend = rig.bonded()
rig.radio.forget_all()
say(forgotten_reads=friend.read(IDENTITY)[0])
rig.turns(10)
say(forgotten_connected=friend.conn is not None, bonds_kept=bonds_after_reset(rig))
say(forgotten_again=attempt(rig, friend, friend.encrypt))

# Somebody with the address of a bonded central pairs anew, while pairing is closed.
for stack_obeys in (True, False):
    rig = Rig()
    friend = rig.bonded()
    friend.disconnect()
    saved = rig.memory.data
    thief = air.Central(rig.air, friend.address)
    rig.advertised()
    thief.connect()
    if not stack_obeys:
        rig.ble.settings["bond"] = True
    thief.pair()
    at_once = trusted(rig, thief)
    rig.ble.settings["bond"] = False
    rig.turns(10)
    say(thief_at_once=at_once, thief_stays=thief.conn is not None)
    say(friend_after_thief=attempt(rig, friend, friend.encrypt), saved_same=rig.memory.data == saved)
    keys = friend.keys
    rig = Rig(saved=rig.memory)
    friend = air.Central(rig.air, friend.address)
    friend.keys = keys
    say(friend_after_reset=attempt(rig, friend, friend.encrypt))
    thief = air.Central(rig.air, b"\x77\x00\x00\x00\x00\x77")
    rig.advertised()
    thief.connect()
    rig.ble.settings["bond"] = not stack_obeys
    thief.pair()
    say(new_name_at_once=trusted(rig, thief), friend_still=trusted(rig, friend))
    rig.turns(10)
    say(new_name_stays=thief.conn is not None, bonds_then=rig.pairing.bonds())

# The stack says "bonded" of one whom the pod does not know, before any key is filed.
rig = Rig()
stranger = air.Central(rig.air)
stranger.connect()
rig.ble.encryption_changed(stranger.conn, True, False, True, 16)
say(unknown_bonded=trusted(rig, stranger))

# Wrong keys under a known address; known keys under another.
rig = Rig()
friend = rig.bonded()
friend.disconnect()
thief = air.Central(rig.air, friend.address)
thief.keys = bytes(16)
say(wrong_keys=attempt(rig, thief, thief.encrypt))
replayer = air.Central(rig.air, b"\x99\x00\x00\x00\x00\x99")
replayer.keys = friend.keys
say(replayed=attempt(rig, replayer, replayer.encrypt))
replayer.disconnect()

# Four bonds; the oldest goes.
rig = Rig()
friends = [air.Central(rig.air, bytes([n, 0, 0, 0, 0, n])) for n in range(1, 7)]
for friend in friends:
    rig.bonded(friend)
    friend.disconnect()
    rig.advertised()
say(bonds=rig.pairing.bonds(), identity_kept=rig.pairing.get(bluetooth.IDENTITY_KEY, 0, b"irk") is not None)
keys = [friend.keys for friend in friends]
rig = Rig(saved=rig.memory)
results = []
for n, key in enumerate(keys):
    friend = air.Central(rig.air, friends[n].address)
    friend.keys = key
    results.append(attempt(rig, friend, friend.encrypt))
    if friend.conn is not None:
        friend.disconnect()
say(six_friends=results)

# Storage that fails, and times at which flash must be left alone.
rig = Rig()
rig.memory.broken = True
friend = rig.bonded()
saves = rig.memory.saves
rig.turns(1000, ms=30)
say(retries=rig.memory.saves - saves, still_in=trusted(rig, friend), faults=rig.pairing.save_faults > 0)
rig.memory.broken = False
rig.turns(500, ms=30)
say(saved_at_last=bonds_after_reset(rig))
rig = Rig()
rig.pairing.open(rig.now_ms)
rig.radio.step(rig.now_ms)
friend = air.Central(rig.air)
friend.connect()
friend.pair()
saves = rig.memory.saves
for n in range(10):
    rig.radio.step(rig.now_ms + n, False)
held = rig.memory.saves - saves
rig.radio.step(rig.now_ms + 10, True)
say(saved_while_not_allowed=held, saved_when_allowed=rig.memory.saves - saves)
