"""The average landing: signals around contact, middle and spread over many strides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SIGNALS: tuple[str, ...] = ("axial_g", "ap_g", "ml_g", "sagittal_dps", "frontal_dps", "shin_angle_deg")


@dataclass(frozen=True)
class LandingCurves:
    """Signals in shin axes from 100 ms before to 300 ms after contact, over the usable strides of one group.

    Attributes
    ----------
    group : str
        'all', 'level' or 'descents'.
    strides : int
        How many strides went in.
    time_ms : array, shape (k,)
        Time from contact.
    middle, low, high : dict of str to array, shape (k,)
        Mean, and mean minus and plus one standard deviation, by name of the signal (`SIGNALS`).
    """

    group: str
    strides: int
    time_ms: FloatArray
    middle: dict[str, FloatArray]
    low: dict[str, FloatArray]
    high: dict[str, FloatArray]
