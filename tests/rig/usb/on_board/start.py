"""What the emulated board does from power on: MicroPython's start (_boot.py, inisetup.py), then boot.py and main.py.

Arguments: the flash's file, and the folder with all else that the board is. In it:
`given.json`: `parts` [label, type, subtype, offset, size], `cause` of the reset, `main` (whether main.py runs),
`serial` (hex), `sensor` (arguments of the model; null: no sensor), `microvolts` (at every analogue pin), `stuck`
[[offset, bits]];
`control`, a pipe: "ready", "advertises", then what ends the program; `rtc`, the clock's memory; `sensor`, what the
sensor feels.
"""

import json
import os
import sys
import time as _time
from binascii import unhexlify

import bluetooth
import esp32
import machine
import mpu6050
import vfs
from air import Air
from micropython import kbd_intr
from partition import Partition, RomSegment

COUNTER = 0x3FFFFFFF


class _Time:
    """`time` as on the ESP32: it passes by itself, and the ticks have 30 bits."""

    sleep, sleep_ms, sleep_us = _time.sleep, _time.sleep_ms, _time.sleep_us
    time, time_ns, gmtime, localtime, mktime = _time.time, _time.time_ns, _time.gmtime, _time.localtime, _time.mktime

    @staticmethod
    def ticks_us():
        return _time.ticks_us() & COUNTER

    @staticmethod
    def ticks_ms():
        return _time.ticks_ms() & COUNTER

    @staticmethod
    def ticks_add(ticks, delta):
        return (ticks + delta) & COUNTER

    @staticmethod
    def ticks_diff(end, start):
        return ((end - start + 0x20000000) & COUNTER) - 0x20000000


class _Clock:
    ticks_us = staticmethod(_Time.ticks_us)

    def advance(self, us):
        pass


class _Felt:
    """What the sensor feels stands in a file, which a test may change: six values and six swings, big-endian."""

    def __init__(self, file):
        self._file = file
        self._now = bytearray(24)

    def fill(self, index, raw):
        if index & 15 == 0:
            self._file.seek(0)
            self._file.readinto(self._now)
        for k in range(6):
            value = int.from_bytes(self._now[2 * k : 2 * k + 2], "big")
            swing = int.from_bytes(self._now[12 + 2 * k : 14 + 2 * k], "big")
            value += swing if index & 1 else -swing
            raw[2 * k], raw[2 * k + 1] = (value >> 8) & 255, value & 255


class _AllPins:
    """Every analogue pin sees the cell behind its divider."""

    def __init__(self, microvolts):
        self._microvolts = microvolts

    def get(self, pin, otherwise):
        return self._microvolts


class _Heard(Air):
    """The air around the board, which tells that the pod can be found."""

    def advertise(self, *how):
        super().advertise(*how)
        _control.write(b"advertises\n")


class _Vfs:
    """MicroPython's `vfs` with what the ESP32 has beside it: the partition for ROMFS."""

    @classmethod
    def rom_ioctl(cls, operation, *arguments):
        if operation == 1:
            return len(cls.segments)
        return cls.segments[arguments[0]].ioctl(operation, *arguments[1:])


_Vfs.segments = []
for _name in dir(vfs):
    if not _name.startswith("__"):
        setattr(_Vfs, _name, getattr(vfs, _name))


class _Rtc:
    def memory(self, data=None):
        _rtc.seek(0)
        if data is None:
            return _rtc.read(_rtc.read(1)[0])
        _rtc.write(bytes([len(data)]) + bytes(data))
        _rtc.flush()
        return None


def _end(word):
    """The chip restarts or sleeps: whoever runs this process ends it."""

    def end(*_):
        # It may not go on at a Ctrl-C, as if it had not been reset: not at a later one, nor at one not yet taken.
        kbd_intr(-1)
        _control.write(word + b"\n")
        while True:
            try:  # noqa: SIM105  # MicroPython has no contextlib
                _time.sleep_ms(1000)
            except KeyboardInterrupt:
                pass

    return end


def _wire(given):
    machine.cause[0] = given["cause"]
    serial = unhexlify(given["serial"])
    machine.unique_id = lambda: serial
    machine.RTC = _Rtc
    machine.reset = _end(b"reset")
    machine.deepsleep = machine.lightsleep = _end(b"asleep")
    machine.ADC.microvolts = _AllPins(given["microvolts"])
    if given["sensor"] is not None:
        felt = _Felt(open(_folder + "/sensor", "rb"))
        machine.bus.attach(mpu6050.Mpu6050(_Clock(), source=felt, **given["sensor"]))
    _Heard(bluetooth.BLE())
    sys.modules["time"] = _Time
    sys.modules["vfs"] = _Vfs
    for label, kind, subtype, offset, size in given["parts"]:
        esp32.flash[label] = Partition(_flash, label, kind, subtype, offset, size, given["stuck"])


def _mount():
    """The file systems, as _boot.py and inisetup.py do it; the computer's own goes out of sight."""
    vfs.umount("/")
    sys.path[:] = ["", ".frozen", "/lib"]
    if "romfs" in esp32.flash:
        _Vfs.segments = [RomSegment(esp32.flash["romfs"])]
        image = _Vfs.segments[0].image()
        if image:
            vfs.mount(vfs.VfsRom(image), "/rom")
            sys.path.extend(["/rom", "/rom/lib"])
    part = esp32.flash.get("vfs")
    if part is None:
        return
    try:
        vfs.mount(vfs.VfsLfs2(part), "/")
    except OSError:
        if not part.blank():
            print("The filesystem appears to be corrupted. If you had important data there, you")
            print("may want to make a flash snapshot to try to recover it.")
            return
        print("Performing initial setup")
        vfs.VfsLfs2.mkfs(part)
        vfs.mount(vfs.VfsLfs2(part), "/")
        with open("boot.py", "w") as f:
            f.write("# This file is executed on every boot (including wake-boot from deepsleep)\n")
    os.chdir("/")


def _run(name):
    """Run a file if it is there, in the names of the prompt; what it raises is shown, and the prompt comes."""
    try:
        with open(name) as f:
            code = compile(f.read(), name, "exec")
    except OSError:
        return
    exec(code, _names)


_names = globals()
_folder = sys.argv[2]
with open(_folder + "/given.json") as _file:
    _given = json.load(_file)
_flash = open(sys.argv[1], "r+b")
_rtc = open(_folder + "/rtc", "r+b")
_control = open(_folder + "/control", "wb")
_wire(_given)
_mount()
try:
    _control.write(b"ready\n")  # a pipe takes no flush
    _run("boot.py")
    if _given["main"]:
        _run("main.py")
except (Exception, KeyboardInterrupt) as _error:
    sys.print_exception(_error)
# From "done" on Ctrl-C is a byte for the prompt; one that was on its way as a signal comes within this time.
for _ in range(2):
    try:
        _control.write(b"done\n")
        _time.sleep_ms(20)
    except KeyboardInterrupt:
        pass
for _name in ("json", "os", "sys", "machine", "esp32", "bluetooth", "mpu6050", "vfs", "Air", "unhexlify", "_name"):
    _names.pop(_name, None)
