"""The whole pod lives through a scenario: FOLDER NAME [ARGUMENT]. Prints what a host saw as JSON, bytes in hex.

Packets as they came (pieces put together) go to FOLDER/packets, each behind its length in two bytes. Samples are
counters (mpu6050.Counter) unless the scenario is given a recording.
"""

import json
import sys

from mpu6050 import Counter, Recording, Still
from nor_flash import NorFlash, PowerCut
from pod.flash.index import DONE, RELEASED
from pod_rig import *

FOLDER, NAME = sys.argv[1:3]
ARGUMENT = sys.argv[3] if len(sys.argv) > 3 else ""


def stream(world):
    """Four seconds of a run to a host that acknowledges; ARGUMENT is the MTU."""
    host = yield from world.bonded(int(ARGUMENT or 247))
    told = {"hello": (yield from host.ask(HELLO, b"\x01"))}
    told["start"] = yield from host.ask(START)
    told["time"] = yield from host.ask(TIME, struct.pack("<Q", 1_790_000_000_000_000))
    for turn in range(8):
        yield 500
        host.acknowledge()
        if turn == 4:
            told["mark"] = yield from host.ask(MARK, b"\x07")
    told["stop"] = yield from host.ask(STOP)
    yield 1500
    host.collect()
    told["status"] = host.central.read(STATUS)
    told["identity"] = host.central.read(IDENTITY)
    told["feature"] = host.central.read(0x2A54)
    told["device"] = [host.central.read(uuid) for uuid in (0x2A29, 0x2A24, 0x2A26, 0x2A27, 0x2A25, 0x2A19)]
    return host, told


def broken_link(world):
    """The link goes twice, the second time for longer than memory lasts; then the host fetches what it has not."""
    host = yield from world.bonded()
    start = yield from host.ask(START)
    for seconds in (2, 8):
        for _ in range(4):
            yield 500
            host.acknowledge()
        host.central.disconnect()
        yield seconds * 1000
        yield from host.come_back()
        yield from host.ask(START)
        yield 1500
        host.collect()
    run = world.pod.session.run
    lost = host.missing()
    told = {"start": start, "lost": len(lost), "fetched": (yield from host.fetch(run, lost[0], lost[-1]))}
    told["stop"] = yield from host.ask(STOP)
    yield 500
    host.collect()
    return host, told


def alone(world):
    """A run by the button without any host, ended by the loss of power (ARGUMENT: power) or by the button."""
    yield 2000
    yield from world.press(500)
    yield 12_000
    if ARGUMENT == "power":
        return None, {"run": world.pod.session.run, "unkept": world.pod.ring.unkept(), "next": world.pod.ring.next}
    yield from world.press(500)
    yield 1000
    return None, {"run": world.pod.session.run, "unkept": world.pod.ring.unkept(), "next": world.pod.ring.next}


def fetch_all(world):
    """What a host does afterwards: list, fetch, acknowledge, erase."""
    host = yield from world.bonded()
    host.write(LIST, struct.pack("<I", 0))
    yield 1000
    listed = [value for value in host.central.values(CONTROL) if value[0] == LIST | 0x80]
    told = {"listed": listed, "fetched": []}
    for row in listed[:-1]:
        run = struct.unpack_from("<I", row, 3)[0]
        told["fetched"].append((yield from host.fetch(run, 0, 0xFFFFFF)))
        told["too_early"] = yield from host.ask(ERASE, struct.pack("<IB", run, 0))
        host.write(ACK, struct.pack("<I", run) + u24(sequence(host.packets[-1])))
        yield 2000
        told["erased"] = yield from host.ask(ERASE, struct.pack("<IB", run, 0))
    yield 1500
    host.write(LIST, struct.pack("<I", 0))
    yield 1000
    told["afterwards"] = [value for value in host.central.values(CONTROL) if value[0] == LIST | 0x80][-1:]
    return host, told


def running(world):
    """A runner with a host and a watch; ARGUMENT is the file with the samples."""
    host = yield from world.bonded()
    watch = Host(world, b"\x01\x02\x03\x04\x05\x06")
    yield from watch.connect()
    watch.central.subscribe(0x2A53)
    yield from host.ask(SET, struct.pack("<Bi", 4, 1))
    machine.Pin.recording = True
    yield from host.ask(START)
    yield 8000
    told = {"pulses_without_threshold": world.pulses()}
    before = world.pod.session.landings
    yield from host.ask(SET, struct.pack("<Bi", 3, 300))
    yield 8000
    told["pulses"] = world.pulses()
    told["landings_with_threshold"] = world.pod.session.landings - before
    told["seconds"] = world.pod.sampler.index / 500
    told["status"] = host.central.read(STATUS)[1]
    told["watch"] = watch.central.values(0x2A53)[-1]
    host.collect()
    return host, told


def by_motion(world):
    world.pod.settings.set(5, 1, False)
    yield 1500
    told = {"before": world.pod.session.recording}
    yield 9000
    told["after"] = world.pod.session.recording
    return None, told


