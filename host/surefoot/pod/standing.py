"""How long the runner has stood still, from the samples as they come."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from surefoot.motion.activity_parameters import ActivityParameters
from surefoot.recording.units import accel_g, gyro_dps
from surefoot.wire.packets import Kind, Packet
from surefoot.wire.records import Start

WINDOW_S = 0.5
"""Over which the spread is taken, as `motion.activity.find_still` does."""


class Standing:
    """Seconds stood still without a break, by the limits of the analysis, so that both agree on what standing is."""

    def __init__(self, start: Start) -> None:
        self.seconds = 0.0
        self._start = start
        self._rate_hz = start.rate_hz
        self._sums: deque[tuple[int, NDArray[np.float64], NDArray[np.float64]]] = deque()
        p = ActivityParameters()
        self._spread = np.array([p.still_g] * 3 + [p.still_dps] * 3)
        self._farthest = np.array([p.farthest_g] * 3 + [p.bias_dps] * 3)

    def take(self, packet: Packet) -> None:
        """Look at the next packet; one without samples says nothing."""
        if packet.kind not in (Kind.SAMPLES, Kind.PACKED):
            return
        counts = packet.samples()
        values = np.hstack((accel_g(counts, self._start), gyro_dps(counts, self._start)))
        self._sums.append((len(values), values.sum(axis=0), (values**2).sum(axis=0)))
        while sum(count for count, _, _ in self._sums) - self._sums[0][0] >= WINDOW_S * self._rate_hz:
            self._sums.popleft()
        count = sum(part[0] for part in self._sums)
        if count < WINDOW_S * self._rate_hz:
            return
        mean = sum(part[1] for part in self._sums) / count
        variance = sum(part[2] for part in self._sums) / count - mean**2
        still = bool(np.all(variance < self._spread**2) and np.all(np.abs(mean) < self._farthest))
        self.seconds = self.seconds + packet.count / self._rate_hz if still else 0.0
