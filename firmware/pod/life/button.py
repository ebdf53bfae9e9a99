"""The button: what a press means, and what its release would do."""

from micropython import const

from pod.wire.packet import COUNTER

NOTHING = const(0)
SHORT = const(1)
PAIR = const(2)
FORGET = const(3)

_DEBOUNCE_MS = const(30)
_PAIR_MS = const(3000)
_FORGET_MS = const(10000)


class Button:
    """Polled. `pin()` is 0 while the button is down, as with a pull-up and a switch to ground.

    `stage` is what releasing it now would do, for the LED; `poll` returns the same once it is released. A button that
    is down already when the pod starts (it woke the pod, say) means nothing until it was up.
    """

    def __init__(self, pin):
        self._pin = pin
        self._down = False
        self._ignored = pin() == 0
        self._raw = self._ignored
        self._changed_ms = 0
        self._pressed_ms = 0
        self.stage = NOTHING

    def poll(self, now_ms):
        """Return what the press that ended with this call means, NOTHING on all other calls. Allocates nothing."""
        raw = self._pin() == 0
        if raw != self._raw:
            self._raw = raw
            self._changed_ms = now_ms
        if self._raw != self._down and ((now_ms - self._changed_ms) & COUNTER) >= _DEBOUNCE_MS:
            self._down = self._raw
            if self._down:
                self._pressed_ms = self._changed_ms
            else:
                return self._release()
        if self._down and not self._ignored:
            self.stage = self._meaning((now_ms - self._pressed_ms) & COUNTER)
        return NOTHING

    def _release(self):
        meant = NOTHING if self._ignored else self._meaning((self._changed_ms - self._pressed_ms) & COUNTER)
        self._ignored = False
        self.stage = NOTHING
        return meant

    def _meaning(self, held_ms):
        if held_ms >= _FORGET_MS:
            return FORGET
        return PAIR if held_ms >= _PAIR_MS else SHORT
