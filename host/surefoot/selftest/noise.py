"""Noise and bias of a sensor at rest, against its data sheet."""

from __future__ import annotations

from typing import Any

import numpy as np

from surefoot.recording.samples import FloatArray
from surefoot.recording.units import ACCEL_COUNTS, GYRO_COUNTS_PER_DPS, accel_range_g, gyro_range_dps
from surefoot.selftest.checks import Check, by_axis, judged, not_measured
from surefoot.selftest.datasheet import GYRO_BIAS_OVER_TEMPERATURE_DPS, Datasheet
from surefoot.selftest.stillness import BLOCK_S, block_means, longest_still, shakes
from surefoot.wire.records import Start

STILL_S = 3.0
"""So long it must have lain still: 1,500 samples at 500 Hz give a standard deviation to 2 %."""
FACTOR = 2.0
"""Of the typical density times the root of the bandwidth. The maker gives no highest value; a filter passes up to 1.25
times what its nominal bandwidth says (one of first order, in amplitude), and a module's regulator adds some."""
ROOM_C = (15.0, 35.0)
"""Where the bias at 25 C is a fair limit for the gyroscope."""
_AXES = "xyz"
_ACCEL, _GYRO, _BIAS = (
    ("noise_accel", "accel. noise"),
    ("noise_gyro", "gyro. noise"),
    ("bias", "gyro. bias"),
)


def noise_rms(values: FloatArray, rate_hz: float) -> FloatArray:
    """Return the standard deviation of each column about the means of half seconds: slow drift does not count."""
    samples = max(2, round(rate_hz * BLOCK_S))
    means = block_means(values, samples)
    left = values[: len(means) * samples] - np.repeat(means, samples, axis=0)
    return np.asarray(np.sqrt((left**2).sum(axis=0) / (len(left) - len(means))))


def noise_limit(density: float, bandwidth_hz: float, step: float) -> float:
    """Return the most that noise may be: of this density in this bandwidth, in counts of this size."""
    return float(np.hypot(FACTOR * density * np.sqrt(bandwidth_hz), step / np.sqrt(12)))


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
    accel_step_g = accel_range_g(start) / ACCEL_COUNTS
    gyro_step_dps = 1 / GYRO_COUNTS_PER_DPS.get(gyro_range_dps(start), 16.4)
    accel_limit_g = noise_limit(sheet.accel_noise_g, start.accel_bandwidth_hz, accel_step_g)
    gyro_limit_dps = noise_limit(sheet.gyro_noise_dps, start.gyro_bandwidth_hz, gyro_step_dps)
    return [
        _noise(_ACCEL, still[:, :3] * 1000, rate_hz, accel_limit_g * 1000, "mg"),
        _noise(_GYRO, still[:, 3:], rate_hz, gyro_limit_dps, "deg/s"),
        _bias(still[:, 3:].mean(axis=0), start.temperature_cdegc / 100, sheet),
    ]


def _noise(what: tuple[str, str], values: FloatArray, rate_hz: float, limit: float, unit: str) -> Check:
    rms = noise_rms(values, rate_hz)
    dead = [axis for axis, size in zip(_AXES, rms, strict=True) if size == 0]
    good = bool(np.all(rms <= limit)) and not dead
    if not good and not dead and shakes(values, rate_hz):
        return not_measured(*what, "what it lies on shakes; lay it on a firm table, away from motors and steps")
    note = f"{' and '.join(dead)} never changes: a dead axis" if dead else ""
    note = (
        note if good or dead else "too much noise: see wires and supply of the sensor, or what it lies on shakes fast"
    )
    digits = 1 if unit == "mg" else 3
    key = "mg" if unit == "mg" else "dps"
    numbers: dict[str, Any] = {
        f"rms_{key}": _rounded(rms),
        f"limit_{key}": round(limit, 4),
        "seconds": len(values) / rate_hz,
    }
    return judged(
        *what,
        f"{by_axis(rms, f'.{digits}f')} {unit}",
        f"up to {limit:.{digits}f} {unit}",
        good=good,
        note=note,
        **numbers,
    )


def _bias(bias_dps: FloatArray, temperature_c: float, sheet: Datasheet) -> Check:
    limit_dps, note = sheet.gyro_bias_dps, ""
    if not ROOM_C[0] <= temperature_c <= ROOM_C[1]:
        limit_dps += GYRO_BIAS_OVER_TEMPERATURE_DPS
        note = f"the sensor is at {temperature_c:.0f} C: the limit is that over all temperatures"
    good = bool(np.all(np.abs(bias_dps) <= limit_dps))
    numbers: dict[str, Any] = {"bias_dps": _rounded(bias_dps), "limit_dps": limit_dps, "temperature_c": temperature_c}
    value = by_axis(bias_dps, "+.2f")
    return judged(*_BIAS, f"{value} deg/s", f"within {limit_dps:.0f} deg/s", good=good, note=note, **numbers)


def _rounded(values: FloatArray) -> list[float]:
    return [round(float(value), 4) for value in values]
