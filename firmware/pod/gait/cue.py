"""The cue: one pulse of a motor or a buzzer after a landing above the runner's own threshold."""

from micropython import const

from pod.wire.packet import COUNTER

_PULSE_MS = const(120)


class Cue:
    """`output` has on() and off(). `threshold_cg` is in 0.01 g; 0: no cue. Times are in ms, modulo 2^30.

    A landing during a pulse starts no other one. Walking has no landings, so no cue.
    """

    def __init__(self, output):
        self._output = output
        self._since_ms = 0
        self.threshold_cg = 0
        self.stop()

    def landed(self, shock_cg, now_ms):
        """Answer a landing."""
        if self.threshold_cg and shock_cg > self.threshold_cg and not self._on:
            self._on, self._since_ms = True, now_ms
            self._output.on()

    def step(self, now_ms):
        """End the pulse in time; called every few ms."""
        if self._on and ((now_ms - self._since_ms) & COUNTER) >= _PULSE_MS:
            self.stop()

    def stop(self):
        """End a pulse at once."""
        self._on = False
        self._output.off()
