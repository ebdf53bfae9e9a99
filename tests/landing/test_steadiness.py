"""Steadiness of a landing, against movements whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from surefoot.landing.steadiness import steadiness
from tests.hand_made import pieces

FloatArray = NDArray[np.float64]
RATE_HZ = 500.0
T_S = np.arange(int(3 * RATE_HZ)) / RATE_HZ
AT = np.array([1.0, 2.0]) * RATE_HZ
SLOW = 100 * np.sin(2 * np.pi * 3 * T_S)
STILL = np.column_stack([np.zeros_like(T_S), np.ones_like(T_S), np.zeros_like(T_S)])


def _found(gyro_dps: FloatArray, accel_g: FloatArray = STILL) -> dict[str, FloatArray]:
    return steadiness(pieces(RATE_HZ, accel_g, gyro_dps), AT)


@pytest.mark.parametrize("axis", [(0, 0, 1), (1, 0, 0), (1, 2, -3)])
def test_a_hinge_is_in_its_plane(axis: tuple[float, float, float]) -> None:
    unit = np.array(axis) / np.linalg.norm(axis)
    assert _found(SLOW[:, None] * unit)["off_plane"] == pytest.approx(0, abs=1e-9)


def test_turning_equally_about_all_axes_is_two_thirds_off() -> None:
    """Three sines whose products cancel over the window of 120 ms: periods of 120, 60 and 40 ms, one size each."""
    gyro_dps = np.column_stack([np.sin(2 * np.pi * k * (T_S - 1.0) / 0.12) for k in (1, 2, 3)])
    raw = pieces(RATE_HZ, STILL, 100 * gyro_dps)
    raw_moment = raw.gyro_dps[500:560].T @ raw.gyro_dps[500:560]
    assert np.ptp(np.linalg.eigvalsh(raw_moment)) < 1e-6 * raw_moment[0, 0]
    # the product filters at 30 Hz first; undo its gain at 8.3, 16.7 and 25 Hz (Butterworth, both directions)
    gain = np.array(
        [
            1 / (1 + (np.tan(np.pi * f / RATE_HZ) / np.tan(np.pi * 30 / RATE_HZ)) ** 4)
            for f in (1 / 0.12, 2 / 0.12, 3 / 0.12)
        ]
    )
    found = steadiness(pieces(RATE_HZ, STILL, 100 * gyro_dps / gain), AT[:1])
    assert found["off_plane"] == pytest.approx(2 / 3, abs=1e-3)


def test_off_plane_needs_no_alignment() -> None:
    rng = np.random.default_rng(4)
    gyro_dps = np.cumsum(rng.normal(size=(len(T_S), 3)), axis=0)
    plain = _found(gyro_dps)["off_plane"]
    assert (plain > 0.01).all()
    for rotation in Rotation.random(5, rng=rng).as_matrix():
        assert _found(gyro_dps @ rotation.T)["off_plane"] == pytest.approx(plain)


def test_rocking_is_the_rms_about_the_forward_axis() -> None:
    """A sine of 80 deg/s over whole periods of it: 80 / sqrt 2; rates about the other axes do not count."""
    rocking = 80 * np.sin(2 * np.pi * T_S / 0.12)
    found = _found(np.column_stack([rocking, SLOW, SLOW]))
    assert found["frontal_rms_dps"] == pytest.approx(80 / np.sqrt(2), rel=0.02)
    constant = _found(np.column_stack([np.full_like(T_S, -30.0), SLOW, SLOW]))
    assert constant["frontal_rms_dps"] == pytest.approx(30, rel=1e-6)


@pytest.mark.parametrize(
    ("accel", "share"), [((0, 1, 0), 0.0), ((0, 0, -2), 1.0), ((2, 1, 2), 2 / 3), ((-3, 0, 4), 0.8)]
)
def test_the_sideways_share(accel: tuple[float, float, float], share: float) -> None:
    found = _found(np.column_stack([SLOW] * 3), np.tile(np.array(accel, dtype=float), (len(T_S), 1)))
    assert found["ml_share"] == pytest.approx(share, abs=1e-6)


def _ringing(constant_s: float) -> FloatArray:
    """Rocking at 15 Hz that begins with each contact and dies down with a time constant."""
    rocking = np.zeros_like(T_S)
    for contact_s in AT / RATE_HZ:
        since_s = T_S - contact_s
        # a half-cosine onset of 20 ms keeps the filter from seeing a step
        onset = np.clip(since_s / 0.02, 0, 1)
        after = np.where(since_s > 0, np.exp(-np.maximum(since_s, 0) / constant_s), 0.0)
        rocking += (0.5 - 0.5 * np.cos(np.pi * onset)) * after * np.sin(2 * np.pi * 15 * since_s) * 100
    return np.column_stack([rocking, SLOW, SLOW])


@pytest.mark.parametrize("constant_s", [0.04, 0.06, 0.08])
def test_settling_follows_the_time_constant(constant_s: float) -> None:
    """An envelope falls to a quarter ln 4 = 1.39 time constants after its peak, 20 to 30 ms after contact."""
    settle_ms = _found(_ringing(constant_s))["settle_ms"]
    expected_ms = 1e3 * (0.025 + 1.386 * constant_s)
    assert settle_ms == pytest.approx(expected_ms, abs=18)


def test_settling_longer_takes_longer_and_has_an_end() -> None:
    settle_ms = [_found(_ringing(constant_s))["settle_ms"][0] for constant_s in (0.02, 0.04, 0.06, 0.08, 1.0)]
    assert (np.diff(settle_ms) > 0).all()
    assert settle_ms[-1] == 150