def battery(world):
    yield 3000
    yield from world.press(500)
    yield 3000
    machine.ADC.microvolts[board.BATTERY] = 1_650_000
    world.hurry_ms = 40
    yield 200_000


def rest(world):
    world.pod.settings.set(6, 1, False)
    yield 2000
    world.hurry_ms = 40
    yield 600_000


def stranger(world):
    host = yield from world.bonded()
    told = {"hardware": host.central.read(0x2A27), "status": host.central.read(STATUS)}
    told["start"] = yield from host.ask(START)
    told["self_test"] = yield from host.ask(SELF_TEST)
    return host, told


def unplugged(world):
    host = yield from world.bonded()
    yield from host.ask(START)
    yield 1000
    machine.bus.devices.clear()
    world.hurry_ms = 40
    yield 12_000
    host.collect()
    told = {"without": world.pod.state}
    machine.bus.attach(world.model)
    yield 15_000
    told["again"] = world.pod.state
    return host, told


def button_run(world):
    """A run by the button that nobody ends."""
    yield 2000
    yield from world.press(500)
    yield 4000
    return None, {"run": world.pod.session.run, "recording": world.pod.session.recording}


def after_reset(world):
    yield 3000
    told = {"run": world.pod.session.run, "recording": world.pod.session.recording}
    if told["recording"]:
        told["started_by"] = world.pod.ring.get(0)[16 + 5]
    return None, told


def self_test(world):
    host = yield from world.bonded()
    yield from host.ask(SELF_TEST)
    yield 5000
    told = {"event": next(value for value in host.central.values(CONTROL) if value[0] == 0xC2)}
    yield from host.ask(START)
    yield 500
    host.collect()
    return host, told


def settings(world):
    host = yield from world.bonded()
    told = {}
    for number, value in ((1, 1000), (4, 2), (8, -250)):
        yield from host.ask(SET, struct.pack("<Bi", number, value))
    yield from host.ask(START)
    told["while_recording"] = yield from host.ask(SET, struct.pack("<Bi", 1, 200))
    yield 1500
    yield from host.ask(STOP)
    yield 2500
    host.collect()
    return host, told


def settings_again(world):
    host = yield from world.bonded()
    return None, {"rate": (yield from host.ask(GET, b"\x01"))}


def no_store(world):
    host = yield from world.bonded()
    told = {"list": (yield from host.ask(LIST, struct.pack("<I", 0))), "status": host.central.read(STATUS)}
    yield from host.ask(START)
    yield 1000
    host.collect()
    return host, told


def button_run_until_the_power_goes(world):
    yield 1500
    yield from world.press(300)
    yield 30_000


def lives(scenario, **settings):
    """Live through one scenario; what it told."""
    try:
        world = World(FOLDER, **settings)
        ended = world.live(scenario(world))
    except PowerCut:
        world = World.latest
        pod = world.pod
        ended = None, {"run": pod.session.run if pod else 0, "kept": pod.ring.to_keep if pod else 0}
    host, told = ended if isinstance(ended, tuple) else (None, {"stopped": ended})
    told["asleep_after_s"] = time.ticks_ms() // 1000
    told["wakes"] = esp32.wakes
    told["faults"] = world.pod.health.faults
    told["text"] = world.record.text
    told["dropped"] = world.pod.ring.dropped
    if host:
        with open("packets", "wb") as file:
            for packet in host.whole_packets():
                file.write(struct.pack("<H", len(packet)) + packet)
    return told


