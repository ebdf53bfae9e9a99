"""Memory that the whole loop takes while a runner runs: FOLDER RAW SECONDS. Sampling, detection, flash, link, status.

Only the stand-ins that must copy (a notification into the air, a characteristic's value) are replaced by ones that
count. Prints bytes taken after a first second that may take some, and what happened meanwhile.
"""

import gc
import json
import sys

from mpu6050 import Recording
from nor_flash import NorFlash
from pod import duties as duties_module
from pod.duties import Duties
from pod.life import button, led, sleep
from pod.panel import Panel
from pod.seconds import Seconds
from pod_rig import *

_TURN_US = 3000


class Taken:
    """In the air's place: takes every notification and keeps none."""

    def __init__(self):
        self.count = 0

    def send(self, conn, handle, data, length):
        self.count += 1
        return 0

    def advertise(self, interval_us, adv_data, resp_data):
        pass


class Again(Recording):
    """The recording from its start again when it has ended, at a whole stride or not."""

    def fill(self, index, raw):
        if self._file.readinto(raw) != 12:
            self._file.seek(0)
            self._file.readinto(raw)


def quiet(handle, data, send_update=False):
    pass


folder, raw, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3])
# The clock and the counters wrap on the way.
world = World(folder, source=Again(raw), flash=NorFlash(48), start_us=0x3FFFFFFF - 2_000_000)
pod = world.pod
duties = Duties(pod)
pod.settings.set(2, 2, False)
pod.settings.set(3, 300, False)
pod.cue.threshold_cg = 300
pod.wake_sensor()
while pod.store.prepare():
    pass
host = Host(world)
duties.listen()
host.central.connect()
host.central.exchange_mtu(247)
pod.pairing.open(0)
duties.listen()
host.central.pair()
pod.pairing.close()
host.write(START)
duties.listen()
taken = Taken()
world.ble.attach(taken)
world.ble.gatts_write = quiet
pod.ring.next = pod.ring.oldest = pod.ring.to_send = pod.ring.to_keep = pod.ring.acked = 1
idle = sleep.Idle(0)
every = Seconds(pod, duties, idle, None, None)
panel = Panel(
    pod,
    duties,
    button.Button(machine.Pin(board.BUTTON, machine.Pin.IN, machine.Pin.PULL_UP)),
    led.Led(machine.Pin(board.LED, machine.Pin.OUT), board.LED_ON),
)


def turns(count):
    for turn in range(count):
        duties.now_ms = time.ticks_ms() & 0x3FFFFFFF
        duties.sample()
        duties.keep()
        duties.listen()
        duties.send()
        every.tend()
        panel.step()
        if turn % 80 == 79:
            newest = (pod.ring.to_send - 1) & 0xFFFFFF
            pod.ring.acknowledge(newest)
            pod.store.release(pod.session.run, newest)
        time.clock.advance(_TURN_US)


class NoCollection:
    """In the place of `gc` in the loop: nothing may be swept away unseen."""

    def __init__(self):
        self.collections = 0

    def mem_alloc(self):
        return 0

    def collect(self):
        self.collections += 1


turns(700)
duties_module.gc = NoCollection()
gc.collect()
gc.disable()
landings, packets, samples, sent = pod.session.landings, pod.ring.next, pod.sampler.index, taken.count
before = gc.mem_alloc()
turns(seconds * 1_000_000 // _TURN_US)
after = gc.mem_alloc()
told = {"bytes": after - before, "landings": pod.session.landings - landings, "packets": pod.ring.next - packets}
told.update({"samples": pod.sampler.index - samples, "notified": taken.count - sent, "dropped": pod.ring.dropped})
told.update({"erases": sum(world.flash.erases), "overflows": pod.sampler.overflows, "recording": pod.session.recording})
told["full"] = pod.keeper.full
told["collections"] = duties_module.gc.collections
print(json.dumps(told))
