"""Bytes that the detector allocates, apart from making it. Arguments: samples, rate, how often they are repeated."""

import gc
import json
import sys

import micropython
from pod.gait.detector import Detector

detector = Detector(int(sys.argv[2]))
body = bytearray(228)
whole = memoryview(body)
allocated = locked = packets = 0
gc.collect()
gc.disable()
for _ in range(int(sys.argv[3])):
    with open(sys.argv[1], "rb") as file:
        while file.readinto(body) == 228:
            before = gc.mem_alloc()
            detector.take(whole, 19)
            allocated += gc.mem_alloc() - before
            packets += 1
    gc.collect()
    with open(sys.argv[1], "rb") as file:
        file.readinto(body)
        micropython.heap_lock()
        try:
            detector.take(whole, 19)
            detector.retime(498765)
            detector.skip(3)
        finally:
            micropython.heap_unlock()
print(json.dumps({"bytes": allocated, "packets": packets, "landings": detector.landings}))
