"""FIT activities."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from surefoot.errors import RouteError
from surefoot.terrain.fixes import OTHER_FILE, Fixes
from surefoot.terrain.model import AltitudeSource

DEGREES_PER_SEMICIRCLE = 180 / 2**31
BAROMETER = (4, "barometer")
NAN = float("nan")


def read_fit(content: bytes, path: Path) -> Fixes:
    """Read the records of a FIT file; `path` only names it. Raises `RouteError`.

    Of fields that exist twice the enhanced (finer) one is taken. FIT counts the cadence of a run per leg. The checksum
    must be right: a file cut off in the middle is refused rather than half used.
    """
    from fitdecode import FitDataMessage, FitReader
    from fitdecode.reader import CrcCheck, ErrorHandling

    rows: list[tuple[float, ...]] = []
    source: AltitudeSource = "unknown"
    open_fit: Any = partial(FitReader, check_crc=CrcCheck.RAISE, error_handling=ErrorHandling.IGNORE)
    try:
        with open_fit(BytesIO(content)) as reader:
            for frame in reader:
                if not isinstance(frame, FitDataMessage):
                    continue
                if frame.name == "record":
                    rows.append(_row(frame))
                elif frame.name == "device_info" and _is_barometer(frame):
                    source = "barometer"
    except Exception as error:  # the decoder meets damaged bytes here and raises whatever it stumbles over
        raise RouteError(path, "the FIT file is damaged or cut off", OTHER_FILE) from error
    time, latitude, longitude, distance, altitude, speed, cadence = np.array(rows, dtype=np.float64).reshape(-1, 7).T
    return Fixes(time, latitude, longitude, distance, altitude, speed, cadence, altitude_source=source)


def _row(record: Any) -> tuple[float, ...]:
    time = record.get_value("timestamp", fallback=None)
    return (
        time.timestamp() if isinstance(time, datetime) else NAN,
        _number(record, "position_lat") * DEGREES_PER_SEMICIRCLE,
        _number(record, "position_long") * DEGREES_PER_SEMICIRCLE,
        _number(record, "distance"),
        _number(record, "enhanced_altitude", "altitude"),
        _number(record, "enhanced_speed", "speed"),
        _number(record, "cadence") + np.nan_to_num(_number(record, "fractional_cadence")),
    )


def _number(record: Any, *names: str) -> float:
    """Return the first of the fields that holds a number; a field of its own before one expanded from a coarser one."""
    for name in names:
        fields = [f for f in record.fields if f.is_named(name) and isinstance(f.value, int | float)]
        if fields:
            return float(min(fields, key=lambda field: field.is_expanded).value)
    return NAN


def _is_barometer(device: Any) -> bool:
    """Say whether a device description is that of a barometer built into the watch."""
    if device.get_value("source_type", fallback=None) not in (5, "local"):
        return False
    return any(device.get_value(name, fallback=None) in BAROMETER for name in ("device_type", "local_device_type"))
