"""Which recorded stride is run when: the stride-by-stride plan of a bout of running or walking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.rig.script import Runner, Stretch
from tests.rig.stride_bank import Gait

FloatArray = NDArray[np.float64]

NEIGHBOURS = 12
"""So many recorded strides follow one another as they were run, then another place of the recording is taken."""

WALK_VARIATION = 0.04


@dataclass(frozen=True)
class Placed:
    """A stretch with its place in the script and on the clock."""

    index: int
    stretch: Stretch
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Schedule:
    """Strides in time order.

    Attributes
    ----------
    contact_s, stride_time_s, contact_share : array, shape (n,)
    picks : array of int, shape (gaits, n)
        Which recorded stride of each gait.
    weights : array, shape (gaits, n)
        How much of each gait; columns sum to 1 (a weight beyond 0..1 extrapolates).
    scale : array, shape (n, 4)
        Factors on the forward, upward and sideways path and on the angles.
    slope_rad, lean_rad : array, shape (n,)
        Slope of the ground, and what the shin leans with it.
    placed : array of int, shape (n,)
        Index into the bout's stretches.
    """

    contact_s: FloatArray
    stride_time_s: FloatArray
    contact_share: FloatArray
    picks: NDArray[np.int64]
    weights: FloatArray
    scale: FloatArray
    slope_rad: FloatArray
    lean_rad: FloatArray
    placed: NDArray[np.int64]


def _picks(count: int, recorded: int, rng: np.random.Generator) -> NDArray[np.int64]:
    start = rng.integers(recorded, size=count // NEIGHBOURS + 1)
    position = np.arange(count)
    return (start[position // NEIGHBOURS] + position % NEIGHBOURS) % recorded


def _mix(gaits: tuple[Gait, ...], speed_mps: float, cadence_factor: float) -> tuple[FloatArray, float, float]:
    """Return weights of the gaits, stride time and the factor on stride length that give a speed and a cadence.

    With two gaits, stride length decides between them: the natural stride time at the speed, divided by the cadence
    factor, asks for a stride length, and the weights give it. The path is stretched only beyond a third outside.
    """
    length = np.array([gait.stride_length_m for gait in gaits])
    time = np.array([gait.stride_time_mean_s for gait in gaits])
    if len(gaits) == 1:
        stride_time = time[0] * (length[0] / time[0] / speed_mps) ** 0.3 / cadence_factor
        return np.ones(1), stride_time, speed_mps * stride_time / length[0]
    step_length, step_time = length[-1] - length[0], time[-1] - time[0]
    natural = (speed_mps * time[0] - length[0]) / (step_length - speed_mps * step_time)
    stride_time = (time[0] + np.clip(natural, -0.5, 1.5) * step_time) / cadence_factor
    wanted = speed_mps * stride_time
    weight = float(np.clip((wanted - length[0]) / step_length, -0.33, 1.33))
    return np.array([1 - weight, weight]), stride_time, wanted / (length[0] + weight * step_length)


def plan(bout: list[Placed], runner: Runner, lead_s: float, rng: np.random.Generator) -> Schedule:
    """Strides from `lead_s` before the bout to as long after it, so that both of its ends can be faded."""
    gaits = runner.gaits(bout[0].stretch.kind)
    variation = WALK_VARIATION if bout[0].stretch.kind == "walk" else runner.variation
    next_contact_s = bout[0].start_s - lead_s - 1.5 + rng.uniform(0, 0.5)
    parts = []
    for position, placed in enumerate(bout):
        end_s = placed.end_s + (lead_s + 1.5 if position == len(bout) - 1 else 0.0)
        weights, mean_time_s, length_scale = _mix(gaits, placed.stretch.speed_mps, placed.stretch.cadence_factor)
        count = int(1.3 * (end_s - next_contact_s) / mean_time_s) + 4
        picks = np.array([_picks(count, len(gait.contact_s), rng) for gait in gaits])
        recorded = np.array([gait.stride_time_s[pick] for gait, pick in zip(gaits, picks, strict=True)])
        mean = weights @ np.array([gait.stride_time_mean_s for gait in gaits])
        stride_time_s = (weights @ recorded) / mean * mean_time_s * (1 + 0.25 * variation * rng.standard_normal(count))
        share = weights @ np.array([gait.contact_share[pick] for gait, pick in zip(gaits, picks, strict=True)])
        scale = 1 + variation * rng.standard_normal((count, 4)) * np.array([0.5, 1.0, 1.0, 0.5])
        scale[:, 0] *= length_scale
        contact_s = next_contact_s + np.concatenate([[0.0], np.cumsum(stride_time_s)])
        kept = int(np.searchsorted(contact_s, end_s))
        next_contact_s = contact_s[kept]
        path_grade = 0.0 if placed.stretch.posture == "level" else placed.stretch.grade
        slope_rad = np.full(kept, np.arctan(path_grade))
        parts.append(
            Schedule(
                contact_s[:kept],
                stride_time_s[:kept],
                share[:kept],
                picks[:, :kept],
                np.repeat(weights[:, None], kept, axis=1),
                scale[:kept],
                slope_rad,
                slope_rad * (placed.stretch.posture == "slope"),
                np.full(kept, position),
            )
        )
    return Schedule(
        np.concatenate([part.contact_s for part in parts]),
        np.concatenate([part.stride_time_s for part in parts]),
        np.concatenate([part.contact_share for part in parts]),
        np.concatenate([part.picks for part in parts], axis=1),
        np.concatenate([part.weights for part in parts], axis=1),
        np.concatenate([part.scale for part in parts]),
        np.concatenate([part.slope_rad for part in parts]),
        np.concatenate([part.lean_rad for part in parts]),
        np.concatenate([part.placed for part in parts]),
    )
