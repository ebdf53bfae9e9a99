"""Get to a pod: once, and again when its link was lost, for as long as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from surefoot.errors import LinkLost, PodBusy, PodError, SentAway
from surefoot.pod.find import FoundPod, wait_for_pod
from surefoot.pod.link import PodLink
from surefoot.pod.utc_clock import UtcClock

PAUSES_S = (0.2, 0.5, 1.0, 2.0, 3.0)
"""Between attempts; the last one for ever. Short, since the pod's memory holds 1.2 s at 1000 Hz before flash must
serve, and long enough for its radio to notice that an old link has gone."""
LISTEN_S = 6.0
"""To hear the pod again before the next attempt. Where Bluetooth was off and on, what was found before is not valid
any more; a pod that is near is heard within a second or two."""
FIRST_PATIENCE_S = 15.0
"""How long the first link is tried for: a pod that another link was lost to is busy until its radio has noticed."""
SENT_AWAY_MAX = 2
"""Twice in a row is no chance: there is no bond."""
AGAIN_S = 1.0
"""Between attempts: a pod that is busy with a link that was lost notices that within a few seconds."""


async def first_link(pod: FoundPod, open_link: Callable[[FoundPod], Awaitable[PodLink]], clock: UtcClock) -> PodLink:
    """Open a link for the first time; what a second try cannot mend is raised."""
    until_s = clock.passed_s() + FIRST_PATIENCE_S
    sent_away = 0
    while True:
        try:
            return await open_link(pod)
        except (LinkLost, PodBusy, SentAway) as error:
            sent_away += isinstance(error, SentAway)
            if clock.passed_s() >= until_s or sent_away == SENT_AWAY_MAX:
                raise
        await asyncio.sleep(AGAIN_S)
        # what was found before is gone where a bond was removed
        with suppress(PodError):
            pod = await wait_for_pod(pod.address, LISTEN_S)


async def reach(
    pod: FoundPod, open_link: Callable[[FoundPod], Awaitable[PodLink]], on_failure: Callable[[PodError], None]
) -> PodLink:
    """Open a link, trying again until it is there; who wants an end to it cancels this."""
    failures = 0
    while True:
        try:
            return await open_link(pod)
        except PodError as error:
            on_failure(error)
        await asyncio.sleep(PAUSES_S[min(failures, len(PAUSES_S) - 1)])
        failures += 1
        try:
            pod = await wait_for_pod(pod.address, LISTEN_S)
        except PodError as error:
            on_failure(error)