def plain(value):
    """JSON knows no bytes."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


def told_of_itself(world):
    """Identity and status in two runs, one by the host and one by the button."""
    host = yield from world.bonded()
    yield from host.ask(START)
    yield 1500
    told = {"first": host.central.read(IDENTITY)}
    yield from host.ask(STOP)
    yield 500
    yield from world.press(300)
    yield 1500
    told["second"] = host.central.read(IDENTITY)
    return host, told


def invented_ack(world):
    """Acknowledges, without a link that flows, packets that were never made."""
    host = yield from world.bonded()
    yield from world.press(300)
    yield 8000
    told = {}
    for number in (0xFFFFFF, 0x900000, 0x400000):
        host.write(ACK, struct.pack("<I", world.pod.session.run) + u24(number))
        yield 300
    told["released"] = world.flash_states(DONE) + world.flash_states(RELEASED)
    told["acked"] = world.pod.ring.acked
    return host, told


def full(world):
    """A run by the button on a small flash until it is full; then the power goes."""
    yield 2000
    yield from world.press(300)
    world.hurry_ms = 20
    yield 90_000
    return None, {"recording": world.pod.session.recording, "full": world.pod.keeper.full}


def recovers(world):
    """A flash that was full: a host fetches and acknowledges, and the next run goes to flash again."""
    yield from full(world)
    told = {"full": world.pod.keeper.full}
    world.hurry_ms = 0
    host = yield from world.bonded()
    run = world.pod.session.run
    yield from host.fetch(run, 0, 0xFFFFFF)
    host.write(ACK, struct.pack("<I", run) + u24(world.pod.ring.next - 1))
    yield 4000
    told["full_afterwards"] = world.pod.keeper.full
    host.central.disconnect()
    yield 500
    yield from world.press(300)
    yield 6000
    told["kept"] = world.pod.ring.to_keep
    return None, told


def set_and_restart(world):
    host = yield from world.bonded()
    yield from host.ask(START)
    yield from host.ask(SET, struct.pack("<Bi", 3, 900))
    told = {"answer": (yield from host.ask(RESTART, b"\x00"))}
    yield 5000
    return host, told


def cue_setting(world):
    yield 1500
    return None, {"cue": world.pod.settings.get(3), "threshold": world.pod.cue.threshold_cg}


def runs_on(world):
    """A runner who ended a run by the button and goes on running; ARGUMENT is the file with the samples."""
    world.pod.settings.set(5, 1, False)
    yield 9000
    told = {"by_motion": world.pod.session.recording}
    yield from world.press(300)
    yield 12_000
    told["after_press"] = world.pod.session.recording
    return None, told


def failed_sensor(world):
    """The rate is set and the battery runs low and recovers while there is no sensor; then it is plugged in."""
    sensor = machine.bus.devices.pop(0x68)
    host = yield from world.bonded()
    told = {"set": (yield from host.ask(SET, struct.pack("<Bi", 1, 1000)))}
    machine.ADC.microvolts[board.BATTERY] = 1_650_000
    world.hurry_ms = 40
    yield 20_000
    told["low"] = world.pod.state
    told["tested"] = yield from host.ask(SELF_TEST)
    machine.ADC.microvolts[board.BATTERY] = 2_000_000
    yield 20_000
    told["failed"] = world.pod.state
    machine.bus.devices[0x68] = sensor
    yield 15_000
    world.hurry_ms = 0
    yield from host.ask(START)
    yield 1000
    yield from host.ask(STOP)
    yield 500
    host.collect()
    return host, told


def noise(world):
    """Writes of anything to control; ARGUMENT is the seed."""
    host = yield from world.bonded()
    random = int(ARGUMENT)
    for _ in range(400):
        random = (random * 1103515245 + 12345) & 0x7FFFFFFF
        length = random >> 16 & 31
        written = bytearray()
        for _ in range(length):
            random = (random * 1103515245 + 12345) & 0x7FFFFFFF
            written.append(random >> 16 & 0xFF)
        if length > 2 and random & 1:
            written[0], written[1] = length - 1, random >> 8 & 15 or 1
            if written[1] == RESTART:
                written[1] = LIST
        host.central.write(CONTROL, bytes(written))
        yield 13
    host.central.received.clear()
    yield 2000
    return None, {"hello": (yield from host.ask(HELLO, b"\x01"))}


AT_REST = (0, 0, 2048, 12, -7, 5)


def runs():
    """The scenario that was asked for, and what follows it on the same board."""
    flash = NorFlash(48)
    if NAME == "alone":
        yield lives(alone, source=Counter(), flash=flash)
        yield lives(fetch_all, source=Counter(), flash=flash)
    elif NAME == "battery":
        yield lives(battery, source=Counter(), flash=flash)
        yield lives(fetch_all, source=Counter(), flash=flash)
    elif NAME == "watchdog":
        yield lives(button_run, source=Counter(), flash=flash)
        yield lives(after_reset, source=Counter(), flash=flash, cause=3)
        yield lives(after_reset, source=Counter(), flash=flash, cause=1)
    elif NAME == "recovers":
        yield lives(recovers, source=Counter(), flash=NorFlash(16))
    elif NAME == "full":
        small = NorFlash(16)
        yield lives(full, source=Counter(), flash=small)
        yield lives(fetch_all, source=Counter(), flash=small)
    elif NAME == "not_ready":
        large = NorFlash(384)
        yield lives(button_run, source=Counter(), flash=large)
        yield lives(button_run, source=Counter(), flash=large, cause=3)
    elif NAME == "set_and_restart":
        yield lives(set_and_restart, source=Counter(), flash=flash)
        yield lives(cue_setting, source=Counter(), flash=flash, cause=2)
    elif NAME == "cut":
        # The power goes after so many bytes went to flash, again and again.
        for bytes_more in (40_000, 9_001, 1, 20_017, 333):
            flash.cut_in = bytes_more
            yield lives(button_run_until_the_power_goes, source=Counter(), flash=flash)
            flash.cut_in = -1
        yield lives(fetch_all, source=Counter(), flash=flash)
    elif NAME == "settings":
        yield lives(settings, source=Counter(), flash=flash)
        yield lives(settings_again, source=Counter(), flash=flash, cause=5)
    elif NAME in ("running", "by_motion", "runs_on"):
        yield lives(globals()[NAME], source=Recording(ARGUMENT), flash=flash)
    elif NAME in ("rest", "self_test"):
        yield lives(globals()[NAME], source=Still(AT_REST), flash=flash)
    elif NAME == "stranger":
        yield lives(stranger, who=0x55, flash=flash)
    elif NAME == "no_store":
        yield lives(no_store, source=Counter())
    else:
        yield lives(globals()[NAME], source=Counter(), flash=flash)


for told in runs():
    print(json.dumps({name: plain(value) for name, value in told.items()}))
