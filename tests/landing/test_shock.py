"""The peak after contact, against shapes whose peak and delay are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from surefoot.landing.shock import shock
from surefoot.recording.checks import clipped_samples
from surefoot.recording.samples import Recording
from tests.analyses import treadmill_analysis, usable
from tests.hand_made import pieces
from tests.recordings import TREADMILL

FloatArray = NDArray[np.float64]
CONTACTS_S = np.array([1.0, 1.7, 2.4])


def _landings(rate_hz: float, height_g: float, width_s: float, delay_s: float = 0.01) -> FloatArray:
    """Standing 1 g along the shin, and a half-sine of `height_g` and `width_s` after each contact."""
    t_s = np.arange(int(3.5 * rate_hz)) / rate_hz
    accel_g = np.zeros((len(t_s), 3))
    accel_g[:, 1] = 1.0
    for contact_s in CONTACTS_S:
        phase = (t_s - contact_s - delay_s) / width_s
        accel_g[:, 1] += np.where((phase > 0) & (phase < 1), height_g * np.sin(np.pi * phase), 0.0)
    return accel_g


def _shock(rate_hz: float, accel_g: FloatArray) -> dict[str, FloatArray]:
    return shock(pieces(rate_hz, accel_g), CONTACTS_S * rate_hz, np.zeros(len(accel_g), dtype=bool))


@pytest.mark.parametrize("rate_hz", [250.0, 500.0, 1000.0])
@pytest.mark.parametrize("height_g", [2.0, 9.0])
def test_a_slow_half_sine_keeps_its_height_and_its_time(rate_hz: float, height_g: float) -> None:
    """60 ms wide it lies at about 8 Hz, which 60 Hz passes; standing 1 g is taken off the axial peak only."""
    found = _shock(rate_hz, _landings(rate_hz, height_g, 0.06))
    assert found["shock_axial_g"] == pytest.approx(height_g, rel=0.02)
    assert found["shock_resultant_g"] == pytest.approx(height_g + 1, rel=0.02)
    assert found["shock_time_ms"] == pytest.approx(10 + 30, abs=2)


def test_the_filter_is_60_hz_and_zero_phase() -> None:
    """At its cutoff a Butterworth in both directions passes half; at a third of it nearly all; nothing is delayed."""
    t_s = np.arange(3500) / 1000
    for frequency_hz, gain in ((20.0, 1.0), (60.0, 0.5), (200.0, 0.01)):
        accel_g = np.zeros((len(t_s), 3))
        accel_g[:, 1] = 1 + 4 * np.sin(2 * np.pi * frequency_hz * (t_s - 1.0))
        found = _shock(1000, accel_g)
        assert found["shock_axial_g"] == pytest.approx(4 * gain, abs=0.06)
        if frequency_hz == 20:
            assert found["shock_time_ms"][0] % 50 == pytest.approx(12.5, abs=1)


def test_the_resultant_takes_all_axes() -> None:
    accel_g = _landings(500, 0.0, 0.06)
    pulse = _landings(500, 1.0, 0.06)[:, 1] - 1
    accel_g += pulse[:, None] * np.array([-3.0, 5.0, 1.5])
    found = _shock(500, accel_g)
    assert found["shock_axial_g"] == pytest.approx(5.0, rel=0.02)
    assert found["shock_resultant_g"] == pytest.approx(np.sqrt(3**2 + 6**2 + 1.5**2), rel=0.02)


def test_only_the_window_counts() -> None:
    """A blow 100 ms after contact is no landing."""
    late = _shock(500, _landings(500, 9.0, 0.06, delay_s=0.11))
    assert late["shock_axial_g"] == pytest.approx(0.0, abs=0.3)


def test_a_clipped_sample_marks_its_own_landing_only() -> None:
    accel_g = _landings(500, 3.0, 0.06)
    at_limit = np.zeros(len(accel_g), dtype=bool)
    at_limit[int(1.72 * 500)] = True
    at_limit[int(2.1 * 500)] = True
    found = shock(pieces(500, accel_g), CONTACTS_S * 500, at_limit)
    assert found["clipped"].tolist() == [False, True, False]


@pytest.mark.parametrize(("value_g", "clipped"), [(15.5, False), (15.95, True), (16.0, True), (-16.0, True)])
def test_what_counts_as_clipped(value_g: float, clipped: bool) -> None:
    """15.9 g of 16 and more, on any axis, either way."""
    for axis in range(3):
        accel_g = np.zeros((10, 3))
        accel_g[4, axis] = value_g
        found = clipped_samples(Recording(np.arange(10) / 200, accel_g, np.zeros((10, 3))))
        assert np.flatnonzero(found).tolist() == ([4] if clipped else [])


@pytest.mark.parametrize("name", ["rbds001_25_L", "rbds001_25_R", "rbds001_35_L", "rbds001_35_R"])
def test_the_invented_impact_is_there(name: str) -> None:
    """The impact files add 1.2 g per m/s along the shin, 17 ms after contact; the clean ones do not have it."""
    clean, impact = (usable(treadmill_analysis(name, None, with_it).strides) for with_it in (False, True))
    speed_mps = TREADMILL[name].speed_mps
    assert impact["shock_axial_g"].median() - clean["shock_axial_g"].median() > 0.3 * 1.2 * speed_mps
    assert impact["shock_axial_g"].median() > 1.2 * speed_mps
    assert impact["shock_time_ms"].median() == pytest.approx(17, abs=6)
