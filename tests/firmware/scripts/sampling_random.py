"""sampling_random.py FIRST COUNT: runs of 25 s with ten faults each, everything drawn from a seed; a line a run."""

import json
import random
import sys

import faults
from mpu6050 import KINDS
from sampling_rig import Ledger, Rig

KINDS = sorted(KINDS)
FAULTS = sorted(name for name in dir(faults) if name[0] != "_" and name not in ("machine", "stall_of_20_s"))


def one(seed):
    random.seed(seed)
    kind, rate_hz = random.choice(KINDS), random.choice((200, 250, 500, 1000))
    ppm = random.randint(-30000, 30000)
    rig = Rig(kind, rate_hz, start_us=random.getrandbits(30), ppm=ppm)
    rig.sampler.start(seed)
    ledger = Ledger(rig)
    rig.run(random.randint(4000, 7000), ledger)
    happened = []
    for _ in range(10):
        happened.append(random.choice(FAULTS))
        getattr(faults, happened[-1])(rig)
        rig.run(random.randint(0, 3500), ledger, random.choice((1000, 3000, 7000)))
    rig.run(2000, ledger)
    rig.sampler.stop()
    ledger.read()
    result = ledger.result()
    sampler = rig.sampler
    result.update(
        {
            "seed": seed,
            "kind": kind,
            "rate_hz": rate_hz,
            "ppm": ppm,
            "faults": happened,
            "missing": rig.detector.skipped,
            "counted": [sampler.overflows, sampler.restarts, sampler.bus_faults],
            "lost": sampler.lost,
            "sequence_matches": rig.detector.taken == ledger.samples,
        }
    )
    return result


for seed in range(int(sys.argv[1]), int(sys.argv[1]) + int(sys.argv[2])):
    print(json.dumps(one(seed)))
