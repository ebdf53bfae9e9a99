"""Memory that the main loop's parts of this group take in 10 s, and the text of a fault."""

import gc
import json

import machine
import safe
from pod.life import led
from pod.life.battery import Battery
from pod.life.button import Button
from pod.life.health import Health
from pod.life.led import Led
from pod.life.settings import KEEP, Settings
from pod.life.sleep import Idle


class NoFile:
    damaged = 0

    def load(self):
        return None


class Parts:
    def __init__(self):
        self.now_ms = 0x3FFFFFFF - 5_000  # the clock wraps within the run
        self.battery = Battery(self.read_uv, 2)
        self.button = Button(machine.Pin(33, machine.Pin.IN, machine.Pin.PULL_UP))
        self.led = Led(machine.Pin(26, machine.Pin.OUT), 1)
        self.idle = Idle(self.now_ms)
        self.settings = Settings(NoFile())
        self.broken = False

    def read_uv(self):
        return 1_900_000

    def look(self):
        self.button.poll(self.now_ms)
        self.idle.step(self.settings.get(KEEP) == 0, self.now_ms)
        self.idle.over(10, self.now_ms)

    def show(self):
        self.led.show(led.pattern_of(2, self.button.stage, False, False, True, False), self.now_ms)
        self.led.step(self.now_ms)

    def measure(self):
        self.battery.step(self.now_ms)

    def fail(self):
        if self.broken:
            raise OSError(5)


parts = Parts()
record = safe.Record(machine.RTC().memory, "none")
health = Health(record, machine, parts.now_ms)
for step in (parts.look, parts.show, parts.measure, parts.fail):
    health.watch(step)
health.arm()


def turns(count):
    for _ in range(count):
        health.turn(parts.now_ms)
        parts.now_ms = parts.now_ms + 5 if parts.now_ms < 0x3FFFFFFF - 5 else 0


def measured(count):
    """Bytes that so many turns take."""
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    turns(count)
    after = gc.mem_alloc()
    gc.enable()
    return after - before


turns(10)
fed = machine.WDT.made[0].fed
answer = {"bytes": measured(2000), "fed": machine.WDT.made[0].fed - fed}
parts.broken = True
turns(1)
answer["text"] = record.text.decode()
print(json.dumps(answer))
