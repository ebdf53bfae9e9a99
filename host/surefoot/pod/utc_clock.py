"""The time that recordings are stamped with."""

from __future__ import annotations

import asyncio
import time


class UtcClock:
    """UTC, read once, carried on by the clock of the event loop: no jump of the wall clock reaches a recording.

    Recorders of several pods share one, so that their stamps can be compared. Make it inside the running loop.
    """

    def __init__(self, utc_us: int | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._zero_s = self._loop.time()
        self._zero_us = time.time_ns() // 1000 if utc_us is None else utc_us

    def utc_us(self) -> int:
        """UTC now, microseconds since 1970."""
        return self._zero_us + round((self._loop.time() - self._zero_s) * 1e6)

    def passed_s(self) -> float:
        """Seconds since this clock was made; never goes back."""
        return self._loop.time() - self._zero_s
