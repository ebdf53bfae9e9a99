"""The time that recordings are stamped with."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

if sys.platform == "linux":
    _CLOCK = time.CLOCK_BOOTTIME
elif sys.platform == "darwin":
    _CLOCK = time.CLOCK_MONOTONIC


def _running_s() -> float:
    """Seconds of a clock that never jumps and goes on while the computer sleeps, which `time.monotonic` does not."""
    if sys.platform in ("linux", "darwin"):
        return time.clock_gettime(_CLOCK)
    return time.monotonic()


class UtcClock:
    """UTC, read once, carried on by a clock of its own: no jump of the wall clock reaches a recording.

    Recorders of several pods share one, so that their stamps can be compared. `now_s` is the clock, for who has
    another time than the computer's.
    """

    def __init__(self, utc_us: int | None = None, now_s: Callable[[], float] = _running_s) -> None:
        self._now_s = now_s
        self._zero_s = now_s()
        self._zero_us = time.time_ns() // 1000 if utc_us is None else utc_us

    def utc_us(self) -> int:
        """UTC now, microseconds since 1970."""
        return self._zero_us + round(self.passed_s() * 1e6)

    def passed_s(self) -> float:
        """Seconds since this clock was made; never goes back."""
        return self._now_s() - self._zero_s
