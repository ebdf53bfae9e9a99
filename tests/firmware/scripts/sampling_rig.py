"""A sampler on a modelled sensor in virtual time, and a ledger of what it delivered; shared by the programs here."""

import struct

import machine
from mpu6050 import COUNTER, Counter, Mpu6050
from pod.sensing.bus import Bus
from pod.sensing.sampler import Sampler
from pod.sensing.sensor import Sensor
from pod.wire.packet import HEADER, SAMPLE
from pod.wire.ring import PacketRing
from virtual_clock import VirtualClock


class Watcher:
    """In the detector's place: notices clipped values, counts."""

    def __init__(self):
        self.packet_clipped = False
        self.taken = self.skipped = 0
        self.rate_mhz = 0

    def take(self, body, count):
        self.taken += count
        self.packet_clipped = False
        for k in range(0, count * SAMPLE, 2):
            high = body[k]
            if (high == 0x7F and body[k + 1] == 0xFF) or (high == 0x80 and body[k + 1] == 0):
                self.packet_clipped = True
        return 0

    def skip(self, samples):
        self.skipped += samples

    def retime(self, rate_mhz):
        self.rate_mhz = rate_mhz


class Rig:
    """All parts, wired as the pod wires them. The sensor is identified and configured; nothing runs yet."""

    def __init__(self, kind="MPU-6050", rate_hz=500, start_us=0, slots=64, **model):
        self.clock = VirtualClock(start_us)
        machine.bus.clear()
        machine.bus.clock = self.clock
        self.model = Mpu6050(self.clock, kind, **model)
        machine.bus.attach(self.model)
        self.bus = Bus(22, 21)
        self.sensor = Sensor(self.bus, self.clock.sleep_ms)
        self.sensor.identify()
        self.configured = self.sensor.configure(rate_hz)
        self.ring = PacketRing(slots)
        self.detector = Watcher()
        self.sampler = Sampler(self.sensor, self.ring, self.detector, self.clock.ticks_us)

    def run(self, ms, ledger=None, step_us=3000):
        """Poll every few ms for a time, as the main loop does, and let the host read."""
        end_us = (self.clock.now_us - COUNTER + ms * 1000 - 1) & COUNTER
        while ((self.clock.now_us - end_us) & COUNTER) > COUNTER // 2:
            self.clock.advance(step_us)
            if self.sampler.poll() and ledger:
                ledger.read()


def _signed(difference):
    difference &= COUNTER
    return difference - COUNTER - 1 if difference > COUNTER // 2 else difference


class Ledger:
    """Reads the packets out of the ring, as a host would, and holds them against the samples that were made."""

    def __init__(self, rig):
        self._ring = rig.ring
        self._model = rig.model
        self._next = rig.ring.next
        self.samples = self.broken = self.not_rising = self.unflagged_gaps = self.out_of_order = 0
        self.flags = []
        self.steps = []
        self.worst_index = 0
        self.early_us = self.late_us = 0
        self._truth = -1
        self._offset = None
        self._first_offset = None
        self.first_index = None
        self.last = None

    def read(self):
        while self._next != self._ring.next:
            self._packet(self._ring.get(self._next))
            self._next = (self._next + 1) & 0xFFFFFF

    def _packet(self, packet):
        form, flags, count, behind, low, high, run, index, clock_us = struct.unpack("<BBBBHBBII", packet)
        self.out_of_order += (low | high << 16) != self._next or form != 0x10 or len(packet) != HEADER + count * SAMPLE
        if flags & ~2:
            self.flags.append(flags)
        if self.first_index is None:
            self.first_index = index
        body = memoryview(packet)[HEADER:]
        for k in range(count):
            raw = body[k * SAMPLE : (k + 1) * SAMPLE]
            truth = Counter.index(raw)
            self.samples += 1
            if truth < 0:
                self.broken += 1
                continue
            self._sample((index + k) & COUNTER, truth, k == 0 and flags & ~2)
        self._date(behind, clock_us)
        self.last = (flags, count, behind, run, index, clock_us)

    def _date(self, behind, clock_us):
        """How far the last sample lies outside the period that `behind` and the clock put it into."""
        period_us = self._model.period_ns // 1000
        taken_us = self._model.due_us - ((self._model.index - self._truth) & COUNTER) * period_us
        age_us = _signed(clock_us - taken_us)
        self.early_us = max(self.early_us, behind * period_us - age_us)
        self.late_us = max(self.late_us, age_us - (behind + 1) * period_us)

    def _sample(self, index, truth, flagged):
        offset = (index - truth) & COUNTER
        if self._offset is None:
            self._first_offset = self._offset = offset
        elif ((truth - self._truth) & COUNTER) - 1 >= COUNTER // 2:
            self.not_rising += 1
        if offset != self._offset or (self._truth >= 0 and ((truth - self._truth) & COUNTER) != 1):
            self.unflagged_gaps += not flagged
            self.steps.append(_signed(offset - self._offset))
        self._offset, self._truth = offset, truth
        error = _signed(offset - self._first_offset)
        if abs(error) > abs(self.worst_index):
            self.worst_index = error

    def result(self):
        return {
            "samples": self.samples,
            "broken": self.broken,
            "not_rising": self.not_rising,
            "unflagged_gaps": self.unflagged_gaps,
            "out_of_order": self.out_of_order,
            "worst_index": self.worst_index,
            "flags": self.flags,
            "steps": self.steps,
            "early_us": self.early_us,
            "late_us": self.late_us,
        }
