"""Sample numbers and the pod's clock: the true rate, and which sample is due when. In 30-bit integers."""

from micropython import const

from pod.wire.packet import COUNTER

_FIRST_US = const(500_000)
_HALF_US = const(48_000_000)
_STEP_US = const(8_000_000)
_HALF_COUNTER = const(0x20000000)


def later(counter, by):
    """A counter so much further on, modulo 2^30; the sum itself never leaves the small integers."""
    return (counter - COUNTER + by - 1) & COUNTER


def samples_in(elapsed_us, rate_mhz):
    """How many samples a rate in milli-Hz makes of a time, rounded; up to 1000 s and 1000 Hz."""
    thousandths = elapsed_us // 1_000_000 * rate_mhz
    rest_us = elapsed_us % 1_000_000
    thousandths += rest_us // 1000 * rate_mhz // 1000 + rest_us % 1000 * rate_mhz // 1_000_000
    return (thousandths + 500) // 1000


def rate_of(samples, elapsed_us):
    """Samples in a time as milli-Hz; `samples` less than `elapsed_us`, which is below 107 s."""
    rate_mhz, rest = 0, samples
    for _ in range(9):  # samples * 10^9 / time, a digit at a time: the product has more than 30 bits
        rest *= 10
        rate_mhz = rate_mhz * 10 + rest // elapsed_us
        rest %= elapsed_us
    return rate_mhz


class SampleClock:
    """Learns from pairs of position (samples taken so far, modulo 2^30) and clock.

    A position was reached up to a sample before its clock. The rate is measured over a window that slides, 48 to 96 s
    once there is so much, with no gap in it: good to 2 / (window * rate).
    """

    def __init__(self):
        self.mhz = 0
        self._nominal_hz = 0
        self._needed_us = _FIRST_US

    def start(self, nominal_hz, clock_us):
        """A new run. What an earlier one taught about the sensor's clock stays; before that, the nominal rate."""
        if not self._nominal_hz:
            self._set_rate(nominal_hz * 1000)
        elif nominal_hz != self._nominal_hz:
            self._set_rate(self.mhz * nominal_hz // self._nominal_hz)
        self._nominal_hz = nominal_hz
        self._position, self._at_us = 0, clock_us
        self.restart()

    def restart(self):
        """Samples are missing: measure from here on, and believe only what is as good as what is known."""
        self._measuring = False

    def position_at(self, clock_us):
        """Samples taken at a clock after the last pair."""
        elapsed_us = (clock_us - self._at_us) & COUNTER
        if elapsed_us >= _HALF_COUNTER:  # the mean may lie a moment ahead
            elapsed_us = 0
        return (self._position + samples_in(elapsed_us, self.mhz)) & COUNTER

    def note(self, position, clock_us):
        """Take a pair; whether `mhz` is new."""
        self._follow(position, clock_us)
        if not self._measuring:
            self._measuring = True
            self._base, self._base_us = position, clock_us
            self._next, self._next_us = position, clock_us
            self._due_us = self._needed_us
            return False
        window_us = (clock_us - self._base_us) & COUNTER
        if window_us < self._due_us:
            return False
        self._set_rate(rate_of((position - self._base) & COUNTER, window_us))
        self._needed_us = min(window_us, _HALF_US)
        since_us = (clock_us - self._next_us) & COUNTER
        if since_us >= _HALF_US:
            self._base, self._base_us = self._next, self._next_us
            self._next, self._next_us = position, clock_us
            window_us = since_us
        self._due_us = window_us + min(window_us, _STEP_US)
        return True

    def _set_rate(self, rate_mhz):
        self.mhz = rate_mhz
        self._period_ns = 1_000_000_000 // rate_mhz * 1000 + 1_000_000_000 % rate_mhz * 1000 // rate_mhz

    def _follow(self, position, clock_us):
        # A single pair is off by half a sample either way; the mean of some tells better where samples lie.
        passed_us = ((position - self._position) & COUNTER) * self._period_ns // 1000
        early_us = ((clock_us - self._at_us) & COUNTER) - passed_us
        if early_us >= _HALF_COUNTER:
            early_us = early_us - COUNTER - 1  # 2^30 itself is no small integer
        weight = 4 if self._needed_us > _FIRST_US else 1
        self._position = position
        self._at_us = later(self._at_us, passed_us + early_us // weight)
