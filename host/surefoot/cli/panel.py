"""What the live screen says about one recording: `Figures` and a size in, lines of text out.

Only bold and reverse, no colour: it reads the same on a light and on a dark ground, and no colour judges a landing.
"""

from __future__ import annotations

import math
import textwrap
from statistics import median

from rich.text import Text

from surefoot.pod.figures import Figures
from surefoot.words import count_of, printable, stopwatch

WIDEST = 104
"""Columns; a wider panel only moves what belongs together apart."""
LABEL, VALUE, GAP = 8, 22, 4
BLOCKS = " ▁▂▃▄▅▆▇█"
SCALE_G = 16.0
"""Top of the bars: the range of the pod's sensor; they always begin at 0 and the scale never moves by itself."""
SCALE_LABEL = 6
STATES = {
    "connecting": "connecting",
    "pairing": "pairing",
    "recording": "recording",
    "reconnecting": "link lost, reconnecting",
    "fetching": "fetching what is missing",
    "closing": "closing the file",
    "ended": "ended",
}
NOTHING_KNOWN = ("connecting", "pairing")
"""States in which there are no figures, unless a recording goes on that began before."""
LAYOUTS = (
    *((5, 3, True), (4, 3, True), (3, 3, True), (3, 2, True), (3, 1, True)),
    *((3, 2, False), (3, 1, False), (1, 2, False), (1, 1, False), (1, 0, False), (0, 0, False)),
)
"""Rows of bars, lines of notes, blank lines between the parts: from generous to what the smallest terminal shows."""


def panel(figures: Figures, width: int, height: int, blocks: bool = True) -> list[Text]:
    """Lay one recording out in at most `height` lines of at most `width` columns.

    Parameters
    ----------
    figures : Figures
    width, height : int
        Of the terminal, or of the part of it that this recording has.
    blocks : bool
        Whether the terminal can draw bars; without them the last shocks are numbers.
    """
    width = min(width, WIDEST)
    request, notes = _request(figures)
    lines: list[Text] = []
    for bar_rows, note_lines, airy in LAYOUTS:
        parts = [_title(figures, width), _asked(request, figures, width)]
        if figures.file is not None or figures.state not in NOTHING_KNOWN:
            parts += [_shock(figures, width, bar_rows, blocks), _table(facts(figures), width)]
        parts.append(_notes(notes, width, note_lines, "…" if blocks else "..."))
        lines = _joined([part for part in parts if part], airy)
        if len(lines) <= height:
            break
    for line in lines:
        line.truncate(width, overflow="crop")
    return lines[:height]


def facts(figures: Figures) -> list[tuple[str, str]]:
    """Return the figures as pairs of label and value with its unit; '-' is not known."""
    pairs = [
        ("cadence", _with_unit(figures.cadence_spm, "steps/min")),
        ("contact", _with_unit(figures.contact_ms, "ms")),
        ("lost", lost(figures)),
        ("to fetch", count_of(figures.missing_packets, "packet")),
        ("landings", f"{figures.landings:,}"),
        ("rate", rate(figures)),
        ("battery", _with_unit(figures.battery_percent, "%")),
        ("buffer", "-" if figures.waiting_packets is None else _waiting(figures.waiting_packets)),
        ("store", "-" if figures.store_free_share is None else f"{100 * figures.store_free_share:.0f} % free"),
        ("signal", "-" if figures.rssi_dbm is None else f"{figures.rssi_dbm} dBm when found"),
        ("marks", str(figures.marks)),
    ]
    if figures.reconnects:
        pairs.append(("link", f"came back {times(figures.reconnects)}"))
    if figures.dropped_by_pod:
        pairs.append(("dropped", f"{figures.dropped_by_pod:,} by the pod"))
    return pairs


def state(figures: Figures) -> str:
    """Return what goes on, in words."""
    if figures.state == "fetching" and not figures.missing_packets:
        return "fetching the last packets"
    return STATES.get(figures.state, figures.state)


def title(figures: Figures) -> str:
    """Return the pod's name, and the leg where it is known."""
    name = printable(figures.pod)
    return name if figures.side == "unknown" else f"{name} {figures.side}"


def newest_shock(figures: Figures) -> str:
    """Return the shock of the last landing: a lower bound where the sensor reached its limit."""
    if not figures.shocks_g:
        return "-"
    return f"{'at least ' if figures.clipped else ''}{figures.shocks_g[-1]:.1f} g"


def rate(figures: Figures) -> str:
    """Return the measured rate beside the one that was set."""
    if figures.rate_hz is None:
        return _with_unit(figures.nominal_rate_hz, "Hz set")
    if figures.nominal_rate_hz is None:
        return f"{figures.rate_hz:.1f} Hz"
    return f"{figures.rate_hz:.1f} of {figures.nominal_rate_hz} Hz"


def lost(figures: Figures) -> str:
    """Return what is gone for good."""
    if not figures.lost_packets and not figures.lost_s:
        return "nothing"
    return f"{count_of(figures.lost_packets, 'packet')}, {figures.lost_s:.2f} s"


def times(count: int) -> str:
    """Return how often."""
    return "once" if count == 1 else f"{count} times"


