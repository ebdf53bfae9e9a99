"""Where on the shin a sensor can be."""

from __future__ import annotations

from surefoot.errors import ParameterError

SENSOR_HEIGHTS_M = (0.02, 0.45)
"""Lowest and highest height above the ankle joint that is taken; a shin is no longer."""


def check_sensor_height(height_m: float | None) -> None:
    """Refuse a height above the ankle joint, m, that no shin has; None is not known.

    Raises
    ------
    ParameterError
        With the likely slip: cm or mm.
    """
    lowest_m, highest_m = SENSOR_HEIGHTS_M
    if height_m is None or lowest_m <= height_m <= highest_m:
        return
    meant = next((unit for unit, in_m in (("cm", 0.01), ("mm", 0.001)) if lowest_m <= height_m * in_m <= highest_m), "")
    slip = f"; {height_m:g} {meant} are {height_m * (0.01 if meant == 'cm' else 0.001):g}" if meant else ""
    raise ParameterError(
        "the sensor height",
        f"{height_m:g} m",
        f"it must lie between {lowest_m} and {highest_m} m",
        f"give it in m above the ankle joint, such as 0.145{slip}",
    )
