"""An asyncio loop whose time passes only when nothing is left to do: deterministic, and as fast as the computer allows.

from tests.rig.radio.virtual_loop import run_virtual

run_virtual(coroutine())

Time stands still while a callback is ready, a simulated board computes, or a job of `run_in_executor` (and so of
`asyncio.to_thread`) runs. Jobs end in the order in which they began, each when nothing else is left to do.
"""

from __future__ import annotations

import asyncio
import selectors
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class NothingWillHappen(RuntimeError):
    """Everything waits, and for nothing that has a time: the program under test would hang."""


class _Selector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    """Asked for what is readable when the loop is idle; lets virtual time pass instead of waiting."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and (timeout is None or timeout > 0):
            self.loop.pass_time()
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """`holders` are called when the loop is idle, before time may pass: there, what computes outside is waited for."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._jobs: deque[tuple[Future[Any], asyncio.Future[Any]]] = deque()
        self._pool: Executor | None = None
        self.holders: list[Callable[[], None]] = []
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self._now_s

    def pass_time(self) -> None:
        """Wait for what computes, else end the oldest job, else jump to the next timer."""
        for holder in list(self.holders):
            holder()
        if self._ready:  # type: ignore[attr-defined]
            return
        if self._jobs:
            self._end_job()
        elif self._scheduled:  # type: ignore[attr-defined]
            self._now_s = max(self._now_s, self._scheduled[0].when())  # type: ignore[attr-defined]
        else:
            raise NothingWillHappen("no timer is set, no job runs, no board computes")

    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        if executor is None:
            self._pool = self._pool or ThreadPoolExecutor()
            executor = self._pool
        future: asyncio.Future[T] = self.create_future()
        self._jobs.append((executor.submit(func, *args), future))
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        if self._pool:
            self._pool.shutdown()

    def _end_job(self) -> None:
        job, future = self._jobs.popleft()
        error = job.exception()
        if future.cancelled():
            return
        if error is None:
            future.set_result(job.result())
        else:
            future.set_exception(error)


def run_virtual(coroutine: Coroutine[Any, Any, T]) -> T:
    """Like `asyncio.run`, in virtual time that begins at 0."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine)
