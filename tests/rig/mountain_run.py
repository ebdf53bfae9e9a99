"""Write the demo's mountain run: `python -m tests.rig.mountain_run OUT_DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.rig.gpx_file import write_gpx
from tests.rig.mounting import Mounting, Sensor
from tests.rig.route import Watch
from tests.rig.script import FOREFOOT, Changes, Stretch
from tests.rig.virtual_runner import VirtualRun, build, write_csv

STEEP = Changes(harder=0.25, reach_deg=6.0, braking=0.30)

SCRIPT = (
    Stretch("stand", 20),
    Stretch("run", 330, speed_mps=3.0),
    Stretch("run", 240, speed_mps=2.6, grade=0.08, posture="plumb"),
    Stretch("run", 180, speed_mps=3.1, grade=-0.06, posture="plumb"),
    Stretch("run", 180, speed_mps=3.0),
    Stretch("run", 180, speed_mps=3.1, grade=-0.14, posture="plumb", changes=STEEP),
    Stretch("run", 150, speed_mps=3.0),
    Stretch("walk", 60, speed_mps=1.4),
    Stretch("run", 240, speed_mps=3.0),
    Stretch("stand", 10),
)

ABOUT = (
    "Built, not recorded in one piece: 30 s recordings of one real runner (Fukuchi et al. 2017, PeerJ 5:e3298), whose "
    "shin signals were computed from motion capture, are run again stride by stride over an invented route, with an "
    "invented landing shock and sensor noise, and with the walking of another real person (BioMAC-Sim-Toolbox). "
    "On the steep descent three changes are invented too, on top of what the slope itself does to the same strides: "
    "landings 25 % harder, the shin reaching 6 degrees further ahead at contact, and 30 % more braking.\n"
)


def mountain_run() -> VirtualRun:
    """Half an hour over a hill, with a standing calibration first and a gyro that is off by a degree or two."""
    return build(
        SCRIPT,
        FOREFOOT,
        Mounting(side="right", turned_deg=(8.0, -25.0, 5.0)),
        Sensor(rate_hz=200, gyro_bias_dps=(1.5, -0.8, 0.6)),
        watch=Watch(started_s=-35.0),
        seed=7,
    )


def write(run: VirtualRun, folder: Path) -> None:
    """Write mountain_run.csv, mountain_run.gpx and about.txt."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(run, folder / "mountain_run.csv")
    write_gpx(run.route, folder / "mountain_run.gpx", "Mountain run (invented route)")
    (folder / "about.txt").write_text(ABOUT, encoding="utf-8")


if __name__ == "__main__":
    write(mountain_run(), Path(sys.argv[1]))
