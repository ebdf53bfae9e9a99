"""The I2C bus to the sensor: transfers that do not raise, and a hanging bus freed by hand."""

from time import sleep_us

from machine import I2C, Pin
from micropython import const

_TRIES = const(3)


class Bus:
    """One device on an I2C bus. A transfer that fails is counted in `faults` and the bus is freed.

    Reading and writing allocate nothing unless they fail.
    """

    def __init__(self, scl, sda, freq_hz=400_000, address=0x68):
        self._scl = scl
        self._sda = sda
        self._freq_hz = freq_hz
        self.address = address
        self.faults = 0
        self._byte = bytearray(1)
        self._word = bytearray(2)
        self._connect()

    def _connect(self):
        self._i2c = I2C(0, scl=Pin(self._scl), sda=Pin(self._sda), freq=self._freq_hz)

    def read_into(self, register, view):
        """Fill `view` in one transfer, tried once: whether it arrived."""
        try:
            self._i2c.readfrom_mem_into(self.address, register, view)
        except OSError:
            self._failed()
            return False
        return True

    def read(self, register):
        """The byte in a register, or -1."""
        for _ in range(_TRIES):
            if self.read_into(register, self._byte):
                return self._byte[0]
        return -1

    def read_word(self, register):
        """The 16 bits in a register and the next one, or -1."""
        for _ in range(_TRIES):
            if self.read_into(register, self._word):
                return self._word[0] << 8 | self._word[1]
        return -1

    def write(self, register, value):
        """Write a byte: whether it was acknowledged."""
        self._byte[0] = value
        for _ in range(_TRIES):
            try:
                self._i2c.writeto_mem(self.address, register, self._byte)
            except OSError:
                self._failed()
            else:
                return True
        return False

    def _failed(self):
        self.faults += 1
        self._free()
        self._connect()

    def _free(self):
        # A sensor that lost count of the clock holds SDA until it has shifted its byte out: at most nine clocks. Then
        # a STOP, after which it listens again.
        scl = Pin(self._scl, Pin.OPEN_DRAIN, value=1)
        sda = Pin(self._sda, Pin.OPEN_DRAIN, value=1)
        for _ in range(9):
            if sda.value():
                break
            scl.value(0)
            sleep_us(5)
            scl.value(1)
            sleep_us(5)
        scl.value(0)
        sda.value(0)
        scl.value(1)
        sleep_us(5)
        sda.value(1)
