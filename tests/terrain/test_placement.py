"""A route finds its place on the recording's clock, or says how unsure that is, or is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.errors import RouteError
from surefoot.terrain.model import Placement, Route
from surefoot.terrain.parameters import PlacementRule
from surefoot.terrain.placement import place
from surefoot.terrain.route import read_route
from tests.rig.courses import ROUTES, drifting, strides_of, watch_table

RULE = PlacementRule()


@pytest.fixture(scope="module")
def course() -> Route:
    return read_route(ROUTES / "v01_course.gpx")


def placed(strides: pd.DataFrame, route: Route) -> Placement:
    columns = {name: strides[name].to_numpy(float) for name in ("contact_s", "cadence_spm", "speed_mps")}
    return place(**columns, usable=strides.usable.to_numpy(bool), route=route, rule=RULE)


def pod_strides(sensor: str, offset_s: float = 0.0, ratio: float = 1.0, since_s: float = 0, until_s: float = 900):
    """The reference course as another sensor's cadence shows it, on a pod's clock."""
    watch = watch_table().query("@since_s <= elapsed_seconds <= @until_s")
    strides = strides_of(watch.elapsed_seconds.to_numpy(float), 2 * watch[sensor].to_numpy(float), watch.enhanced_speed)
    return strides.assign(contact_s=strides.contact_s * ratio + offset_s)


def made_up(seed: int, duration_s: int = 1200, stop_s: tuple[int, int] | None = (500, 560)) -> Route:
    """A run with a wandering cadence and speed, and one stop."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(float(duration_s))
    cadence_spm = 166 + drifting(rng, duration_s, 4, 20)
    speed_mps = 3.2 + drifting(rng, duration_s, 0.3, 20)
    if stop_s:
        cadence_spm[slice(*stop_s)] = speed_mps[slice(*stop_s)] = 0
    distance_m = np.cumsum(speed_mps)
    return Route(time_s, distance_m, 100 - 0.02 * distance_m, speed_mps, cadence_spm, name="run.gpx")


def strides_on(route: Route, offset_s: float, ratio: float = 1.0, seed: int = 1) -> pd.DataFrame:
    strides = strides_of(route.time_s, route.cadence_spm, route.speed_mps, seed)
    return strides.assign(contact_s=strides.contact_s * ratio + offset_s)


@pytest.mark.parametrize("ratio", [1.0, 1.02, 0.975])
def test_the_reference_course_by_the_chest_strap(course: Route, ratio: float):
    placement = placed(pod_strides("hrm_cadence_sum", -3.3, ratio), course)
    assert placement.sureness == "sure"
    assert placement.by == "cadence"
    assert placement.clock_ratio == pytest.approx(ratio, abs=0.001)
    assert placement.offset_s + 445 * placement.clock_ratio == pytest.approx(-3.3 + 445 * ratio, abs=0.5)


@pytest.mark.parametrize("ratio", [1.0, 1.02])
def test_the_reference_course_by_a_foot_pod_that_trails_by_4_s(course: Route, ratio: float):
    placement = placed(pod_strides("stryd_cadence", 20, ratio), course)
    assert placement.sureness == "sure"
    error_s = placement.offset_s + 445 * placement.clock_ratio - (20 + 445 * ratio)
    assert 3 < error_s < 5.5
    assert error_s < 3 * placement.uncertainty_s


@settings(max_examples=15, deadline=None)
@given(offset_s=st.floats(-400, 300), seed=st.integers(0, 10_000), cadence=st.booleans())
def test_a_known_offset_is_found(offset_s: float, seed: int, cadence: bool):
    route = made_up(seed)
    strides = strides_on(route, offset_s)
    strides = strides[(strides.contact_s > 0) & (strides.contact_s < 1000)]
    laid = route if cadence else replace(route, cadence_spm=np.full(route.time_s.shape, np.nan))
    placement = placed(strides, laid)
    assert placement.by == ("cadence" if cadence else "speed")
    assert placement.offset_s == pytest.approx(offset_s, abs=1.0)
    assert placement.clock_ratio == 1.0
    assert placement.sureness in ("sure", "likely")


@pytest.mark.parametrize("ratio", [0.97, 0.99, 1.004, 1.03])
def test_a_clock_that_runs_wrong_is_found(ratio: float):
    route = made_up(3, duration_s=2400)
    placement = placed(strides_on(route, 40, ratio), route)
    assert placement.clock_ratio == pytest.approx(ratio, abs=0.0008)
    assert placement.offset_s == pytest.approx(40, abs=1.5)


