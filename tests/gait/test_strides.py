"""Rows of the strides table: timing against force plates and the rig, and why a stride does not count."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from surefoot.gait.path import SensorPlace
from surefoot.gait.strides import find_strides, learn_gain
from surefoot.motion.movement import movement
from surefoot.validation.score import score
from tests.analyses import kept, recording_of, treadmill_analysis
from tests.recordings import TREADMILL
from tests.rig.script import FOREFOOT, REARFOOT, Stretch
from tests.rig.virtual_runner import VirtualRun, build

MOUNTED = SensorPlace(0.145, "right")

SCRIPT = (
    Stretch("stand", 6),
    Stretch("run", 30, speed_mps=3.0),
    Stretch("walk", 15, speed_mps=1.4),
    Stretch("run", 30, speed_mps=2.6),
    Stretch("turn", 3, speed_mps=2.6, turn_deg=180),
    Stretch("run", 30, speed_mps=3.4),
    Stretch("stand", 5),
)


@cache
def _run() -> VirtualRun:
    return build(SCRIPT, FOREFOOT, seed=9)


@cache
def _strides() -> pd.DataFrame:
    return find_strides(movement(recording_of(_run())), MOUNTED).strides


def test_contacts_and_toe_offs_of_a_mixed_run() -> None:
    running = _run().truth[_run().truth.activity == "running"]
    found = score(running, _strides())
    assert found.recall == 1
    assert abs(found.contact_ms.bias) <= 10
    assert abs(found.toe_off_ms.bias) <= 15
    assert found.toe_off_ms.sd <= 10


def test_contact_time_follows_the_speed() -> None:
    """Faster running has shorter contacts: by the force plates from 2.5 to 3.5 m/s, and so do we say."""
    for leg in ("L", "R"):
        change_s, true_s = [], []
        for speed in ("25", "35"):
            name = f"rbds001_{speed}_{leg}"
            change_s.append(treadmill_analysis(name).strides["contact_time_s"].median())
            true_s.append(TREADMILL[name].truth()["contact_time_s"].median())
        assert true_s[1] < true_s[0]
        assert change_s[1] - change_s[0] == pytest.approx(true_s[1] - true_s[0], abs=0.012)


def test_no_stride_reaches_over_a_walk_or_a_stop() -> None:
    strides = _strides()
    last_before_walk = strides[strides["contact_s"] < 36.5].iloc[-1]
    last_of_all = strides.iloc[-1]
    for row in (last_before_walk, last_of_all):
        assert np.isnan(row["stride_time_s"])
        assert np.isnan(row["stride_length_m"])
        assert row["reject_reason"] == "end of running"
        assert not row["usable"]
    times = strides["stride_time_s"].dropna()
    assert times.between(0.42, 1.1).all()


def test_strides_of_a_tight_turn_stay_in_the_table_and_do_not_count() -> None:
    """180 degrees in 3 s: 45 degrees from stride to stride in its middle."""
    strides = _strides()
    turn = strides[strides["contact_s"].between(81.5, 83)]
    assert len(turn) >= 1
    assert (turn["reject_reason"] == "turn").all()
    straight = strides[strides["contact_s"].between(10, 34)]
    assert not (straight["reject_reason"] == "turn").any()
    assert straight["usable"].mean() > 0.95


def test_rejected_strides_are_few_and_say_why() -> None:
    strides = _strides()
    assert (strides["usable"] == (strides["reject_reason"] == "")).all()
    assert strides["usable"].mean() > 0.9
    assert strides["stride"].tolist() == list(range(len(strides)))


def test_a_gap_in_a_stride_takes_that_stride_only() -> None:
    run = build([Stretch("run", 40, speed_mps=3.0)], FOREFOOT)
    recording = recording_of(run)
    contact_s = run.truth["contact_s"].to_numpy()
    middle_s = contact_s[25] + 0.35
    strides = find_strides(movement(kept(recording, np.abs(recording.t_s - middle_s) > 0.03)), MOUNTED).strides
    found = score(run.truth, strides)
    assert found.recall == 1
    assert found.false_contacts == 0
    without = strides.loc[strides["stride_time_s"].isna(), "contact_s"]
    assert np.abs(without.iloc[0] - contact_s[25]) < 0.02
    assert strides.loc[without.index[0], "reject_reason"] == "gap"
    assert len(without) <= 2


def test_a_real_shank_that_lands_on_its_heel() -> None:
    """The mean cycle of a real sensor, 40 times; its contacts are estimates, so only counts and cadence are held to."""
    run = build([Stretch("stand", 5), Stretch("run", 30, speed_mps=3.3)], REARFOOT)
    found = score(run.truth, find_strides(movement(recording_of(run)), MOUNTED).strides)
    assert found.recall == 1
    assert found.false_contacts == 0
    assert abs(found.cadence_spm.bias) <= 0.3
    assert found.contact_ms.sd <= 10


def _table(speed_mps: np.ndarray, usable: bool = True) -> pd.DataFrame:
    return pd.DataFrame({"speed_mps": speed_mps, "usable": usable})


def test_the_gain_is_the_known_over_the_measured_speed() -> None:
    measured = np.full(60, 3.0)
    measured[::10] = 8.0
    assert learn_gain(_table(measured), 3.3) == pytest.approx(1.1)
    known = np.where(np.arange(60) < 30, 3.3, 2.2)
    assert learn_gain(_table(known / 1.05), known) == pytest.approx(1.05)


def test_too_little_or_impossible_teaches_nothing() -> None:
    assert learn_gain(_table(np.full(19, 3.0)), 3.3) == 1.0
    assert learn_gain(_table(np.full(60, 3.0), usable=False), 3.3) == 1.0
    assert learn_gain(_table(np.full(60, np.nan)), 3.3) == 1.0
    assert learn_gain(_table(np.full(60, 3.0)), np.full(60, np.nan)) == 1.0
    assert learn_gain(_table(np.full(60, 3.0)), 30.0) == 1.0


@pytest.mark.parametrize("gain", [0.9, 1.2])
def test_a_gain_scales_lengths_and_nothing_else(gain: float) -> None:
    run = build([Stretch("run", 20)], FOREFOOT)
    move = movement(recording_of(run))
    plain, scaled = find_strides(move, MOUNTED).strides, find_strides(move, MOUNTED, gain).strides
    for name in ("stride_length_m", "speed_mps", "rise_m"):
        assert scaled[name].to_numpy() == pytest.approx(gain * plain[name].to_numpy(), nan_ok=True)
    pd.testing.assert_frame_equal(
        scaled.drop(columns=["stride_length_m", "speed_mps", "rise_m"]),
        plain.drop(columns=["stride_length_m", "speed_mps", "rise_m"]),
    )
