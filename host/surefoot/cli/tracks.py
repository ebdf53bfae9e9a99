"""Recordings of one or two pods, side by side in time: one clock, one screen, the same keys."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from surefoot.cli.ask_to_pair import request, with_pairing
from surefoot.cli.keys import interrupts, keys
from surefoot.cli.messages import busy
from surefoot.cli.screen import REDRAW_S, Display, LiveScreen, PlainLines
from surefoot.cli.virtual import pods_in_the_air
from surefoot.errors import PairingNeeded, ParameterError, SurefootError
from surefoot.pod.figures import Figures
from surefoot.pod.find import FoundPod, wait_for_pod
from surefoot.pod.outcome import Outcome
from surefoot.pod.record_options import RecordOptions
from surefoot.pod.recorder import Recorder
from surefoot.pod.utc_clock import UtcClock
from surefoot.recording.payloads import Scalar


@dataclass(frozen=True)
class Wishes:
    """What the runner asked for, for all pods; `sides` in the order of the pods."""

    folder: Path
    sides: tuple[str, ...] = ()
    sensor_height_m: float | None = None
    rate_hz: int | None = None
    note: str = ""
    stand: bool = True
    duration_s: float | None = None
    plain: bool = False
    on_stderr: bool = False

    def options(self, number: int) -> RecordOptions:
        """Return how to record the pod with this number."""
        facts: dict[str, Scalar] = {}
        if self.sensor_height_m is not None:
            facts["sensor_height_m"] = self.sensor_height_m
        if self.note:
            facts["notes"] = self.note
        options = RecordOptions(
            folder=self.folder,
            side=self.sides[number] if number < len(self.sides) else None,
            rate_hz=self.rate_hz,
            facts=facts,
        )
        return options if self.stand else replace(options, stand_still_s=0.0)


class Track:
    """The recording of one pod, pairing included.

    Attributes
    ----------
    outcome : Outcome or None
        What it came to; None if nothing was begun.
    failure : SurefootError or None
        Why nothing was begun.
    is_hurried : bool
        The runner did not wait for what was missing.
    """

    def __init__(self, pod: FoundPod, options: RecordOptions, clock: UtcClock) -> None:
        self._pod = pod
        self._clock = clock
        self._recorder = Recorder(pod, options, clock)
        self._options = options
        self._pairing = ""
        self._ending = asyncio.Event()
        self.outcome: Outcome | None = None
        self.failure: SurefootError | None = None
        self.is_hurried = False

    @property
    def figures(self) -> Figures:
        """What is to be shown now."""
        figures = self._recorder.figures
        if self.failure is not None:
            return replace(figures, state="ended", notes=(*figures.notes, str(self.failure)))
        if self._pairing and figures.file is None:
            return replace(figures, state="pairing", notes=(*figures.notes, self._pairing))
        return figures

    @property
    def is_done(self) -> bool:
        """Whether the recording is complete, and nothing went wrong."""
        return self.outcome is not None and self.outcome.is_complete

    def mark(self) -> None:
        """Mark this moment."""
        self._recorder.mark()

    def stop(self) -> None:
        """End the recording, or what leads to it; a second time: do not wait for what is missing."""
        self.is_hurried = self._ending.is_set()
        self._ending.set()
        self._recorder.stop()

    async def run(self) -> None:
        """Record; pair first where that is needed."""
        try:
            self.outcome = await with_pairing(self._attempt, self._ask_to_pair, self._ending)
        except SurefootError as error:
            self.failure = error

    async def _attempt(self, pair: bool) -> Outcome:
        if pair:
            self._recorder = Recorder(self._pod, replace(self._options, pair=True), self._clock)
        return await self._recorder.run()

    def _ask_to_pair(self, error: PairingNeeded) -> None:
        self._pairing = request(error)


async def record_tracks(names: Sequence[str], wishes: Wishes) -> list[Track]:
    """Find the pods (the only one, where none is named) and record them until all have ended.

    Raises
    ------
    SeveralPods
        None was named and several were heard.
    PodError
        A pod was not found, or Bluetooth cannot be used.
    """
    async with pods_in_the_air(names) as wanted:
        with busy(f"Looking for {' and '.join(wanted) or 'a pod'}"):
            pods = [await wait_for_pod(name) for name in wanted or (None,)]
        if len({pod.address for pod in pods}) < len(pods):
            why = "both names are the same pod"
            raise ParameterError("--pod", " ".join(wanted), why, "name another one for the other leg")
        clock = UtcClock()
        tracks = [Track(pod, wishes.options(number), clock) for number, pod in enumerate(pods)]
        await _follow(tracks, wishes)
    return tracks


async def _follow(tracks: Sequence[Track], wishes: Wishes) -> None:
    """Run all tracks with the screen and the keys."""
    ending = False

    def end() -> None:
        nonlocal ending
        ending = True
        for track in tracks:
            track.stop()

    def press(key: str) -> None:
        if key in ("m", "M"):
            for track in tracks:
                track.mark()
        elif key in ("q", "Q") and not ending:
            end()

    loop = asyncio.get_running_loop()
    with interrupts(end), keys(press) as listening, _display(wishes, listening) as display:
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(track.run()) for track in tracks]
            drawing: asyncio.Future[None] | None = None
            while not all(task.done() for task in running):
                figures = [track.figures for track in tracks]
                if drawing is None or drawing.done():
                    # in a thread: a terminal that was stopped by Ctrl-S, or hangs, must not stop the recording
                    drawing = loop.run_in_executor(None, _show, display, figures, ending)
                lasting = [one.elapsed_s for one, task in zip(figures, running, strict=True) if not task.done()]
                if not ending and wishes.duration_s and min(lasting, default=0.0) >= wishes.duration_s:
                    end()
                await asyncio.wait(running, timeout=REDRAW_S)
        if drawing is not None:
            await drawing
        _show(display, [track.figures for track in tracks], ending)


def _show(display: Display, figures: Sequence[Figures], ending: bool) -> None:
    """Show; a terminal that is gone must not end a recording."""
    with suppress(OSError):
        display.show(figures, ending)


def _display(wishes: Wishes, listening: bool) -> Display:
    console = Console(stderr=wishes.on_stderr, highlight=False)
    stream = sys.stderr if wishes.on_stderr else sys.stdout
    if wishes.plain or not stream.isatty() or console.is_dumb_terminal:
        return PlainLines(stream)
    return LiveScreen(console, listening)
