"""Read a route: GPX or FIT, told apart by content."""

from __future__ import annotations

from pathlib import Path

from surefoot.errors import RouteError
from surefoot.terrain.fit import read_fit
from surefoot.terrain.fixes import OTHER_FILE, route_from_fixes
from surefoot.terrain.gpx import read_gpx
from surefoot.terrain.model import Route

LARGEST_BYTES = 200_000_000
FOREIGN = (
    (b"<TrainingCenterDatabase", "it is a TCX file"),
    (b"<kml", "it is a KML file"),
    (b"\x1f\x8b", "it is compressed (gzip); unpack it first"),
    (b"PK\x03\x04", "it is a ZIP archive; unpack it first"),
)


def read_route(path: Path | str) -> Route:
    """Read a route recorded by a watch or phone.

    Parameters
    ----------
    path : Path or str
        A GPX track or a FIT activity, under any name.

    Returns
    -------
    Route
        One entry per fix; `altitude_source` is 'barometer' only where the file says so.

    Raises
    ------
    RouteError
        The file cannot be read, is of another kind, is damaged, or lacks positions, time or altitude.
    """
    path = Path(path)
    content = _content(path)
    head = content[:4096]
    if content[8:12] == b".FIT":
        return route_from_fixes(read_fit(content, path), path)
    if b"<gpx" in head:
        return route_from_fixes(read_gpx(content, path), path)
    for sign, what in FOREIGN:
        if head.startswith(sign) or (sign.startswith(b"<") and sign in head):
            raise RouteError(path, what, OTHER_FILE)
    raise RouteError(path, "it is empty" if not content else "it is neither GPX nor FIT", OTHER_FILE)


def _content(path: Path) -> bytes:
    give_other = "check the name and the rights of the file, or analyse without --route"
    try:
        if path.is_dir():
            raise RouteError(path, "it is a folder", "name the GPX or FIT file in it")
        if path.exists() and not path.is_file():
            raise RouteError(path, "it is no ordinary file", give_other)
        if path.stat().st_size > LARGEST_BYTES:
            raise RouteError(path, "it is far larger than any route", OTHER_FILE)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise RouteError(path, "there is no such file", give_other) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is not possible"
        raise RouteError(path, f"it cannot be read ({reason})", give_other) from error
