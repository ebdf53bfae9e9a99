"""The runs on flash: written packet by packet, and released when the host has them (docs/run-file.md)."""

from micropython import const

from pod.flash import blocks, index
from pod.flash.kept import KeptRuns
from pod.wire import frame, packet

_LONGEST_FRAME = const(256)
_HELD_BACK = const(2)


class RunStore(KeptRuns):
    """Runs in the blocks of `device`; call `mount` first. Run numbers rise, and packet numbers in a run.

    A packet that `append` took is there until its block is released, whatever happens to the power.
    """

    def __init__(self, device, ticks_us):
        super().__init__(device, ticks_us)
        self._frame = frame.Frame()
        self._reserved = False  # the open block is the one held back for other packets than samples

    def mount(self):
        """Find what is on the flash. Nothing is written behind what an earlier start of the pod wrote."""
        self._blocks.scan()
        self._forget_place()
        self.close()
        known = self._blocks.index
        newest = known.newest
        if newest >= 0 and known.states[newest] == index.IN_USE and self._reader.last(newest) < 0:
            # The power went before its first packet was whole.
            known.set(newest, index.DONE)

    def next_run(self):
        """Return the number for a new run."""
        return self._blocks.index.newest_run + 1

    def open(self, run):
        """Begin `run`: blocks are taken when there is something to write."""
        self._reserved = False
        self._run = run
        self._block = -1

    def close(self):
        """End the open run."""
        self._run = -1
        self._block = -1

    def accepts(self, form):
        """Whether a packet of this form, of any length, has room.

        Two blocks are held back from samples: one for events and marks, the last for the end.
        """
        if self._reserved and _is_of_samples(form) and self.ready() < _HELD_BACK:
            return False
        if self._block >= 0 and self._offset + _LONGEST_FRAME <= self._blocks.limit:
            return True
        return self._blocks.index.tally(index.READY) > _held_back(form)

    def append(self, buf, length, sequence):
        """Write a packet of the open run; sequences rise. False if there is no room. Allocates nothing."""
        if self._reserved and _is_of_samples(buf[0]):
            if self.ready() < _HELD_BACK:
                return False
            self._reserved = False
        room = frame.padded(length + frame.OVERHEAD)
        full = self._block < 0 or self._offset + room > self._blocks.limit
        if full and not self._take_block(buf[0], sequence):
            return False
        self._frame.copy(buf, length)
        end = self._frame.seal(frame.PACKET, length)
        while not self._blocks.program(self._block, self._offset, self._frame.grains(end)):
            # This flash did not keep what was written: go on in another block.
            if not self._take_block(buf[0], sequence):
                return False
        self._offset += end
        return True

    def _take_block(self, form, sequence):
        ready = self._blocks.index.tally(index.READY)
        if ready <= _held_back(form):
            return False
        self._reserved = ready <= _HELD_BACK
        taken = self._blocks.take(self._run, sequence)
        if taken < 0:
            return False
        self._block = taken
        self._offset = blocks.DATA_AT
        return True

    def release(self, run, through):
        """Note that the host has `run` up to and with packet `through`: blocks with nothing else may be erased."""
        known = self._blocks.index
        if not known.tally(index.IN_USE):
            return
        # The blocks before this one end before its first packet.
        holding = known.holding(run, through + 1)
        if holding < 0:
            return
        states, firsts, limit = known.states, known.firsts, known.firsts[holding]
        for block in range(known.count):
            if states[block] == index.IN_USE and firsts[block] <= limit and block != holding:
                if known.belongs(block, run):
                    known.set(block, index.DONE)
        self._release_last(run, holding, through)

    def _release_last(self, run, block, through):
        known = self._blocks.index
        if block == self._block or known.states[block] != index.IN_USE:
            return
        self._forget_place()
        if known.following(run, known.firsts[block]) < 0 and self._reader.last(block) <= through:
            known.set(block, index.DONE)

    def tidy(self):
        """Write one mark that `release` left to write, if any."""
        block = self._blocks.index.any(index.DONE)
        if block >= 0:
            self._blocks.release(block)

    def erase(self, run):
        """Release `run`, acknowledged or not; False for an open run and one that is not kept. 0.3 ms a block."""
        known = self._blocks.index
        if run == self._run:
            return False
        found = False
        for block in range(known.count):
            if known.belongs(block, run):
                found = True
                if known.states[block] != index.RELEASED:
                    self._blocks.release(block)
        return found

    def prepare(self):
        """Make one block ready that holds nothing needed, the oldest first; False if there is none.

        Halts the processor for 45 ms, up to 400: while sampling, ask `may_erase` before.
        """
        block = self._blocks.index.to_erase()
        if block < 0:
            return False
        self._forget_place()
        self._blocks.make_ready(block)
        return True

    def may_erase(self, fifo_ms):
        """Whether the longest erase seen so far fits twice into the time that the sensor's FIFO holds."""
        longest_us = self._blocks.longest_erase_us
        return 0 < 2 * longest_us <= 1000 * fifo_ms

    def ready(self):
        """Blocks that are ready to be written."""
        return self._blocks.index.tally(index.READY)

    def in_use(self):
        """Blocks that hold what is not acknowledged."""
        return self._blocks.index.tally(index.IN_USE)

    def free_permille(self):
        """Share of the blocks that is not in use, in 0.1 %."""
        count = self._blocks.index.count
        return (count - self.in_use()) * 1000 // count


def _held_back(form):
    if form == packet.END:
        return 0
    return _HELD_BACK if _is_of_samples(form) or form == packet.START else 1


def _is_of_samples(form):
    return form == packet.SAMPLES or form == packet.PACKED  # noqa: PLR1714 a tuple costs memory
