"""What is known of each block of flash, in memory: its state, run, serial number and first packet.

9 bytes a block, made once: 4.6 KB for 512 blocks (2 MB), 36 KB for 4,000. Nothing else here allocates.
"""

from array import array

from micropython import const

NOT_READY = const(0)
READY = const(1)
IN_USE = const(2)
DONE = const(3)
"""Acknowledged; the mark on flash is still to be written."""
RELEASED = const(4)
BAD = const(5)
"""Did not keep what was written; tried again after a restart."""
_STATES = const(6)

_LOW = const(0xFFFF)


class Index:
    """Blocks by number. Of runs and serial numbers the low 16 bits are kept, which the newest ones complete."""

    def __init__(self, count):
        self.count = count
        self.states = bytearray(count)
        self.firsts = array("I", bytearray(4 * count))
        self._runs = array("H", bytearray(2 * count))
        self._serials = array("H", bytearray(2 * count))
        self._tally = array("H", bytearray(2 * _STATES))
        self.forget()

    def forget(self):
        """Know nothing: no block is ready."""
        for block in range(self.count):
            self.states[block] = NOT_READY
        for state in range(_STATES):
            self._tally[state] = 0
        self._tally[NOT_READY] = self.count
        self.newest = -1
        self.newest_serial = -1
        self.newest_run = 0

    def set(self, block, state):
        """Change the state of a block."""
        self._tally[self.states[block]] -= 1
        self._tally[state] += 1
        self.states[block] = state

    def tally(self, state):
        """How many blocks are in this state."""
        return self._tally[state]

    def note(self, block, serial, run, first):
        """Note that the block was put to use for `run`, from packet `first` on."""
        self._serials[block] = serial & _LOW
        self._runs[block] = run & _LOW
        self.firsts[block] = first
        if serial > self.newest_serial:
            self.newest = block
            self.newest_serial = serial
            self.newest_run = run

    def belongs(self, block, run):
        """Whether the block holds packets of `run`."""
        return IN_USE <= self.states[block] <= RELEASED and self._runs[block] == run & _LOW

    def holding(self, run, sequence):
        """Return the block of `run` that holds `sequence` if any does; -1 if that is before all its blocks."""
        runs, states, firsts = self._runs, self.states, self.firsts
        low = run & _LOW
        found = -1
        for block in range(self.count):
            if runs[block] == low and firsts[block] <= sequence and IN_USE <= states[block] <= RELEASED:
                if found < 0 or firsts[block] > firsts[found] or self._instead(block, found):
                    found = block
        return found

    def following(self, run, sequence):
        """Return the first block of `run` whose packets all come after `sequence`; -1 if there is none."""
        runs, states, firsts = self._runs, self.states, self.firsts
        low = run & _LOW
        found = -1
        for block in range(self.count):
            if runs[block] == low and firsts[block] > sequence and IN_USE <= states[block] <= RELEASED:
                if found < 0 or firsts[block] < firsts[found] or self._instead(block, found):
                    found = block
        return found

    def blocks_of(self, run, acknowledged_too):
        """How many blocks hold packets of `run`."""
        runs, states, low = self._runs, self.states, run & _LOW
        last = RELEASED if acknowledged_too else IN_USE
        count = 0
        for block in range(self.count):
            if runs[block] == low and IN_USE <= states[block] <= last:
                count += 1
        return count

    def _instead(self, block, other):
        """Whether both begin with the same packet, which the `other`, older one did not keep."""
        return self.firsts[block] == self.firsts[other] and self._age(block) < self._age(other)

    def _age(self, block):
        """How many blocks were put to use since this one, modulo 65536."""
        return (self.newest_serial - self._serials[block]) & _LOW

    def run_from(self, run):
        """Return the first number from `run` on of a run that is not all acknowledged; -1 if there is none."""
        found = -1
        if not self._tally[IN_USE]:
            return found
        states, runs, newest = self.states, self._runs, self.newest_run
        for block in range(self.count):
            if states[block] == IN_USE:
                number = newest - ((newest - runs[block]) & _LOW)
                if number >= run and (found < 0 or number < found):
                    found = number
        return found

    def any(self, state):
        """Return a block in this state, -1 if none is."""
        if self._tally[state]:
            for block in range(self.count):
                if self.states[block] == state:
                    return block
        return -1

    def to_erase(self):
        """Return the block to erase next: one that holds nothing, else the oldest acknowledged one; -1 if none is.

        Never the newest block, which tells from where serial and run numbers go on.
        """
        found = self.any(NOT_READY)
        if found >= 0 or not self._tally[DONE] + self._tally[RELEASED]:
            return found
        states, newest = self.states, self.newest
        for block in range(self.count):
            if DONE <= states[block] <= RELEASED and block != newest:
                if found < 0 or self._age(block) > self._age(found):
                    found = block
        return found
