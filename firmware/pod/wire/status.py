"""What the pod tells once a second and at each stride: the status and the Running Speed and Cadence measurement."""

import struct

from micropython import const

STATUS_BYTES = const(20)
MEASUREMENT_BYTES = const(4)
FEATURE = b"\x04\x00"
"""Feature of Running Speed and Cadence: it can tell walking from running, and nothing more."""

IDLE = const(0)
MEASURING = const(1)
RECORDING = const(2)
BATTERY_TOO_LOW = const(3)
SENSOR_FAILED = const(4)

KEEPING = const(0x10)
STORE_FULL = const(0x20)
PAIRING_OPEN = const(0x40)
CLIPPED = const(0x80)

BATTERY_NOT_MEASURED = const(255)
NO_SHOCK = const(65535)
NO_STORE = const(65535)

_LAYOUT = const(1)
_RUNNING = const(0x04)


class Status:
    """The 20 bytes of the status characteristic, in `bytes`, written part by part; values too large stay at the end.

    Writing allocates nothing that stays.
    """

    def __init__(self):
        self.bytes = bytearray(STATUS_BYTES)
        self.bytes[0] = _LAYOUT
        self.pod(IDLE, 0, BATTERY_NOT_MEASURED, NO_STORE)
        self.landing(0, 0, NO_SHOCK, 0)

    def pod(self, state, flags, battery_percent, store_free_permille):
        """Tell the state, with KEEPING, STORE_FULL, PAIRING_OPEN, CLIPPED added as `flags`; battery; room on flash."""
        self.bytes[1] = state | flags
        self.bytes[2] = battery_percent
        struct.pack_into("<H", self.bytes, 12, store_free_permille)

    def landing(self, cadence_spm, contact_ms, shock_cg, landings):
        """Tell what the last landing was like: steps per minute of both feet, 0.01 g."""
        self.bytes[3] = min(cadence_spm, 255)
        struct.pack_into(
            "<HHHB",
            self.bytes,
            4,
            min(contact_ms, 65535),
            min(shock_cg, NO_SHOCK - 1) if shock_cg != NO_SHOCK else NO_SHOCK,
            landings & 0xFFFF,
            landings >> 16 & 0xFF,
        )

    def stream(self, run, newest, unacknowledged, dropped):
        """Tell run number, sequence of its newest packet, packets not acknowledged, packets dropped."""
        self.bytes[11] = min(unacknowledged, 255)
        struct.pack_into("<HBBH", self.bytes, 14, newest & 0xFFFF, newest >> 16, run & 0xFF, min(dropped, 65535))


def write_measurement(buf, running, cadence_spm):
    """Write the 4 bytes of a measurement; the pod alone measures no speed, so that is 0."""
    buf[0] = _RUNNING if running else 0
    buf[1] = buf[2] = 0
    buf[3] = min(cadence_spm, 255)
