"""Register-level model of the MPU-6050 and its relatives, on the byte level of I2C; runs on MicroPython and CPython.

Where the facts are from:
RM-MPU-6000A-00 rev 4.2 (MPU-6050): sample rate = 1 kHz / (1 + SMPLRT_DIV), 8 kHz with the filter off (4.2); FIFO in
order of register number, the oldest data lost when full, an empty one repeats its last byte (4.31); FIFO_COUNT is
loaded when its high byte is read (4.30); FIFO_RESET works while FIFO_EN is 0; INT_STATUS is cleared by reading; asleep
after power-up; the trim formulas of the self-test (4.1). PS-MPU-6000A rev 3.4: 340 LSB per degree.
RM-MPU-9250A-00 rev 1.4 and 1.6 (the 6500 family): ACCEL_CONFIG2, self-test codes in 0x00 and 0x0D to 0x0F, awake after
reset. FIFO of 512 bytes, of the ICM-20689 4096, and the temperature scales: as the Linux driver inv_mpu6050 has them.
That bits 7 and 6 of ACCEL_CONFIG2 size the FIFO: that driver for the ICM-20689, the maker's own driver for the
MPU-6500, which also has 2620 * 1.01^(code - 1).
Not verified anywhere: that the FIFO takes a whole sample at once, that every part is born with the size bits cleared,
what a part does in the microseconds of its reset, and everything about copies; a copy is modelled as one family's
behaviour with another's number.
"""

COUNTER = 0x3FFFFFFF
_HALF = 0x20000000

# name: WHO_AM_I, like a 6500, FIFO bytes by the size bits, temperature LSB per degree, raw at 0 degrees
KINDS = {
    "MPU-6050": (0x68, False, (1024, 1024, 1024, 1024), 340.0, -12420),
    "MPU-6500": (0x70, True, (512, 1024, 2048, 4096), 333.87, -7011),
    "MPU-9250": (0x71, True, (512, 1024, 2048, 4096), 333.87, -7011),
    "MPU-9255": (0x73, True, (512, 1024, 2048, 4096), 333.87, -7011),
    "ICM-20689": (0x98, True, (512, 1024, 2048, 4096), 326.8, -8170),
}

SMPLRT_DIV, CONFIG, GYRO_CONFIG, ACCEL_CONFIG, ACCEL_CONFIG2 = 0x19, 0x1A, 0x1B, 0x1C, 0x1D
FIFO_EN, INT_ENABLE, INT_STATUS, DATA, TEMP, USER_CTRL = 0x23, 0x38, 0x3A, 0x3B, 0x41, 0x6A
PWR_MGMT_1, FIFO_COUNT_H, FIFO_COUNT_L, FIFO_R_W, WHO_AM_I = 0x6B, 0x72, 0x73, 0x74, 0x75


class Counter:
    """Samples that say which one they are: the index, its complement, and its bytes mixed."""

    def fill(self, index, raw):
        for k in range(4):
            part = (index >> (24 - 8 * k)) & 255
            raw[k] = part
            raw[4 + k] = part ^ 255
            raw[11 - k] = part ^ (0xA5 if k < 2 else 0x5A)

    @staticmethod
    def index(raw):
        """Which sample these 12 bytes are, or -1 where they are none."""
        a, b, c, d = raw[0], raw[1], raw[2], raw[3]
        whole = raw[4] == a ^ 255 and raw[5] == b ^ 255 and raw[6] == c ^ 255 and raw[7] == d ^ 255
        mixed = raw[8] == d ^ 0x5A and raw[9] == c ^ 0x5A and raw[10] == b ^ 0xA5 and raw[11] == a ^ 0xA5
        return (a << 24 | b << 16 | c << 8 | d) if whole and mixed else -1


class Still:
    """At rest: six raw values at +-16 g and +-2000 deg/s, each with `swing` added and taken away in turn."""

    def __init__(self, values, swing=(0, 0, 0, 0, 0, 0)):
        self.values, self.swing = values, swing

    def fill(self, index, raw):
        for k in range(6):
            value = self.values[k] + (self.swing[k] if index & 1 else -self.swing[k])
            raw[2 * k], raw[2 * k + 1] = (value >> 8) & 255, value & 255


class Recording:
    """Samples from a file, 12 bytes each as in the FIFO; the last one stays when it has ended."""

    def __init__(self, path):
        self._file = open(path, "rb")
        self._last = bytearray(12)

    def fill(self, index, raw):
        if self._file.readinto(raw) == 12:
            self._last[:] = raw
        else:
            raw[:] = self._last


