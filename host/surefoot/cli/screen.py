"""The live screen of one or two recordings, and its plain form for logs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TextIO

from rich.text import Text

from surefoot.cli.messages import somebody_is_there
from surefoot.cli.panel import newest_shock, panel, rate, standing, state, title
from surefoot.pod.figures import Figures
from surefoot.words import count_of, printable, stopwatch

if TYPE_CHECKING:
    from rich.console import Console

REDRAW_S = 0.2
"""Five times a second: what the pod tells is seen within 300 ms, and the eye follows no faster."""
PLAIN_S = 1.0
"""As often as the pod tells its status; an hour makes 3600 lines, which a log can hold."""
BESIDE = 110
"""Columns from which two pods stand side by side."""
BETWEEN = 4
KEYS = "m mark   q end"
PLAIN_KEYS = "m sets a mark, q or Ctrl-C ends."
ENDING = "Ending.   Ctrl-C again: leave at once"


class Display(Protocol):
    """Shows figures for as long as it is open."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, figures: Sequence[Figures], ending: bool = False) -> None:
        """Show the figures of this moment; `ending` once the runner has asked for the end."""


class LiveScreen:
    """Figures on the whole terminal, which is given back as it was; draws only what differs from the last frame."""

    def __init__(self, console: Console, keys: bool = True) -> None:
        from rich.live import Live

        self._console = console
        self._keys = keys
        self._live = Live(
            console=console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
        )
        self._shown: tuple[object, ...] = ()

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, figures: Sequence[Figures], ending: bool = False) -> None:
        """Draw a frame, if it differs from the last one."""
        width, height = self._console.size
        blocks = self._console.encoding.lower().startswith("utf") and not self._console.legacy_windows
        lines = frame(figures, width, height, self._footer(ending), blocks)
        shown = (width, height, *(line.plain for line in lines))
        if shown != self._shown:
            self._shown = shown
            self._live.update(Text("\n").join(lines), refresh=True)

    def _footer(self, ending: bool) -> str:
        if ending:
            return ENDING
        return KEYS if self._keys else "Ctrl-C end"


class PlainLines:
    """One line a second and recording, and what happened as it happens."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._due_s = 0.0
        self._notes: dict[str, tuple[str, ...]] = {}

    def __enter__(self) -> Self:
        if somebody_is_there():
            self._write(PLAIN_KEYS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def show(self, figures: Sequence[Figures], ending: bool = False) -> None:
        """Write notes that are new, and the figures if a second has passed."""
        for one in figures:
            for note in _new(self._notes.get(one.pod, ()), one.notes):
                self._write(f"{stopwatch(one.elapsed_s)} {printable(f'{one.pod}: {note}')}")
            self._notes[one.pod] = one.notes
        if time.monotonic() >= self._due_s:
            self._due_s = time.monotonic() + PLAIN_S - REDRAW_S / 2
            for one in figures:
                self._write(plain_line(one))

    def _write(self, line: str) -> None:
        self._file.write(line + "\n")
        self._file.flush()


def frame(figures: Sequence[Figures], width: int, height: int, footer: str, blocks: bool = True) -> list[Text]:
    """Lay out one or two recordings and the line of keys for a terminal of `width` columns and `height` lines.

    Two stand side by side where the terminal is wide enough, else one under the other.
    """
    room = height - 1
    if len(figures) > 1 and width >= BESIDE:
        part = (width - BETWEEN * (len(figures) - 1)) // len(figures)
        lines = _beside([panel(one, part, room, blocks) for one in figures], part)
    else:
        lines = []
        for number, one in enumerate(figures):
            left = (room - len(lines)) // (len(figures) - number)
            lines += panel(one, width, left, blocks)
    airy = [Text()] if len(lines) + 2 <= height else []
    footer_line = Text(footer)
    footer_line.truncate(width, overflow="crop")
    return [*lines, *airy, footer_line]


def plain_line(figures: Figures) -> str:
    """Return the figures as one line of a log; what is not known is left out."""
    start = f"{stopwatch(figures.elapsed_s)} {title(figures)}: {state(figures)}"
    if figures.standing_s is not None:
        return f"{start}. {standing(figures)}"
    parts = [
        start,
        f"{figures.cadence_spm} steps/min" if figures.cadence_spm is not None else "",
        f"contact {figures.contact_ms} ms" if figures.contact_ms is not None else "",
        f"shock {newest_shock(figures)}" if figures.shocks_g else "",
        count_of(figures.landings, "landing"),
        rate(figures) if figures.rate_hz is not None else "",
        f"{count_of(figures.samples, 'sample')} in {count_of(figures.packets, 'packet')}",
        f"{count_of(figures.missing_packets, 'packet')} to fetch",
        f"{count_of(figures.lost_packets, 'packet')} lost ({figures.lost_s:.2f} s)",
        f"buffer {figures.waiting_packets}" if figures.waiting_packets is not None else "",
        f"store {100 * figures.store_free_share:.0f} % free" if figures.store_free_share is not None else "",
        f"battery {figures.battery_percent} %" if figures.battery_percent is not None else "",
        count_of(figures.marks, "mark"),
    ]
    return ", ".join(part for part in parts if part)


def _new(before: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    """Return the notes that were added, whether or not old ones were dropped at the front."""
    for kept in range(len(before), -1, -1):
        if now[:kept] == before[len(before) - kept :]:
            return now[kept:]
    return now


def _beside(panels: list[list[Text]], part: int) -> list[Text]:
    lines = []
    for row in range(max(map(len, panels))):
        line = Text()
        for number, one in enumerate(panels):
            cell = one[row].copy() if row < len(one) else Text()
            if number + 1 < len(panels):
                cell.pad_right(part + BETWEEN - cell.cell_len)
            line.append_text(cell)
        lines.append(line)
    return lines
