"""GPX tracks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from surefoot.errors import RouteError
from surefoot.terrain.fixes import OTHER_FILE, Fixes
from surefoot.terrain.model import AltitudeSource

if TYPE_CHECKING:
    from gpxpy.gpx import GPX, GPXTrackPoint

NAN = float("nan")


def read_gpx(content: bytes, path: Path) -> Fixes:
    """Read the track points of a GPX document; `path` only names it. Raises `RouteError`.

    Cadence and speed come from Garmin's TrackPointExtension where it is there. A document type declaration is refused
    before the XML is parsed: no GPX needs one, and entity expansion hides in it.
    """
    import gpxpy

    text = content.decode("utf-8-sig", errors="replace")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise RouteError(path, "it declares XML entities, which no route needs and which may be an attack", OTHER_FILE)
    try:
        document = gpxpy.parse(text)
        points = [point for track in document.tracks for segment in track.segments for point in segment.points]
        rows = np.array([_row(point) for point in points], dtype=np.float64).reshape(-1, 6)
    except Exception as error:  # the parser meets hostile bytes here and raises whatever it stumbles over
        raise RouteError(path, "its XML is damaged or is no GPX", OTHER_FILE) from error
    unix_s, latitude_deg, longitude_deg, altitude_m, speed_mps, cadence = rows.T
    no_distance = np.full(unix_s.shape, np.nan)
    return Fixes(
        unix_s,
        latitude_deg,
        longitude_deg,
        no_distance,
        altitude_m,
        speed_mps,
        cadence,
        altitude_source=_altitude_source(document),
    )


def _altitude_source(document: GPX) -> AltitudeSource:
    """Strava writes 'with Barometer' after the device's name; other GPX does not say where altitude comes from."""
    return "barometer" if "with barometer" in (document.creator or "").lower() else "unknown"


def _row(point: GPXTrackPoint) -> tuple[float, float, float, float, float, float]:
    extras = {
        element.tag.rpartition("}")[2]: element.text for extension in point.extensions for element in extension.iter()
    }
    return (
        _unix_s(point.time),
        point.latitude,
        point.longitude,
        NAN if point.elevation is None else point.elevation,
        _number(extras.get("speed")) if point.speed is None else point.speed,
        _number(extras.get("cad") or extras.get("cadence")),
    )


def _unix_s(time: datetime | None) -> float:
    if time is None:
        return NAN
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _number(text: str | None) -> float:
    try:
        return float(text) if text else NAN
    except ValueError:
        return NAN
