"""The runs on flash, read: packet by packet, or in a summary."""

from micropython import const

from pod.flash import blocks
from pod.flash.reading import BlockReader
from pod.wire import packet

OPEN = const(1)
ENDED = const(2)
ACKNOWLEDGED = const(4)

_RATE_AT = const(67)
"""Where a start packet holds its rate."""


class KeptRuns:
    """What the blocks of `device` hold. Packet numbers of a kept run do not wrap: 2^24 packets are 7 days at 500 Hz."""

    def __init__(self, device, ticks_us):
        self._blocks = blocks.Blocks(device, ticks_us)
        self._reader = BlockReader(device, self._blocks.limit)
        self._forget_place()
        self._run = -1

    def _forget_place(self):
        """Trust the reader's place no more: it went elsewhere, or what it saw may be gone.

        That place is in the run `_reading`, at its first packet from number `_sought` on.
        """
        self._reading = -1
        self._sought = 0

    def seek(self, run, sequence):
        """Sequence of the first packet of `run` from `sequence` on that is kept; -1 if there is none."""
        reader = self._reader
        known = self._blocks.index
        reading = run == self._reading
        if reading and self._sought <= sequence <= reader.sequence:
            return reader.sequence
        if not reading or not 0 <= reader.sequence == sequence - 1:
            block = known.holding(run, sequence)
            if block < 0:
                block = known.following(run, sequence)
            if block < 0:
                return -1
            reader.enter(block)
            self._reading = run
        self._sought = sequence
        found = reader.advance()
        # A number further on than the one looked for may be a damaged one.
        while found < sequence or (found > sequence and not reader.load()):
            if found < 0:
                block = known.following(run, known.firsts[reader.block])
                if block < 0:
                    self._forget_place()
                    return -1
                reader.enter(block)
            found = reader.advance()
        return found

    def read(self, run, sequence, into):
        """Copy a packet into `into` and return its length; 0 if it is not kept, or damaged."""
        if self.seek(run, sequence) != sequence:
            return 0
        length = self._reader.load()
        payload = self._reader.frame.payload
        for at in range(length):
            into[at] = payload[at]
        return length

    def run_from(self, run):
        """Return the first number from `run` on of a run that is not all acknowledged; -1 if there is none."""
        return self._blocks.index.run_from(run)

    def summary(self, run):
        """Return state, number of the last packet plus one, rate in Hz (0: not known), and blocks of `run`."""
        known = self._blocks.index
        self._forget_place()
        count = known.blocks_of(run, True)
        state = 0 if known.blocks_of(run, False) else ACKNOWLEDGED
        packets = 0
        if run == self._run:
            state |= OPEN
        last = known.holding(run, packet.SEQUENCE)
        if count and self._reader.last(last) >= 0:
            packets = self._reader.sequence + 1
            if self._reader.frame.payload[0] == packet.END:
                state |= ENDED
        return state, packets, self._rate_hz(run), count

    def _rate_hz(self, run):
        if self.seek(run, 0) != 0 or not self._reader.load():
            return 0
        start = self._reader.frame.payload
        return start[_RATE_AT] | start[_RATE_AT + 1] << 8 if start[0] == packet.START else 0
