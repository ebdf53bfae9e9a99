"""sensor_rates.py KIND WHO RATE SECONDS: what the sensor was set to, and what came out of it."""

import json
import sys

from sampling_rig import Ledger, Rig

kind, who, rate_hz, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
rig = Rig(kind, rate_hz, who=who)
register = rig.model.register
rig.model.pushed = 0
started = rig.sampler.start(1)
ledger = Ledger(rig)
rig.run(seconds * 1000, ledger)
rig.sampler.stop()
ledger.read()
result = ledger.result()
result.update(
    {
        "part": rig.sensor.part.name,
        "configured": rig.configured,
        "started": started,
        "fifo_bytes": rig.sensor.fifo_bytes,
        "fifo_bytes_true": rig.model.fifo_bytes(),
        "registers": {str(k): register[k] for k in (0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x23, 0x38, 0x6B, 0x6C)},
        "filter_codes": rig.model.filter_codes(),
        "filter": [getattr(rig.sensor.filter, k) for k in ("accel_hz", "gyro_hz", "accel_delay_us", "gyro_delay_us")],
        "pushed": rig.model.pushed,
        "overflows": rig.sampler.overflows,
        "restarts": rig.sampler.restarts,
        "bus_faults": rig.sampler.bus_faults,
        "rate_mhz": rig.sampler.rate_mhz,
    }
)
print(json.dumps(result))
