"""Descents, climbs and level parts, against profiles whose parts follow from the rule by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.terrain.model import Profile
from surefoot.terrain.parameters import PartsRule
from surefoot.terrain.segments import SEGMENT_COLUMNS, directions, no_parts, part_names, parts_table
from tests.rig.courses import Course

RULE = PartsRule()


def profile_of(*slopes: tuple[float, float], speed_mps: float = 3.0) -> Profile:
    """Exact profile of slopes (length in m, grade) on a 5 m grid."""
    course = Course(tuple(length for length, _ in slopes), tuple(grade for _, grade in slopes))
    distance_m = np.arange(0, course.breaks_m[-1] + 1, 5.0)
    speed = np.full(distance_m.shape, speed_mps)
    return Profile(distance_m / speed_mps, distance_m, course.altitude_m(distance_m), course.grade(distance_m), speed)


def kinds(*slopes: tuple[float, float]) -> list[str]:
    profile = profile_of(*slopes)
    return parts_table(profile, directions(profile, RULE)).segment.tolist()


def test_one_descent_by_hand():
    profile = profile_of((300, 0.0), (200, -0.08), (300, 0.0))
    table = parts_table(profile, directions(profile, RULE))
    assert tuple(table.columns) == SEGMENT_COLUMNS
    assert table.segment.tolist() == ["level", "descent-1", "level"]
    down = table.iloc[1]
    assert (down.kind, down.start_m, down.end_m, down.length_m) == ("descent", 300, 500, 200)
    assert down.rise_m == pytest.approx(-16)
    assert down.mean_grade == pytest.approx(-0.08)
    assert down.steepest_grade == pytest.approx(-0.08)
    assert (down.start_s, down.end_s) == (pytest.approx(100), pytest.approx(500 / 3))


def test_a_climb_is_a_descent_upside_down_and_both_are_counted():
    profile = profile_of((100, 0), (200, 0.06), (100, 0), (200, -0.1), (100, 0), (150, 0.12), (100, 0), (400, -0.05))
    table = parts_table(profile, directions(profile, RULE))
    assert [name for name in table.segment if name != "level"] == ["climb-1", "descent-1", "climb-2", "descent-2"]
    climb = table.set_index("segment").loc["climb-2"]
    assert climb.rise_m == pytest.approx(18)
    assert climb.steepest_grade == pytest.approx(0.12)


def test_hysteresis():
    assert kinds((600, -0.029)) == ["level"]
    assert kinds((100, 0), (300, -0.031), (100, 0)) == ["level", "descent-1", "level"]
    # begun, it lasts while it falls by more than 1 %
    profile = profile_of((100, 0), (200, -0.06), (200, -0.015), (200, 0.0))
    assert parts_table(profile, directions(profile, RULE)).iloc[1][["start_m", "end_m"]].tolist() == [100, 500]
    # before it began, that counts as level
    profile = profile_of((100, 0), (200, -0.02), (200, -0.06), (100, 0))
    assert parts_table(profile, directions(profile, RULE)).iloc[1].start_m == 300


def test_short_flattenings_and_bumps_belong_to_the_descent():
    assert kinds((200, -0.08), (20, 0.0), (200, -0.08), (100, 0)) == ["descent-1", "level"]
    assert kinds((200, -0.08), (50, 0.03), (200, -0.08), (100, 0)) == ["descent-1", "level"]
    assert kinds((200, -0.08), (50, 0.06), (200, -0.08)) == ["descent-1", "level", "descent-2"]
    assert kinds((200, -0.08), (150, 0.0), (200, -0.08)) == ["descent-1", "level", "descent-2"]


def test_small_descents_are_level():
    assert kinds((100, 0), (60, -0.06), (100, 0)) == ["level"]  # 3.6 m in 20 s
    assert kinds((100, 0), (100, -0.08), (100, 0)) == ["level", "descent-1", "level"]  # 8 m in 100 m
    assert kinds((100, 0), (95, -0.04), (100, 0)) == ["level"]  # 31 s, but 3.8 m
    assert kinds((100, 0), (105, -0.05), (100, 0)) == ["level", "descent-1", "level"]  # 35 s, 5.25 m


def test_a_stop_on_a_slope_is_no_descent():
    profile = profile_of((100, 0), (50, -0.05), (100, 0))
    time_s = profile.time_s + np.where(profile.distance_m > 120, 600, 0)
    halted = Profile(time_s, profile.distance_m, profile.altitude_m, profile.grade, profile.speed_mps)
    assert not directions(halted, RULE).any()


slopes = st.lists(st.tuples(st.integers(1, 60).map(lambda n: 5.0 * n), st.floats(-0.3, 0.3)), min_size=1, max_size=25)


@settings(max_examples=80, deadline=None)
@given(slopes)
def test_parts_cover_the_run_without_gap_and_keep_what_they_promise(slopes: list[tuple[float, float]]):
    profile = profile_of(*slopes)
    direction = directions(profile, RULE)
    table = parts_table(profile, direction)
    np.testing.assert_array_equal(table.start_m[1:], table.end_m[:-1])
    np.testing.assert_array_equal(table.start_s[1:], table.end_s[:-1])
    if len(table):
        assert table.start_m.iloc[0] == 0
        assert table.end_m.iloc[-1] == profile.distance_m[-1]
        assert table.rise_m.sum() == pytest.approx(profile.altitude_m[-1] - profile.altitude_m[0])
    assert (table.length_m > 0).all()
    named = table[table.segment != "level"].segment
    assert named.is_unique
    assert set(part_names(direction)) == set(table.segment) | set(part_names(direction)[-1:])


@settings(max_examples=80, deadline=None)
@given(slopes)
def test_turned_over_descents_are_climbs(slopes: list[tuple[float, float]]):
    """What a direction claims is so: a descent of the profile is a climb of its mirror image, unless both claim it."""
    steep = [(length, grade) for length, grade in slopes if abs(grade) < 0.06]
    if not steep:
        return
    profile, mirror = profile_of(*steep), profile_of(*((length, -grade) for length, grade in steep))
    np.testing.assert_array_equal(directions(profile, RULE), -directions(mirror, RULE))


def test_no_ground_is_an_empty_table_with_the_same_columns():
    assert tuple(no_parts().columns) == SEGMENT_COLUMNS
    assert len(no_parts()) == 0
