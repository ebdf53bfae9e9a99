"""Taking several samples in one step of the filter does not change which way is up."""

from __future__ import annotations

import numpy as np
import pytest

from surefoot.motion.orientation import OrientationParameters, orient, up_in_axes
from surefoot.motion.pieces import cut
from surefoot.recording.samples import Recording
from tests.recordings import TREADMILL


@pytest.mark.parametrize(("name", "rate_hz"), [("rbds001_35_R", 200), ("rbds001_35_R", 500), ("jdx_s999_L", 240)])
def test_up_is_the_same_in_steps_as_sample_by_sample(name: str, rate_hz: int) -> None:
    t_s, accel_g, gyro_dps = TREADMILL[name].samples(rate_hz)
    pieces = cut(Recording(t_s, accel_g, gyro_dps))
    stepped, single = (
        up_in_axes(orient(pieces, OrientationParameters(least_rate_hz=least_hz)).quaternion) for least_hz in (90, 1000)
    )
    apart_deg = np.degrees(np.linalg.norm(stepped - single, axis=1))
    assert stepped.shape == single.shape
    assert apart_deg.max() < 0.2
    assert np.median(apart_deg) < 0.05
