"""Bodies of the packets that tell about a run (docs/link.md): each is written in place and its length returned."""

import struct

from micropython import const

HOST = const(0)
BUTTON = const(1)
MOTION = const(2)
RESUMED = const(3)

EVENT_OVERFLOW = const(1)
EVENT_RESTARTED = const(2)
EVENT_BUS_FAULT = const(3)
EVENT_DROPPED = const(4)
EVENT_STORE_FULL = const(5)
EVENT_LINK_LOST = const(6)
EVENT_LINK_BACK = const(7)
EVENT_BATTERY_LOW = const(8)
EVENT_SETTING = const(9)
EVENT_FAULT = const(10)
EVENT_SENT_AWAY = const(11)
EVENT_WRITES_LOST = const(12)

END_HOST = const(0)
END_BUTTON = const(1)
END_BATTERY = const(2)
END_STORE_FULL = const(3)
END_SENSOR_LOST = const(4)
END_RESTART = const(5)
END_NO_MOTION = const(6)

START_BYTES = const(102)
UNKNOWN = const(32767)
FROM_BUTTON = const(0)
FROM_HOST = const(1)

SELF_TEST_NOT_RUN = const(255)
_LAYOUT = const(1)
_TEXT_MAX = const(60)
_U16_MAX = const(0xFFFF)


class StartBody:
    """Body of a start packet, filled in by those who know; `bytes` is also what the identity characteristic holds.

    Until told otherwise: no self-test, no bias, no calibration, no time. Made at the start; writing may allocate.
    """

    def __init__(self):
        self.bytes = bytearray(START_BYTES)
        self.bytes[0] = _LAYOUT
        self.self_test(SELF_TEST_NOT_RUN, (UNKNOWN, UNKNOWN, UNKNOWN))
        self.calibration((UNKNOWN, UNKNOWN, UNKNOWN), (UNKNOWN, UNKNOWN, UNKNOWN))

    def pod(self, board, serial_number, version, boot_count, reset_cause):
        """Tell what stays the same until the next reset: names in ASCII, 6 bytes of serial number, 3 of version."""
        boots = boot_count & _U16_MAX
        struct.pack_into("<HBBBB16s6s", self.bytes, 6, boots, reset_cause, *version, board, serial_number)

    def sensor(self, part, who_am_i, rate_hz, ranges, bandwidths_hz, delays_us, fifo_bytes):
        """Tell how the sensor is set up; pairs are accelerometer (g), gyroscope (deg/s)."""
        accel_g, gyro_dps = ranges
        struct.pack_into("<16sBHBH", self.bytes, 34, part, who_am_i, rate_hz, accel_g, gyro_dps)
        struct.pack_into("<HHHHH", self.bytes, 56, *bandwidths_hz, *delays_us, fifo_bytes)

    def self_test(self, passed, bias):
        """Tell the bits of the channels that passed, and the gyroscope's bias in raw counts."""
        struct.pack_into("<Bhhh", self.bytes, 67, passed, *bias)

    def side(self, side):
        """Tell the leg: 0 unknown, 1 left, 2 right."""
        self.bytes[66] = side

    def calibration(self, offset, scale):
        """Tell the accelerometer's offset (0.0001 g) and scale error (0.0001)."""
        struct.pack_into("<hhhhhh", self.bytes, 74, *offset, *scale)

    def moment(self, run, started_by, temperature_cdegc, battery_mv):
        """Tell what holds as the run starts."""
        struct.pack_into("<IB", self.bytes, 1, run, started_by)
        struct.pack_into("<hH", self.bytes, 86, temperature_cdegc, battery_mv)

    def time(self, utc, age_s):
        """Tell when a host last set the time: its 8 bytes as they came, and the seconds since."""
        struct.pack_into("<8sI", self.bytes, 90, utc, age_s)

    def copy(self, body):
        """Write all of it into the packet's body."""
        struct.pack_into("102s", body, 0, self.bytes)
        return START_BYTES


def write_mark(body, source, label):
    """Write who marked, FROM_BUTTON or FROM_HOST, and the label."""
    body[0] = source
    body[1] = label
    return 2


def write_clock(body, utc):
    """Write the 8 bytes of UTC as the host wrote them."""
    for at in range(8):
        body[at] = utc[at]
    return 8


def write_event(body, code, value, text=b""):
    """Write code, value and text, which is cut to 60 bytes; a value below 2^30 allocates nothing."""
    body[0] = code
    struct.pack_into("<I", body, 1, value)
    length = min(len(text), _TEXT_MAX)
    for at in range(length):
        body[5 + at] = text[at]
    return 5 + length


def write_end(body, reason, samples, overflows, bus_faults, restarts, dropped):
    """Write the counts; those of 16 bits stay at their highest."""
    body[0] = reason
    struct.pack_into(
        "<IHHHI",
        body,
        1,
        samples,
        min(overflows, _U16_MAX),
        min(bus_faults, _U16_MAX),
        min(restarts, _U16_MAX),
        dropped,
    )
    return 15
