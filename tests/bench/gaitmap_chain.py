"""Take a recording through gaitmap's chain, to compare its time with ours: `python gaitmap_chain.py RUN.csv`.

It runs in an environment of its own (gaitmap-requirements.txt) and imports nothing of this project.

The chain is gaitmap's own for a foot sensor: BarthDtw finds strides, Rampp's detector their events,
StrideLevelTrajectory integrates from one foot-flat to the next, SpatialParameterCalculation gives lengths and angles.
All settings are gaitmap's but one: its template of a walking foot finds no stride of a running shin, so BarthDtw gets
one of a running shin, which nearly all strides match. Each step then does its usual work on every stride. A shin never
stands still as the chain takes a foot to, so that its lengths are not to be compared with ours: what is compared is the
time for the same samples.
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd
from gaitmap.data_transform import FixedScaler
from gaitmap.parameters import SpatialParameterCalculation
from gaitmap.trajectory_reconstruction import StrideLevelTrajectory
from gaitmap.utils.coordinate_conversion import convert_right_foot_to_fbf
from gaitmap_mad.event_detection import RamppEventDetection
from gaitmap_mad.stride_segmentation.dtw import BarthDtw, DtwTemplate

RATE_HZ = 200.0
STANDARD_GRAVITY_MPS2 = 9.80665

TEMPLATE_S = 0.735
TEMPLATE_DPS = (
    -300,
    -270,
    -160,
    40,
    240,
    370,
    450,
    470,
    440,
    260,
    -40,
    -310,
    -300,
    -210,
    -130,
    -50,
    0,
    -20,
    -150,
    -260,
)
"""Sagittal rate of a stride of the bench's runner, from the minimum before toe-off to the next: medians, every 5 %."""


def foot_frame(path: str) -> pd.DataFrame:
    """Samples in gaitmap's sensor frame (x forward, y left, z up; m/s^2, deg/s); the file's are forward, up, right."""
    table = pd.read_csv(path)
    return pd.DataFrame(
        {
            "acc_x": STANDARD_GRAVITY_MPS2 * table["ax"],
            "acc_y": -STANDARD_GRAVITY_MPS2 * table["az"],
            "acc_z": STANDARD_GRAVITY_MPS2 * table["ay"],
            "gyr_x": table["gx"],
            "gyr_y": -table["gz"],
            "gyr_z": table["gy"],
        }
    )


def running_template() -> DtwTemplate:
    """Return the template in the units and the scaling of gaitmap's own (500 deg/s)."""
    phase = np.linspace(0, len(TEMPLATE_DPS), round(TEMPLATE_S * RATE_HZ), endpoint=False)
    rate_dps = np.interp(phase, np.arange(len(TEMPLATE_DPS) + 1), [*TEMPLATE_DPS, TEMPLATE_DPS[0]])
    return DtwTemplate(
        data=pd.DataFrame({"gyr_ml": rate_dps}),
        sampling_rate_hz=RATE_HZ,
        scaling=FixedScaler(scale=500.0),
        use_cols=("gyr_ml",),
    )


def main(path: str) -> None:
    """Run the chain and print how many strides each step kept."""
    data = foot_frame(path)
    body = convert_right_foot_to_fbf(data)
    strides = BarthDtw(running_template()).segment(body, sampling_rate_hz=RATE_HZ).stride_list_
    events = RamppEventDetection().detect(body, strides, sampling_rate_hz=RATE_HZ).min_vel_event_list_
    way = StrideLevelTrajectory().estimate(data, events, sampling_rate_hz=RATE_HZ)
    spatial = SpatialParameterCalculation().calculate(
        stride_event_list=events, positions=way.position_, orientations=way.orientation_, sampling_rate_hz=RATE_HZ
    )
    found = {"segmented": len(strides), "with_events": len(events), "with_parameters": len(spatial.parameters_)}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
