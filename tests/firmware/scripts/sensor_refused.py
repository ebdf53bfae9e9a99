"""What the pod says of sensors that it cannot use; a line each."""

import json

import machine
import mpu6050
from pod.sensing.bus import Bus
from pod.sensing.sensor import Refused, Sensor
from virtual_clock import VirtualClock


def said(model=None):
    clock = VirtualClock()
    machine.bus.clear()
    machine.bus.clock = clock
    if model:
        machine.bus.attach(model(clock))
    try:
        Sensor(Bus(22, 21), clock.sleep_ms).identify()
    except Refused as refusal:
        return str(refusal)
    return ""


mpu6050.KINDS["no FIFO"] = (0x70, True, (0, 0, 0, 0), 333.87, -7011)
for who in range(256):
    print(json.dumps({"who": who, "said": said(lambda clock, who=who: mpu6050.Mpu6050(clock, "MPU-6500", who=who))}))
print(json.dumps({"who": "none", "said": said()}))
print(json.dumps({"who": "no FIFO", "said": said(lambda clock: mpu6050.Mpu6050(clock, "no FIFO"))}))
