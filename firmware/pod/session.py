"""One run, from its start packet to its end packet. Every packet that is not of samples is made here."""

from micropython import const

from pod.wire import packet, records
from pod.wire.ring import PacketRing

_TOLD = (records.EVENT_OVERFLOW, records.EVENT_RESTARTED, records.EVENT_BUS_FAULT, records.EVENT_DROPPED)
_NO_RUN = const(0)
_SCRATCH_PACKETS = const(2)


class Session:
    """The run that is being recorded, or, while none is, samples that are only looked at by the detector.

    `body` is the `StartBody` that the next run begins with. `run` is the number of this run or, after its end, of the
    last one, whose newest packets are still in the ring; 0 before the first.
    """

    def __init__(self, ring, sampler, body, ticks_us):
        self._ring = ring
        self._scratch = PacketRing(_SCRATCH_PACKETS)
        self._sampler = sampler
        self._body = body
        self._ticks_us = ticks_us
        self.recording = False
        self.run = _NO_RUN
        self._counts = [0] * len(_TOLD)
        self._first_landing = 0

    @property
    def landings(self):
        """Landings in this run."""
        return self._sampler.detector.landings - self._first_landing

    def measure(self):
        """Sample without recording: whether the sensor answered. The run before stays in the ring."""
        self._sampler.ring = self._scratch
        return self._sample(_NO_RUN)

    def start(self, run, started_by, temperature_cdegc, battery_mv, utc, utc_age_s):
        """Begin `run` with its start packet: whether the sensor answered."""
        self._sampler.stop()
        self._ring.open(0)
        self._sampler.ring = self._ring
        self.run = run
        self._first_landing = self._sampler.detector.landings
        for place in range(len(_TOLD)):
            self._counts[place] = 0
        if not self._sample(run):
            return False
        self.recording = True
        self._body.moment(run, started_by, temperature_cdegc, battery_mv)
        self._body.time(utc, utc_age_s)
        self._tell(packet.START, self._body.copy(self._ring.body()))
        return True

    def stop(self, reason):
        """End the run with what is still in the FIFO and an end packet."""
        sampler = self._sampler
        sampler.stop()
        self.report()
        faults, restarts = sampler.bus_faults, sampler.restarts
        body = self._ring.body()
        length = records.write_end(body, reason, sampler.index, sampler.overflows, faults, restarts, self._ring.dropped)
        self._tell(packet.END, length)
        self.recording = False

    def mark(self, source, label):
        """Set a mark; its sequence number."""
        sequence = self._ring.next
        self._tell(packet.MARK, records.write_mark(self._ring.body(), source, label))
        return sequence

    def clock(self, utc):
        """Note the time that a host told just now, as 8 bytes."""
        self._tell(packet.CLOCK, records.write_clock(self._ring.body(), utc))

    def event(self, code, value, text=b""):
        """Note what happened. Nothing while no run is recorded."""
        if self.recording:
            self._tell(packet.EVENT, records.write_event(self._ring.body(), code, value, text))

    def report(self):
        """Note, once a second, what was lost or mended since the last time. Allocates nothing."""
        sampler = self._sampler
        self._count(0, sampler.overflows)
        self._count(1, sampler.restarts)
        self._count(2, sampler.bus_faults)
        self._count(3, self._ring.dropped)

    def forget_landings(self):
        """The detector is a new one and counts from 0."""
        self._first_landing = 0

    def _sample(self, run):
        """Begin to sample; the time without samples before is a gap to the detector, which keeps the axes it learnt."""
        self._sampler.detector.skip(0)
        return self._sampler.start(run)

    def _count(self, place, count):
        if count != self._counts[place]:
            self._counts[place] = count
            self.event(_TOLD[place], count)

    def _tell(self, form, length):
        ring = self._ring
        clock_us = self._ticks_us() & packet.COUNTER
        index = self._sampler.index
        packet.write_header(ring.packet(), form, 0, length, 0, ring.next, self.run, index, clock_us)
        ring.commit(packet.HEADER + length)
