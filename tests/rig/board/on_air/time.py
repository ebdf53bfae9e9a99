"""Stands before MicroPython's `time` where the world outside the pod lives in another process and has the clock.

To sleep is to ask that world to wait; between two sleeps time passes only by what the simulated transfers take.
"""

from virtual_clock import VirtualClock


class _PacedClock(VirtualClock):
    def __init__(self):
        super().__init__()
        self.wait_ms = self.sleep_ms_alone

    def sleep_ms_alone(self, ms):
        self.advance(ms * 1000)

    def sleep_ms(self, ms):
        self.wait_ms(ms)


clock = _PacedClock()
ticks_us = clock.ticks_us
ticks_ms = clock.ticks_ms
sleep_us = clock.sleep_us
sleep_ms = clock.sleep_ms


def sleep(seconds):
    clock.sleep_ms(int(seconds * 1000))
