"""What the detector finds in a file of raw samples, a line per packet that changes it. Arguments: samples, rate."""

import json
import sys

from pod.gait.detector import Detector

PACKET = 228
detector = Detector(int(sys.argv[2]))
body = bytearray(PACKET)
before = None
with open(sys.argv[1], "rb") as file:
    while True:
        count = file.readinto(body) // 12
        if not count:
            break
        detector.take(body, count)
        now = [
            detector.landings,
            detector.contact_index,
            detector.shock_cg,
            detector.cadence_spm,
            detector.contact_ms,
            detector.toe_off_index,
            int(detector.running),
            int(detector.clipped),
            int(detector.packet_clipped),
        ]
        if now != before:
            print(json.dumps({"now": now}))
            before = now
