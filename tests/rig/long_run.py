"""Write a long recording at 200 Hz for the speed bench: `python -m tests.rig.long_run HOURS FILE.csv`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.rig.script import FOREFOOT, Stretch
from tests.rig.virtual_runner import VirtualRun, build, write_csv

HOUR = (
    Stretch("run", 900, speed_mps=3.0),
    Stretch("run", 600, speed_mps=2.7, grade=0.06, posture="plumb"),
    Stretch("run", 600, speed_mps=3.2, grade=-0.06, posture="plumb"),
    Stretch("walk", 60, speed_mps=1.4),
    Stretch("run", 1430, speed_mps=3.0),
    Stretch("stand", 10),
)


def long_run(hours: int) -> VirtualRun:
    """Return a standing calibration and then `hours` hours over hills; memory grows by about 1 GB an hour."""
    return build((Stretch("stand", 10), *(HOUR * hours)), FOREFOOT, seed=3)


if __name__ == "__main__":
    write_csv(long_run(int(sys.argv[1])), Path(sys.argv[2]))
