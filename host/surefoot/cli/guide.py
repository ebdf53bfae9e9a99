"""Guides whoever holds a pod through its self-test: a sentence for each step, and a live line on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from surefoot.cli.messages import messages, say
from surefoot.selftest.faces import FRESH_POSES, FaceState, Seen


class SelftestGuide:
    """Says each step once, and each pose that was taken; `show` gets the line that changes all the time."""

    def __init__(self, seconds: float, show: Callable[[str], None]) -> None:
        self._seconds = seconds
        self._show = show
        self._taken = 0

    def step(self, text: str) -> None:
        """Say what comes now."""
        say(text)
        self._show("")

    def streaming(self, done_s: float) -> None:
        """Show how far the stream is."""
        self._show(f"{min(done_s, self._seconds):.0f} of {self._seconds:.0f} s")

    def faces(self, state: FaceState) -> None:
        """Say each pose as it is taken; show what the pod does now."""
        taken = len(state.done) + state.fresh
        if taken != self._taken:
            self._taken = taken
            say(f"- {_what_was_taken(state)}")
        self._show(live_line(state))


def _what_was_taken(state: FaceState) -> str:
    if state.fresh:
        return f"Askew: {state.fresh} of {FRESH_POSES}."
    rest = f"left: {', '.join(state.left)}" if state.left else "now twice askew"
    return f"{state.done[-1]}: {len(state.done)} of 6; {rest}."


def live_line(state: FaceState) -> str:
    """Return what the pod does, in words for who holds it."""
    still = f" ({state.still_s:.1f} s)" if state.seen == Seen.STILL else ""
    return f"{state.seen.value}{still}"


@contextmanager
def guided(seconds: float) -> Iterator[SelftestGuide]:
    """Yield a guide; its live line is only there where somebody can see it."""
    if not messages.is_terminal:
        yield SelftestGuide(seconds, lambda _line: None)
        return
    with messages.status("", spinner_style="none") as status:
        yield SelftestGuide(seconds, status.update)
