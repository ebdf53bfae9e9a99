"""Keeps the main loop alive: guards its parts, feeds the watchdog, and restarts what fails."""

import safe
from micropython import const

from pod.wire.packet import COUNTER

FAULTS_TO_RESET = const(5)
_MINUTE_MS = const(60_000)


class Health:
    """Takes the parts of the main loop in turn, each a function without arguments.

    A part that raises is counted, its text kept, and its `restart` called. The fifth fault within a minute resets the
    pod; three such starts in a row lead to safe mode (boot.py). The watchdog is fed once every part has come back
    from a turn without a fault, so one that hangs or always fails resets the pod after 8 s. `faults` counts since the
    start; the text of the last one is `record.text`.
    """

    def __init__(self, record, machine, now_ms):
        self._record = record
        self._machine = machine
        self._watchdog = None
        self._steps = []
        self._restarts = []
        self._done = 0
        self._all = 0
        self._now_ms = self._began_ms = self._minute_ms = now_ms
        self._recent = 0
        self._settled = False
        self.unstored = False
        self.faults = 0

    def watch(self, step, restart=None):
        """Add a part, before the first turn."""
        self._all |= 1 << len(self._steps)
        self._steps.append(step)
        self._restarts.append(restart)

    def arm(self):
        """From here on the watchdog runs, through soft resets too: nothing stops it but a reset."""
        self._machine.Timer(0).deinit()  # boot.py may have fed it from there
        self._watchdog = self._machine.WDT(timeout=safe.WATCHDOG_MS)
        self._record.armed = True
        self._record.keep(False)

    def turn(self, now_ms):
        """One turn of the main loop. Allocates nothing but on a fault."""
        self._now_ms = now_ms
        for part in range(len(self._steps)):
            try:
                self._steps[part]()
                self._done |= 1 << part
            except Exception as error:
                self._fault(part, error)
        if self._done == self._all:
            self._done = 0
            self._feed()
        if not self._settled and ((now_ms - self._began_ms) & COUNTER) >= _MINUTE_MS:
            self._settled = True
            self._record.settle(False)
            self.unstored = True

    def store(self):
        """Write what changed to flash, if anything did: only while nothing is measured."""
        if self.unstored:
            self._record.keep(True)
            self.unstored = False

    def note(self, error):
        """Count an exception that somebody caught, keep its text and return it. The fifth in a minute resets."""
        if ((self._now_ms - self._minute_ms) & COUNTER) >= _MINUTE_MS:
            self._minute_ms = self._now_ms
            self._recent = 0
        self._recent += 1
        self.faults += 1
        self._record.fault(safe.describe(error))
        self.unstored = True
        if self._recent >= FAULTS_TO_RESET:
            self._record.keep(True)
            self._machine.reset()
        return self._record.text

    def release(self):
        """After Ctrl-C: an orderly end, and a timer feeds the watchdog so that the prompt stays."""
        self._record.settle(True)
        if self._watchdog:
            self._machine.Timer(0).init(mode=self._machine.Timer.PERIODIC, period=1000, callback=self._feed)

    def _feed(self, _timer=None):
        if self._watchdog:
            self._watchdog.feed()

    def _fault(self, part, error):
        self.note(error)
        if self._restarts[part]:
            try:
                self._restarts[part]()
            except Exception as again:
                self.note(again)
