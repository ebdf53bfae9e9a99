"""The figures of a recording at one moment."""

from __future__ import annotations

from surefoot.pod.figures import Figures
from surefoot.pod.find import FoundPod
from surefoot.pod.ledger import Ledger
from surefoot.recording.samples import said_side
from surefoot.wire.packets import SAMPLES_MAX


def snapshot(ledger: Ledger, pod: FoundPod, elapsed_s: float, reconnects: int) -> Figures:
    """Put together what is known; cheap enough for any rate of a screen."""
    tally, status, start = ledger.tally, ledger.tally.status, ledger.start
    lost = sum(copy.lost_packets for copy in ledger.copies)
    rate_hz = tally.nominal_rate_hz
    return Figures(
        pod=pod.name,
        side=said_side(ledger.facts.get("side"), start.side if start else None),
        file=ledger.copy.writer.path if ledger.copy else None,
        state=ledger.state,
        elapsed_s=elapsed_s,
        cadence_spm=status.cadence_spm or None if status else None,
        contact_ms=status.contact_ms or None if status else None,
        shocks_g=tuple(tally.shocks_g),
        clipped=bool(status and status.clipped and tally.shocks_g),
        landings=status.landings if status else 0,
        nominal_rate_hz=rate_hz,
        rate_hz=tally.rate_hz,
        samples=tally.samples,
        packets=tally.packets,
        missing_packets=sum(copy.missing_packets for copy in ledger.copies),
        lost_packets=lost,
        lost_s=lost * SAMPLES_MAX / rate_hz if rate_hz else 0.0,
        dropped_by_pod=status.packets_dropped if status else 0,
        waiting_packets=status.packets_unacknowledged if status else None,
        store_free_share=status.store_free_share if status else None,
        battery_percent=status.measured_battery_percent if status else None,
        rssi_dbm=pod.rssi_dbm,
        marks=ledger.marks,
        reconnects=reconnects,
        standing_s=tally.standing.seconds if tally.standing else None,
        stand_still_s=ledger.stand_still_s,
        notes=tuple(ledger.notes),
    )
