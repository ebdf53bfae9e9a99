"""What the samples themselves say about units, axes and range."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from surefoot.errors import RecordingError
from surefoot.recording.samples import Condition, Recording, true_runs


@dataclass(frozen=True)
class CheckParameters:
    """Limits of the plausible. None of them is tight: they tell units apart, not runners."""

    level_g: tuple[float, float] = (0.5, 8.0)
    """Median norm of the acceleration: 1 g standing, 1.9 g running at 2.5 m/s, 3 g at 4 and by its square about 6 g at
    5.7; standing in m/s^2 reads 9.8."""
    rotation_dps: float = 40.0
    """A shin that is shaken like a runner's turns faster than this; in rad/s it reads 10."""
    shaken_g: float = 0.5
    """Standard deviation of the acceleration from which the shin is being shaken."""
    clip_margin_share: float = 0.006
    """A sample within this share of the range is clipped: 15.9 g of 16."""
    smaller_ranges_g: tuple[float, ...] = (2.0, 4.0, 8.0)
    smaller_ranges_dps: tuple[float, ...] = (250.0, 500.0, 1000.0)
    """Ranges to which a sensor may be set instead of the widest."""
    plateau_samples: int = 5
    """So many samples with the largest value of all, at the end of a smaller range, show that it was set."""
    fastest_dps: float = 4500.0
    """No shin turns faster; in millidegrees a swing reads 600,000."""
    frozen_s: float = 0.1
    """All six values the same for longer than this, and not at rest: the sensor hangs."""
    rest_g: tuple[float, float] = (0.8, 1.2)
    rest_dps: float = 30.0


def check(recording: Recording, parameters: CheckParameters | None = None) -> tuple[Condition, ...]:
    """Collect the conditions of the samples; those that make any analysis wrong are errors.

    Raises
    ------
    RecordingError
        Accelerations not in g, rates not in deg/s, or a sensor that gives nothing.
    """
    limits = parameters or CheckParameters()
    _refuse_silence(recording)
    _refuse_wrong_units(recording, limits)
    return tuple(_dead_axes(recording) + _clipping(recording, limits))


def with_range(recording: Recording, parameters: CheckParameters | None = None) -> Recording:
    """Give the recording the range that its samples show: the widest, unless they end at a smaller one."""
    limits = parameters or CheckParameters()
    return replace(
        recording,
        accel_range_g=_shown_range(recording.accel_g, limits.smaller_ranges_g, recording.accel_range_g, limits),
        gyro_range_dps=_shown_range(recording.gyro_dps, limits.smaller_ranges_dps, recording.gyro_range_dps, limits),
    )


def without_frozen(recording: Recording, parameters: CheckParameters | None = None) -> Recording:
    """Leave out what a hanging sensor repeated, so that it is a gap, and say so."""
    limits = parameters or CheckParameters()
    same = np.zeros(len(recording.t_s), dtype=bool)
    same[1:] = (np.diff(recording.accel_g, axis=0) == 0).all(axis=1) & (np.diff(recording.gyro_dps, axis=0) == 0).all(1)
    if not same.any():
        return recording
    level, turning = (np.linalg.norm(values, axis=1) for values in (recording.accel_g, recording.gyro_dps))
    same &= ~((level > limits.rest_g[0]) & (level < limits.rest_g[1]) & (turning < limits.rest_dps))
    frozen = np.zeros(len(same), dtype=bool)
    for start, end in true_runs(same):
        frozen[start:end] = recording.t_s[end - 1] - recording.t_s[start] > limits.frozen_s
    if not frozen.any():
        return recording
    lost_s = float(frozen.sum() * np.median(np.diff(recording.t_s)))
    sentence = f"The sensor repeated one value for {lost_s:.1f} s in all; that was left out like a gap."
    return replace(
        recording,
        t_s=recording.t_s[~frozen],
        accel_g=recording.accel_g[~frozen],
        gyro_dps=recording.gyro_dps[~frozen],
        conditions=(*recording.conditions, Condition("frozen", sentence, int(frozen.sum()), serious=True)),
    )


def _shown_range(values: np.ndarray, smaller: tuple[float, ...], widest: float, limits: CheckParameters) -> float:
    size = np.abs(values)
    largest = float(size.max())
    if int((size == largest).sum()) >= limits.plateau_samples:
        for end in smaller:
            if end * (1 - limits.clip_margin_share) <= largest <= end * 1.001:
                return end
    return widest


def clipped_samples(recording: Recording, limits: CheckParameters | None = None) -> np.ndarray:
    """Mark the samples, shape (n,), of which an accelerometer axis is at the end of its range."""
    margin = (limits or CheckParameters()).clip_margin_share
    return np.asarray((np.abs(recording.accel_g) >= recording.accel_range_g * (1 - margin)).any(axis=1))


def _refuse_silence(recording: Recording) -> None:
    if not recording.accel_g.any():
        raise RecordingError(recording.name, "all accelerations are zero", "check the sensor and record again")
    if not recording.gyro_dps.any():
        raise RecordingError(recording.name, "all angular rates are zero", "record with the gyroscope on")


def _refuse_wrong_units(recording: Recording, limits: CheckParameters) -> None:
    norm = np.sqrt(np.einsum("ij,ij->i", recording.accel_g, recording.accel_g))
    level = float(np.median(norm))
    low, high = limits.level_g
    if not low <= level <= high:
        unit = "m/s^2" if high < level < 60 else "another unit than g"
        raise RecordingError(
            recording.name,
            f"its accelerations look like {unit} (median {level:.3g}, expected about 1)",
            "convert them to g and give it again",
        )
    turning = np.einsum("ij,ij->i", recording.gyro_dps, recording.gyro_dps)
    fast = float(np.sqrt(np.percentile(turning, 99)))
    if fast > limits.fastest_dps:
        raise RecordingError(
            recording.name,
            f"its angular rates look like another unit than deg/s (often {fast:.3g})",
            "convert them to deg/s and give it again",
        )
    if float(norm.std()) > limits.shaken_g and fast < limits.rotation_dps:
        raise RecordingError(
            recording.name,
            f"its angular rates look like rad/s (at most about {fast:.2g} while the shin is shaken)",
            "convert them to deg/s and give it again",
        )


def _dead_axes(recording: Recording) -> list[Condition]:
    axes = {name: recording.accel_g[:, k] for k, name in enumerate(("ax", "ay", "az"))}
    axes |= {name: recording.gyro_dps[:, k] for k, name in enumerate(("gx", "gy", "gz"))}
    dead = [name for name, values in axes.items() if np.ptp(values) == 0]
    if not dead:
        return []
    sentence = f"The axis {', '.join(dead)} never changes: the sensor or its table is damaged, results are doubtful."
    return [Condition("dead_axis", sentence, len(dead), serious=True)]


def _clipping(recording: Recording, limits: CheckParameters) -> list[Condition]:
    accel = int(clipped_samples(recording, limits).sum())
    edge = recording.gyro_range_dps * (1 - limits.clip_margin_share)
    gyro = int((np.abs(recording.gyro_dps) >= edge).any(axis=1).sum())
    found = []
    if accel:
        found.append(
            Condition(
                "clipped",
                f"{accel} samples reached the accelerometer's range of {recording.accel_range_g:.0f} g: "
                "shocks above it are lower bounds.",
                accel,
            )
        )
    if gyro:
        found.append(
            Condition(
                "gyro_clipped",
                f"{gyro} samples reached the gyroscope's range of {recording.gyro_range_dps:.0f} deg/s: "
                "angles and paths of those strides are doubtful.",
                gyro,
                serious=True,
            )
        )
    return found
