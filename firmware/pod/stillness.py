"""Whether the pod is moved at all: what keeps it awake and a lonely run open."""

from micropython import const

from pod.gait.raw import HIGH
from pod.wire.packet import HEADER

_ACCEL_CHANNELS = const(3)
_MOVED = const(102)
"""0.05 g at 2048 LSB/g: five times the noise of the sensor, far less than a step."""


class Stillness:
    """Compares the acceleration at the start of each packet with that of the last one that differed."""

    def __init__(self):
        self._last = [0] * _ACCEL_CHANNELS

    def moved(self, packet):
        """Whether the pod moved since the last time it did; allocates nothing."""
        for channel in range(_ACCEL_CHANNELS):
            if not -_MOVED < _accel(packet, channel) - self._last[channel] < _MOVED:
                for each in range(_ACCEL_CHANNELS):
                    self._last[each] = _accel(packet, each)
                return True
        return False


def _accel(packet, channel):
    at = HEADER + 2 * channel
    return HIGH[packet[at]] + packet[at + 1]
