"""Print the memory that each module of the pod takes once loaded, and then the pod's parts (32-bit words).

Compiled modules come from the folder in the argument. One module a turn: this port collects garbage only in between.
"""

import gc
import json
import os
import sys

sys.path.insert(0, "/standins/virtual_time")

# What is not the pod must not count.
import array  # noqa: F401
import binascii  # noqa: F401
import struct  # noqa: F401
import time

import air
import bluetooth
import board  # noqa: F401
import esp32
import machine
import mpu6050
from nor_flash import NorFlash

FOLDER = sys.argv[1]
sys.path[:] = [path for path in sys.path if path != "/firmware"] + [FOLDER]
GROUPS = ("wire", "sensing", "gait", "flash", "life", "link", "")
"""In this order, so that few load others before their turn."""
names = ["safe"]
for group in GROUPS:
    folder = "pod/" + group if group else "pod"
    for file in sorted(os.listdir(FOLDER + "/" + folder)):
        if file.endswith(".mpy") and file not in ("__init__.mpy", "assembly.mpy"):
            names.append((folder + "/" + file[:-4]).replace("/", "."))
names.append("pod.assembly")  # last: it loads all others
machine.bus.clock = time.clock
machine.bus.attach(mpu6050.Mpu6050(time.clock, "MPU-6050"))
air.Air(bluetooth.BLE())
esp32.flash["runs"] = NorFlash(384)
told = []
state = {"loaded": "", "before": 0, "pod": None}


def next_turn():
    """Load the next one; what the last one took is known now that its garbage has gone."""
    now = gc.mem_alloc()
    if state["loaded"]:
        told.append((state["loaded"], now - state["before"]))
    state["before"] = now
    if names:
        state["loaded"] = names.pop(0)
        __import__(state["loaded"])
    elif state["pod"] is None:
        state["loaded"] = "parts"
        record = sys.modules["safe"].Record(machine.RTC().memory, "record")
        state["pod"] = sys.modules["pod.assembly"].assemble(record, 1, sys.modules["pod.start"].radio())
    else:
        for name, size in told:
            print(json.dumps({"module": name, "bytes": size}))
        return False
    return True
