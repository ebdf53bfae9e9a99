"""Flagged landings against counts known by construction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from surefoot.findings.compare import find
from tests.rig.invented_strides import Part, ground_of, invented_run

PARTS = (Part("level", 101), Part("descent-1", 100, -0.10))


def ladder() -> pd.DataFrame:
    """Level shocks of 5.00, 5.05 .. 10.00 g (P90 9.5 g), angle 6 degrees, braking 0.400 .. 0.500 m/s (P90 0.49)."""
    run = invented_run(PARTS, drift=0.0)
    run[["route_speed_mps", "speed_mps"]] = 3.0
    run["stride_length_m"] = 3.0 * 0.71
    run["shin_angle_deg"] = 6.0
    run["shock_axial_g"], run["braking_dv_mps"] = 7.0, 0.45
    # Shuffled, so that the ladder is no trend.
    order = np.random.default_rng(0).permutation(101)
    run.loc[:100, "shock_axial_g"] = 5.0 + 0.05 * order
    run.loc[:100, "braking_dv_mps"] = 0.4 + 0.001 * order
    return run


def test_a_landing_is_flagged_when_it_is_both_hard_and_reaching():
    run = ladder()
    run.loc[101:110, "shock_axial_g"] = 9.6
    run.loc[106:115, "shin_angle_deg"] = 10.1
    flags = find(run, ground_of(PARTS))
    assert np.flatnonzero(flags.stride_flags["hard_reaching"]).tolist() == [106, 107, 108, 109, 110]
    row = flags.flags.set_index("group").loc["descent-1"]
    assert row["hard_reaching"] == 5
    # 100 strides of 2.13 m.
    assert row["distance_m"] == pytest.approx(213.0)
    assert row["hard_reaching_per_km"] == pytest.approx(5 / 0.213)


@pytest.mark.parametrize(("shock", "angle", "flagged"), [(9.6, 10.1, True), (9.4, 12.0, False), (15.0, 9.9, False)])
def test_the_limits_are_the_level_p90_and_four_degrees(shock, angle, flagged):
    run = ladder()
    run.loc[150, ["shock_axial_g", "shin_angle_deg"]] = shock, angle
    assert find(run, ground_of(PARTS)).stride_flags["hard_reaching"].loc[150] == flagged


@pytest.mark.parametrize(("braking", "flagged"), [(0.55, False), (0.56, True)])
def test_braking_is_the_level_p90_and_fifteen_per_cent_of_the_median_more(braking, flagged):
    # 0.49 + 0.15 * 0.45 = 0.5575 m/s.
    run = ladder()
    run.loc[150, "braking_dv_mps"] = braking
    assert find(run, ground_of(PARTS)).stride_flags["braking"].loc[150] == flagged


def test_the_limit_rises_with_speed_as_the_level_running_does():
    parts = (
        *(Part("level", 100, speed_mps=speed) for speed in (2.6, 3.0, 3.4, 2.8, 3.2)),
        Part("descent-1", 60, -0.1, 3.4),
    )
    run = invented_run(parts, seed=1, drift=0.0)
    run["shin_angle_deg"] = np.where(run["segment"] == "level", 6.0, 12.0)
    share = find(run, ground_of(parts)).stride_flags["hard_reaching"][run["segment"] == "descent-1"].mean()
    # The same runner at that speed exceeds the own 90th percentile in a tenth of the strides; an unmatched limit
    # would be exceeded in three tenths (0.8 g above the middle speed with a spread of 1.4 g).
    assert share < 0.2


def test_a_clipped_landing_is_hard_if_its_bound_already_is():
    run = ladder()
    run.loc[[120, 121], "shin_angle_deg"] = 12.0
    run.loc[[120, 121], "clipped"] = True
    run.loc[[120, 121], "shock_axial_g"] = 14.0, 9.0
    assert np.flatnonzero(find(run, ground_of(PARTS)).stride_flags["hard_reaching"]).tolist() == [120]


def test_rejected_strides_are_not_flagged_but_their_distance_counts():
    run = ladder()
    run.loc[101:140, ["shock_axial_g", "shin_angle_deg"]] = 12.0, 12.0
    run.loc[121:200, "usable"] = run.loc[121:200, "stride"] % 2 == 0
    row = find(run, ground_of(PARTS)).flags.set_index("group").loc["descent-1"]
    assert row["hard_reaching"] == 30
    assert row["distance_m"] == pytest.approx(213.0)


def test_nothing_is_hard_where_the_level_running_itself_is_beyond_the_sensor():
    run = ladder()
    run.loc[:100, "clipped"] = run.loc[:100, "shock_axial_g"] > 9.0
    run.loc[150, ["shock_axial_g", "shin_angle_deg"]] = 15.0, 12.0
    findings = find(run, ground_of(PARTS))
    assert not findings.stride_flags["hard_reaching"].any()
    assert findings.flags["hard_reaching"].isna().all()
