"""The whole pod as `main.py` starts it, with the world outside in another process: `outside` says how they speak.

Argument: the number of the open pipe. Over it comes first, after u16 its length, JSON: `folder` with the board's files,
`source` of the sensor's samples (an expression), `flash_blocks`, `cause` of the start, `kept` by the real-time clock
(hex), `serial` (hex), `sensor` (more arguments of the model).
"""

import gc
import json
import os
import sys

import machine

sys.path.insert(0, machine.__file__.rsplit("/", 1)[0] + "/on_air")

import time
from binascii import unhexlify

import bluetooth
import board
import esp32
import mpu6050
import safe
from flash_file import FlashFile
from nor_flash import PowerCut
from outside import Outside


def put_together(given):
    """The board and what is wired to it: the sensor."""
    os.chdir(given["folder"])
    machine.bus.clock = time.clock
    machine.cause[0] = given["cause"]
    machine.RTC.stored[0] = unhexlify(given["kept"])
    serial = unhexlify(given["serial"])
    machine.unique_id = lambda: serial
    machine.ADC.microvolts[board.BATTERY] = 2_000_000
    sensor = mpu6050.Mpu6050(time.clock, source=eval(given["source"], mpu6050.__dict__), **given["sensor"])
    machine.bus.attach(sensor)
    if given["flash_blocks"]:
        esp32.flash["runs"] = FlashFile("runs.flash", given["flash_blocks"], time.clock)
    return sensor


def run(pipe, given):
    """Start the pod, and run it until the board stops."""
    sensor = put_together(given)
    names = {
        "pod": None,
        "gc": gc,
        "machine": machine,
        "board": board,
        "sensor": sensor,
        "flash": esp32.flash,
        "clock": time.clock,
    }
    outside = Outside(pipe, time.clock, bluetooth.BLE(), names)
    record = safe.Record(machine.RTC().memory, "record.bin")
    cause = record.cause(machine.reset_cause())
    record.starting(cause)

    from pod import assembly, start

    try:
        names["pod"] = assembly.assemble(record, cause, start.radio())
        assembly.run(names["pod"])
    except machine.BoardStopped as stopped:
        outside.stopped(str(stopped).encode(), machine.RTC().memory())
    except PowerCut:
        pass


pipe = open(int(sys.argv[1]), "r+b")
run(pipe, json.loads(pipe.read(int.from_bytes(pipe.read(2), "little"))))
