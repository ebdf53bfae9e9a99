"""Time that passes only when a test or a simulated transfer lets it, in the ESP32's 30-bit microseconds."""

COUNTER = 0x3FFFFFFF


class VirtualClock:
    """Stands for `time.ticks_us`, `ticks_ms` and the sleeps. `start_us` near 2^30 brings the wrap early."""

    def __init__(self, start_us=0):
        self.now_us = start_us & COUNTER
        self._ms = 0
        self._rest_us = 0

    def ticks_us(self):
        return self.now_us

    def ticks_ms(self):
        return self._ms

    def advance(self, us):
        self.now_us = (self.now_us - COUNTER + us - 1) & COUNTER  # a sum beyond 2^30 would take memory
        self._rest_us += us
        if self._rest_us >= 1000:
            self._ms = (self._ms + self._rest_us // 1000) & COUNTER
            self._rest_us %= 1000

    def sleep_us(self, us):
        self.advance(us)

    def sleep_ms(self, ms):
        self.advance(ms * 1000)
