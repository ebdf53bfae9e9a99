"""Runs of the virtual runner: what was changed is to be found, there and nowhere else."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from surefoot.analysis import Analysis, analyze
from surefoot.recording.samples import Recording
from surefoot.settings import Settings
from surefoot.terrain.route import read_route
from surefoot.validation.checkout import load_module

VIRTUAL = """## Changes that were made, and what was found

The virtual runner (`tests/rig`) runs the recorded strides of rbds001 again, with an invented shock, for 27 minutes:
level, a climb, two descents, a walk, with a route that a watch could have recorded. In one descent the landings are
changed; everywhere else they are those of level running. 'Found' lists what was raised as a finding. Harder landings
also lose more speed, and more rotation outside the plane also rocks more: those belong to the change."""

_RUNS: tuple[tuple[str, dict[str, float]], ...] = (
    ("nothing (five runs)", {}),
    ("+25 % shock", {"harder": 0.25}),
    ("+6 degrees reach", {"reach_deg": 6.0}),
    ("+30 % braking", {"braking": 0.3}),
    ("twice the rotation outside the plane", {"off_plane": 1.0}),
)
CHANGED_SEGMENT = "descent-2"


def run_virtual(checkout: Path) -> pd.DataFrame:
    """Build and analyse the runs: a table of texts."""
    lines = []
    for what, changes in _RUNS:
        seeds = range(1, 6) if not changes else range(1, 2)
        found: dict[str, int] = {}
        elsewhere = 0
        for seed in seeds:
            analysis = virtual_analysis(checkout, changes, seed)
            comparisons = analysis.findings.comparisons
            raised = comparisons[comparisons["raised"].astype(bool)]
            elsewhere += int((raised["group"] != CHANGED_SEGMENT).sum())
            for row in raised[raised["group"] == CHANGED_SEGMENT].itertuples():
                found[f"{row.metric} {_size(row)}"] = 1
        lines.append((what, ", ".join(found) or "nothing", str(elsewhere)))
    return pd.DataFrame(lines, columns=["changed in the second descent", "found there", "raised elsewhere"])


def virtual_analysis(checkout: Path, changes: dict[str, float], seed: int) -> Analysis:
    """Build one run with `changes` of its second descent and analyse it with its route."""
    script, mounting, watch, runner, gpx = (
        load_module(checkout, f"tests.rig.{name}")
        for name in ("script", "mounting", "route", "virtual_runner", "gpx_file")
    )
    run = runner.build(
        _script(script, script.Changes(**changes)),
        script.FOREFOOT,
        mounting.Mounting(side="left", turned_deg=(180, 0, 20), height_m=0.145),
        mounting.Sensor(rate_hz=200),
        watch=watch.Watch(started_s=-35),
        seed=seed,
    )
    recording = Recording(run.t_s - run.t_s[0], run.accel_g, run.gyro_dps, name="virtual run")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "route.gpx"
        gpx.write_gpx(run.route, path, "virtual route")
        return analyze(recording, Settings(side="left", sensor_height_m=0.145), read_route(path))


def _script(rig: Any, changes: Any) -> list[Any]:
    stretch = rig.Stretch
    return [
        stretch("stand", 15),
        stretch("run", 360, speed_mps=3.0),
        stretch("run", distance_m=500, speed_mps=2.95, grade=0.08, posture="level"),
        stretch("run", distance_m=700, speed_mps=3.1, grade=-0.06, posture="level"),
        stretch("run", 200, speed_mps=3.1),
        stretch("run", distance_m=600, speed_mps=3.1, grade=-0.14, posture="level", changes=changes),
        stretch("run", 240, speed_mps=3.0),
        stretch("walk", 60, speed_mps=1.4),
        stretch("run", 240, speed_mps=3.1),
    ]


def _size(row: Any) -> str:
    if row.metric == "shin_angle_deg":
        return f"{row.difference:+.1f} degrees"
    return f"{row.difference_percent:+.0f} %"
