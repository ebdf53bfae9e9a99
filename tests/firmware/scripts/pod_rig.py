"""The whole pod as `main.py` starts it, on stand-ins and in virtual time; the program plays host, runner and battery.

A program makes a `World`, then lets it `live` through a scenario: a generator that yields milliseconds to wait.
"""

import os
import sys

import machine

sys.path.insert(0, machine.__file__.rsplit("/", 1)[0] + "/virtual_time")

import struct
import time

import air
import bluetooth
import board
import esp32
import safe
from mpu6050 import Mpu6050
from pod import assembly, start

CONTROL = "5f6f0003-7375-7265-666f-6f7420706f64"
DATA = "5f6f0002-7375-7265-666f-6f7420706f64"
STATUS = "5f6f0004-7375-7265-666f-6f7420706f64"
IDENTITY = "5f6f0005-7375-7265-666f-6f7420706f64"
HELLO, START, STOP, MARK, TIME, SET, GET, ACK, LIST, FETCH, CANCEL, ERASE, IDENTIFY, SELF_TEST, RESTART = range(1, 16)

_EVENT_MS = 15
_ANSWER_MS = 3000


class Over(BaseException):
    """The scenario has ended; the pod would go on for ever."""


class World:
    """`source` gives the sensor's samples; `flash` is what of the board survives a reset, with files in `folder`."""

    def __init__(self, folder, source=None, flash=None, cause=1, kind="MPU-6050", start_us=0, **model):
        World.latest = self
        self.pod = None
        os.chdir(folder)
        bluetooth.power_cycle()
        machine.bus.clear()
        machine.bus.clock = time.clock
        machine.cause[0] = cause
        machine.Pin.levels.clear()
        machine.ADC.microvolts[board.BATTERY] = 2_000_000
        time.clock.now_us = start_us
        if model:
            self.model = Mpu6050(time.clock, kind, **model)
        else:
            self.model = Mpu6050(time.clock, kind)
        if source:
            self.model.source = source
        machine.bus.attach(self.model)
        self.flash = flash
        esp32.flash.clear()
        if flash:
            flash.clock = time.clock
            esp32.flash["runs"] = flash
        self.ble = bluetooth.BLE()
        self.air = air.Air(self.ble, per_event=6)
        self.record = safe.Record(machine.RTC().memory, "record.bin")
        self.record.starting(cause)
        self.pod = assembly.assemble(self.record, cause, start.radio())
        self.hurry_ms = 0  # added to each turn, where nothing but time is to pass

    def live(self, scenario):
        """Run the main loop until the scenario ends; what it returned, or how the board stopped."""
        self._scenario = scenario
        self._wait_ms = 0
        self._event_ms = 0
        self._last_ms = time.ticks_ms()
        self.result = None
        time.clock.while_asleep = self._go_on
        try:
            assembly.run(self.pod)
        except Over:
            return self.result
        except machine.BoardStopped as stopped:
            return str(stopped)
        finally:
            time.clock.while_asleep = None
        return None

    def _go_on(self):
        time.clock.advance(self.hurry_ms * 1000)
        now_ms = time.ticks_ms()
        passed = (now_ms - self._last_ms) & 0x3FFFFFFF
        self._last_ms = now_ms
        self._event_ms += passed
        while self._event_ms >= _EVENT_MS:
            self._event_ms -= _EVENT_MS
            self.air.event()
        self._wait_ms -= passed
        while self._wait_ms <= 0:
            try:
                self._wait_ms += next(self._scenario)
            except StopIteration as ended:
                self.result = ended.value
                raise Over() from None

    def flash_states(self, state):
        """How many blocks of the store are in this state."""
        return self.pod.store._blocks.index.tally(state)

    def pulses(self):
        """How often the cue was switched on since the last time."""
        count = machine.Pin.history.count((board.CUE, 1))
        machine.Pin.history.clear()
        return count

    def press(self, ms):
        """Hold the button so long."""
        machine.Pin.drive(board.BUTTON, 0)
        yield ms
        machine.Pin.drive(board.BUTTON, 1)
        yield 100

    def bonded(self, mtu=247, address=b"\x10\x20\x30\x40\x50\x60"):
        """A host that connected and paired in the minute after the button."""
        host = Host(self, address)
        yield from host.connect(mtu)
        yield from self.press(3500)
        host.central.pair()
        host.listen()
        yield 50
        return host


class Host:
    """A laptop, byte by byte: writes requests, and keeps what was notified."""

    def __init__(self, world, address=b"\x10\x20\x30\x40\x50\x60"):
        self.world = world
        self.central = air.Central(world.air, address)
        self.tag = 0
        self.packets = []
        self.expected = 0

    def connect(self, mtu=247):
        while not self.central.connect():
            yield 100
        self.central.exchange_mtu(mtu)
        self.world.ble.connection_updated(self.central.conn, _EVENT_MS * 4 // 5)
        yield 10

    def come_back(self, mtu=247):
        """Connect again and encrypt with the keys of before."""
        yield from self.connect(mtu)
        self.central.encrypt()
        self.listen()
        yield 10

    def listen(self):
        for uuid in (CONTROL, DATA, STATUS):
            self.central.subscribe(uuid)

    def write(self, request, arguments=b""):
        self.tag = (self.tag + 1) & 0xFF
        return self.central.write(CONTROL, bytes((len(arguments) + 2, request, self.tag)) + arguments)

    def ask(self, request, arguments=b""):
        """Write a request and wait for its answer: error code and data, or None where none came."""
        while self.write(request, arguments) is None:
            yield 20
        for _ in range(_ANSWER_MS // 10):
            yield 10
            for value in self.central.values(CONTROL):
                if value[0] == request | 0x80 and value[1] == self.tag:
                    return value[2], value[3:]
        return None

    def collect(self):
        """Packets that came since the last time; their bytes are appended to `packets`."""
        if self.central.conn is None:
            return self.packets
        data = self.central.handle(DATA)
        kept = []
        for number, value in self.central.received:
            if number == data:
                self.packets.append(value)
            else:
                kept.append((number, value))
        self.central.received = kept[-64:]
        return self.packets

    def acknowledge(self):
        """All that has come without a hole, as far as is known; there is no answer to wait for."""
        self.collect()
        for packet in self.whole_packets():
            if sequence(packet) == self.expected:
                self.expected += 1
        if self.expected:
            self.write(ACK, struct.pack("<I", self.world.pod.session.run) + u24(self.expected - 1))

    def fetch(self, run, first, last):
        """Ask for a range and wait until it has come: what the event *fetched* tells, or the error."""
        error, _ = yield from self.ask(FETCH, struct.pack("<I", run) + u24(first) + u24(last))
        while not error:
            yield 100
            notices = [value for value in self.central.values(CONTROL) if value[0] == 0xC1]
            self.collect()
            if notices:
                return notices[0]
        return error

    def missing(self):
        """Sequence numbers that have not come, up to the highest that has."""
        numbers = {sequence(packet) for packet in self.packets}
        return [number for number in range(max(numbers) + 1) if number not in numbers]

    def whole_packets(self):
        """Packets as the pod made them: pieces put together."""
        pieces = b""
        for value in self.packets:
            if value[0] < 0x80:
                yield value
            else:
                pieces = pieces + value[1:] if value[0] & 0x3F else value[1:]
                if value[0] & 0x40:
                    yield pieces


def u24(value):
    return struct.pack("<HB", value & 0xFFFF, value >> 16)


def sequence(packet):
    return packet[4] | packet[5] << 8 | packet[6] << 16
