"""The parts of the detector at the ends of their ranges, with the heap locked: an integer beyond 31 bits would fail."""

import json
from array import array

import micropython
from pod.gait.axes import Axes
from pod.gait.contact import Contact
from pod.gait.running import judge, steps
from pod.gait.shock import Shock
from pod.gait.swing import Swings
from pod.gait.toe_off import ToeOff

FULL = 28377  # 32768 on all three axes, in the rings' unit
ENDS = (-32768, 0, 32767)
PERIODS = (1, 2, 5, 13, 29, 61, 127)
rate = array("h", (0,) * 256)
axial = array("h", (0,) * 256)
contact, toe_off = Contact(rate, axial, 250), ToeOff(rate, axial, 250)
shock = Shock(axial, 200, 1), Shock(axial, 1000, 4)
axes, swings = Axes(), Swings(250)


def fill(ring, period, shift):
    for k in range(256):
        ring[k] = FULL if (k + shift) // period % 2 else -FULL


def read():
    n = 0
    for last in range(200, 260, 7):
        turn = contact.turn(last)
        if turn is not None:
            n += 1
            if contact.find(last, turn, last + 29) is not None:
                n += 1
        if toe_off.find(last - 130, last) is not None:
            n += 1
        shock[0].find(last - 29, last)
        shock[1].find(last - 29, last)
        steps(rate, last, 250)
    return n


def teach(x, y, z, running):
    for k in range(275):
        sign = 1 if k % 3 else -1
        axes.see(sign * x, y, z, x, sign * y, z)
    axes.learn(running)
    judge(axes.shaking() if axes.seen else 3 << 20, 3460, 420, axes.hinge, False)


def try_all():
    n = 0
    for period in PERIODS:
        for shift in PERIODS:
            fill(rate, period, shift)
            fill(axial, shift, period)
            n += read()
        for k in range(500):
            swings.follow(k, rate[k & 255])
    for x in ENDS:
        for y in ENDS:
            for z in ENDS:
                teach(x, y, z, x != 0)
    return n


micropython.heap_lock()
try:
    found = try_all()
finally:
    micropython.heap_unlock()
print(json.dumps({"found": found}))
