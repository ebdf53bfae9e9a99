"""Grade from altitude, against slopes known by construction and against a watch's reference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from surefoot.terrain.altitude import altitude_grid, grade_profile, local_slope, smoothed, without_outliers
from surefoot.terrain.parameters import AltitudeRule
from surefoot.terrain.route import read_route
from tests.rig.courses import ROUTES, Course, drifting, watch_table

RULE = AltitudeRule()
HILLS = Course(
    (400, 400, 400, 300, 300, 400, 100, 400, 200, 400, 300, 300, 300),
    (0, -0.08, 0, -0.15, 0, 0.06, 0, -0.03, 0.10, -0.05, 0, -0.04, 0),
)


def errors(course: Course, route, by_m: float) -> np.ndarray:
    profile = grade_profile(route, RULE)
    clear = course.clear_of_breaks(profile.distance_m, by_m)
    return (profile.grade - course.grade(profile.distance_m))[clear]


@pytest.mark.parametrize("grade", [-0.15, -0.03, 0.0, 0.10])
@pytest.mark.parametrize("source", ["barometer", "gps", "unknown"])
def test_a_steady_slope_keeps_its_grade_to_the_very_ends(grade: float, source):
    route = Course((600,), (grade,)).route(step_m=0.001, source=source)
    profile = grade_profile(route, RULE)
    np.testing.assert_allclose(profile.grade, grade, atol=5e-4)
    assert profile.altitude_m[-1] - profile.altitude_m[0] == pytest.approx(600 * grade, abs=0.1)


@pytest.mark.parametrize("step_m", [0.2, 1.0])
def test_a_quantised_altitude_never_drops_the_grade_to_zero(step_m: float):
    # 3 % at 3 m/s rises 0.09 m a fix: most neighbouring fixes have the same altitude
    route = Course((1500,), (-0.03,)).route(step_m=step_m)
    profile = grade_profile(route, RULE)
    away = (profile.distance_m > 50) & (profile.distance_m < 1450)
    assert profile.grade[away].max() < -0.015
    assert profile.grade[away].mean() == pytest.approx(-0.03, abs=0.001)


def test_barometer_like_noise_leaves_grade_good_to_a_point():
    rng = np.random.default_rng(1)
    runs = [HILLS.route(error_m=drifting(rng, 1500, 0.6, 120) + 0.1 * rng.normal(size=1500)) for _ in range(8)]
    off = np.concatenate([errors(HILLS, route, by_m=60) for route in runs])
    assert np.sqrt(np.mean(off**2)) < 0.0065
    assert abs(off.mean()) < 0.001


def test_gps_like_noise_is_smoothed_more_and_leaves_two_points():
    rng = np.random.default_rng(2)
    noise = [drifting(rng, 1500, 3, 90) + drifting(rng, 1500, 1, 8) + 0.5 * rng.normal(size=1500) for _ in range(8)]
    runs = [HILLS.route(error_m=error, step_m=0.1, source="gps") for error in noise]
    as_gps = np.concatenate([errors(HILLS, route, by_m=60) for route in runs])
    taken_for_barometer = np.concatenate([errors(HILLS, replace(r, altitude_source="barometer"), 60) for r in runs])
    unknown = np.concatenate([errors(HILLS, replace(r, altitude_source="unknown"), 60) for r in runs])
    assert np.sqrt(np.mean(as_gps**2)) < 0.022
    assert np.sqrt(np.mean(taken_for_barometer**2)) > 1.5 * np.sqrt(np.mean(as_gps**2))
    np.testing.assert_array_equal(unknown, as_gps)


def test_the_reference_course():
    route, watch = read_route(ROUTES / "v01_course.gpx"), watch_table()
    profile = grade_profile(route, RULE)
    moving = np.diff(watch.distance, prepend=0) > 1
    ours = np.interp(route.distance_m, profile.distance_m, profile.grade)[moving]
    reference = watch.incline_pct_grade.to_numpy()[moving] / 100
    assert np.corrcoef(ours, reference)[0, 1] > 0.96
    assert np.sqrt(np.mean((ours - reference) ** 2)) < 0.01
    assert abs(np.mean(ours - reference)) < 0.001


def test_spikes_go_and_quantisation_stays():
    slope = np.round(np.linspace(100, 80, 100), 1)
    spiked = slope.copy()
    spiked[[20, 21, 22, 60]] += [40, 42, 41, -300]
    np.testing.assert_allclose(without_outliers(spiked, RULE), slope, atol=1.2)
    np.testing.assert_array_equal(without_outliers(slope, RULE), slope)


def test_standing_counts_as_one_place():
    # 100 m level, two minutes on the spot while the barometer drifts by 4 m and back, 100 m level
    route = Course((200,), (0.0,)).route(speed_mps=2.0)
    halt = 50
    stay = np.linspace(0, 4, 60)
    halted = replace(
        route,
        time_s=np.arange(route.time_s.size + 120.0),
        distance_m=np.insert(route.distance_m, halt + 1, np.full(120, route.distance_m[halt])),
        altitude_m=np.concatenate(
            [route.altitude_m[: halt + 1], 100 + stay, 100 + stay[::-1], route.altitude_m[halt + 1 :]]
        ),
        speed_mps=np.full(route.time_s.size + 120, 2.0),
        cadence_spm=np.full(route.time_s.size + 120, 160.0),
    )
    _, altitude_m = altitude_grid(halted, 5.0)
    assert altitude_m.max() == pytest.approx(102, abs=0.1)
    profile = grade_profile(halted, RULE)
    assert np.abs(profile.grade).max() < 0.05
    assert (np.diff(profile.time_s) > 0).all()


def test_smoothing_and_slope_by_hand():
    # a straight line passes unchanged; the middle of a roof's ridge of slope +-0.1 falls by 0.1 * sd * sqrt(2 / pi)
    x = np.arange(0, 1005, 5.0)
    np.testing.assert_allclose(smoothed(3 + 0.07 * x, 60, 5), 3 + 0.07 * x, atol=1e-9)
    roof = -0.1 * np.abs(x - 500)
    assert smoothed(roof, 60, 5)[100] == pytest.approx(-0.1 * 15 * np.sqrt(2 / np.pi), rel=0.02)
    np.testing.assert_allclose(local_slope(roof, 40, 5)[[10, 100, 190]], [0.1, 0, -0.1], atol=1e-12)
