"""Watches a run file from outside: `python -m tests.rig.file_watcher FOLDER` stamps each packet as it shows.

The file is the first `*.run` that comes into the folder. When its input ends, it prints a line for each packet: the
monotonic clock in ns when the packet was found in the file, and the packet in hexadecimal. Linux only: it is told of
each write (inotify), and costs nothing between them.
"""

from __future__ import annotations

import ctypes
import os
import select
import struct
import sys
import time
from pathlib import Path

IN_MODIFY = 2
LOOK_S = 0.02
ARRIVED = 0x03


def main(folder: Path) -> None:
    path = _first(folder)
    libc = ctypes.CDLL(None, use_errno=True)
    told = libc.inotify_init()
    if told < 0 or libc.inotify_add_watch(told, os.fsencode(path), IN_MODIFY) < 0:
        raise OSError(ctypes.get_errno(), "no inotify", str(path))
    seen: list[tuple[int, bytes]] = []
    rest = b""
    with path.open("rb", buffering=0) as stream:
        while sys.stdin not in (ready := select.select([told, sys.stdin], [], [])[0]):
            if told in ready:
                os.read(told, 65536)
            now_ns = time.monotonic_ns()
            rest += stream.read(1 << 20) or b""
            while len(rest) >= 9 and len(rest) >= (size := 9 + struct.unpack_from("<H", rest, 3)[0]):
                if rest[2] == ARRIVED:
                    seen.append((now_ns, rest[13 : size - 4]))
                rest = rest[size:]
    sys.stdout.write("".join(f"{at_ns} {packet.hex()}\n" for at_ns, packet in seen))


def _first(folder: Path) -> Path:
    while not (found := sorted(folder.glob("*.run"))):
        time.sleep(LOOK_S)
    return found[0]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
