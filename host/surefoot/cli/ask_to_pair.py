"""What to do while a pod and this computer do not know each other yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from surefoot.errors import PairingNeeded

PAIR_S = 120.0
"""How long the runner has to press the button: the pod may be on the leg already, and pairing stays open a minute."""
AGAIN_S = 2.0
"""Between attempts to pair: one that comes while the button is held is refused, the next one fits."""

Result = TypeVar("Result")


async def with_pairing(
    attempt: Callable[[bool], Coroutine[Any, Any, Result]],
    on_needed: Callable[[PairingNeeded], None],
    ending: asyncio.Event,
) -> Result:
    """Try something with a pod; where that needs a bond, ask for the button and try again with pairing.

    Parameters
    ----------
    attempt : coroutine function
        Takes whether to make a bond.
    on_needed : callable
        Told each time that there is none.
    ending : asyncio.Event
        Set when nobody wants it any more.

    Raises
    ------
    PairingNeeded
        The button was not pressed in time.
    """
    loop = asyncio.get_running_loop()
    end_s = loop.time() + PAIR_S
    pair = False
    while True:
        try:
            return await attempt(pair)
        except PairingNeeded as error:
            if ending.is_set() or loop.time() > end_s:
                raise
            on_needed(error)
        pair = True
        with suppress(TimeoutError):
            async with asyncio.timeout(AGAIN_S):
                await ending.wait()


def request(error: PairingNeeded) -> str:
    """Say what to do, and then why."""
    return f"{_sentence(error.next_step)} {_sentence(error.why)}"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
