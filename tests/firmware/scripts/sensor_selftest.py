"""sensor_selftest.py KIND: the self-test at several deviations from the trim, bias, temperature, and what it leaves."""

import json
import sys

from mpu6050 import Still
from pod.sensing.selftest import SelfTest, gyro_bias, trims_6050, trims_6500
from sampling_rig import Rig

REST = (12, -30, 2048, -11, 25, 4)


def swinging(axis, by):
    return Still(REST, tuple(by if k == axis else 0 for k in range(6)))


def run(rig, error=(0, 0, 0, 0, 0, 0)):
    rig.model.trim_error = list(error)
    test = SelfTest()
    answered = test.run(rig.sensor)
    return {"answered": answered, "passed": test.passed, "change": test.change_percent}


def tell(**what):
    print(json.dumps(what))


rig = Rig(sys.argv[1], 500, source=Still(REST))
before = bytes(rig.model.register[0x19:0x1E])
trims = trims_6500 if rig.sensor.part.like_6500 else trims_6050
tell(trims=trims(rig.sensor))
tell(percent=0, axis=0, **run(rig))
for percent in (13, 20, 45, 60, -13, -20, -45, -60):
    for axis in range(6):
        tell(percent=percent, axis=axis, **run(rig, [percent / 100 if k == axis else 0 for k in range(6)]))
rig.model.trim_code = (0, 0, 0, 0, 0, 0)
rig.model.reset_itself()
rig.sensor.setup()
tell(percent="no trim", **run(rig))
tell(restored=bytes(rig.model.register[0x19:0x1E]) == before and rig.sensor.configured() == 1)

tell(bias="at rest", measured=gyro_bias(rig.sensor))
for how, source in (
    ("swinging a little", swinging(4, 20)),
    ("turning", swinging(4, 40)),
    ("shaken", swinging(1, 150)),
    ("spinning", Still((0, 0, 2048, 0, 700, 0))),
):
    rig.model.source = source
    tell(bias=how, measured=gyro_bias(rig.sensor))

for celsius in (-10, 0, 25, 36.53, 60):
    rig.model.celsius = celsius
    tell(celsius=celsius, temperature_cc=rig.sensor.temperature_cc())
