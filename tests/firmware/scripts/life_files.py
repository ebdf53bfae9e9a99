"""Save small files on littlefs and lose the power at every byte of it; print what is read afterwards.

Arguments: what to test ("small" or "record"), length of the data, bytes from one loss of power to the next.
"""

import json
import sys

import safe
import vfs
from pod.life.files import SmallFile

BLOCK = 4096
BLOCKS = 16


class PowerCut(Exception):
    pass


class Flash:
    """NOR flash: programming clears bits, erasing sets them. The power goes after `cut` bytes; an erase is one byte."""

    def __init__(self, content=None, cut=1 << 20):
        self.content = bytearray(content) if content else bytearray(b"\xff" * (BLOCK * BLOCKS))
        self.left = cut
        self.dead = False  # from then on it takes everything and keeps nothing: open files are still closed later

    def readblocks(self, block, buf, offset=0):
        at = block * BLOCK + offset
        for k in range(len(buf)):  # a slice would take memory, which a collection that closes files has not
            buf[k] = self.content[at + k]

    def writeblocks(self, block, buf, offset=0):
        if self.dead:
            return
        at = block * BLOCK + offset
        for k in range(len(buf)):
            self._spend()
            self.content[at + k] &= buf[k]

    def ioctl(self, operation, argument):
        if operation == 4:
            return BLOCKS
        if operation == 5:
            return BLOCK
        if operation == 6 and not self.dead:
            at = argument * BLOCK
            half = b"\xff" * (BLOCK // 2)
            self.content[at : at + BLOCK // 2] = half
            self._spend()
            self.content[at + BLOCK // 2 : at + BLOCK] = half
        return 0

    def _spend(self):
        if not self.left:
            self.dead = True
            raise PowerCut
        self.left -= 1


def mounted(flash):
    vfs.mount(vfs.VfsLfs2(flash), "/pod")


def kept_small(data):
    return SmallFile("/pod/settings").save(data)


def small():
    return SmallFile("/pod/settings").load()


def kept_record(data):
    record = safe.Record(lambda _=None: b"", "/pod/record.bin")
    record.fault(data.decode())
    record.keep(True)
    return True


def record():
    return safe.Record(lambda _=None: b"", "/pod/record.bin").text


save, load = (kept_small, small) if sys.argv[1] == "small" else (kept_record, record)
LENGTH, STEP = int(sys.argv[2]), int(sys.argv[3])
OLD, NEW = b"o" * LENGTH, b"n" * LENGTH

first = Flash()
vfs.VfsLfs2.mkfs(first)
mounted(first)
for data in (b"first", b"second", OLD):
    save(data)
vfs.umount("/pod")

cut = 0
finished = False
while not finished:
    flash = Flash(first.content, cut)
    mounted(flash)
    try:
        save(NEW)
    except (PowerCut, OSError):
        flash.dead = True
    finished = not flash.dead
    vfs.umount("/pod")
    mounted(Flash(flash.content))
    read = load()
    line = {"cut": cut, "finished": finished, "old": read == OLD, "new": read == NEW}
    line["goes_on"] = bool(save(b"later")) and load() == b"later"
    vfs.umount("/pod")
    print(json.dumps(line))
    cut += STEP
