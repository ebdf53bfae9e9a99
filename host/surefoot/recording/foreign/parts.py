"""What one foreign table gives, and how the tables of two sensors become one recording.

**Two clocks.** The accelerometer's samples stay as they are, since the shock is in them. The angular rate at each of
their times lies on the line between the two measured ones around it, and these are at most 2.5 usual intervals of the
gyroscope apart. Where they are further apart, or there is none on one side, the sample is left out: a gap of either
sensor stays a gap.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from surefoot.errors import RecordingError
from surefoot.recording.samples import SERIOUS_SHARE, Condition, FloatArray, Recording
from surefoot.recording.utc import UTC_US_POSSIBLE

BRIDGED_INTERVALS_MAX = 2.5
"""Between two samples of the gyroscope no further apart than this, in usual intervals: one may have been lost."""


@dataclass(frozen=True)
class Part:
    """Samples of one table, converted.

    Attributes
    ----------
    name, program : str
        Of the table, and of what wrote it.
    t_s : array, shape (n,)
        Strictly increasing, on `clock`.
    accel_g, gyro_dps : array, shape (n, 3), or None
        What the table holds, in g (gravity included) and deg/s.
    accel_range_g, gyro_range_dps : float
    clock : str or None
        Tables with the same clock can be joined; None: with no other.
    zero_utc_us : int or None
        UTC of `t_s` = 0.
    nominal_rate_hz : float or None
    converted : tuple of str
        What was converted, in words.
    conditions : tuple of Condition
    """

    name: str
    program: str
    t_s: FloatArray
    accel_g: FloatArray | None
    gyro_dps: FloatArray | None
    accel_range_g: float = 16.0
    gyro_range_dps: float = 2000.0
    clock: str | None = None
    zero_utc_us: int | None = None
    nominal_rate_hz: float | None = None
    converted: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = field(default_factory=tuple)


def recording_of(name: str, parts: list[Part]) -> Recording:
    """Make one recording of the tables of one sensor.

    Raises
    ------
    RecordingError
        A sensor is missing or there twice, or the two have no common clock or no common time.
    """
    accel, gyro = _accelerometer(name, parts), _gyroscope(name, parts)
    samples, said = (accel, ()) if accel is gyro else _joined(name, accel, gyro)
    sentence = f"Read as an export of {accel.program}"
    converted = tuple(dict.fromkeys(accel.converted + gyro.converted))
    sentence += f": {', '.join(converted)}." if converted else "."
    conditions = list(dict.fromkeys(accel.conditions + gyro.conditions))
    start_s = float(samples.t_s[0])
    assert samples.accel_g is not None
    assert samples.gyro_dps is not None
    return Recording(
        t_s=samples.t_s - start_s,
        accel_g=samples.accel_g,
        gyro_dps=samples.gyro_dps,
        accel_range_g=accel.accel_range_g,
        gyro_range_dps=gyro.gyro_range_dps,
        nominal_rate_hz=accel.nominal_rate_hz,
        name=name,
        conditions=(Condition("converted", sentence), *said, *conditions),
        start_utc_us=_possible(accel.zero_utc_us, start_s),
    )


def _possible(zero_utc_us: int | None, start_s: float) -> int | None:
    """Return the UTC of the first sample, unless the clock was never set."""
    start_utc_us = None if zero_utc_us is None else zero_utc_us + round(start_s * 1e6)
    known = start_utc_us is not None and UTC_US_POSSIBLE[0] < start_utc_us < UTC_US_POSSIBLE[1]
    return start_utc_us if known else None


def _accelerometer(name: str, parts: list[Part]) -> Part:
    """Choose the accelerometer with the widest range, so that a high-g one comes first."""
    found = [part for part in parts if part.accel_g is not None]
    if not found:
        raise RecordingError(name, "it has no accelerations", "record accelerometer (with gravity) and gyroscope")
    widest = max(part.accel_range_g for part in found)
    found = [part for part in found if part.accel_range_g == widest]
    if len(found) > 1:
        raise RecordingError(name, f"it has {len(found)} accelerometers", "give the recording of one sensor")
    return found[0]


def _gyroscope(name: str, parts: list[Part]) -> Part:
    found = [part for part in parts if part.gyro_dps is not None]
    if not found:
        raise RecordingError(
            name, "it has no angular rates", "record the gyroscope too, and put both tables into one zip"
        )
    if len(found) > 1:
        raise RecordingError(name, f"it has {len(found)} gyroscopes", "give the recording of one sensor")
    return found[0]


def _joined(name: str, accel: Part, gyro: Part) -> tuple[Part, tuple[Condition, ...]]:
    """Bring the angular rates to the accelerometer's times."""
    if accel.clock is None or accel.clock != gyro.clock:
        raise RecordingError(
            name, f"{accel.name} and {gyro.name} have no common clock", "give a recording with both in one table"
        )
    assert gyro.gyro_dps is not None
    assert accel.accel_g is not None
    shift_s = 0.0
    if accel.zero_utc_us is not None and gyro.zero_utc_us is not None:
        shift_s = (gyro.zero_utc_us - accel.zero_utc_us) * 1e-6
    gyro_t_s = gyro.t_s + shift_s
    after = np.searchsorted(gyro_t_s, accel.t_s)
    exact = gyro_t_s[np.minimum(after, len(gyro_t_s) - 1)] == accel.t_s
    before = np.where(exact, after, after - 1)
    within = (before >= 0) & (after < len(gyro_t_s))
    apart_s = gyro_t_s[np.minimum(after, len(gyro_t_s) - 1)] - gyro_t_s[np.maximum(before, 0)]
    kept = within & (apart_s <= BRIDGED_INTERVALS_MAX * float(np.median(np.diff(gyro_t_s))))
    if int(kept.sum()) < 2:
        raise RecordingError(name, f"{accel.name} and {gyro.name} are of different times", "give both of one recording")
    t_s = accel.t_s[kept]
    gyro_dps = np.column_stack([np.interp(t_s, gyro_t_s, axis) for axis in gyro.gyro_dps.T])
    joined = replace(accel, t_s=t_s, accel_g=accel.accel_g[kept], gyro_dps=gyro_dps)
    if exact.all():
        return joined, ()
    left_out = len(kept) - int(kept.sum())
    sentence = "The angular rates were brought to the times of the accelerations, between neighbours and over no gap"
    sentence += f"; {left_out} accelerations had none beside them and were left out." if left_out else "."
    said = Condition("joined", sentence, left_out, serious=left_out > SERIOUS_SHARE * len(kept))
    return joined, (said,)
