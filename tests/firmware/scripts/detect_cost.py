"""What the detector costs: time in units of an empty step of a loop, and bytes allocated. Arguments: samples, rate."""

import gc
import json
import sys
import time

from pod.gait.detector import Detector

path, rate_hz = sys.argv[1], int(sys.argv[2])
PACKET = 228


def empty(steps):
    started = time.ticks_us()
    for _ in range(steps):
        pass
    return time.ticks_diff(time.ticks_us(), started)


with open(path, "rb") as file:
    raw = file.read()
packets = len(raw) // PACKET
whole = memoryview(raw)
bodies = [whole[k * PACKET : (k + 1) * PACKET] for k in range(packets)]
detector = Detector(rate_hz)
longest = 0
gc.collect()
gc.disable()
before = gc.mem_alloc()
started = time.ticks_us()
for body in bodies:
    begun = time.ticks_us()
    detector.take(body, 19)
    spent = time.ticks_diff(time.ticks_us(), begun)
    longest = max(longest, spent)
spent = time.ticks_diff(time.ticks_us(), started)
allocated = gc.mem_alloc() - before
step_us = empty(1000000) / 1000000
print(
    json.dumps(
        {
            "samples": packets * 19,
            "landings": detector.landings,
            "bytes": allocated,
            "us_per_sample": spent / packets / 19,
            "empty_steps_per_sample": spent / packets / 19 / step_us,
            "empty_steps_longest_packet": longest / step_us,
        }
    )
)
