"""The sensor: who it is, how it is set, and its FIFO."""

from micropython import const

from pod.sensing.parts import find, known
from pod.wire.packet import BUS_FAULT, OVERFLOW, RESTARTED, SAMPLE

_SMPLRT_DIV = const(0x19)
_CONFIG = const(0x1A)
_GYRO_CONFIG = const(0x1B)
_ACCEL_CONFIG = const(0x1C)
_ACCEL_CONFIG2 = const(0x1D)
_FIFO_EN = const(0x23)
_INT_ENABLE = const(0x38)
_INT_STATUS = const(0x3A)
_TEMP_OUT = const(0x41)
_USER_CTRL = const(0x6A)
_PWR_MGMT_1 = const(0x6B)
_PWR_MGMT_2 = const(0x6C)
_FIFO_COUNT = const(0x72)
_FIFO_R_W = const(0x74)
_WHO_AM_I = const(0x75)

_FULL_SCALE = const(0x18)  # +-16 g and +-2000 deg/s
_ALL_AXES = const(0x78)
_OVERFLOW_LATCH = const(0x10)
_FIFO_ON = const(0x40)
_FIFO_RESET = const(0x04)
_GYRO_CLOCK = const(0x01)
_SLEEP = const(0x40)
_RESET_MS = const(100)
SETTLE_MS = const(50)


class Refused(Exception):
    """There is no sensor that the pod can use; the text says why, for the runner."""


