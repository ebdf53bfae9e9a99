"""How well a pod is heard: what the link model lets through, and what tests do to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Conditions:
    """Radio conditions between one pod and every central; the attributes may be changed at any time.

    In each connection event, every `interval_ms`, up to `per_event` packets go each way. The pod's stack holds up to
    `pool` packets that wait for it; beyond that it says ENOMEM. When nothing was heard for `supervision_s`, a side
    gives the link up. `rssi_dbm` is that of advertisements.
    """

    def __init__(self) -> None:
        self.interval_ms = 15.0
        self.per_event = 6
        self.pool = 12
        self.supervision_s = 2.0
        self.rssi_dbm = -55
        self.silent_until_s = 0.0
        self.refuses_until_s = 0.0
        self.on_silence: list[Callable[[], None]] = []
        self.on_loss: list[Callable[[float, float], None]] = []

    def hang(self, seconds: float) -> None:
        """Nothing passes for so long, in no direction; a link that hears nothing for `supervision_s` is lost."""
        for heed in list(self.on_silence):
            heed()
        self.silent_until_s = max(self.silent_until_s, asyncio.get_running_loop().time() + seconds)

    def refuse(self, seconds: float) -> None:
        """For so long the pod is seen, but no connection to it gets established."""
        self.refuses_until_s = max(self.refuses_until_s, asyncio.get_running_loop().time() + seconds)

    def lose(self, pod_after_s: float = 0.0, central_after_s: float | None = None) -> None:
        """Every link breaks, with all that waits for it: when each side notices, the central by its supervision."""
        central_after_s = self.supervision_s if central_after_s is None else central_after_s
        for heed in list(self.on_loss):
            heed(pod_after_s, central_after_s)

    @property
    def is_silent(self) -> bool:
        """Whether nothing passes."""
        return asyncio.get_running_loop().time() < self.silent_until_s

    @property
    def refuses(self) -> bool:
        """Whether connections fail."""
        return asyncio.get_running_loop().time() < self.refuses_until_s
