"""One process at a time writes a file; the system lets go of the lock whatever ends the process."""

from __future__ import annotations

import errno
import os
import sys

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}
FAR_BYTE = 1 << 62
"""Windows locks bytes, and keeps others from reading them: one that no file reaches is locked."""


def lock(descriptor: int) -> bool:
    """Lock an open file for this process; False if another one has it.

    A file system that knows no locks, as some network ones, counts as locked: a run is worth more than the doubt.
    """
    try:
        _lock(descriptor)
    except OSError as error:
        return error.errno not in _HELD
    return True


if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, FAR_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
