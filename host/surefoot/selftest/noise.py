"""Noise and bias of a sensor at rest, against its data sheet; whether its values are new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from surefoot.recording.samples import FloatArray
from surefoot.recording.units import ACCEL_COUNTS, GYRO_COUNTS_PER_DPS, accel_range_g, gyro_range_dps
from surefoot.selftest.checks import Check, by_axis, judged, not_measured
from surefoot.selftest.datasheet import Datasheet
from surefoot.selftest.stillness import longest_still, shaken, without_drift
from surefoot.wire.packing import Int16Array
from surefoot.wire.records import Start

STILL_S = 3.0
"""So long it must have lain still: 1,500 samples at 500 Hz give a standard deviation to 2 %."""
LEAST_SHARE = 0.2
"""Of the typical noise: an axis with less is dead, or behind another filter than it should be. The quietest relative,
the ICM-20689, has half (to be checked)."""
REPEATED_SHARE = 0.01
"""Of the samples, alike in all six channels to the one before: noise of 11 and of 1.1 counts makes 3 of ten million."""
ROOM_C = (15.0, 35.0)
"""Where the bias at 25 C is a fair limit for the gyroscope."""
_AXES = "xyz"
_ACCEL, _GYRO, _BIAS, _NEW = (
    ("noise_accel", "accel. noise"),
    ("noise_gyro", "gyro. noise"),
    ("bias", "gyro. bias"),
    ("new", "new values"),
)


@dataclass(frozen=True)
class Limits:
    """Of one sensor's noise, for people in `unit`, of which the numbers have `suffix`."""

    least: float
    most: float
    unit: str
    suffix: str
    digits: int


def noise_rms(values: FloatArray, rate_hz: float) -> FloatArray:
    """Return the standard deviation of each column about the means of half seconds: slow drift does not count."""
    left, means = without_drift(values, rate_hz)
    return np.asarray(np.sqrt((left**2).sum(axis=0) / (len(left) - means)))


def noise_limit(density: float, bandwidth_hz: float, step: float) -> float:
    """Return how much noise of this density is in this bandwidth, read in counts of this size."""
    return float(np.hypot(density * np.sqrt(bandwidth_hz), step / np.sqrt(12)))


def check_rest(values: FloatArray, start: Start, sheet: Datasheet) -> list[Check]:
    """Judge noise and bias.

    Parameters
    ----------
    values : array, shape (n, 6)
        As measured, not calibrated: g and deg/s.
    start : Start
        How the sensor was set.
    sheet : Datasheet
    """
    rate_hz = float(start.rate_hz)
    still = longest_still(values, rate_hz)
    if len(still) < STILL_S * rate_hz:
        why = f"it moved: no {STILL_S:.0f} s in which it lay still; lay it on a firm table and do not touch it"
        return [not_measured(*what, why) for what in (_ACCEL, _GYRO, _BIAS)]
    slow = shaken(still, rate_hz)
    # a table shakes both sensors; what one of them alone sees is its own fault
    table = slow if slow[:3].any() and slow[3:].any() else np.zeros(6, np.bool_)
    return [
        _noise(_ACCEL, still[:, :3] * 1000, rate_hz, _accel_limits(start, sheet), table[:3]),
        _noise(_GYRO, still[:, 3:], rate_hz, _gyro_limits(start, sheet), table[3:]),
        _bias(still[:, 3:].mean(axis=0), start.temperature_cdegc / 100, sheet),
    ]


def check_new(values: Int16Array) -> Check:
    """Judge whether the sensor makes a new value for each sample (n, 6), or repeats old ones."""
    repeated = int(np.all(np.diff(values, axis=0) == 0, axis=1).sum())
    good = repeated <= REPEATED_SHARE * len(values)
    note = "" if good else "the sensor makes fewer values than it should: a copy, or set otherwise than the pod asked"
    value, limit = f"{repeated:,} of {len(values):,} repeated", f"up to {REPEATED_SHARE * 100:.0f} %"
    return judged(*_NEW, value, limit, good=good, note=note, repeated=repeated, samples=len(values))


def _accel_limits(start: Start, sheet: Datasheet) -> Limits:
    step_g, band_hz = accel_range_g(start) / ACCEL_COUNTS, start.accel_bandwidth_hz
    most_g = noise_limit(sheet.accel_noise_most_g, band_hz, step_g)
    return Limits(LEAST_SHARE * sheet.accel_noise_g * band_hz**0.5 * 1000, most_g * 1000, "mg", "mg", 1)


def _gyro_limits(start: Start, sheet: Datasheet) -> Limits:
    step_dps, band_hz = 1 / GYRO_COUNTS_PER_DPS.get(gyro_range_dps(start), 16.4), start.gyro_bandwidth_hz
    most_dps = noise_limit(sheet.gyro_noise_most_dps, band_hz, step_dps)
    return Limits(LEAST_SHARE * sheet.gyro_noise_dps * band_hz**0.5, most_dps, "deg/s", "dps", 3)


def _noise(
    what: tuple[str, str], values: FloatArray, rate_hz: float, limits: Limits, table: NDArray[np.bool_]
) -> Check:
    rms = noise_rms(values, rate_hz)
    loud, dead = rms > limits.most, rms < limits.least
    if loud.any() and not dead.any() and table[loud].all():
        return not_measured(*what, "what it lies on shakes; lay it on a firm table, away from motors and steps")
    note = ""
    if dead.any():
        names = " and ".join(axis for axis, is_dead in zip(_AXES, dead, strict=True) if is_dead)
        note = f"{names} hardly changes: a dead axis, or a wrong filter"
    elif loud.any():
        note = "too much noise: see wires and supply of the sensor, or what it lies on shakes fast"
    numbers: dict[str, Any] = {
        f"rms_{limits.suffix}": _rounded(rms),
        f"least_{limits.suffix}": round(limits.least, 4),
        f"limit_{limits.suffix}": round(limits.most, 4),
        "seconds": len(values) / rate_hz,
    }
    digits = limits.digits
    return judged(
        *what,
        f"{by_axis(rms, f'.{digits}f')} {limits.unit}",
        f"{limits.least:.{digits}f} to {limits.most:.{digits}f} {limits.unit}",
        good=not loud.any() and not dead.any(),
        note=note,
        **numbers,
    )


def _bias(bias_dps: FloatArray, temperature_c: float, sheet: Datasheet) -> Check:
    limit_dps, note = sheet.gyro_bias_dps, ""
    if not ROOM_C[0] <= temperature_c <= ROOM_C[1]:
        limit_dps += sheet.gyro_bias_over_temperature_dps
        note = f"the sensor is at {temperature_c:.0f} C: the limit is that over all temperatures"
    good = bool(np.all(np.abs(bias_dps) <= limit_dps))
    numbers: dict[str, Any] = {"bias_dps": _rounded(bias_dps), "limit_dps": limit_dps, "temperature_c": temperature_c}
    value = by_axis(bias_dps, "+.2f")
    return judged(*_BIAS, f"{value} deg/s", f"within {limit_dps:.0f} deg/s", good=good, note=note, **numbers)


def _rounded(values: FloatArray) -> list[float]:
    return [round(float(value), 4) for value in values]
