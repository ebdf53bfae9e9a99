"""The ground under every stride, with a route and without."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from surefoot.terrain.ground import ROUTE_COLUMNS, from_pod, lay_route
from surefoot.terrain.model import Route
from surefoot.terrain.route import read_route
from surefoot.terrain.segments import SEGMENT_COLUMNS
from tests.rig.courses import ROUTES, Course, drifting, strides_of, watch_table

DOWN = Course((900, 500, 900, 300, 600), (0.0, -0.10, 0.0, 0.08, 0.0))


def run_on(course: Course, seed: int = 0) -> Route:
    """Run a course with a wandering cadence, so that the route can be placed."""
    route = course.route()
    cadence_spm = 166 + drifting(np.random.default_rng(seed), route.time_s.size, 4, 20)
    return Route(
        route.time_s, route.distance_m, route.altitude_m, route.speed_mps, cadence_spm, altitude_source="barometer"
    )


def strides_on(route: Route, offset_s: float) -> pd.DataFrame:
    strides = strides_of(route.time_s, route.cadence_spm, route.speed_mps)
    return strides.assign(contact_s=strides.contact_s + offset_s)


def pod_strides(grade: np.ndarray, rng: np.random.Generator, stride_m: float = 2.3) -> pd.DataFrame:
    """Strides whose grade, each for itself, is good to 6 points only."""
    n = grade.size
    measured = grade + 0.06 * rng.normal(size=n)
    return pd.DataFrame(
        {"contact_s": 0.4 + 0.7 * np.arange(n), "stride_length_m": stride_m, "rise_m": measured * stride_m}
    ).assign(grade=measured, speed_mps=stride_m / 0.7, usable=True)


def test_every_stride_gets_the_ground_of_its_place():
    route = run_on(DOWN)
    strides = strides_on(route, 7.0)
    strides.index = strides.index + 1000
    _, columns = lay_route(route, strides)
    assert tuple(columns.columns) == ROUTE_COLUMNS
    assert columns.index.equals(strides.index)
    along_m = 3.0 * (strides.contact_s.to_numpy() - 7)
    clear = DOWN.clear_of_breaks(along_m, 60)
    np.testing.assert_allclose(columns.route_grade[clear], DOWN.grade(along_m)[clear], atol=0.015)
    np.testing.assert_allclose(columns.route_altitude_m[clear], DOWN.altitude_m(along_m)[clear], atol=0.5)
    np.testing.assert_allclose(columns.route_speed_mps, 3.0)
    assert (columns.segment[(along_m > 930) & (along_m < 1370)] == "descent-1").all()
    assert (columns.segment[(along_m > 2330) & (along_m < 2570)] == "climb-1").all()
    assert (columns.segment[clear & (DOWN.grade(along_m) == 0)] == "level").all()


def test_the_segments_lie_on_the_recordings_clock_and_agree_with_the_strides():
    route = run_on(DOWN)
    strides = strides_on(route, 7.0)
    terrain, columns = lay_route(route, strides)
    assert terrain.source == "route"
    assert terrain.segments.segment.tolist() == ["level", "descent-1", "level", "climb-1", "level"]
    down = terrain.segments.iloc[1]
    assert terrain.placement is not None
    assert terrain.placement.offset_s == pytest.approx(7, abs=0.5)
    # smoothing blurs a break of slope by some 30 m each way: 10 s
    assert down.start_s == pytest.approx(7 + 900 / 3, abs=10)
    assert down.end_s == pytest.approx(7 + 1400 / 3, abs=10)
    assert down.rise_m == pytest.approx(-50, abs=2)
    assert down.mean_grade == pytest.approx(-0.10, abs=0.01)
    for part in terrain.segments[terrain.segments.kind != "level"].itertuples():
        inside = strides.contact_s.between(part.start_s + 0.01, part.end_s - 0.01)
        assert (columns.segment[inside] == part.segment).all()
        assert not (
            columns.segment[~strides.contact_s.between(part.start_s - 0.01, part.end_s + 0.01)] == part.segment
        ).any()


def test_only_the_recorded_part_of_a_route_is_told():
    route = run_on(DOWN)
    strides = strides_on(route, 0.0)
    strides = strides[strides.contact_s.between(380, 1000)].assign(contact_s=lambda s: s.contact_s - 380)
    terrain, columns = lay_route(route, strides)
    assert terrain.segments.segment.tolist() == ["descent-1", "level", "climb-1", "level"]
    assert terrain.segments.start_s.iloc[0] == pytest.approx(0, abs=4)
    assert terrain.segments.end_s.iloc[-1] == pytest.approx(620, abs=4)
    assert terrain.segments.rise_m.iloc[0] == pytest.approx(-0.10 * (1400 - 3 * 380), abs=2)
    assert columns.notna().all(axis=None)


def test_strides_where_the_watch_was_paused_or_off_have_no_ground():
    whole = run_on(DOWN)
    keep = ((whole.time_s < 500) | (whole.time_s > 560)) & (whole.time_s < 1000)
    route = Route(
        *(getattr(whole, n)[keep] for n in ("time_s", "distance_m", "altitude_m", "speed_mps", "cadence_spm"))
    )
    strides = strides_on(whole, 0.0)
    _, columns = lay_route(route, strides)
    dark = strides.contact_s.between(502, 557) | (strides.contact_s > 1002)
    assert columns.loc[dark, ["route_grade", "route_speed_mps", "route_altitude_m"]].isna().all(axis=None)
    assert (columns.segment[dark] == "").all()
    lit = strides.contact_s.between(0, 497) | strides.contact_s.between(563, 997)
    assert columns.loc[lit, "route_grade"].notna().all()


def test_the_reference_course_through_the_whole_room():
    watch = watch_table()
    strides = strides_of(watch.elapsed_seconds.to_numpy(float), 2 * watch.hrm_cadence_sum, watch.enhanced_speed)
    terrain, columns = lay_route(read_route(ROUTES / "v01_course.gpx"), strides)
    reference = np.interp(strides.contact_s, watch.elapsed_seconds, watch.incline_pct_grade / 100)
    assert np.sqrt(np.mean((columns.route_grade - reference) ** 2)) < 0.01
    # the two long slopes of the course, from its table: 247 -> 259 m up the hill, and back down
    assert terrain.segments[terrain.segments.kind == "descent"].rise_m.min() == pytest.approx(-11.5, abs=1.5)
    assert terrain.segments[terrain.segments.kind == "climb"].rise_m.max() == pytest.approx(13, abs=1.5)


@pytest.mark.parametrize("bias", [-0.02, 0.0, 0.02])
@pytest.mark.parametrize(("grade", "segment"), [(0.0, "level"), (-0.08, "descent-1"), (-0.15, "descent-1")])
def test_the_pod_alone_tells_three_classes_in_thirty_seconds(grade: float, segment: str, bias: float):
    strides = pod_strides(np.full(42, grade + bias), np.random.default_rng(3))
    terrain, segments = from_pod(strides)
    assert terrain.source == "pod"
    assert terrain.placement is None
    assert (segments == segment).all()
    assert terrain.segments.segment.tolist() == [segment]


def test_the_pod_alone_tells_a_climb_of_six_per_cent():
    _, segments = from_pod(pod_strides(np.full(42, 0.06), np.random.default_rng(4)))
    assert (segments == "climb-1").all()


def test_the_pod_alone_follows_the_ground():
    grade = np.repeat([0.0, -0.12, 0.0, 0.09, 0.0], 150)
    strides = pod_strides(grade, np.random.default_rng(5))
    strides.index = strides.index * 2
    terrain, segments = from_pod(strides)
    assert segments.index.equals(strides.index)
    truth = np.repeat(["level", "descent-1", "level", "climb-1", "level"], 150)
    assert (segments.to_numpy() == truth).mean() > 0.96
    assert tuple(terrain.segments.columns) == SEGMENT_COLUMNS
    assert terrain.profile is not None
    assert terrain.profile.altitude_m[0] == 0
    assert terrain.profile.altitude_m[299] == pytest.approx(-0.12 * 150 * 2.3, abs=4)


def test_holes_in_the_strides_leave_the_pods_ground_standing():
    rng = np.random.default_rng(6)
    strides = pod_strides(np.repeat([0.0, -0.12, 0.0], 200), rng)
    strides["usable"] = rng.random(600) > 0.3
    strides.loc[~strides.usable, ["grade", "stride_length_m", "rise_m", "speed_mps"]] = np.nan
    strides = strides[~strides.index.isin(range(250, 300))]
    strides.loc[strides.index >= 450, "contact_s"] += 300
    _, segments = from_pod(strides)
    truth = np.repeat(["level", "descent-1", "level"], 200)[strides.index]
    assert (segments.to_numpy() == truth).mean() > 0.93


def test_too_few_strides_tell_nothing_of_the_ground():
    for few in (0, 5, 19):
        terrain, segments = from_pod(pod_strides(np.full(few, -0.2), np.random.default_rng(7)))
        assert (terrain.source, terrain.profile, len(terrain.segments)) == ("none", None, 0)
        assert segments.tolist() == [""] * few
    unusable = pod_strides(np.full(100, -0.2), np.random.default_rng(8)).assign(usable=False)
    assert from_pod(unusable)[0].source == "none"
