"""A pod without hardware: the real firmware on stand-ins, for developers with a checkout of the project."""

from __future__ import annotations

import importlib
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from surefoot.cli.messages import busy
from surefoot.errors import PodError

VIRTUAL = "virtual"
"""The name by which it is asked for."""
VIRTUAL_RATE_HZ = 500
"""Of the runner it plays; at another one it would play him faster or slower."""
RIG = "tests.rig.radio.virtual_pod"
"""The pod of a runner."""
ON_A_TABLE = "tests.rig.radio.virtual_pod_on_table"
"""A pod that lies on a table and is turned from face to face."""


@asynccontextmanager
async def pods_in_the_air(names: Sequence[str], scene: str = RIG) -> AsyncIterator[list[str]]:
    """Yield the names to look for: as they were asked for, or with a virtual pod in the air, its own.

    Raises
    ------
    PodError
        A virtual pod was asked for and the installed package is all there is.
    """
    if VIRTUAL not in names:
        yield list(names)
        return
    checkout = _checkout()
    sys.path.insert(0, str(checkout))
    try:
        rig = importlib.import_module(scene)
    except ImportError as error:
        raise PodError(
            "the virtual pod", f"its rig in {checkout} cannot be loaded ({error})", "run `make test` there once"
        ) from error
    async with AsyncExitStack() as stack:
        with busy("Starting the virtual pod"):
            name = await stack.enter_async_context(rig.virtual_pod())
        yield [name if wanted == VIRTUAL else wanted for wanted in names]


def _checkout() -> Path:
    """Find the checkout around the package or the current folder."""
    for start in (Path(__file__).resolve(), Path.cwd() / "here"):
        for folder in start.parents:
            if (folder / f"{RIG.replace('.', '/')}.py").is_file():
                return folder
    raise PodError(
        "the virtual pod",
        "it is not part of the installed package",
        "get the source of Surefoot and run this command inside it",
    )
