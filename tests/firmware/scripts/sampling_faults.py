"""sampling_faults.py FAULT KIND RATE SECONDS: a fault after some seconds of a run; what packets and counters say."""

import json
import sys

import faults
import machine
from sampling_rig import Ledger, Rig

rig = Rig(sys.argv[2], int(sys.argv[3]))
rig.sampler.start(1)
ledger = Ledger(rig)
rig.run(int(sys.argv[4]) * 1000, ledger)
before = ledger.samples
getattr(faults, sys.argv[1])(rig)
rig.run(2500, ledger)
rig.sampler.stop()
ledger.read()
result = ledger.result()
sampler = rig.sampler
result.update(
    {
        "before": before,
        "missing": rig.detector.skipped,
        "overflows": sampler.overflows,
        "bus_faults": sampler.bus_faults,
        "restarts": sampler.restarts,
        "lost": sampler.lost,
        "connections": machine.bus.connections,
    }
)
print(json.dumps(result))
