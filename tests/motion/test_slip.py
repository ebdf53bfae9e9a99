"""A pod that turns on the strap: how far, when, and nothing where it did not."""

from __future__ import annotations

import numpy as np
import pytest

from surefoot.motion.movement import movement
from tests.analyses import recording_of, treadmill_recording
from tests.recordings import TREADMILL
from tests.rig.mounting import Mounting, Slip
from tests.rig.script import FOREFOOT, FOREFOOT_CLEAN, Runner, Stretch
from tests.rig.virtual_runner import build


@pytest.mark.parametrize("axis", [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
@pytest.mark.parametrize(("angle_deg", "runner"), [(10.0, FOREFOOT), (-25.0, FOREFOOT_CLEAN)])
def test_angle_and_time_of_a_slip(axis: tuple[float, float, float], angle_deg: float, runner: Runner) -> None:
    run = build([Stretch("run", 45, speed_mps=3.0)], runner, Mounting(slips=(Slip(20.0, axis, angle_deg),)), seed=4)
    move = movement(recording_of(run))
    assert len(move.slips) == 1
    assert move.slips[0].at_s == pytest.approx(20.15, abs=1.0)
    assert move.slips[0].angle_deg == pytest.approx(abs(angle_deg), abs=2.0)


def test_two_slips_are_two() -> None:
    slips = (Slip(20.0, (1, 0, 0), 12.0), Slip(40.0, (0, 1, 0), -12.0))
    move = movement(recording_of(build([Stretch("run", 60, speed_mps=3.0)], FOREFOOT, Mounting(slips=slips))))
    assert [round(slip.at_s / 20) for slip in move.slips] == [1, 2]


@pytest.mark.parametrize("name", TREADMILL)
def test_recordings_without_a_slip_have_none(name: str) -> None:
    assert movement(treadmill_recording(name)).slips == ()


@pytest.mark.parametrize(
    "script",
    [
        [Stretch("run", 30, speed_mps=2.5), Stretch("run", 30, speed_mps=4.0)],
        [Stretch("run", 30), Stretch("run", 30, grade=-0.14, posture="plumb"), Stretch("run", 30, grade=0.1)],
        [Stretch("run", 30), Stretch("walk", 20, speed_mps=1.4), Stretch("run", 30), Stretch("stand", 5)],
        [Stretch("run", 30), Stretch("turn", 4, turn_deg=180), Stretch("run", 30)],
    ],
)
def test_speed_slope_walks_and_turns_are_no_slip(script: list[Stretch]) -> None:
    assert movement(recording_of(build(script, FOREFOOT, seed=1))).slips == ()


def test_undoing_gives_the_movement_without_the_slip() -> None:
    script = [Stretch("run", 45, speed_mps=3.0)]
    plain = movement(recording_of(build(script, FOREFOOT)))
    slipped = movement(recording_of(build(script, FOREFOOT, Mounting(slips=(Slip(20.0, (0, 0, 1), 12.0),)))))
    after = plain.pieces.t_s > 22
    for ours, theirs, size in (
        (slipped.pieces.accel_g, plain.pieces.accel_g, 0.12),
        (slipped.pieces.gyro_dps, plain.pieces.gyro_dps, 12.0),
    ):
        assert np.sqrt(((ours - theirs)[after] ** 2).mean()) < size
