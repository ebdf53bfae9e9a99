"""Start the pod from a ROMFS image, as on a board: FOLDER IMAGE. Prints where its code is, and its state after 3 s."""

import json
import sys

import vfs

with open(sys.argv[2], "rb") as file:
    vfs.mount(vfs.VfsRom(file.read()), "/rom")
# The firmware's folder goes; that of the stand-ins stays, but behind the image, which has a board.py of its own.
sys.path[:] = [path for path in sys.path if not path.endswith("/firmware")]
sys.path.insert(0, "/rom")

from pod_rig import *  # noqa: E402


def live(world):
    yield 3000
    return world.pod.state


world = World(sys.argv[1])
state = world.live(live(world))
told = {"name": board.NAME, "from": assembly.__file__, "state": state, "faults": world.pod.health.faults}
print(json.dumps(told))
