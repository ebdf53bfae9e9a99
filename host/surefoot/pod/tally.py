"""Counts what a recording shows while it goes on, from new packets and from the pod's status."""

from __future__ import annotations

from collections import deque

from surefoot.pod.standing import Standing
from surefoot.wire.packets import BEHIND_MAX, COUNTER, Kind, Packet
from surefoot.wire.records import Event, EventCode
from surefoot.wire.status import Status

SHOCKS = 30
"""Landings of one leg in 20 s of running."""
RATE_SPAN_S = 60.0
"""Over which the rate is measured: the clock of a packet is uncertain by a sample, 30 ppm of a minute at 500 Hz."""
RATE_SPAN_MIN_S = 5.0
"""A sample's uncertainty is 400 ppm of it at 500 Hz, 0.2 Hz: what is shown earlier would only flicker."""
_EVENTS: dict[int, str] = {
    EventCode.OVERFLOW: "The sensor's buffer overran on the pod: samples are missing there.",
    EventCode.SENSOR_RESTARTED: "The sensor reset itself and was set up anew: samples are missing there.",
    EventCode.BUS_FAULT: "The wires to the sensor failed for a moment: samples are missing there.",
    EventCode.PACKETS_DROPPED: "The pod could not keep some packets.",
    EventCode.STORE_FULL: "The pod's store is full.",
    EventCode.BATTERY_LOW: "The pod's battery is nearly empty.",
    EventCode.FAULT: "The pod's firmware met a fault",
    EventCode.SENT_AWAY: "The pod sent a device away that is not paired with it.",
    EventCode.WRITES_LOST: "Somebody sends the pod more than it can hear.",
}


class Tally:
    """Its attributes are the figures of the same names; memory stays the same however long it goes on."""

    def __init__(self) -> None:
        self.samples = self.packets = 0
        self.rate_hz: float | None = None
        self.shocks_g: deque[float] = deque(maxlen=SHOCKS)
        self.status: Status | None = None
        self.standing: Standing | None = None
        self.nominal_rate_hz: int | None = None
        self._anchors: deque[tuple[int, int]] = deque()
        self._landings = 0

    def take(self, packet: Packet, is_newest: bool) -> str | None:
        """Count a new packet; what it tells that the runner should know, if anything.

        `is_newest` is False for one that was fetched later: it says nothing about the present.
        """
        self.packets += 1
        if packet.kind in (Kind.SAMPLES, Kind.PACKED):
            self.samples += packet.count
            if is_newest:
                self._measure_rate(packet)
                if self.standing is not None:
                    self.standing.take(packet)
        if packet.kind != Kind.EVENT:
            return None
        event = Event.from_bytes(packet.body)
        told = _EVENTS.get(event.code)
        return f"{told}: {event.text}" if told and event.text else told

    def take_status(self, status: Status) -> None:
        """Note the pod's state; a landing since the last one brings its shock."""
        if status.landings > self._landings and status.shock_g is not None:
            self.shocks_g.append(status.shock_g)
        self._landings = status.landings
        self.status = status

    def _measure_rate(self, packet: Packet) -> None:
        """Measure against the packet of about a minute ago, or the oldest there is."""
        if packet.behind == BEHIND_MAX or not self.nominal_rate_hz:
            return
        here = (packet.index + packet.count + packet.behind, packet.clock_us)
        anchors = self._anchors
        rate_hz = self.nominal_rate_hz
        if anchors and _span_s(anchors[-1], here, rate_hz) > RATE_SPAN_S:
            anchors.clear()  # after a long gap the clock may have wrapped
        while len(anchors) > 1 and _span_s(anchors[1], here, rate_hz) >= RATE_SPAN_S:
            anchors.popleft()
        if not anchors or _span_s(anchors[-1], here, rate_hz) >= RATE_SPAN_MIN_S:
            anchors.append(here)
        if _span_s(anchors[0], here, rate_hz) >= RATE_SPAN_MIN_S:
            samples, clock_us = ((here[at] - anchors[0][at]) % COUNTER for at in range(2))
            self.rate_hz = samples / clock_us * 1e6


def _span_s(before: tuple[int, int], after: tuple[int, int], rate_hz: int) -> float:
    return (after[0] - before[0]) % COUNTER / rate_hz
