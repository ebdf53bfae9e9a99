"""The route of a virtual run as a GPX file, with cadence as Garmin writes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

START = datetime(2025, 5, 3, 7, 0, 0, tzinfo=UTC)
GARMIN = "http://www.garmin.com/xmlschemas/TrackPointExtension/v1"


def _point(lat: float, lon: float, altitude_m: float, time: datetime, cadence_spm: float) -> str:
    # Garmin counts the steps of one foot.
    return (
        f'   <trkpt lat="{lat:.7f}" lon="{lon:.7f}"><ele>{altitude_m:.1f}</ele><time>{time:%Y-%m-%dT%H:%M:%SZ}</time>'
        f"<extensions><gpxtpx:TrackPointExtension><gpxtpx:cad>{cadence_spm / 2:.0f}</gpxtpx:cad>"
        "</gpxtpx:TrackPointExtension></extensions></trkpt>"
    )


def write_gpx(route: pd.DataFrame, path: Path, name: str, start: datetime = START) -> None:
    """Write a route; the first fix is at `start`, the others whole seconds later, as a watch's own clock has them."""
    points = [
        _point(lat, lon, altitude_m, start + timedelta(seconds=second), cadence_spm)
        for second, (lat, lon, altitude_m, cadence_spm) in enumerate(
            route[["lat", "lon", "altitude_m", "cadence_spm"]].to_numpy(dtype=float).tolist()
        )
    ]
    text = "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<gpx version="1.1" creator="virtual runner" xmlns="http://www.topografix.com/GPX/1/1"'
            f' xmlns:gpxtpx="{GARMIN}">',
            f" <trk><name>{name}</name><type>running</type>",
            "  <trkseg>",
            *points,
            "  </trkseg>",
            " </trk>",
            "</gpx>",
            "",
        ]
    )
    path.write_text(text, encoding="utf-8")
