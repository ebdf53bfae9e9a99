"""sampling_story.py STORY: runs that take more than one fault; what they delivered."""

import json
import sys

import machine
import mpu6050
from sampling_rig import Ledger, Rig


def wraps():
    """Clock, sequence and index wrap while it samples, and a gap lies on the clock's wrap."""
    rig = Rig("MPU-6050", 500, start_us=2**30 - 5_300_000, ppm=12000)
    rig.ring.open(2**24 - 60)
    rig.sampler.start(255)
    rig.sampler.index = 2**30 - 1000
    ledger = Ledger(rig)
    rig.run(4950, ledger)
    before_us = rig.clock.now_us
    rig.clock.advance(300_000)
    after_us = rig.clock.now_us
    rig.run(4000, ledger)
    rig.sampler.stop()
    ledger.read()
    story = ledger.result()
    story.update({"wrapped": [after_us < before_us, rig.ring.next < 1000, rig.sampler.index < 2**20]})
    story["run"] = ledger.last[3]
    return story


def second_run_after_an_overflow():
    """An overflow that nobody saw, after stop, must not be told of the next run."""
    rig = Rig("MPU-6050", 1000)
    rig.sampler.start(1)
    rig.run(500)
    rig.clock.advance(200_000)
    rig.sampler.sensor.halt()
    rig.sampler.running = False
    ledger = Ledger(rig)
    rig.sampler.start(2)
    rig.run(1000, ledger)
    rig.sampler.stop()
    ledger.read()
    story = ledger.result()
    story.update({"overflows": rig.sampler.overflows, "run": ledger.last[3], "first_is_zero": ledger.first_index == 0})
    return story


def gone():
    """The cable breaks for good."""
    rig = Rig("MPU-6050", 500)
    rig.sampler.start(1)
    ledger = Ledger(rig)
    rig.run(1000, ledger)
    machine.bus.devices.clear()
    broke_us = rig.clock.now_us
    while not rig.sampler.lost and rig.clock.now_us - broke_us < 20_000_000:
        rig.run(10, ledger)
    story = ledger.result()
    story.update({"lost": rig.sampler.lost, "after_us": rig.clock.now_us - broke_us})
    rig.sampler.stop()
    return story


def stays_dead():
    """It answers, but never samples again."""
    rig = Rig("MPU-6050", 500)
    rig.sampler.start(1)
    ledger = Ledger(rig)
    rig.run(1000, ledger)
    rig.model.dead = True
    broke_us = rig.clock.now_us
    while not rig.sampler.lost and rig.clock.now_us - broke_us < 20_000_000:
        rig.run(10, ledger)
    story = ledger.result()
    story.update({"lost": rig.sampler.lost, "after_us": rig.clock.now_us - broke_us})
    return story


def comes_back():
    """The cable is off for two seconds; the sensor loses its power, too."""
    rig = Rig("MPU-6050", 500)
    rig.sampler.start(1)
    ledger = Ledger(rig)
    rig.run(3000, ledger)
    machine.bus.devices.clear()
    rig.run(2000, ledger)
    rig.model.reset_itself()
    machine.bus.attach(rig.model)
    rig.run(2000, ledger)
    rig.sampler.stop()
    ledger.read()
    story = ledger.result()
    story.update({"lost": rig.sampler.lost, "restarts": rig.sampler.restarts, "missing": rig.detector.skipped})
    return story


def clipping():
    """Values at the end of the range, and next to it."""
    rig = Rig("MPU-6050", 200)
    flags = []
    for value in (32766, 32767, -32767, -32768, 0):
        for axis in (0, 5):
            rig.model.source = mpu6050.Still(tuple(value if k == axis else 0 for k in range(6)))
            first = rig.ring.next
            rig.sampler.start(1)
            rig.run(150)
            flags.append(rig.ring.get(first)[1])
            rig.sampler.stop()
    return {"flags": flags}


print(json.dumps(globals()[sys.argv[1]]()))
