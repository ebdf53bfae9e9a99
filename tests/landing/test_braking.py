"""Forward speed lost at landing, against pulses whose integral is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from surefoot.landing.braking import braking
from surefoot.motion.movement import Movement
from tests.hand_made import sagittal_movement

FloatArray = NDArray[np.float64]
RATE_HZ = 1000.0
CONTACT_S = 1.0
G_MPS2 = 9.80665


def _movement(forward_g: FloatArray, upward_g: FloatArray, angle_deg: float = 0.0) -> Movement:
    """A shin held at an angle that is accelerated forward and up (earth) by so much."""
    angle = np.radians(angle_deg)
    force = np.column_stack([forward_g, upward_g + 1.0])
    # the forward axis of the shin points up by the shin angle
    accel_g = np.column_stack(
        [
            force[:, 0] * np.cos(angle) + force[:, 1] * np.sin(angle),
            -force[:, 0] * np.sin(angle) + force[:, 1] * np.cos(angle),
            np.zeros(len(force)),
        ]
    )
    return sagittal_movement(RATE_HZ, accel_g, np.zeros_like(accel_g), np.full(len(force), angle_deg))


def _pulse(height: float, start_s: float, end_s: float) -> FloatArray:
    t_s = np.arange(2000) / RATE_HZ
    return np.where((t_s >= start_s) & (t_s < end_s), height, 0.0)


def _braking(move: Movement) -> dict[str, float]:
    found = braking(move, np.array([CONTACT_S * RATE_HZ]))
    return {name: float(values[0]) for name, values in found.items()}


@pytest.mark.parametrize("angle_deg", [0.0, 10.0, -25.0])
@pytest.mark.parametrize(("height_g", "width_s"), [(2.0, 0.04), (0.5, 0.08)])
def test_a_rectangular_pulse(height_g: float, width_s: float, angle_deg: float) -> None:
    """Speed lost is height times width, whatever the angle of the shin; 2 g over 40 ms are 0.785 m/s."""
    move = _movement(_pulse(-height_g, 1.01, 1.01 + width_s), np.zeros(2000), angle_deg)
    found = _braking(move)
    assert found["braking_dv_mps"] == pytest.approx(height_g * width_s * G_MPS2, rel=0.02)
    assert found["braking_peak_g"] == pytest.approx(height_g, rel=0.12)
    assert found["braking_share"] == pytest.approx(1.0, abs=0.01)


def test_speed_won_back_is_not_taken_off() -> None:
    """From contact to the least speed: what comes after does not count, and what was won before does."""
    lost_then_won = _movement(_pulse(-2.0, 1.01, 1.04) + _pulse(2.0, 1.05, 1.08), np.zeros(2000))
    assert _braking(lost_then_won)["braking_dv_mps"] == pytest.approx(2 * 0.03 * G_MPS2, rel=0.03)
    won_then_lost = _movement(_pulse(2.0, 1.01, 1.03) + _pulse(-2.0, 1.04, 1.08), np.zeros(2000))
    assert _braking(won_then_lost)["braking_dv_mps"] == pytest.approx(2 * (0.04 - 0.02) * G_MPS2, rel=0.06)


@pytest.mark.parametrize("angle_deg", [0.0, 15.0])
def test_standing_and_shock_straight_up_are_no_braking(angle_deg: float) -> None:
    still = _braking(_movement(np.zeros(2000), np.zeros(2000), angle_deg))
    assert still["braking_dv_mps"] == pytest.approx(0, abs=1e-9)
    assert still["braking_peak_g"] == pytest.approx(0, abs=1e-9)
    upward = _braking(_movement(np.zeros(2000), _pulse(5.0, 1.0, 1.05), angle_deg))
    assert upward["braking_dv_mps"] == pytest.approx(0, abs=1e-6)
    assert upward["braking_share"] == pytest.approx(0, abs=1e-6)


def test_the_share_tells_the_direction_of_the_shock() -> None:
    """Three parts up and four back: 16 of 25 parts of the energy."""
    found = _braking(_movement(_pulse(-4.0, 1.01, 1.06), _pulse(3.0, 1.01, 1.06)))
    assert found["braking_share"] == pytest.approx(16 / 25, abs=0.005)


def test_what_comes_after_a_tenth_of_a_second_is_not_the_landing() -> None:
    assert _braking(_movement(_pulse(-2.0, 1.15, 1.2), np.zeros(2000)))["braking_dv_mps"] == pytest.approx(0, abs=0.02)
