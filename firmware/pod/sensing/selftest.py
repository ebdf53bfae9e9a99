"""The sensor's own self-test against its factory trim, and the gyroscope's bias at rest. Not for the sample path.

MPU-6050: register map rev 4.2, section 4.1; limit 14 % (product specification 3.4). 6500 family: the maker's
application note AN-MPU-9250A-03 as its own driver applies it: the gyroscope's response more than half of the trim, the
accelerometer's within half of it; where no trim was written, 60 deg/s and 0.225 to 0.675 g.
"""

from micropython import const

_CONFIG = const(0x1A)
_GYRO_CONFIG = const(0x1B)
_ACCEL_CONFIG = const(0x1C)
_ACCEL_CONFIG2 = const(0x1D)
_SMPLRT_DIV = const(0x19)
_DATA = const(0x3B)
_FORCE = const(0xE0)

_READINGS = const(200)
_READING_MS = const(2)
_SETTLE_MS = const(50)
_MAX_BIAS = const(656)  # 40 deg/s at 16.4 LSB: what the specification allows over all temperatures
_MAX_GYRO_SWING = const(66)  # 4 deg/s
_MAX_ACCEL_SWING = const(205)  # 0.1 g at 2048 LSB


class Readings:
    """Means of some readings and how far they spread: ax ay az gx gy gz in raw counts, for 0.4 s."""

    def __init__(self, sensor):
        raw = bytearray(14)
        low, high, total = [32767] * 6, [-32768] * 6, [0] * 6
        self.arrived = True
        for _ in range(_READINGS):
            sensor.sleep_ms(_READING_MS)
            self.arrived = sensor.bus.read_into(_DATA, raw) and self.arrived
            for axis in range(6):
                at = 2 * axis if axis < 3 else 2 * axis + 2  # the temperature lies between
                value = raw[at] << 8 | raw[at + 1]
                value -= (value & 0x8000) << 1
                low[axis], high[axis] = min(low[axis], value), max(high[axis], value)
                total[axis] += value
        self.mean = [value / _READINGS for value in total]
        self.swing = [high[axis] - low[axis] for axis in range(6)]

    def still(self):
        """Whether the sensor lay still: constant rotation slower than 40 deg/s cannot be told from bias."""
        calm = max(self.swing[:3]) <= _MAX_ACCEL_SWING and max(self.swing[3:]) <= _MAX_GYRO_SWING
        return self.arrived and calm and max(abs(value) for value in self.mean[3:]) <= _MAX_BIAS


def gyro_bias(sensor):
    """Means of gx gy gz at rest, raw counts at +-2000 deg/s; None while it moves. The sensor must be configured."""
    readings = Readings(sensor)
    return [round(value) for value in readings.mean[3:]] if readings.still() else None


class SelfTest:
    """Result of a self-test: `passed` has bits 0 to 5 for ax ay az gx gy gz, `change_percent` from the factory trim.

    It is for a sensor that lies still and is configured.
    """

    def __init__(self):
        self.passed = 0
        self.change_percent = [0] * 6

    def run(self, sensor):
        """Take about 1.1 s; the sensor is configured as before, its FIFO halted. Whether it answered throughout."""
        like_6500 = sensor.part.like_6500
        accel_range = 0x00 if like_6500 else 0x10  # +-2 g, +-8 g; the gyroscope at +-250 deg/s
        plain = _measured(sensor, 0, accel_range)
        forced = _measured(sensor, _FORCE, accel_range)
        trims = trims_6500(sensor) if like_6500 else trims_6050(sensor)
        restored = sensor.configure(sensor.rate_hz)
        self.passed = 0
        for axis in range(6):
            response = forced.mean[axis] - plain.mean[axis]
            self.change_percent[axis] = _change(response, trims[axis])
            if _within(axis, response, trims[axis], like_6500):
                self.passed |= 1 << axis
        return restored and plain.arrived and forced.arrived


def _measured(sensor, force, accel_range):
    sensor.halt()
    sensor.write_register(_SMPLRT_DIV, 0)
    sensor.write_register(_CONFIG, 2)
    if sensor.part.like_6500:
        sensor.write_register(_ACCEL_CONFIG2, 2)
    sensor.write_register(_GYRO_CONFIG, force)
    sensor.write_register(_ACCEL_CONFIG, force | accel_range)
    sensor.sleep_ms(_SETTLE_MS)
    return Readings(sensor)


def trims_6050(sensor):
    """Factory responses of ax ay az gx gy gz in LSB, 0 where none was written."""
    x, y, z, low = [sensor.read_register(0x0D + k) for k in range(4)]
    trims = []
    for high, shift in ((x, 4), (y, 2), (z, 0)):
        code = high >> 5 << 2 | low >> shift & 3
        trims.append(4096 * 0.34 * (0.92 / 0.34) ** ((code - 1) / 30) if code else 0)
    for high, sign in ((x, 1), (y, -1), (z, 1)):
        code = high & 31
        trims.append(sign * 25 * 131 * 1.046 ** (code - 1) if code else 0)
    return trims


def trims_6500(sensor):
    """The same of the 6500 family."""
    codes = [sensor.read_register(register) for register in (0x0D, 0x0E, 0x0F, 0x00, 0x01, 0x02)]
    return [2620 * 1.01 ** (code - 1) if code else 0 for code in codes]


def _change(response, trim):
    if not trim:
        return 0
    return max(-128, min(127, round((response - trim) * 100 / trim)))


def _within(axis, response, trim, like_6500):
    if trim:
        ratio = response / trim
        if not like_6500:
            return 0.86 <= ratio <= 1.14
        return 0.5 <= ratio <= 1.5 if axis < 3 else ratio > 0.5
    if not like_6500:
        return False
    return 0.225 <= abs(response) / 16384 <= 0.675 if axis < 3 else abs(response) / 131 >= 60
