"""The sensors that the pod knows, and what differs between them.

A GY-521 board may carry any of these, or a copy, whatever its print says: of 20 bought together 13 answered 0x98
(ElectronicCats/mpu6050#21); 0x72, which the maker never gave to a part, was seen too (Levi--G/IMU-WhoAmIVerifier#1).
So the number in WHO_AM_I only says whether the pod may go on. How the part works is measured: with the size bits of
register 0x1D cleared the FIFO of the 6500 family fills up at 512 bytes, that of the MPU-6050, which has no such bits,
at 1024. In the 6500 family the accelerometer's filter is set in 0x1D; setting CONFIG alone would leave it at 218 Hz.
A part whose number and family do not agree is run as its family and called "6050-like" or "6500-like".

Sources: MPU-6050 register map rev 4.2 and product specification 3.4; MPU-9250 register map 1.6, also for the MPU-6500,
whose older map gives 184 Hz and 5.8 ms for the same filter. Not documented and taken from the MPU-9250: the delays of
the ICM-20689. Nobody documents the copies.
"""


class Filter:
    """The code of a low-pass filter, its bandwidths and delays."""

    def __init__(self, code, accel_hz, gyro_hz, accel_delay_us, gyro_delay_us):
        self.code = code
        self.accel_hz = accel_hz
        self.gyro_hz = gyro_hz
        self.accel_delay_us = accel_delay_us
        self.gyro_delay_us = gyro_delay_us


class Part:
    """One kind of sensor.

    `size_bits` go into register 0x1D with the filter's code where the accelerometer has its own (`like_6500`).
    Temperature is `temperature_zero_cc` + raw * 100 / `lsb_per_degree`, in 0.01 C.
    """

    def __init__(self, name, who, like_6500, size_bits, slow, fast, temperature_zero_cc, lsb_per_degree):
        self.name = name
        self.who = who
        self.like_6500 = like_6500
        self.size_bits = size_bits
        self._slow = slow
        self._fast = fast
        self.temperature_zero_cc = temperature_zero_cc
        self.lsb_per_degree = lsb_per_degree

    def filter(self, rate_hz):
        """Its filter at a rate: about 184 Hz from 500 Hz up, about 94 Hz below."""
        return self._fast if rate_hz >= 500 else self._slow


_SLOW_6050, _FAST_6050 = Filter(2, 94, 98, 3000, 2800), Filter(1, 184, 188, 2000, 1900)
_SLOW_6500, _FAST_6500 = Filter(2, 99, 92, 2880, 3900), Filter(1, 218, 184, 1880, 2900)
_SLOW_20689, _FAST_20689 = Filter(2, 99, 92, 2880, 3900), Filter(1, 218, 176, 1880, 2900)


def _like_6050(name, who):
    return Part(name, who, False, 0, _SLOW_6050, _FAST_6050, 3653, 340)


def _like_6500(name, who):
    # 1024 bytes, as the maker's driver asks for; the rest of the memory belongs to a processor that is not used here.
    return Part(name, who, True, 0x40, _SLOW_6500, _FAST_6500, 2100, 333.87)


PARTS = (
    _like_6050("MPU-6050", 0x68),
    _like_6500("MPU-6500", 0x70),
    _like_6500("MPU-9250", 0x71),
    _like_6500("MPU-9255", 0x73),
    Part("ICM-20689", 0x98, True, 0xC0, _SLOW_20689, _FAST_20689, 2500, 326.8),
)
_COPIES = (0x72,)


def known(who):
    """Whether a sensor with this WHO_AM_I may be used."""
    return who in _COPIES or any(part.who == who for part in PARTS)


def find(who, like_6500):
    """The part with this number that works this way, or its family's stand-in."""
    for part in PARTS:
        if part.who == who and part.like_6500 == like_6500:
            return part
    return _like_6500("6500-like", who) if like_6500 else _like_6050("6050-like", who)
