"""sampling_rate.py RATE PPM DRIFT_PPB SECONDS: the measured rate against the true one, at the end."""

import json
import sys

from sampling_rig import Rig

rate_hz, ppm, drift_ppb, seconds = [int(word) for word in sys.argv[1:5]]
rig = Rig("MPU-6050", rate_hz, ppm=ppm)
rig.model.drift_ppb = drift_ppb
rig.sampler.start(1)
rig.run(seconds * 1000)
true_mhz = 1e12 / rig.model.period_ns if drift_ppb else rate_hz * 1000 * (1 + ppm / 1e6)
print(
    json.dumps(
        {
            "error_ppm": round((rig.sampler.rate_mhz / true_mhz - 1) * 1e6),
            "told_detector": rig.detector.rate_mhz == rig.sampler.rate_mhz,
        }
    )
)
