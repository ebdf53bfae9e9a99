"""Stands before MicroPython's `time` on the path of programs that run the whole pod: one clock for everything.

`clock.while_asleep`, if set, is called after each sleep: the place where the world around the pod goes on.
"""

from virtual_clock import VirtualClock


class _WorldClock(VirtualClock):
    def __init__(self, start_us=0):
        super().__init__(start_us)
        self.while_asleep = None

    def sleep_ms(self, ms):
        self.advance(ms * 1000)
        if self.while_asleep:
            self.while_asleep()


clock = _WorldClock()
ticks_us = clock.ticks_us
ticks_ms = clock.ticks_ms
sleep_us = clock.sleep_us
sleep_ms = clock.sleep_ms


def sleep(seconds):
    clock.sleep_ms(int(seconds * 1000))