def test_holes_and_strides_that_are_not_usable_are_tolerated():
    route = made_up(4)
    strides = strides_on(route, 12)
    rng = np.random.default_rng(5)
    lost = np.zeros(len(strides), dtype=bool)
    for start in rng.integers(0, len(strides) - 10, 25):
        lost[start : start + 8] = True
    strides["usable"] = rng.random(len(strides)) > 0.3
    strides.loc[~strides.usable, "cadence_spm"] = np.nan
    placement = placed(strides[~lost], route)
    assert placement.offset_s == pytest.approx(12, abs=1)
    assert placement.sureness != "unsure"


def test_a_watch_that_writes_every_few_seconds_is_enough():
    route = made_up(6)
    sparse = slice(None, None, 6)
    names = ("time_s", "distance_m", "altitude_m", "speed_mps", "cadence_spm")
    thin = replace(route, **{name: getattr(route, name)[sparse] for name in names})
    assert placed(strides_on(route, -30), thin).offset_s == pytest.approx(-30, abs=1.5)


def test_a_steady_run_is_laid_by_its_start_and_called_unsure():
    rng = np.random.default_rng(7)
    time_s = np.arange(1200.0)
    cadence_spm = np.where(time_s < 30, 0, 168 + np.round(rng.normal(size=1200)))
    steady = Route(time_s, 3 * time_s, 0 * time_s, np.full(1200, 3.0), cadence_spm, name="track.gpx")
    contact_s = 12 + np.arange(0, 1150, 120 / 168)
    strides = pd.DataFrame({"contact_s": contact_s, "cadence_spm": 168 + rng.normal(size=contact_s.size)})
    placement = placed(strides.assign(speed_mps=3.0, usable=True), steady)
    assert placement.sureness == "unsure"
    assert placement.offset_s == pytest.approx(12 - 30, abs=1)
    assert placement.clock_ratio == 1.0
    assert placement.uncertainty_s > 2


def test_the_same_interval_again_and_again_is_unsure():
    time_s = np.arange(1800.0)
    cadence_spm = 166 + 6 * np.sign(np.sin(2 * np.pi * time_s / 120))
    route = Route(time_s, 3 * time_s, 0 * time_s, np.full(1800, 3.0), cadence_spm, name="intervals.gpx")
    strides = strides_on(route, 0)
    placement = placed(strides[strides.contact_s.between(600, 1500)], route)
    assert placement.sureness == "unsure"
    assert placement.uncertainty_s > 60


@pytest.mark.parametrize("seed", range(8))
def test_another_run_with_the_same_stop_is_refused(seed: int):
    with pytest.raises(RouteError, match="does not seem to belong"):
        placed(strides_on(made_up(seed), 0), made_up(seed + 100))


@pytest.mark.parametrize("seed", range(8))
def test_the_reference_course_is_not_laid_on_another_run(seed: int):
    other = made_up(seed)
    with pytest.raises(RouteError, match="does not seem to belong"):
        placed(pod_strides("hrm_cadence_sum"), replace(other, cadence_spm=np.maximum(other.cadence_spm - 2, 0)))


def test_runs_that_share_nothing_are_refused():
    route = made_up(20, stop_s=None)
    other = made_up(21, stop_s=None)
    with pytest.raises(RouteError, match=r"does not seem to belong .* without --route"):
        placed(strides_on(other, 0), route)


def test_a_watch_that_stands_while_the_recording_runs_is_refused():
    standing = replace(made_up(9), cadence_spm=np.where(np.arange(1200) % 300 < 120, 0.0, 166.0))
    standing = replace(standing, speed_mps=np.where(standing.cadence_spm > 0, 3.0, 0.0))
    strides = strides_on(made_up(10, stop_s=None), 0)
    with pytest.raises(RouteError, match="does not seem to belong"):
        placed(strides, standing)


def test_another_cadence_is_refused_even_where_both_are_steady():
    time_s = np.arange(600.0)
    route = Route(time_s, 3 * time_s, 0 * time_s, np.full(600, 3.0), np.full(600, 182.0), name="race.gpx")
    with pytest.raises(RouteError, match="17 steps a minute more"):
        placed(strides_of(time_s, np.full(600, 165.0), np.full(600, 3.0), noise_spm=0.1), route)


def test_a_route_much_shorter_than_the_recording_is_refused(course: Route):
    with pytest.raises(RouteError, match="lasts 200 s"):
        names = ("time_s", "distance_m", "altitude_m", "speed_mps", "cadence_spm")
        placed(pod_strides("hrm_cadence_sum"), replace(course, **{n: getattr(course, n)[:201] for n in names}))


def test_too_few_strides_are_refused_with_a_sentence(course: Route):
    with pytest.raises(RouteError, match="no cadence to compare"):
        placed(pod_strides("hrm_cadence_sum").iloc[:3], course)
    with pytest.raises(RouteError, match="no cadence to compare"):
        placed(pod_strides("hrm_cadence_sum").assign(usable=False), course)
