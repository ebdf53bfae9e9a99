"""The published methods on signals made by hand, where each rule has one answer.

Strides of 0.8 s: the sagittal rate swings forward at 0 s and has its two minima at 0.2 and 0.5 s. The accelerations are
sums of bells, each at a known instant of the stride.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.published import aubol_2020, greene_2010, mercer_2003, purcell_2006, sinclair_2013, zero_velocity_path
from tests.published.strides import FloatArray

STRIDE_S, STRIDES, RATE_HZ = 0.8, 8, 500.0
Bell = tuple[float, float, float]
"""Instant in the stride (s), height, width (SD, s)."""

T_S = np.arange(int(STRIDE_S * STRIDES * RATE_HZ)) / RATE_HZ
SWING: Sequence[Bell] = ((0.0, 400.0, 0.07), (0.2, -300.0, 0.04), (0.5, -250.0, 0.05))


def train(bells: Sequence[Bell], level: float = 0.0) -> FloatArray:
    phase_s = (T_S[:, None, None] - STRIDE_S * np.arange(-1, STRIDES + 1)[:, None]) - [bell[0] for bell in bells]
    height, width_s = np.array([bell[1] for bell in bells]), np.array([bell[2] for bell in bells])
    return level + (height * np.exp(-0.5 * (phase_s / width_s) ** 2)).sum(axis=(1, 2))


def samples(
    ap: Sequence[Bell] = (), axial: Sequence[Bell] = (), ml: Sequence[Bell] = (), axial_level: float = 1.0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    accel_g = np.column_stack([train(ap), train(axial, axial_level), train(ml)])
    gyro_dps = np.column_stack([np.zeros_like(T_S), np.zeros_like(T_S), train(SWING)])
    return T_S, accel_g, gyro_dps


def in_stride(times_s: FloatArray) -> FloatArray:
    """Instant within the stride of all events but those of the first and last stride, where filters start and end."""
    return np.mod(times_s, STRIDE_S)[1:-1]


def test_sinclair_takes_the_zero_crossing_before_the_peak_and_the_end_of_the_fall() -> None:
    # 0.5 g below standing, and a bell of 3 g at 0.22 s: zero where exp(-x^2 / 2) = 1/6, x = 1.893 widths before it
    axial = ((0.22, 3.0, 0.015), (0.38, 3.0, 0.03), (0.5, -1.0, 0.03))
    contact_s, toe_off_s = sinclair_2013.detect(*samples(axial=axial, axial_level=0.5))
    assert len(contact_s) == STRIDES - 2
    assert in_stride(contact_s) == pytest.approx(0.22 - 1.893 * 0.015, abs=0.002)
    # within 2 % of the fall of 4 g (0.08 of the 1 g bell): sqrt(-2 ln 0.92) = 0.408 widths before its bottom
    assert in_stride(toe_off_s) == pytest.approx(0.5 - 0.408 * 0.03, abs=0.003)


def test_sinclair_skips_a_crossing_that_is_not_followed_by_20_ms_above_zero() -> None:
    # 1 g below standing; the peak at 0.22 s is above zero for some 15 ms only, the bell of 3 g before it for 59 ms,
    # beginning where exp(-x^2 / 2) = 1/3, x = 1.482 widths before its top
    axial = ((0.16, 3.0, 0.02), (0.22, 6.0, 0.003), (0.38, 4.0, 0.03), (0.5, -1.0, 0.03))
    contact_s, _ = sinclair_2013.detect(*samples(axial=axial, axial_level=0.0))
    assert in_stride(contact_s) == pytest.approx(0.16 - 1.482 * 0.02, abs=0.003)


def test_mercer_takes_the_minima_around_stance() -> None:
    axial = ((0.15, -1.0, 0.02), (0.22, 2.0, 0.02), (0.38, 3.0, 0.04), (0.55, -1.0, 0.03))
    contact_s, toe_off_s = mercer_2003.detect(*samples(axial=axial))
    assert in_stride(contact_s) == pytest.approx(0.15, abs=0.008)
    assert in_stride(toe_off_s) == pytest.approx(0.55, abs=0.008)


def test_purcell_takes_the_backward_extremum_and_the_mean_of_two_maxima() -> None:
    # 20 to 60 % of 0.8 s after contact at 0.2 s is 0.36 to 0.68 s; backward is negative, so is medial on a right leg
    ap = ((0.2, -6.0, 0.01), (0.50, -1.0, 0.01), (0.75, -3.0, 0.01))
    ml = ((0.56, -1.0, 0.01), (0.30, -2.0, 0.01), (0.45, 2.0, 0.01))
    contact_s, toe_off_s = purcell_2006.detect(*samples(ap=ap, ml=ml))
    assert in_stride(contact_s) == pytest.approx(0.2, abs=0.002)
    assert in_stride(toe_off_s) == pytest.approx(0.53, abs=0.003)


def test_aubol_takes_the_earliest_prominent_minimum_before_the_jerk() -> None:
    axial = ((0.16, -0.6, 0.008), (0.19, -0.5, 0.008), (0.22, 6.0, 0.012))
    contact_s, toe_off_s = aubol_2020.detect(*samples(axial=axial))
    assert in_stride(contact_s) == pytest.approx(0.16, abs=0.003)
    assert np.isnan(toe_off_s).all()
    # at more than 75 ms before the jerk's peak a minimum is out of reach
    contact_s, _ = aubol_2020.detect(*samples(axial=((0.12, -0.6, 0.008), *axial[1:])))
    assert in_stride(contact_s) == pytest.approx(0.19, abs=0.003)


def test_greene_takes_the_two_minima_of_the_sagittal_rate() -> None:
    contact_s, toe_off_s = greene_2010.detect(*samples())
    assert in_stride(contact_s) == pytest.approx(0.2, abs=0.02)
    assert in_stride(toe_off_s) == pytest.approx(0.5, abs=0.02)


def test_zero_velocity_is_right_where_the_sensor_does_stand_still() -> None:
    # 2 m per stride: at rest for the first half of it, then speeding up and slowing down as 1 - cos, no turning but a
    # small wobble while it moves
    length_m, moving_s = 2.0, STRIDE_S / 2
    phase_s = np.mod(T_S, STRIDE_S) - moving_s
    moving = phase_s >= 0
    angle = 2 * np.pi * phase_s / moving_s
    forward_mps2 = np.where(moving, length_m / moving_s * 2 * np.pi / moving_s * np.sin(angle), 0.0)
    accel_g = np.column_stack([forward_mps2 / 9.80665, np.ones_like(T_S), np.zeros_like(T_S)])
    gyro_dps = np.column_stack([np.zeros_like(T_S), np.where(moving, 20 * np.sin(angle), 0.0), np.zeros_like(T_S)])
    contact_s = STRIDE_S * np.arange(STRIDES)
    measured_m = zero_velocity_path.stride_length_m(T_S, accel_g, gyro_dps, contact_s, contact_s + moving_s)
    assert np.isnan(measured_m[-1])
    assert measured_m[:-1] == pytest.approx(length_m, rel=0.03)  # the orientation filter settles over a few strides
