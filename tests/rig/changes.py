"""Invented changes of a landing, each in its own window and nowhere else in stance.

Forces change through the acceleration of the sensor, and what a harder or more braking landing takes away, the swing
before it has brought: the leg arrives faster and the path closes, so stance, speed and grade stay what they were.
Angles change through the attitude, about the sensor itself. A reaching shin feels the same landing as before but for
gravity's share, so that reach does not change the shock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.rig.motion import INNER_HZ, smooth_step, smooth_step_bend, smooth_step_slope
from tests.rig.script import Transient
from tests.rig.shin_kinematics import GRAVITY_MPS2

FloatArray = NDArray[np.float64]

BEFORE, AFTER = int(0.28 * INNER_HZ), int(0.27 * INNER_HZ)


@dataclass(frozen=True)
class Landings:
    """Samples around each contact.

    Attributes
    ----------
    index : array of int, shape (n, k)
        Into the motion.
    since_s : array, shape (n, k)
        Time from contact.
    """

    index: NDArray[np.int64]
    since_s: FloatArray


def landings(contact_s: FloatArray, first: int) -> Landings:
    """Windows from 280 ms before to 270 ms after each contact; they do not overlap above 0.55 s of stride time."""
    at = np.ceil(contact_s * INNER_HZ).astype(int)[:, None] + np.arange(-BEFORE, AFTER + 1)
    return Landings(at - first, at / INNER_HZ - contact_s[:, None])


def plateau(since_s: FloatArray, rise: tuple[float, float], fall: tuple[float, float]) -> FloatArray:
    """1 between the end of `rise` and the start of `fall`, 0 outside, in s from contact."""
    up = smooth_step((since_s - rise[0]) / (rise[1] - rise[0]))
    return np.asarray(up * (1 - smooth_step((since_s - fall[0]) / (fall[1] - fall[0]))))


def transient_acceleration(
    landing: Landings, matrix: FloatArray, size_mps2: FloatArray, shape: Transient, rng: np.random.Generator
) -> FloatArray:
    """Acceleration (n, k, 3) of a shock, a damped sine, and of the faster arrival of the leg that it stops.

    `matrix` is the attitude at contact, shape (n, 3, 3). What the shock takes away the swing before has brought, as
    in a real landing, so that neither speed nor path is left when it has died down.
    """
    count = len(size_mps2)
    delay_s = np.maximum(0.0, shape.delay_ms + shape.delay_spread_ms * rng.standard_normal(count)) / 1000
    frequency_hz = shape.frequency_hz + shape.frequency_spread_hz * np.clip(rng.standard_normal(count), -2, 2)
    since = np.maximum(0.0, landing.since_s - delay_s[:, None]) * frequency_hz[:, None]
    wave = np.sin(2 * np.pi * since) * np.exp(-since / 0.36) / 0.549  # 18 ms at 20 Hz; largest value 1
    size = size_mps2 * np.maximum(0.2, 1 + shape.spread * rng.standard_normal(count))
    direction = np.column_stack(
        [
            shape.ap_share + 0.05 * rng.standard_normal(count),
            np.ones(count),
            shape.ml_share + 0.05 * rng.standard_normal(count),
        ]
    )
    world = np.einsum("nij,nj->ni", matrix, direction * size[:, None])
    return closed(wave[:, :, None] * world[:, None, :], landing.since_s, 0.120)


def closed(extra: FloatArray, since_s: FloatArray, end_s: float) -> FloatArray:
    """Add to `extra` (n, k, 3), which acts from 0 to `end_s`, the swing that brings it and closes the path.

    The extra path, counted back from `end_s`, is faded out over the 270 ms before contact: u becomes W u, so the
    acceleration u'' becomes W u'' + 2 W' u' + W'' u, which is `extra` itself after contact and nothing after `end_s`.
    """
    step = 1 / INNER_HZ
    acts = np.where((since_s <= end_s)[:, :, None], extra, 0.0)

    def back_from_end(values: FloatArray) -> FloatArray:
        # Trapezoids, counted from the last sample backwards.
        halves = (values[:, 1:] + values[:, :-1]) / 2 * step
        whole = np.zeros_like(values)
        whole[:, :-1] = -np.cumsum(halves[:, ::-1], axis=1)[:, ::-1]
        return whole

    speed = back_from_end(acts)
    path = back_from_end(speed)
    x = ((since_s + 0.27) / 0.27)[:, :, None]
    weight, slope, bend = smooth_step(x), smooth_step_slope(x) / 0.27, smooth_step_bend(x) / 0.27**2
    return np.asarray(weight * acts + 2 * slope * speed + bend * path)


def harder_acceleration(
    landing: Landings, matrix: FloatArray, acceleration: FloatArray, share: FloatArray
) -> FloatArray:
    """Extra acceleration (n, k, 3) that multiplies shock and ap acceleration by 1 + `share` in 0 to 80 ms.

    `matrix` (n, k, 3, 3) and `acceleration` (n, k, 3) are those of the landing windows.
    """
    shin = np.einsum("nkji,nkj->nki", matrix, acceleration)
    shin[:, :, 1] += GRAVITY_MPS2 * (matrix[:, :, 1, 1] - 1)  # shock counts from the standing 1 g
    shin[:, :, 2] = 0.0
    shin *= (share[:, None] * plateau(landing.since_s, (0.0, 0.006), (0.068, 0.080)))[:, :, None]
    return closed(np.einsum("nkij,nkj->nki", matrix, shin), landing.since_s, 0.080)


def braking_acceleration(
    landing: Landings, matrix: FloatArray, acceleration: FloatArray, share: FloatArray
) -> FloatArray:
    """Extra acceleration (n, k, 3) that multiplies the backward ap acceleration by 1 + `share` in 0 to 100 ms."""
    ap = np.minimum(np.einsum("nkj,nkj->nk", matrix[:, :, :, 0], acceleration), 0.0)
    ap *= share[:, None] * plateau(landing.since_s, (0.0, 0.006), (0.094, 0.100))
    return closed(ap[:, :, None] * matrix[:, :, :, 0], landing.since_s, 0.100)


def reach_acceleration(landing: Landings, acceleration: FloatArray, angle: FloatArray) -> FloatArray:
    """Extra acceleration (n, k, 3) that turns the landing by `angle` (n, k), as the shin is turned."""
    turned = np.zeros_like(acceleration)
    forward, up = acceleration[:, :, 0], acceleration[:, :, 1]
    turned[:, :, 0] = (np.cos(angle) - 1) * forward - np.sin(angle) * up
    turned[:, :, 1] = np.sin(angle) * forward + (np.cos(angle) - 1) * up
    turned *= plateau(landing.since_s, (-0.015, 0.0), (0.115, 0.120))[:, :, None]
    return closed(turned, landing.since_s, 0.120)


def reach_angle(landing: Landings, reach_deg: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Extra shin angle (n, k) in rad and its rate: up from -190 ms, whole from -15 to +10 ms, gone at +120 ms."""
    since, size = landing.since_s, np.radians(reach_deg)[:, None]
    up, down = (since + 0.190) / 0.175, (since - 0.010) / 0.110
    angle = size * smooth_step(up) * (1 - smooth_step(down))
    return angle, size * (smooth_step_slope(up) / 0.175 - smooth_step_slope(down) / 0.110)


def off_plane_angles(landing: Landings, rates: FloatArray, share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Extra sideways and lengthwise angles (n, k, 2) and their rates: `share` of the rates more in 0 to 120 ms.

    What was turned too far is turned back between 120 and 265 ms.
    """
    window = plateau(landing.since_s, (-0.004, 0.004), (0.110, 0.120))
    rate = rates[:, :, 1:] * (share[:, None] * window)[:, :, None]
    angle = np.zeros_like(rate)
    angle[:, 1:] = np.cumsum((rate[:, 1:] + rate[:, :-1]) / 2 / INNER_HZ, axis=1)
    x = ((landing.since_s - 0.120) / 0.145)[:, :, None]
    fade = 1 - smooth_step(x)
    return fade * angle, fade * rate - smooth_step_slope(x) / 0.145 * angle
