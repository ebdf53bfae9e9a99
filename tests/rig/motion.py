"""Motion of the sensor through a bout, and how one bout fades into the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

INNER_HZ = 500
"""Rate at which motion is put together, before the sensor samples it."""

FADE_S = 0.4
"""Half the time in which one bout fades into the next."""


@dataclass(frozen=True)
class Motion:
    """Motion on the inner grid; sample i is at (first + i) / INNER_HZ.

    Attributes
    ----------
    velocity, acceleration : array, shape (n, 3)
        Of the sensor, in the level world that follows the heading, m/s and m/s^2.
    angles, rates : array, shape (n, 3)
        Of the shin (theta, phi, psi), rad and rad/s.
    yaw_rate : array, shape (n,)
        Of the heading, rad/s, positive to the left.
    """

    first: int
    velocity: FloatArray
    acceleration: FloatArray
    angles: FloatArray
    rates: FloatArray
    yaw_rate: FloatArray


def smooth_step(x: FloatArray) -> FloatArray:
    """0 up to x = 0, 1 from x = 1, between them with two continuous derivatives."""
    x = np.clip(x, 0.0, 1.0)
    return x**3 * (10 - 15 * x + 6 * x**2)


def smooth_step_slope(x: FloatArray) -> FloatArray:
    """Derivative of `smooth_step`."""
    x = np.clip(x, 0.0, 1.0)
    return 30 * x**2 * (1 - x) ** 2


def smooth_step_bend(x: FloatArray) -> FloatArray:
    """Second derivative of `smooth_step`."""
    x = np.clip(x, 0.0, 1.0)
    return 60 * x * (1 - x) * (1 - 2 * x)


def grid(start_s: float, end_s: float) -> tuple[int, FloatArray]:
    """First index and times of the inner grid from `start_s - FADE_S` to `end_s + FADE_S`."""
    first, last = int(np.floor((start_s - FADE_S) * INNER_HZ)), int(np.ceil((end_s + FADE_S) * INNER_HZ))
    return first, np.arange(first, last + 1) / INNER_HZ


def join(motions: list[Motion], bounds_s: list[float], count: int) -> Motion:
    """One motion of `count` samples from 0; bout k reigns from `bounds_s[k]` to `bounds_s[k + 1]`.

    Velocities and angles are faded; acceleration and rates are their derivatives, the fading's own share included.
    """
    velocity, acceleration, angles, rates = (np.zeros((count, 3)) for _ in range(4))
    yaw_rate = np.zeros(count)
    for k, motion in enumerate(motions):
        skip = max(0, -motion.first)
        stop = min(len(motion.velocity), count - motion.first)
        place, part = slice(motion.first + skip, motion.first + stop), slice(skip, stop)
        time_s = np.arange(place.start, place.stop) / INNER_HZ
        weight, slope = np.ones(len(time_s)), np.zeros(len(time_s))
        for bound_s, sign, needed in ((bounds_s[k], 1, k > 0), (bounds_s[k + 1], -1, k + 1 < len(motions))):
            if needed:
                x = (time_s - bound_s + FADE_S) / (2 * FADE_S)
                weight += sign * smooth_step(x) - (sign > 0)
                slope += sign * smooth_step_slope(x) / (2 * FADE_S)
        weight, slope = weight[:, None], slope[:, None]
        velocity[place] += weight * motion.velocity[part]
        acceleration[place] += weight * motion.acceleration[part] + slope * motion.velocity[part]
        angles[place] += weight * motion.angles[part]
        rates[place] += weight * motion.rates[part] + slope * motion.angles[part]
        yaw_rate[place] += weight[:, 0] * motion.yaw_rate[part]
    return Motion(0, velocity, acceleration, angles, rates, yaw_rate)


def wander(
    time_s: FloatArray, size: FloatArray, periods_s: tuple[float, float], rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Sum of five sines per axis, about `size` in standard deviation, and its derivative."""
    pulse = 2 * np.pi / np.exp(rng.uniform(np.log(periods_s[0]), np.log(periods_s[1]), size=(5, len(size))))
    phase = rng.uniform(0, 2 * np.pi, size=(5, len(size)))
    value, slope = np.zeros((len(time_s), len(size))), np.zeros((len(time_s), len(size)))
    for omega, start in zip(pulse, phase, strict=True):
        value += np.sin(time_s[:, None] * omega + start)
        slope += omega * np.cos(time_s[:, None] * omega + start)
    return value * size / np.sqrt(2.5), slope * size / np.sqrt(2.5)


def standing(start_s: float, end_s: float, rng: np.random.Generator) -> Motion:
    """Return a shin at rest but for a small sway; upright to the degree, the foot turned out by ten."""
    first, time_s = grid(start_s, end_s)
    sway, sway_rate = wander(time_s, np.radians([0.3, 0.2, 0.2]), (1.5, 8.0), rng)
    still = np.zeros((len(time_s), 3))
    return Motion(first, still, still, np.radians([0.0, 2.0, 10.0]) + sway, sway_rate, np.zeros(len(time_s)))


def handling(start_s: float, end_s: float, rng: np.random.Generator) -> Motion:
    """Pod in a hand: large slow turns, and jerks of one or two g."""
    first, time_s = grid(start_s, end_s)
    angles, rates = wander(time_s, np.radians([60.0, 20.0, 50.0]), (1.0, 4.0), rng)
    velocity, acceleration = wander(time_s, np.full(3, 0.25), (0.12, 1.0), rng)
    return Motion(first, velocity, acceleration, angles, rates, np.zeros(len(time_s)))
