"""Several things at once, of which the first to end decides."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def first_of(*coroutines: Coroutine[Any, Any, Any]) -> int:
    """Run them side by side until one returns or raises; cancel the others, wait for them, and say which it was.

    What the first one raised is raised here. Of several that end in the same moment, one that raised counts first.
    """
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended = [task for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        if not task.cancelled():
            task.result()
    return tasks.index(ended[0])


async def to_its_end(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run what must not be left half done: who is cancelled meanwhile ends only after it."""
    task = asyncio.ensure_future(coroutine)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise
