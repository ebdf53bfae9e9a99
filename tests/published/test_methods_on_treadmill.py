"""The published methods against the force plate: they find every stride, and their errors stay what they should be.

The bounds come from the papers, or from what a method can do at all, not from these recordings. Where a method misses
what its paper promises, the bound says by how much it may and why. Measured, worst of the clean level recordings:
Sinclair contact -4.5 to +10.2 ms, toe-off +12 to +36 ms; Purcell -0.4 to +54 ms, +32 to +116 ms; Greene +53 to +55 ms,
+74 to +110 ms; Mercer -24 to -14 ms, +11 to +62 ms; Aubol -53 (forefoot striker) to +9 ms (the other runner).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from surefoot.validation.checkout import find_checkout, load_references
from surefoot.validation.score import score
from tests.published.methods import METHODS
from tests.published.zero_velocity_path import stride_length_m

CLEAN = {f"{r.name}_{r.rate_hz}": r for r in load_references(find_checkout()) if r.variant == "clean"}


@dataclass(frozen=True)
class Bounds:
    """Allowed bias, ms, from lowest to highest; no toe-off where the method has none."""

    contact: tuple[float, float]
    toe_off: tuple[float, float] | None


BOUNDS = {
    # 3 x the published 5.46 ms; toe-off 8 x 5.00 ms: late, as a forefoot striker's axial trace goes on falling after it
    "Sinclair 2013": Bounds((-16.4, 16.4), (-40.0, 40.0)),
    # the limits of agreement in 74 runners
    "Purcell 2006": Bounds((-96.8, 131.6), (-143.9, 150.9)),
    # 4 x the published SD of 14.4 ms in walking; toe-off late by up to half a period of its 5 Hz filter, and more since
    # in running the backward swing that it takes for toe-off comes after it
    "Greene 2010 / McGrath 2012": Bounds((-57.6, 57.6), (0.0, 120.0)),
    # nothing published: contact within half a period of its 15 Hz filter, toe-off within twice that
    "Mercer 2003": Bounds((-33.3, 33.3), (-67.0, 67.0)),
    # it searches back 75 ms, and takes the earliest minimum there: made for rearfoot strikers, early on a forefoot
    "Aubol & Milner 2020": Bounds((-75.0, 16.4), None),
}


@pytest.mark.parametrize("recording", CLEAN)
@pytest.mark.parametrize("method", METHODS)
def test_finds_every_stride_near_the_force_plate(method: str, recording: str) -> None:
    reference = CLEAN[recording]
    contact_s, toe_off_s = METHODS[method].detect(reference.recording.t_s, *reference.as_right_shin())
    result = score(reference.truth, pd.DataFrame({"contact_s": contact_s, "toe_off_s": toe_off_s}))
    bounds = BOUNDS[method]
    assert result.recall == 1.0
    assert result.false_contacts == 0
    assert bounds.contact[0] <= result.contact_ms.bias <= bounds.contact[1]
    if bounds.toe_off is None:
        assert np.isnan(toe_off_s).all()
    else:
        assert result.toe_off_ms.n >= 0.8 * result.strides_scored
        assert bounds.toe_off[0] <= result.toe_off_ms.bias <= bounds.toe_off[1]


@pytest.mark.parametrize("recording", CLEAN)
def test_zero_velocity_falls_short_on_a_shank(recording: str) -> None:
    # At the instant that is taken for a standstill the sensor still moves forward over the ankle, so the path that is
    # rid of this velocity is too short; Zrenner's 0.022 m of bias (1 %) holds on a foot.
    reference, truth = CLEAN[recording], CLEAN[recording].truth
    accel_g, gyro_dps = reference.as_right_shin()
    contact_s, toe_off_s = truth["contact_s"].to_numpy(), truth["toeoff_s"].to_numpy()
    length_m = stride_length_m(reference.recording.t_s, accel_g, gyro_dps, contact_s, toe_off_s)
    assert len(length_m) == len(truth)
    ratio = length_m[:-1] / truth["stride_length_m"].to_numpy()[:-1]
    assert 0.5 < ratio.mean() < 0.95
