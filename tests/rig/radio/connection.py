"""One connection in the air: connection events, what waits for them, and how its two sides lose it."""

from __future__ import annotations

import asyncio
import math
from collections import deque

from bumble import controller, hci, ll
from bumble.controller import Controller
from bumble.core import PhysicalTransport

from tests.rig.radio.conditions import Conditions

Packet = bytes | ll.ControlPdu


class AirConnection:
    """Between two controllers, from the central's connect until neither side knows it any more."""

    def __init__(self, central: Controller, pod: Controller, conditions: Conditions) -> None:
        self._central = central
        self._pod = pod
        self._conditions = conditions
        self._ends: dict[Controller, controller.Connection] = {}
        self._waiting: dict[Controller, deque[Packet]] = {central: deque(), pod: deque()}
        self._loop = asyncio.get_running_loop()
        self._anchor_s = self._silent_since_s = self._loop.time()
        self._timers: set[asyncio.TimerHandle] = set()
        self._event_timer: asyncio.TimerHandle | None = None
        self._broken = False
        conditions.on_silence.append(self._fall_silent)
        conditions.on_loss.append(self._break)

    def joined(self, side: Controller) -> None:
        """This side has just begun to know the connection."""
        self._ends[side] = side.le_connections[self._other(side).random_address]

    def waiting(self, sender: Controller) -> int:
        """How many packets of this side wait for a connection event."""
        return len(self._waiting.get(sender, ()))  # a pod that was off and on has another controller

    def put(self, sender: Controller, packet: Packet) -> None:
        """Take a packet for the next connection event. What waits goes before it, to terminate too."""
        self._waiting[sender].append(packet)
        self._arm()

    def leave(self, side: Controller, reason: int = hci.HCI_CONNECTION_TIMEOUT_ERROR) -> None:
        """One side gives the link up; the other hears nothing of it."""
        if self._knows(side):
            side.on_le_disconnected(self._ends[side], reason)
        if not self._knows(self._other(side)):
            self.close()

    def vanish(self, side: Controller) -> None:
        """This side is switched off: the other one notices by its supervision."""
        self._broken = True
        self._ends.pop(side, None)
        self._after(self._conditions.supervision_s, self.leave, self._other(side))

    def close(self) -> None:
        """Neither side knows this connection any more."""
        if self._closed:
            return
        for timer in (*self._timers, *([self._event_timer] if self._event_timer else ())):
            timer.cancel()
        self._conditions.on_silence.remove(self._fall_silent)
        self._conditions.on_loss.remove(self._break)

    @property
    def _closed(self) -> bool:
        return self._break not in self._conditions.on_loss

    def _knows(self, side: Controller) -> bool:
        """Whether this side still has the connection: this one, not a later one with the same peer."""
        mine = self._ends.get(side)
        return mine is not None and side.le_connections.get(self._other(side).random_address) is mine

    def _other(self, side: Controller) -> Controller:
        return self._pod if side is self._central else self._central

    def _after(self, seconds: float, action: object, *arguments: object) -> None:
        self._timers.add(self._loop.call_later(seconds, action, *arguments))  # type: ignore[arg-type]

    def _fall_silent(self) -> None:
        if not self._conditions.is_silent:
            self._silent_since_s = self._loop.time()
            self._after(self._conditions.supervision_s, self._supervise)

    def _supervise(self) -> None:
        if self._conditions.silent_until_s > self._silent_since_s + self._conditions.supervision_s - 1e-9:
            self._break(0.0, 0.0)

    def _break(self, pod_after_s: float, central_after_s: float) -> None:
        self._broken = True
        self._after(pod_after_s, self.leave, self._pod)
        self._after(central_after_s, self.leave, self._central)

    def _arm(self) -> None:
        if self._event_timer is None and not self._broken:
            interval_s = self._conditions.interval_ms / 1000
            earliest_s = max(self._loop.time(), self._conditions.silent_until_s)
            count = math.floor((earliest_s - self._anchor_s) / interval_s + 1e-6) + 1
            self._event_timer = self._loop.call_at(self._anchor_s + count * interval_s, self._event)

    def _event(self) -> None:
        self._event_timer = None
        if self._broken:
            return
        if not self._conditions.is_silent:
            deaf = self.waiting(self._pod) >= self._conditions.pool
            self._deliver(self._pod)
            if not deaf:  # a stack without a free buffer hears nothing either
                self._deliver(self._central)
        if any(self._waiting.values()) and not self._closed:
            self._arm()

    def _deliver(self, sender: Controller) -> None:
        receiver = self._other(sender)
        waiting = self._waiting[sender]
        for place in range(min(self._conditions.per_event, len(waiting))):
            if place and isinstance(waiting[0], ll.TerminateInd):
                return  # in an event of its own, so that the host has handled what came before
            packet = waiting.popleft()
            if not self._knows(receiver):
                waiting.clear()
                return
            if isinstance(packet, bytes):
                receiver.on_link_acl_data(sender.random_address, PhysicalTransport.LE, packet)
                continue
            receiver.on_ll_control_pdu(sender.random_address, packet)
            if isinstance(packet, ll.TerminateInd):
                self.close()
                return
