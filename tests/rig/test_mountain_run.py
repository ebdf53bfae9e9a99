"""The demo's mountain run is what its text says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import gpxpy
import numpy as np
import pandas as pd
import pytest

from tests.rig.long_run import HOUR
from tests.rig.mountain_run import SCRIPT, mountain_run, write
from tests.rig.virtual_runner import VirtualRun


@pytest.fixture(scope="module")
def run() -> VirtualRun:
    return mountain_run()


def test_it_has_enough_of_everything(run: VirtualRun) -> None:
    assert 25 * 60 < run.t_s[-1] < 30 * 60
    strides = run.truth.groupby("stretch").size()
    assert strides[1] >= 300
    assert (strides[[2, 3, 5]] >= 200).all()
    steep = run.truth[run.truth.stretch == 5]
    level = run.truth[run.truth.stretch == 4]
    assert np.allclose(steep.grade, -0.14)
    assert 5.5 < steep.shin_angle_deg.median() - level.shin_angle_deg.median() < 6.5
    assert list(run.activities.activity[[0, 7, 9]]) == ["standing", "walking", "standing"]
    assert np.abs(run.accel_g).max() < 16
    assert len(run.activities) == len(SCRIPT)


def test_its_files_can_be_read(run: VirtualRun, tmp_path: Path) -> None:
    write(replace(run, t_s=run.t_s[:9000], accel_g=run.accel_g[:9000], gyro_dps=run.gyro_dps[:9000]), tmp_path)
    table = pd.read_csv(tmp_path / "mountain_run.csv")
    assert list(table.columns) == ["t_s", "ax", "ay", "az", "gx", "gy", "gz"]
    assert np.diff(table.t_s).max() < 0.0051
    points = gpxpy.parse((tmp_path / "mountain_run.gpx").read_text()).tracks[0].segments[0].points
    assert len(points) > 1500
    assert "Built, not recorded" in (tmp_path / "about.txt").read_text()


def test_an_hour_of_the_long_run_is_an_hour() -> None:
    assert sum(stretch.seconds for stretch in HOUR) == 3600