def standing(figures: Figures) -> str:
    """Return what to do at the start, or nothing."""
    if figures.standing_s is None:
        return ""
    to_go_s = math.ceil(max(0.0, figures.stand_still_s - figures.standing_s))
    return f"Stand still, both feet down: {to_go_s} s to go."


def _waiting(count: int) -> str:
    return "255 packets or more" if count >= 255 else count_of(count, "packet")


def _with_unit(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value} {unit}"


def _title(figures: Figures, width: int) -> list[Text]:
    name, now, time = title(figures), state(figures), stopwatch(figures.elapsed_s)
    rows = [(name, f"{now}  {time}")]
    if len(name) + 4 + len(now) + len(time) > width:
        rows = [(name, time), (now, "")]
    return [Text(f" {left:<{max(0, width - 2 - len(right))}}{right} ", style="bold reverse") for left, right in rows]


def _request(figures: Figures) -> tuple[str, tuple[str, ...]]:
    """Return what the runner is to do or to know now, and what else happened."""
    if figures.state == "pairing" and figures.notes:
        # the newest note asks for the button
        return printable(figures.notes[-1]), figures.notes[:-1]
    if figures.state == "reconnecting":
        return "The pod goes on measuring. What it keeps is fetched when the link is back.", figures.notes
    return standing(figures), figures.notes


def _asked(request: str, figures: Figures, width: int) -> list[Text]:
    lines = [Text(line, style="bold") for line in textwrap.wrap(request, width)]
    if figures.standing_s is not None:
        cells = min(width, 50)
        done = round(cells * min(1.0, figures.standing_s / figures.stand_still_s))
        lines.append(Text("#" * done + "." * (cells - done)))
    return lines


def _shock(figures: Figures, width: int, bar_rows: int, blocks: bool) -> list[Text]:
    shocks = figures.shocks_g
    remark = "  last landing" if shocks else ""
    if shocks and figures.clipped:
        remark = ", at the sensor's limit" if width >= 50 else ", at the limit"
    lines = [_pair("shock", newest_shock(figures), remark)]
    if len(shocks) < 2:
        return lines
    lines += _bars(shocks, width, bar_rows) if blocks else _numbers(shocks, width)
    spread = f"median {median(shocks):.1f}, {min(shocks):.1f} to {max(shocks):.1f} g of the last {len(shocks)}"
    return [*lines, *(Text(line) for line in textwrap.wrap(spread, width))]


def _bars(shocks: tuple[float, ...], width: int, rows: int) -> list[Text]:
    """Draw a bar per landing, `rows` lines high, from 0 to the top of the scale."""
    step = 2 if width >= SCALE_LABEL + 2 * 30 else 1
    shown = shocks[-((width - SCALE_LABEL) // step) :]
    top_g = max(SCALE_G, 8 * -(-max(shown) // 8))
    filled = [round(8 * rows * shock / top_g) for shock in shown]
    lines = []
    for row in reversed(range(rows)):
        label = f"0-{top_g:.0f}g" if rows == 1 else f"{top_g:.0f} g" if row == rows - 1 else "0 g" if row == 0 else ""
        bars = "".join(f"{BLOCKS[min(8, max(0, eighths - 8 * row))]:<{step}}" for eighths in filled)
        lines.append(Text(f"{label:>{SCALE_LABEL - 1}} {bars}"))
    return lines


def _numbers(shocks: tuple[float, ...], width: int) -> list[Text]:
    """Write the last shocks as numbers, the newest at the right end."""
    line = ""
    for shock in reversed(shocks):
        longer = f"{shock:.1f} {line}".rstrip()
        if len(longer) > width:
            break
        line = longer
    return [Text(line)]


def _notes(notes: tuple[str, ...], width: int, room: int, cut: str) -> list[Text]:
    """Wrap the newest notes, whole ones as far as there is room; only the newest is ever `cut`."""
    lines: list[str] = []
    for note in reversed(notes if room else ()):
        wrapped = textwrap.wrap(printable(note), max(width, len(cut)))
        if lines and len(lines) + len(wrapped) > room:
            break
        if len(wrapped) > room:
            wrapped = textwrap.wrap(printable(note), max(width, len(cut)), max_lines=room, placeholder=cut)
        lines = wrapped + lines
    return [Text(line) for line in lines]


def _table(pairs: list[tuple[str, str]], width: int) -> list[Text]:
    """Set pairs out in as many columns as fit, row by row."""
    columns = max(1, (width + GAP) // (LABEL + 2 + VALUE + GAP))
    lines = []
    for at in range(0, len(pairs), columns):
        line = Text()
        for label, value in pairs[at : at + columns]:
            line.append_text(_pair(label, f"{value:<{VALUE}}", " " * GAP))
        line.rstrip()
        lines.append(line)
    return lines


def _pair(label: str, value: str, rest: str) -> Text:
    return Text.assemble(f"{label:<{LABEL}}  ", (value, "bold"), rest)


def _joined(parts: list[list[Text]], airy: bool) -> list[Text]:
    lines = list(parts[0])
    for part in parts[1:]:
        lines += ([Text()] if airy else []) + part
    return lines
