"""One program of a computer at a time drives a pod.

The system hands one link to every program that asks. Two recorders would each acknowledge what the other one has not,
and the pod would let go of it.
"""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from surefoot.errors import PodBusy
from surefoot.pod.find import FoundPod
from surefoot.recording.file_lock import lock


class Claim:
    """Keeps a pod for one program, until it is released or the program ends.

    Raises
    ------
    PodBusy
        Another program of this computer has claimed the pod.
    """

    def __init__(self, pod: FoundPod) -> None:
        self._descriptor = -1
        path = Path(tempfile.gettempdir()) / f"surefoot-{re.sub('[^0-9A-Za-z]', '-', pod.address)}.lock"
        with suppress(OSError):  # a temporary folder that cannot be written is no reason not to record
            self._descriptor = _opened(path)
        if self._descriptor >= 0 and not lock(self._descriptor):
            self.release()
            raise PodBusy(pod.name, "another program of this computer uses it", "end that one first")

    def release(self) -> None:
        """Let others have the pod."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except PermissionError:
        return os.open(path, os.O_RDONLY)  # of another user
