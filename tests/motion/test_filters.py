"""The filters against those of scipy.signal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import signal
from scipy.fft import next_fast_len

from surefoot.motion.filters import band_pass, envelope, low_pass, peaks

RATES_HZ = (100.0, 200.0, 240.0, 500.0, 1000.0)


def _noisy_walk(samples: int, columns: int) -> np.ndarray:
    return 300 + np.cumsum(np.random.default_rng(7).standard_normal((samples, columns)), axis=0)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("cutoff_hz", [6.0, 20.0, 44.0])
def test_low_pass_is_that_of_scipy(rate_hz: float, cutoff_hz: float) -> None:
    values = _noisy_walk(1500, 3)
    sections = signal.butter(2, cutoff_hz, fs=rate_hz, output="sos")
    expected = signal.sosfiltfilt(sections, values, axis=0)
    np.testing.assert_allclose(low_pass(cutoff_hz, rate_hz).both_ways(values), expected, atol=1e-7)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_band_pass_is_that_of_scipy(rate_hz: float) -> None:
    values = _noisy_walk(1500, 1)[:, 0]
    sections = signal.butter(2, (5.0, 30.0), "bandpass", fs=rate_hz, output="sos")
    expected = signal.sosfiltfilt(sections, values)
    np.testing.assert_allclose(band_pass(5.0, 30.0, rate_hz).both_ways(values), expected, atol=1e-6)


@pytest.mark.parametrize("samples", [1499, 1500, 1536])
def test_envelope_is_that_of_scipy(samples: int) -> None:
    values = _noisy_walk(samples, 1)[:, 0]
    expected = np.abs(signal.hilbert(values, N=next_fast_len(samples)))[:samples]
    np.testing.assert_allclose(envelope(values), expected, atol=1e-9)


def test_envelope_of_a_swelling_tone_is_its_swell() -> None:
    t_s = np.arange(0, 5, 1 / 200)
    swell = 1 + 0.5 * np.sin(2 * np.pi * 0.4 * t_s)
    middle = slice(200, 800)
    np.testing.assert_allclose(envelope(swell * np.sin(2 * np.pi * 15 * t_s))[middle], swell[middle], atol=0.02)


distinct = hnp.arrays(np.int64, st.integers(3, 120), elements=st.integers(-1000, 1000), unique=True)


@given(distinct, st.integers(1, 30), st.integers(-500, 500))
def test_peaks_are_those_of_scipy(values: np.ndarray, distance: int, height: int) -> None:
    expected, _ = signal.find_peaks(values, height=height, distance=distance)
    np.testing.assert_array_equal(peaks(values.astype(float), height, distance), expected)
