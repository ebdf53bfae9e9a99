"""Figures of a recording whose every number differs from the others."""

from __future__ import annotations

from pathlib import Path

from surefoot.pod.figures import Figures

RUNNING = Figures(
    pod="Surefoot 3A7F",
    side="left",
    file=Path("2026-11-23_081210_3A7F-12.run"),
    state="recording",
    elapsed_s=3754.2,
    cadence_spm=172,
    contact_ms=238,
    shocks_g=(8.25, 12.34, 7.06, 9.81),
    clipped=False,
    landings=1043,
    nominal_rate_hz=500,
    rate_hz=499.62,
    samples=375201,
    packets=19747,
    missing_packets=17,
    lost_packets=29,
    lost_s=1.234,
    dropped_by_pod=31,
    waiting_packets=6,
    store_free_share=0.973,
    battery_percent=81,
    rssi_dbm=-61,
    marks=2,
    reconnects=3,
    standing_s=None,
    stand_still_s=5.0,
    notes=("0:08:31 mark 2", "0:12:20 the link was lost"),
)