class Sensor:
    """A sensor of the MPU-6050's kind. `sleep_ms` is `time.sleep_ms`.

    After `identify`: `part`, `who` and `fifo_bytes`; after `configure`: `rate_hz` and `filter`. Faults are told by the
    flag that the next packet gets. Nothing that the sample path calls allocates unless the bus fails.
    """

    def __init__(self, bus, sleep_ms):
        self.bus = bus
        self.sleep_ms = sleep_ms
        self.part = None
        self.who = 0
        self.fifo_bytes = 0
        self.rate_hz = 0
        self.filter = None
        self._size_bits = 0
        self._settings = []

    def identify(self):
        """Reset the sensor and find out what it is, in about 0.3 s; raises Refused."""
        self.who = self.bus.read(_WHO_AM_I)
        if self.who < 0:
            raise Refused(f"no sensor answers at 0x{self.bus.address:02x}")
        if not known(self.who):
            raise Refused(f"unknown sensor: WHO_AM_I 0x{self.who:02x}")
        self.write_register(_PWR_MGMT_1, 0x80)
        self.sleep_ms(_RESET_MS)
        self.write_register(_PWR_MGMT_1, _GYRO_CLOCK)
        self.sleep_ms(SETTLE_MS)
        self.fifo_bytes = self._fill(0)
        self.part = find(self.who, self.fifo_bytes != 1024)
        if self.part.size_bits:
            self.fifo_bytes = self._fill(self.part.size_bits)
            self._size_bits = max(0, self.bus.read(_ACCEL_CONFIG2)) & 0xC0
        self.write_register(_USER_CTRL, 0)

    def _fill(self, size_bits):
        """Let the FIFO fill up at 1 kHz: its size in bytes."""
        self._settings = [
            (_SMPLRT_DIV, 0),
            (_CONFIG, 1),
            (_GYRO_CONFIG, _FULL_SCALE),
            (_ACCEL_CONFIG, _FULL_SCALE),
            (_ACCEL_CONFIG2, size_bits),
        ]
        before, count = -1, 0
        if self.setup() and self.flush():
            while count > before:
                self.sleep_ms(20)
                before, count = count, self.bus.read_word(_FIFO_COUNT)
        if count not in (512, 1024, 2048, 4096):
            raise Refused(f"sensor 0x{self.who:02x}: its FIFO does not work ({count} bytes)")
        return count

    def configure(self, rate_hz):
        """Set range, filter and rate; whether the sensor took them. Waits until the gyroscope has settled."""
        self.rate_hz = rate_hz
        self.filter = self.part.filter(rate_hz)
        settings = [
            (_SMPLRT_DIV, 1000 // rate_hz - 1),
            (_CONFIG, self.filter.code),
            (_GYRO_CONFIG, _FULL_SCALE),
            (_ACCEL_CONFIG, _FULL_SCALE),
        ]
        if self.part.like_6500:
            settings += [(_ACCEL_CONFIG2, self._size_bits | self.filter.code)]
        self._settings = settings
        taken = self.setup()
        self.sleep_ms(SETTLE_MS)
        return taken and self.configured() == 1

    def setup(self):
        """Write the settings as they were configured, FIFO off; whether all were acknowledged. Does not wait."""
        done = self.bus.write(_PWR_MGMT_1, _GYRO_CLOCK) and self.bus.write(_PWR_MGMT_2, 0)
        done = done and self.bus.write(_USER_CTRL, 0) and self.bus.write(_INT_ENABLE, _OVERFLOW_LATCH)
        for register, value in self._settings:
            done = done and self.bus.write(register, value)
        return done

    def configured(self):
        """1 if the settings are in force, 0 if the sensor lost them, -1 if the bus does not work."""
        power = self.bus.read(_PWR_MGMT_1)
        if power < 0:
            return -1
        if power != _GYRO_CLOCK:
            return 0
        for register, value in self._settings:
            read = self.bus.read(register)
            if read != value:
                return -1 if read < 0 else 0
        return 1

    def flush(self):
        """Empty the FIFO and start it anew; whether it was acknowledged."""
        # The reset works while the FIFO is off. An overflow that is still latched happened before it: read it away.
        done = self.bus.write(_FIFO_EN, 0) and self.bus.write(_USER_CTRL, _FIFO_RESET)
        done = done and self.bus.write(_USER_CTRL, _FIFO_ON) and self.bus.write(_FIFO_EN, _ALL_AXES)
        return done and self.bus.read(_INT_STATUS) >= 0

    def halt(self):
        """Stop filling the FIFO."""
        self.bus.write(_USER_CTRL, 0)

    def waiting(self):
        """Whole samples in the FIFO, or minus the flag of what is wrong."""
        count = self.bus.read_word(_FIFO_COUNT)
        if count % SAMPLE:
            count = self.bus.read_word(_FIFO_COUNT)  # a sample may have been on its way in
        if count < 0:
            return -BUS_FAULT
        if count >= self.fifo_bytes:  # which is never a whole number of samples
            return -OVERFLOW
        if count % SAMPLE:  # clocks that freed the bus, or a spike, have shifted bytes out
            self.bus.faults += 1
            return -BUS_FAULT
        return count // SAMPLE

    def read(self, body):
        """Move samples from the FIFO to fill `body`: 0, or the flag of why they must not be trusted."""
        bus = self.bus
        if not bus.read_into(_FIFO_R_W, body):
            return BUS_FAULT
        # Asked after the transfer: an overflow before its end has shifted the samples by bytes.
        faults = bus.faults
        status = bus.read(_INT_STATUS)
        if bus.faults != faults:  # reading clears the latch, so the read that failed may have lost it
            return BUS_FAULT
        if status & _OVERFLOW_LATCH:
            return OVERFLOW
        if bus.read_word(_USER_CTRL) != _FIFO_ON << 8 | _GYRO_CLOCK:
            return RESTARTED
        left = self.waiting()
        return -left if left < 0 else 0

    def temperature_cc(self):
        """Temperature of the chip in 0.01 C."""
        raw = self.bus.read_word(_TEMP_OUT)
        signed = raw - 65536 if raw & 0x8000 else raw
        return self.part.temperature_zero_cc + round(signed * 100 / self.part.lsb_per_degree)

    def write_register(self, register, value):
        """Whether it was acknowledged."""
        return self.bus.write(register, value)

    def read_register(self, register):
        """Its value, or -1."""
        return self.bus.read(register)
