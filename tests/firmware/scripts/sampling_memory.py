"""sampling_memory.py RATE SECONDS: bytes that sampling takes from the heap, across the wraps of all three counters."""

import gc
import json
import sys

import micropython
from sampling_rig import Rig

rate_hz, seconds = int(sys.argv[1]), int(sys.argv[2])
# The clock wraps 3 s into the run, the sequence after 40 packets, the index after 2 s.
rig = Rig("MPU-6050", rate_hz, start_us=2**30 - 3_600_000)
rig.ring.open(2**24 - 40)
rig.sampler.start(1)
rig.sampler.index = 2**30 - 2 * rate_hz
rig.run(1000)


def allocated(rig, seconds):
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(seconds):
        rig.run(1000)
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def packets_with_heap_locked(rig):
    packets = rig.ring.next
    micropython.heap_lock()
    rig.run(1000)
    micropython.heap_unlock()
    return rig.ring.next - packets


taken = rig.detector.taken
print(
    json.dumps(
        {
            "allocated": allocated(rig, seconds),
            "samples": rig.detector.taken - taken,
            "packets_with_heap_locked": packets_with_heap_locked(rig),
            "clock_us": rig.clock.now_us,
            "sequence": rig.ring.next,
            "index": rig.sampler.index,
            "rate_mhz": rig.sampler.rate_mhz,
            "faults": [rig.sampler.overflows, rig.sampler.restarts, rig.sampler.bus_faults],
            "free": gc.mem_free(),
        }
    )
)
