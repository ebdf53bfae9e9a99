"""From the sensor's FIFO to packets in the ring: sampling without a gap, and gaps that are told."""

from micropython import const

from pod.sensing.rate import SampleClock, later
from pod.sensing.sensor import SETTLE_MS
from pod.wire.packet import (
    BUS_FAULT,
    CLIPPED,
    COUNTER,
    HEADER,
    MAX_PACKET,
    MAX_SAMPLES,
    OVERFLOW,
    RESTARTED,
    SAMPLE,
    SAMPLES,
    write_header,
)

_ASKED_US = const(1000)
_RETRY_US = const(100_000)
_TRIES = const(30)


class Sampler:
    """Makes packets of samples; `ticks_us` is `time.ticks_us`.

    `index` is the number of the next sample in its run. `lost` says that the sensor has not come back for some
    seconds. As long as nothing fails, nothing allocates.
    """

    def __init__(self, sensor, ring, detector, ticks_us):
        self.sensor = sensor
        self.ring = ring
        self.detector = detector
        self.running = False
        self._ticks_us = ticks_us
        self._time = SampleClock()
        self._run = 0
        self._clear()

    def _clear(self):
        self.index = 0
        self.overflows = 0
        self.restarts = 0
        self.lost = False
        self._faults_before = self.sensor.bus.faults
        self._flags = 0
        self._gap = False
        self._mending = False
        self._tries = 0

    @property
    def rate_mhz(self):
        """True rate in milli-Hz; the nominal one until it is known."""
        return self._time.mhz

    @property
    def bus_faults(self):
        """Transfers that failed in this run."""
        return self.sensor.bus.faults - self._faults_before

    def start(self, run):
        """Begin a run with an empty FIFO; whether the sensor answered. It must have been configured."""
        self._clear()
        self._run = run
        # Nothing new for the time of eight samples, and then some: the sensor has stopped.
        self._silence_us = 8_000_000 // self.sensor.rate_hz + 20_000
        self.running = self.sensor.flush()
        self._clock = self._heard_us = self._ticks_us() & COUNTER
        self._time.start(self.sensor.rate_hz, self._clock)
        self.detector.retime(self._time.mhz)
        self._seen = 0
        return self.running

    def stop(self):
        """Read what is left, the last packet shorter, and halt the sensor: packets made."""
        if not self.running:
            return 0
        packets = 0
        while packets <= self.sensor.fifo_bytes // MAX_PACKET and self.poll():
            packets += 1
        left = 0 if self._mending else self._ask()
        count = min(left, MAX_SAMPLES)
        if left > 0 and self.sensor.read(self.ring.body()[: count * SAMPLE]) == 0:
            self._deliver(count, left)
            packets += 1
        self.sensor.halt()
        self.running = False
        return packets

    def poll(self):
        """Make one packet if as many samples are waiting; packets made."""
        if not self.running:
            return 0
        if self._mending and not self._mend():
            return 0
        waiting = self._ask()
        if waiting < 0:
            self._fail(-waiting)
            return 0
        if waiting < MAX_SAMPLES:
            self._listen(waiting)
            return 0
        flag = self.sensor.read(self.ring.body())
        if flag:
            self._fail(flag)
            return 0
        self._deliver(MAX_SAMPLES, waiting)
        return 1

    def _ask(self):
        # An interrupt between clock and count would date the samples wrong: then ask once more.
        for _ in range(2):
            self._clock = self._ticks_us() & COUNTER
            waiting = self.sensor.waiting()
            if waiting < 0 or ((self._ticks_us() - self._clock) & COUNTER) < _ASKED_US:
                break
        return waiting

    def _listen(self, waiting):
        if waiting != self._seen:
            self._seen = waiting
            self._heard_us = self._clock
        elif ((self._clock - self._heard_us) & COUNTER) > self._silence_us:
            self._fail(RESTARTED)

    def _deliver(self, count, waiting):
        if self._gap:
            self._bridge(waiting)
        ring = self.ring
        self.detector.take(ring.body(), count)
        flags = self._flags | CLIPPED if self.detector.packet_clipped else self._flags
        behind = waiting - count
        write_header(ring.packet(), SAMPLES, flags, count, behind, ring.next, self._run, self.index, self._clock)
        ring.commit(MAX_PACKET if count == MAX_SAMPLES else HEADER + count * SAMPLE)
        self.index = later(self.index, count)
        self._heard_us = self._clock
        self._seen = behind
        self._flags = 0
        self._tries = 0
        if self._time.note(later(self.index, behind), self._clock):
            self.detector.retime(self._time.mhz)

    def _bridge(self, waiting):
        """Number the first sample after a gap by the time that has passed."""
        missing = (self._time.position_at(self._clock) - waiting - self.index) & COUNTER
        if missing > COUNTER // 2:  # half a sample too few
            missing = 0
        self.index = later(self.index, missing)
        self.detector.skip(missing)
        self._time.restart()
        self._gap = False

    def _fail(self, flag):
        self._flags |= flag
        if flag == OVERFLOW:
            self.overflows += 1
        self._anew = flag == RESTARTED
        self._mending = True
        self._mend_us = self._clock
        self._mend()

    def _mend(self):
        """Bring the sensor back, a step at a time, without waiting here: whether it samples again."""
        now = self._ticks_us() & COUNTER
        if ((now - self._mend_us) & COUNTER) >= COUNTER // 2:
            return False
        found = 0 if self._anew else self.sensor.configured()
        if found > 0 and self.sensor.flush():
            self._mending = False
            self._gap = True
            self._seen = -1
            return True
        self._tries += 1
        self.lost = self._tries > _TRIES
        self._mend_us = later(now, _RETRY_US)
        if found == 0 and self.sensor.setup():
            self.restarts += 1
            self._flags |= RESTARTED
            self._anew = False
            self._mend_us = later(now, SETTLE_MS * 1000)
        else:
            self._flags |= BUS_FAULT
        return False
