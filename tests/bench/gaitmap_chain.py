"""Take a recording through gaitmap's chain, to compare its time with ours: `python gaitmap_chain.py RUN.csv`.

It runs in an environment of its own (gaitmap-requirements.txt) and imports nothing of this project.

The chain is gaitmap's own for a foot sensor, with its default settings: BarthDtw finds strides, Rampp's detector their
events, StrideLevelTrajectory integrates from one foot-flat to the next, SpatialParameterCalculation gives lengths and
speeds. The signal is a running shin's. Its rotation has the template's shape, so that nearly all strides are found, and
each step does its usual work; but no shin rests in stance as the chain takes a foot to, and the template was made for
walking, so that its lengths and speeds mean nothing here. What is compared is the time for the same hour of samples.
"""

from __future__ import annotations

import json
import sys

import pandas as pd
from gaitmap.parameters import SpatialParameterCalculation
from gaitmap.trajectory_reconstruction import StrideLevelTrajectory
from gaitmap.utils.coordinate_conversion import convert_right_foot_to_fbf
from gaitmap_mad.event_detection import RamppEventDetection
from gaitmap_mad.stride_segmentation.dtw import BarthDtw

RATE_HZ = 200.0
STANDARD_GRAVITY_MPS2 = 9.80665


def foot_frame(path: str) -> pd.DataFrame:
    """Samples in gaitmap's sensor frame (x forward, y left, z up; m/s^2, deg/s) from shin axes (forward, up, right)."""
    table = pd.read_csv(path)
    columns = {
        f"acc_{axis}": STANDARD_GRAVITY_MPS2 * table[f"a{ours}"] for axis, ours in zip("xyz", "xzy", strict=True)
    }
    columns |= {f"gyr_{axis}": table[f"g{ours}"] for axis, ours in zip("xyz", "xzy", strict=True)}
    return pd.DataFrame(columns).assign(acc_y=lambda frame: -frame["acc_y"], gyr_y=lambda frame: -frame["gyr_y"])


def main(path: str) -> None:
    """Run the chain and print how many strides each step kept."""
    data = foot_frame(path)
    body = convert_right_foot_to_fbf(data)
    strides = BarthDtw().segment(body, sampling_rate_hz=RATE_HZ).stride_list_
    events = RamppEventDetection().detect(body, strides, sampling_rate_hz=RATE_HZ).min_vel_event_list_
    way = StrideLevelTrajectory().estimate(data, events, sampling_rate_hz=RATE_HZ)
    spatial = SpatialParameterCalculation().calculate(
        stride_event_list=events,
        positions=way.position_,
        orientations=way.orientation_,
        sampling_rate_hz=RATE_HZ,
    )
    found = {"segmented": len(strides), "with_events": len(events), "with_parameters": len(spatial.parameters_)}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
