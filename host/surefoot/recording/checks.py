"""What the samples themselves say about units, axes and range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.errors import RecordingError
from surefoot.recording.samples import Condition, Recording


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
