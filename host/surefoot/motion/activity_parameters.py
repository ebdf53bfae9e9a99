"""Limits that tell running, walking and standing apart; light to import, so that the live screen uses the same ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ActivityParameters:
    """What tells running from walking, per swing-to-swing interval.

    The three pivots lie between measured walking (shaking 0.6 to 0.7 g, swing 350 deg/s, interval about 1.05 s; real
    shin sensor, `real_shank_mean_cycle`) and slow running at 2.5 m/s (1.6 g, 440 deg/s, 0.77 s). Shaking is the
    strongest sign and is compared by its logarithm, the others by their distance in the given units.
    """

    shaking_pivot_g: float = 1.05
    swing_pivot_dps: float = 390.0
    interval_pivot_s: float = 0.87
    interval_unit_s: float = 0.25
    longest_running_s: float = 1.05
    longest_walking_s: float = 2.2
    second_harmonic_share: float = 0.18
    """Of the two slowest parts of the rotation, by amplitude. A leg on a bicycle's crank turns evenly (0.15 and less);
    a running or walking shin stops in stance (0.4 to 0.5; on a shoe 0.2 to 0.3)."""
    about_axis_share: float = 0.5
    """Less of the rotation about the swing's axis than this is handling of the pod, not gait."""
    neighbours: int = 5
    """Intervals over which the score is smoothed (median): one odd stride is no walk."""
    still_dps: float = 20.0
    still_g: float = 0.12
    bias_dps: float = 30.0
    """A gyroscope that reads more than this without a change is not at rest."""
    farthest_g: float = 1.3
    """At rest an axis reads 1 g at most, and an accelerometer that is not calibrated up to 0.3 g more."""
    standing_s: float = 1.0
