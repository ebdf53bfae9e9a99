"""Running, walking, standing and the rest, against scripts that say what happens when."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from surefoot.errors import RecordingError
from surefoot.gait.path import SensorPlace
from surefoot.gait.strides import find_strides
from surefoot.motion.movement import Movement, movement
from tests.analyses import recording_of
from tests.rig.mounting import Mounting
from tests.rig.script import FOREFOOT, FOREFOOT_CLEAN, REARFOOT, Stretch
from tests.rig.virtual_runner import VirtualRun, build

MOUNTED = SensorPlace(0.145, "right")

RUNNERS = {"forefoot": FOREFOOT, "clean": FOREFOOT_CLEAN, "rearfoot": REARFOOT}
SCRIPT = (
    Stretch("handling", 12),
    Stretch("stand", 8),
    Stretch("walk", 20, speed_mps=1.2),
    Stretch("run", 30, speed_mps=2.5),
    Stretch("walk", 20, speed_mps=1.6),
    Stretch("run", 20, speed_mps=3.5),
    Stretch("turn", 4, speed_mps=2.5),
    Stretch("run", 20, speed_mps=2.5, grade=-0.1),
    Stretch("stand", 8),
)
EDGE_S = 1.2
"""One activity fades into the next within half a second, and a stride belongs to what it began in."""


@cache
def _moved(runner: str) -> tuple[VirtualRun, Movement]:
    run = build(SCRIPT, RUNNERS[runner], Mounting(turned_deg=(10.0, 100.0, -30.0)), seed=2)
    return run, movement(recording_of(run))


def _inner(run: VirtualRun, activity: str, t_s: np.ndarray) -> np.ndarray:
    """Samples of an activity, but for its edges; running that goes on in the next stretch has none."""
    rows = run.activities.assign(bout=(run.activities.activity != run.activities.activity.shift()).cumsum())
    bouts = rows.groupby("bout").agg(start_s=("start_s", "min"), end_s=("end_s", "max"), activity=("activity", "first"))
    inside = np.zeros(len(t_s), dtype=bool)
    for bout in bouts[bouts.activity == activity].itertuples():
        inside |= (t_s > bout.start_s + EDGE_S) & (t_s < bout.end_s - EDGE_S)
    return inside


@pytest.mark.parametrize("runner", RUNNERS)
def test_running_is_running_and_nothing_else_is(runner: str) -> None:
    run, move = _moved(runner)
    t_s, activity = move.pieces.t_s, move.activity
    assert activity.running[_inner(run, "running", t_s)].all()
    for other in ("walking", "standing", "other"):
        assert not activity.running[_inner(run, other, t_s)].any()


@pytest.mark.parametrize("runner", RUNNERS)
def test_standing_is_standing_and_nothing_else_is(runner: str) -> None:
    run, move = _moved(runner)
    t_s, activity = move.pieces.t_s, move.activity
    assert activity.standing[_inner(run, "standing", t_s)].all()
    for other in ("walking", "running", "other"):
        assert not activity.standing[_inner(run, other, t_s)].any()


@pytest.mark.parametrize("runner", RUNNERS)
def test_the_time_of_each_kind(runner: str) -> None:
    """Three boundaries of each kind at most, each good to about a stride."""
    run, move = _moved(runner)
    assert sum(move.activity.seconds.values()) == pytest.approx(run.t_s[-1], abs=0.01)
    for kind, rows in run.activities.groupby("activity"):
        assert move.activity.seconds[str(kind)] == pytest.approx((rows.end_s - rows.start_s).sum(), abs=3.0)


@pytest.mark.parametrize("runner", RUNNERS)
def test_every_landing_lies_in_running(runner: str) -> None:
    run, move = _moved(runner)
    contact_s = find_strides(move, MOUNTED).strides["contact_s"].to_numpy()
    for other in ("walking", "standing", "other"):
        forbidden = _inner(run, other, move.pieces.t_s)
        assert not forbidden[np.searchsorted(move.pieces.t_s, contact_s)].any()
    true_s = run.truth.loc[run.truth.activity == "running", "contact_s"].to_numpy()
    nearest_s = np.abs(true_s[:, None] - contact_s[None, :]).min(axis=1)
    assert (nearest_s < 0.05).mean() > 0.95


def test_walking_alone_is_not_taken_for_running() -> None:
    """From a stroll to as fast as people walk."""
    for speed_mps in (0.8, 1.4, 2.0):
        with pytest.raises(RecordingError, match=r"no running was found in it \(2[5-9] s of walking"):
            movement(recording_of(build([Stretch("walk", 30, speed_mps=speed_mps)])))
