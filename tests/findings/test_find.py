"""Findings of invented runs in which it is known what changed: there, and nowhere else."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.findings.compare import find
from surefoot.findings.comparison import COMPARISON_COLUMNS
from surefoot.findings.flags import FLAG_COLUMNS
from surefoot.findings.model import METRICS, Findings
from surefoot.findings.parameters import DEFAULTS
from surefoot.findings.rule import holm
from surefoot.terrain.model import Terrain
from tests.rig.invented_strides import HILLY, Part, changed, ground_of, invented_run

CHANGES = {
    "shock_axial_g": (1.25, 0.0),
    "shin_angle_deg": (1.0, 6.0),
    "braking_dv_mps": (1.30, 0.0),
    "off_plane": (2.0, 0.0),
}


def raised(findings: Findings) -> set[tuple[str, str]]:
    rows = findings.comparisons[findings.comparisons["raised"]]
    return set(zip(rows["group"], rows["metric"], strict=True))


def row(findings: Findings, group: str, metric: str) -> pd.Series:
    table = findings.comparisons
    return table[(table["group"] == group) & (table["metric"] == metric)].iloc[0]


def on(table: pd.DataFrame, segment: str) -> np.ndarray:
    return (table["segment"] == segment).to_numpy()


def test_unchanged_runs_raise_nothing():
    alarms = [raised(find(invented_run(seed=seed), ground_of())) for seed in range(20)]
    assert sum(map(len, alarms)) == 0


@pytest.mark.parametrize("metric", CHANGES)
def test_a_change_in_one_descent_is_found_there_and_nowhere_else(metric):
    factor, more = CHANGES[metric]
    for seed in range(4):
        run = invented_run(seed=100 + seed, drift=0.1)
        findings = find(changed(run, on(run, "descent-1"), metric, factor, more), ground_of())
        assert raised(findings) == {("descent-1", metric)}


def test_the_size_of_a_change_lies_in_its_interval():
    inside, sizes = 0, []
    for seed in range(10):
        run = invented_run(seed=seed, drift=0.1)
        findings = find(changed(run, on(run, "descent-2"), "shin_angle_deg", more=6.0), ground_of())
        angle = row(findings, "descent-2", "shin_angle_deg")
        inside += angle["difference_low"] < 6.0 < angle["difference_high"]
        sizes.append(angle["difference"])
        assert angle["difference"] == pytest.approx(angle["median"] - angle["baseline"])
        assert np.isnan(angle["difference_percent"])
    assert inside >= 8
    assert np.mean(sizes) == pytest.approx(6.0, abs=0.4)


def test_a_descent_run_faster_is_compared_at_its_own_speed():
    # Shock rises by 2 g per m/s here; the level was run at 2.8 to 3.4 m/s and the descent at 3.4 m/s.
    parts = (
        *(Part("level", 100, speed_mps=speed) for speed in (2.8, 3.4, 3.0, 3.2, 2.9, 3.3)),
        Part("descent-1", 200, -0.08, 3.4),
        Part("level", 200),
    )
    findings = find(invented_run(parts, seed=3, drift=0.0), ground_of(parts))
    assert row(findings, "descent-1", "shock_axial_g")["baseline"] == pytest.approx(8.8, abs=0.3)
    assert raised(findings) == set()


def test_a_speed_never_run_on_the_level_leaves_the_baseline_unsure():
    parts = (Part("level", 600, speed_mps=2.5), Part("descent-1", 150, -0.08, 4.0), Part("level", 300, speed_mps=2.5))
    run = invented_run(parts, seed=1, drift=0.1)
    findings = find(run, ground_of(parts))
    shock = row(findings, "descent-1", "shock_axial_g")
    assert shock["beyond_mps"] > 0.5
    # Unchanged but for the 3 g that the speed brings: the interval has to admit it.
    assert not shock["raised"]
    assert "outside these speeds" in findings.baseline_note


def test_a_whole_grade_band_is_raised_where_no_single_descent_is():
    short = [Part(f"descent-{i}", 18, -0.08) for i in range(1, 9)]
    parts = [part for descent in short for part in (Part("level", 120), descent)]
    run = invented_run(parts, seed=2, drift=0.1)
    downhill = run["segment"].str.startswith("descent").to_numpy()
    findings = find(changed(run, downhill, "shin_angle_deg", more=6.0), ground_of(parts))
    assert raised(findings) == {("grade -0.10..-0.06", "shin_angle_deg")}


def test_a_grade_band_does_not_repeat_what_one_short_descent_did():
    # 19 changed strides are too few for their descent, and a band that rests on them alone is none either.
    parts = (Part("level", 300), Part("descent-1", 19, -0.08), Part("level", 300), Part("descent-2", 25, -0.08))
    run = invented_run(parts, seed=3, drift=0.1)
    findings = find(changed(run, on(run, "descent-1"), "shin_angle_deg", more=30.0), ground_of(parts))
    assert raised(findings) == set()


def test_cadence_is_context_on_a_slope_and_a_finding_between_the_thirds():
    run = invented_run(seed=4, drift=0.1)
    late = (run["stride"] >= 2 * len(run) / 3).to_numpy()
    slower = changed(changed(run, late, "cadence_spm", 0.93), on(run, "descent-1"), "cadence_spm", 0.9)
    assert raised(find(slower, ground_of())) == {("last third", "cadence_spm")}


@given(st.integers(1, 19), st.floats(1.5, 10.0), st.integers(0, 50))
@settings(max_examples=15, deadline=None)
def test_fewer_than_twenty_strides_never_raise_anything(strides, factor, seed):
    parts = (Part("level", 120), Part("descent-1", strides, -0.12), Part("level", 120))
    run = invented_run(parts, seed=seed)
    for metric in METRICS:
        run = changed(run, on(run, "descent-1"), metric, factor)
    findings = find(run, ground_of(parts))
    assert not findings.comparisons["raised"].any()
    flags = findings.flags.set_index("group").loc["descent-1"]
    assert np.isnan(flags["hard_reaching"])
    assert np.isnan(flags["braking_per_km"])


def test_rejected_strides_count_in_the_dose_and_not_in_the_statistics():
    run = invented_run(seed=5)
    odd = on(run, "descent-1") & (run["stride"] % 4 == 0).to_numpy()
    run.loc[odd, "usable"] = False
    run.loc[odd, "shock_axial_g"] = 40.0
    run.loc[odd, "route_speed_mps"] = np.nan
    findings = find(run, ground_of())
    shock = row(findings, "descent-1", "shock_axial_g")
    kept = run.loc[on(run, "descent-1") & ~odd, "shock_axial_g"]
    assert (shock["strides"], shock["n"], shock["rejected_share"]) == (120, 90, 0.25)
    assert shock["median"] == pytest.approx(kept.median())
    assert shock["p90"] == pytest.approx(kept.quantile(0.9))
    distance = findings.flags.set_index("group").loc["descent-1", "distance_m"]
    assert distance == pytest.approx(120 * 0.71 * 3.3, rel=0.05)


def test_clipped_shocks_are_lower_bounds_and_never_a_finding_that_the_shock_is_lower():
    run = invented_run(seed=6, drift=0.1)
    down = on(run, "descent-1")
    run.loc[down, "shock_axial_g"] = 5.0
    run.loc[down, "clipped"] = True
    findings = find(run, ground_of())
    shock = row(findings, "descent-1", "shock_axial_g")
    assert shock["censored"]
    assert shock["clipped_share"] == 1.0
    assert np.isnan(shock["median_high"])
    assert np.isnan(shock["difference_high"])
    assert not shock["raised"]


def test_a_bound_that_already_lies_above_is_a_finding_of_at_least_so_much():
    run = invented_run(seed=6, drift=0.1)
    down = on(run, "descent-1")
    run.loc[down, "shock_axial_g"] = 15.0
    run.loc[down, "clipped"] = True
    findings = find(run, ground_of())
    assert ("descent-1", "shock_axial_g") in raised(findings)
    assert "was at least 15.0 g" in findings.sentences[0].text


def test_grade_bands_need_a_route():
    run = invented_run(seed=0)
    assert "grade" in set(find(run, ground_of()).comparisons["kind"])
    assert "grade" not in set(find(run, ground_of(source="pod")).comparisons["kind"])


def test_a_grade_band_is_shown_from_thirty_strides_and_its_edge_is_in_the_steeper_one():
    parts = (Part("level", 200), Part("descent-1", 30, -0.10), Part("level", 100), Part("descent-2", 29, -0.05))
    bands = find(invented_run(parts), ground_of(parts)).comparisons.query("kind == 'grade'")["group"].unique()
    assert list(bands) == ["grade -0.15..-0.10", "grade -0.03..0.00"]


def test_without_level_running_there_is_no_baseline_and_no_finding():
    parts = (Part("descent-1", 300, -0.10), Part("climb-1", 300, 0.10))
    run = invented_run(parts, seed=0)
    findings = find(changed(run, on(run, "descent-1"), "shock_axial_g", 2.0), ground_of(parts))
    assert raised(findings) == set()
    assert findings.comparisons["baseline"].isna().all()
    assert findings.baseline_note.startswith("No baseline: all of this run was taken for climbs and descents")
    assert not findings.stride_flags.to_numpy().any()


def test_thirds_are_compared_where_the_ground_is_not_known():
    parts = (Part("", 900),)
    run = invented_run(parts, seed=2, drift=0.1)
    late = (run["stride"] >= 600).to_numpy()
    nowhere = Terrain("none", None, ground_of(parts).segments.iloc[:0])
    findings = find(changed(run, late, "shin_angle_deg", more=6.0), nowhere)
    assert raised(findings) == {("last third", "shin_angle_deg")}
    assert "ground not known" in findings.sentences[0].text


def test_holms_correction_by_hand():
    # 0.01 <= 0.05/4, 0.015 <= 0.05/3, 0.04 > 0.05/2: the first two hold, and nothing after the first failure.
    assert holm(np.array([0.04, 0.01, 0.015, 0.045]), 0.05).tolist() == [False, True, True, False]
    assert holm(np.array([]), 0.05).size == 0


def odd_tables() -> dict[str, pd.DataFrame]:
    run = invented_run(seed=0)
    nan = run.copy()
    nan[list(METRICS)] = np.nan
    no_speed = run.copy()
    no_speed[["speed_mps", "route_speed_mps", "stride_length_m"]] = np.nan
    constant = run.copy()
    constant[[*METRICS, "speed_mps", "route_speed_mps"]] = 3.0
    return {
        "empty": run.iloc[:0],
        "one stride": run.iloc[:1],
        "none usable": run.assign(usable=False),
        "nothing measured": nan,
        "no speed": no_speed,
        "all clipped": run.assign(clipped=True),
        "no segments": run.assign(segment=""),
        "constant": constant,
        "zero": constant.assign(**dict.fromkeys(METRICS, 0.0)),
        "only level": run[run["segment"] == "level"],
    }


@pytest.mark.parametrize("name", odd_tables())
@pytest.mark.parametrize("source", ["route", "pod", "none"])
def test_odd_tables_give_whole_findings_and_raise_nothing(name, source):
    table = odd_tables()[name]
    findings = find(table, ground_of(source=source))
    assert tuple(findings.comparisons.columns) == COMPARISON_COLUMNS
    assert tuple(findings.flags.columns) == FLAG_COLUMNS
    assert findings.baseline["metric"].tolist() == list(METRICS)
    assert findings.stride_flags.index.equals(table.index)
    assert findings.stride_flags.dtypes.tolist() == [bool, bool]
    assert not findings.comparisons["raised"].any()
    assert findings.sentences
    assert findings.baseline_note
    assert all(getattr(findings, field.name) is not None for field in fields(findings))


def test_the_same_run_says_the_same_twice():
    run = invented_run(seed=8)
    pd.testing.assert_frame_equal(find(run, ground_of()).comparisons, find(run, ground_of()).comparisons)


def test_every_metric_has_a_smallest_change():
    assert set(DEFAULTS.smallest_changes) == set(METRICS)
    assert len(HILLY) == 9
