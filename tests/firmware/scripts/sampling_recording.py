"""sampling_recording.py FILE RATE: the samples of a file, as packets bring them; a line of hexadecimal a packet."""

import binascii
import json
import sys

from mpu6050 import Recording
from pod.wire.packet import HEADER
from sampling_rig import Rig

rig = Rig("MPU-6050", int(sys.argv[2]))
rig.model.source = Recording(sys.argv[1])
rig.sampler.start(1)
rig.run(1200)
for sequence in range(rig.ring.oldest, rig.ring.next):
    print(json.dumps({"hex": binascii.hexlify(rig.ring.get(sequence)[HEADER:]).decode()}))
