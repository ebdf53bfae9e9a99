"""What is known about a recording while it goes on: plain values, for whoever shows them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figures:
    """The figures of one recording at one moment; None is 'not known'.

    Attributes
    ----------
    pod, side : str
        Name of the pod; 'left', 'right' or 'unknown'.
    file : Path or None
        Where the run is written.
    state : str
        'connecting', 'recording', 'reconnecting', 'fetching', 'closing' or 'ended'.
    elapsed_s : float
        Since the run began.
    cadence_spm, contact_ms : int or None
        Steps per minute of both feet and contact time of the last stride, as the pod measured them.
    shocks_g : tuple of float
        Shock of the last landings (30 at most), newest last.
    clipped : bool
        The newest shock reached the sensor's limit: it is a lower bound.
    landings : int
        Landings in this run.
    nominal_rate_hz, rate_hz
        Sampling rate as set, and as the pod's own clock counts it.
    samples, packets : int
        Written so far.
    missing_packets : int
        Holes that are still to be fetched from the pod.
    lost_packets : int
        Given up: the pod has them no more.
    lost_s : float
        Time of the samples that are lost.
    dropped_by_pod : int
        Packets that the pod could not keep.
    waiting_packets : int or None
        Made and not yet acknowledged: what the pod's buffer holds; 255 is that or more.
    store_free_share : float or None
        Free part of the pod's flash, 0 to 1.
    battery_percent : int or None
        Of the pod.
    rssi_dbm : int or None
        Signal when the pod was found.
    marks : int
        Set so far.
    reconnects : int
        How often the link came back.
    standing_s : float or None
        Seconds stood still so far, while the runner is asked to.
    stand_still_s : float
        How many the runner is asked for.
    notes : tuple of str
        What happened, newest last.
    """

    pod: str
    side: str
    file: Path | None
    state: str
    elapsed_s: float
    cadence_spm: int | None
    contact_ms: int | None
    shocks_g: tuple[float, ...]
    clipped: bool
    landings: int
    nominal_rate_hz: int | None
    rate_hz: float | None
    samples: int
    packets: int
    missing_packets: int
    lost_packets: int
    lost_s: float
    dropped_by_pod: int
    waiting_packets: int | None
    store_free_share: float | None
    battery_percent: int | None
    rssi_dbm: int | None
    marks: int
    reconnects: int
    standing_s: float | None
    stand_still_s: float
    notes: tuple[str, ...]