class Mpu6050:
    """One sensor on the bus. `clock` has `ticks_us()` and, for `before_burst_us`, `advance(us)`.

    `index` counts the samples since the sensor was made, those that reached no FIFO included. `ppm` is how much faster
    than nominal it samples; it changes by `drift_ppb` every 1000 samples. `trim_error` is what each axis' self-test
    deviates from its factory trim, as a share. `before_burst_us` lets time pass once before the next FIFO burst,
    and `reset_before_burst` resets the sensor there. A `hung` sensor samples again when it is set up anew, a `dead` one
    never.
    """

    def __init__(self, clock, kind="MPU-6050", *, who=None, source=None, ppm=0):
        self._clock = clock
        self.source = source or Counter()
        number, self.like_6500, self._sizes, self._temp_lsb, self._temp_zero = KINDS[kind]
        self.who = number if who is None else who
        self.ppm = ppm
        self.drift_ppb = 0
        self.celsius = 25
        self.trim_code = (1, 9, 31, 1, 16, 31)
        self.trim_error = [0.0] * 6
        self.before_burst_us = 0
        self.reset_before_burst = False
        self.hung = self.dead = False
        self.index = 0
        self.pushed = 0
        self.resets = 0
        self.register = bytearray(128)
        self._fifo = bytearray(4096)
        self._raw = bytearray(12)
        self._select = 0
        self._last_byte = 0
        self._rest_ns = 0
        self._drift_in = 1000
        self.period_ns = 1_000_000
        self.due_us = (clock.ticks_us() + 1000) & COUNTER
        self._reset()

    # Faults

    def reset_itself(self):
        """A brown-out: the registers are as after power-up."""
        self.step()
        self._reset()
        self.resets += 1

    def lose_bytes(self, count):
        """A disturbed clock line shifts bytes out that nobody read."""
        self.step()
        for _ in range(count):
            self._pop()

    # The device on the bus

    def select(self, register):
        self._select = register
        if register == FIFO_R_W:
            self._before_burst()
        self.step()
        if DATA <= register < 0x49:
            self._measure()

    def read_byte(self):
        at = self._select
        if at == FIFO_R_W:
            self.step()
            return self._pop()
        self._select = (at + 1) & 127
        if at == FIFO_COUNT_H:
            self.step()
            self.register[FIFO_COUNT_H] = self.waiting >> 8
            self.register[FIFO_COUNT_L] = self.waiting & 255
        value = self.register[at]
        if at == INT_STATUS:
            self.step()
            value = self.register[at]
            self.register[at] = 0
        return value

    def read_burst(self, buf, lasts_us):
        """Fill `buf` from the FIFO at once, which is a lot faster than byte by byte; whether that makes no difference.

        It makes none where all of it is there already, and where the samples that come in the `lasts_us` of the burst
        find room without it.
        """
        count = len(buf)
        coming = lasts_us * 1000 // self.period_ns + 2
        if self._select != FIFO_R_W or not 0 < count <= self.waiting <= self.fifo_bytes() - 12 * coming:
            return False
        fifo, first = self._fifo, self._first
        for k in range(count):
            buf[k] = fifo[(first + k) & 4095]
        self._last_byte = buf[count - 1]
        self._first = (first + count) & 4095
        self.waiting -= count
        return True

    def write_byte(self, value):
        at = self._select
        self._select = (at + 1) & 127
        self.step()
        if at == PWR_MGMT_1 and value & 0x80:
            self._reset()
        elif at == USER_CTRL:
            if value & 0x04 and not value & 0x40:
                self._first = self.waiting = 0
            if value & 0x40 and not self.register[USER_CTRL] & 0x40:
                self._retime()
            self.register[USER_CTRL] = value & 0xF8
        elif at not in (INT_STATUS, WHO_AM_I, FIFO_COUNT_H, FIFO_COUNT_L, FIFO_R_W):
            self.register[at] = value
            if at == PWR_MGMT_1:
                self.hung = False

    # What a test may ask

    def filter_codes(self):
        """Codes of the low-pass filters in force: accelerometer, gyroscope."""
        gyro = self.register[CONFIG] & 7
        if not self.like_6500:
            return gyro, gyro
        return self.register[ACCEL_CONFIG2] & 7, gyro

    def fifo_bytes(self):
        return self._sizes[self.register[ACCEL_CONFIG2] >> 6]

    def trim(self, axis):
        """Factory response of an axis (ax ay az gx gy gz) in LSB at the range of the test."""
        code = self.trim_code[axis]
        if not code:
            return 0.0
        if self.like_6500:
            return 2620 * 1.01 ** (code - 1)
        if axis < 3:
            return 4096 * 0.34 * (0.92 / 0.34) ** ((code - 1) / 30)
        return (-1 if axis == 4 else 1) * 25 * 131 * 1.046 ** (code - 1)

    # Inside

    def _reset(self):
        register = self.register
        for k in range(128):
            register[k] = 0
        register[WHO_AM_I] = self.who
        register[PWR_MGMT_1] = 0x01 if self.like_6500 else 0x40
        code = self.trim_code
        if self.like_6500:
            register[0], register[1], register[2] = code[3], code[4], code[5]
            register[0x0D], register[0x0E], register[0x0F] = code[0], code[1], code[2]
        else:
            for k in range(3):
                register[0x0D + k] = (code[k] >> 2) << 5 | code[3 + k]
            register[0x10] = (code[0] & 3) << 4 | (code[1] & 3) << 2 | code[2] & 3
        self._first = self.waiting = 0

    def _retime(self):
        base = 1_000_000 if 1 <= self.register[CONFIG] & 7 <= 6 else 125_000
        nominal_ns = base * (1 + self.register[SMPLRT_DIV])
        self.period_ns = nominal_ns * 1_000_000 // (1_000_000 + self.ppm)

    def step(self):
        """Take the samples that are due."""
        now = self._clock.ticks_us()
        while ((now - self.due_us) & COUNTER) < _HALF:
            self._rest_ns += self.period_ns
            self.due_us = (self.due_us - COUNTER + self._rest_ns // 1000 - 1) & COUNTER
            self._rest_ns %= 1000
            if self.drift_ppb:
                self._age()
            self._sample()

    def _age(self):
        self._drift_in -= 1
        if not self._drift_in:
            self._drift_in = 1000
            self.period_ns -= self.period_ns // 1000 * self.drift_ppb // 1_000_000

    def _sample(self):
        index = self.index
        self.index = (index - COUNTER) & COUNTER
        register = self.register
        if self.hung or self.dead or register[PWR_MGMT_1] & 0x40 or not register[USER_CTRL] & 0x40:
            return
        enabled = register[FIFO_EN]
        if not enabled & 0x78:
            return
        raw = self._raw
        self.source.fill(index, raw)
        if register[GYRO_CONFIG] != 0x18 or register[ACCEL_CONFIG] != 0x18:
            self._rescale(raw)
        self.pushed += 1
        if enabled & 0x78 == 0x78:
            self._push(raw, 0, 12)
            return
        if enabled & 0x08:
            self._push(raw, 0, 6)
        for bit, at in ((0x40, 6), (0x20, 8), (0x10, 10)):
            if enabled & bit:
                self._push(raw, at, at + 2)

    def _push(self, raw, start, end):
        size = self.fifo_bytes()
        fifo = self._fifo
        if self.waiting + end - start <= size:
            at = self._first + self.waiting - start
            for k in range(start, end):
                fifo[(at + k) & 4095] = raw[k]
            self.waiting += end - start
            return
        for k in range(start, end):
            if self.waiting >= size:
                self._first = (self._first + 1) & 4095
                self.waiting -= 1
                if self.register[INT_ENABLE] & 0x10:
                    self.register[INT_STATUS] |= 0x10
            fifo[(self._first + self.waiting) & 4095] = raw[k]
            self.waiting += 1

    def _pop(self):
        if self.waiting:
            self._last_byte = self._fifo[self._first]
            self._first = (self._first + 1) & 4095
            self.waiting -= 1
        return self._last_byte

    def _before_burst(self):
        us, self.before_burst_us = self.before_burst_us, 0
        if us:
            self._clock.advance(us)
        if self.reset_before_burst:
            self.reset_before_burst = False
            self.reset_itself()

    def _measure(self):
        self.source.fill(self.index, self._raw)
        self._rescale(self._raw)
        register, raw = self.register, self._raw
        temperature = round(self.celsius * self._temp_lsb) + self._temp_zero
        for k in range(6):
            register[DATA + k], register[0x43 + k] = raw[k], raw[6 + k]
        register[TEMP], register[TEMP + 1] = (temperature >> 8) & 255, temperature & 255

    def _rescale(self, raw):
        """From +-16 g and +-2000 deg/s to the ranges in force, with what the self-test adds."""
        for axis in range(6):
            config = self.register[ACCEL_CONFIG if axis < 3 else GYRO_CONFIG]
            finer = 8 >> (config >> 3 & 3)
            value = raw[2 * axis] << 8 | raw[2 * axis + 1]
            value = (value - 65536 if value & 0x8000 else value) * finer
            if config & 0x80 >> axis % 3:
                at_trim = 2 if axis < 3 and not self.like_6500 else 8
                value += round(self.trim(axis) * (1 + self.trim_error[axis]) * finer / at_trim)
            value = max(-32768, min(32767, value))
            raw[2 * axis], raw[2 * axis + 1] = (value >> 8) & 255, value & 255
