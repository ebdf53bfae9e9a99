"""Long runs with a known truth, put together from recorded strides.

from tests.rig.virtual_runner import build
from tests.rig.script import FOREFOOT, Changes, Stretch

run = build([Stretch("stand", 20), Stretch("run", 300), Stretch("run", 120, grade=-0.1)], FOREFOOT, seed=1)
run.t_s, run.accel_g, run.gyro_dps, run.truth, run.activities, run.route
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.rig.gait_bout import run_bout
from tests.rig.gait_schedule import Placed
from tests.rig.motion import INNER_HZ, Motion, handling, join, standing
from tests.rig.mounting import Mounting, Sensor, mounted, resampled, sensed
from tests.rig.route import Watch, watched
from tests.rig.script import ACTIVITY, FOREFOOT, Runner, Stretch
from tests.rig.shin_kinematics import attitude, body_rates, specific_force_g, to_shin

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class VirtualRun:
    """What the pod recorded, and what truly was.

    Attributes
    ----------
    t_s, accel_g, gyro_dps : array
        Samples in sensor axes.
    truth : DataFrame
        A row per stride, names as in the recordings' truth.csv, and shin_angle_deg at contact (to gravity, injected
        reach included), activity, turning, stretch (index into the script), leg, event_source. Strides that touch a
        change of gait are not in it.
    activities : DataFrame
        start_s, end_s, activity (running, walking, standing, other), stretch; a row per stretch.
    route : DataFrame
        What a watch recorded, once per second: time_s on the pod's clock, lat, lon, altitude_m, speed_mps, cadence_spm.
    """

    t_s: FloatArray
    accel_g: FloatArray
    gyro_dps: FloatArray
    truth: pd.DataFrame
    activities: pd.DataFrame
    route: pd.DataFrame


def _bouts(script: Sequence[Stretch]) -> list[list[Placed]]:
    """Neighbouring stretches of one gait make one bout; everything else stands alone."""
    bouts: list[list[Placed]] = []
    start_s = 0.0
    for index, stretch in enumerate(script):
        placed = Placed(index, stretch, start_s, start_s + stretch.seconds)
        activity = ACTIVITY[stretch.kind]
        if bouts and activity in {"running", "walking"} and ACTIVITY[bouts[-1][0].stretch.kind] == activity:
            bouts[-1].append(placed)
        else:
            bouts.append([placed])
        start_s = placed.end_s
    return bouts


def build(
    script: Sequence[Stretch],
    runner: Runner = FOREFOOT,
    mounting: Mounting | None = None,
    sensor: Sensor | None = None,
    *,
    watch: Watch | None = None,
    seed: int = 0,
) -> VirtualRun:
    """Run a script. The same arguments give the same run, to the bit; noise and strides have their own seeds."""
    mounting, sensor, watch = mounting or Mounting(), sensor or Sensor(), watch or Watch()
    stride_rng, noise_rng, watch_rng = (np.random.default_rng([seed, k]) for k in range(3))
    bouts = _bouts(script)
    bounds_s = [bout[0].start_s for bout in bouts] + [bouts[-1][-1].end_s]
    motions: list[Motion] = []
    truths: list[pd.DataFrame] = []
    for bout, bout_rng in zip(bouts, stride_rng.spawn(len(bouts)), strict=True):
        start_s, end_s, kind = bout[0].start_s, bout[-1].end_s, bout[0].stretch.kind
        if kind == "stand":
            motions.append(standing(start_s, end_s, bout_rng))
        elif kind == "handling":
            motions.append(handling(start_s, end_s, bout_rng))
        else:
            motion, truth = run_bout(bout, runner, mounting.height_m, bout_rng)
            motions.append(motion)
            truths.append(truth)
    motion = join(motions, bounds_s, int(bounds_s[-1] * INNER_HZ) + 1)
    matrix = attitude(motion.angles)
    turning = motion.yaw_rate[:, None] * np.array([0.0, 1.0, 0.0])
    gyro_dps = np.degrees(body_rates(motion.angles, motion.rates) + to_shin(matrix, turning))
    accel_g = specific_force_g(matrix, motion.acceleration)

    t_s = np.arange(int(bounds_s[-1] * sensor.rate_hz)) / sensor.rate_hz
    accel_g, gyro_dps = mounted(t_s, resampled(accel_g, t_s), resampled(gyro_dps, t_s), mounting)
    accel_g, gyro_dps = sensed(accel_g, gyro_dps, sensor, noise_rng)

    truth = pd.concat(truths, ignore_index=True) if truths else pd.DataFrame({"contact_s": []})
    truth.insert(0, "stride", np.arange(len(truth)))
    truth["leg"] = "L" if mounting.side == "left" else "R"
    activities = pd.DataFrame(
        [
            {"start_s": p.start_s, "end_s": p.end_s, "activity": ACTIVITY[p.stretch.kind], "stretch": p.index}
            for bout in bouts
            for p in bout
        ]
    )
    return VirtualRun(t_s, accel_g, gyro_dps, truth, activities, watched(bouts, truth, watch, watch_rng))


def write_csv(run: VirtualRun, path: Path) -> None:
    """Write the samples as t_s,ax,ay,az,gx,gy,gz; gzipped where the name ends in .gz."""
    table = pd.DataFrame(
        np.column_stack([run.t_s, run.accel_g, run.gyro_dps]), columns=["t_s", *("ax", "ay", "az", "gx", "gy", "gz")]
    )
    table.round({"t_s": 5, **dict.fromkeys(("ax", "ay", "az"), 5), **dict.fromkeys(("gx", "gy", "gz"), 4)}).to_csv(
        path, index=False
    )
