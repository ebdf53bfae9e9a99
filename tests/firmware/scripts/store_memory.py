"""Memory of a store, and time to mount it, on a flash of BLOCKS blocks that are all in use (kept as one block here)."""

import gc
import json
import sys
import time

from nor_flash import NorFlash
from pod.flash.store import RunStore

BLOCKS = int(sys.argv[1])


class Repeated:
    """A flash whose every block is the same one."""

    def __init__(self, flash):
        self._flash = flash

    def ioctl(self, operation, argument):
        return BLOCKS if operation == 4 else self._flash.ioctl(operation, argument)

    def readblocks(self, block, buf, offset):
        self._flash.readblocks(0, buf, offset)


flash = NorFlash(3, 512)
first = RunStore(flash, flash.ticks_us)
first.mount()
while first.prepare():
    pass
first.open(1)
first.append(bytearray(b"\x16" + bytes(27)), 28, 0)

device = Repeated(flash)
gc.collect()
before = gc.mem_alloc()
store = RunStore(device, time.ticks_us)
gc.collect()
held = gc.mem_alloc() - before
begun = time.ticks_us()
before = gc.mem_alloc()
store.mount()
took_us = time.ticks_diff(time.ticks_us(), begun)
allocated = gc.mem_alloc() - before
begun = time.ticks_us()
for _ in range(100000):
    pass
loop_us = time.ticks_diff(time.ticks_us(), begun) / 100000
print(
    json.dumps(
        {
            "held": held,
            "mount_allocated": allocated,
            "in_use": store.in_use(),
            "mount_turns_a_block": round(took_us / loop_us / BLOCKS),
        }
    )
)
