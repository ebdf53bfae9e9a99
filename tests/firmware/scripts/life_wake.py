"""Each sensor goes into its motion mode and comes back out of it after the start that follows."""

import json

import machine
from mpu6050 import KINDS, Mpu6050
from pod.life import sleep
from pod.sensing.bus import Bus
from pod.sensing.sensor import Sensor
from virtual_clock import VirtualClock

for kind in sorted(KINDS):
    clock = VirtualClock()
    machine.bus.clear()
    machine.bus.clock = clock
    model = Mpu6050(clock, kind)
    machine.bus.attach(model)
    sensor = Sensor(Bus(22, 21), clock.sleep_ms)
    sensor.identify()
    sensor.configure(500)
    before_ms = clock.ticks_ms()
    sleep.watch_for_motion(sensor)
    line = {"kind": kind, "took_ms": clock.ticks_ms() - before_ms}
    line["power"] = [model.register[0x6B], model.register[0x6C]]
    line["interrupt"] = [model.register[0x37], model.register[0x38]]

    woken = Sensor(Bus(22, 21), clock.sleep_ms)
    woken.identify()
    woken.configure(500)
    woken.flush()
    clock.advance(100_000)
    line["part"] = woken.part.name
    line["waiting"] = woken.waiting()
    line["configured"] = woken.configured()
    print(json.dumps(line))
