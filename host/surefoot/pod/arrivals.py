"""What is to be written, on its way from callbacks to the file."""

from __future__ import annotations

import asyncio
from collections import deque


class Arrivals:
    """A queue with one taker, of packets (bytes) and texts of marks (str), each with the UTC in us when it came."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, bytes | str]] = deque()
        self._some = asyncio.Event()
        self._none = asyncio.Event()
        self._none.set()

    def put(self, utc_us: int, arrival: bytes | str) -> None:
        """Add what came at this time."""
        self._waiting.append((utc_us, arrival))
        self._some.set()
        self._none.clear()

    async def next(self) -> tuple[int, bytes | str]:
        """Return the next one; asking for it says that the one before is done with."""
        while not self._waiting:
            self._none.set()
            self._some.clear()
            await self._some.wait()
        return self._waiting.popleft()

    async def emptied(self) -> None:
        """Wait until all that came is done with."""
        await self._none.wait()
