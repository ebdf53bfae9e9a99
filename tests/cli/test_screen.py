"""The live screen and its plain lines: each number is the figure's, in its unit, and fits wherever it is shown."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from surefoot.cli import screen
from surefoot.cli.panel import STATES, panel
from surefoot.cli.screen import KEYS, LiveScreen, PlainLines, frame, plain_line
from surefoot.pod.figures import Figures
from tests.cli.known_figures import RUNNING

BEFORE = replace(
    RUNNING,
    side="unknown",
    state="connecting",
    elapsed_s=0.0,
    cadence_spm=None,
    contact_ms=None,
    shocks_g=(),
    landings=0,
    nominal_rate_hz=None,
    rate_hz=None,
    samples=0,
    packets=0,
    missing_packets=0,
    lost_packets=0,
    lost_s=0.0,
    dropped_by_pod=0,
    waiting_packets=None,
    store_free_share=None,
    battery_percent=None,
    rssi_dbm=None,
    marks=0,
    reconnects=0,
    notes=(),
)
SHOWN = {
    "cadence": "172 steps/min",
    "contact": "238 ms",
    "landings": "1,043",
    "rate": "499.6 of 500 Hz",
    "to fetch": "17 packets",
    "lost": "29 packets, 1.23 s",
    "buffer": "6 packets",
    "store": "97 % free",
    "battery": "81 %",
    "signal": "-61 dBm when found",
    "marks": "2",
    "link": "came back 3 times",
    "dropped": "31 by the pod",
    "shock": "9.8 g",
}
"""By hand from RUNNING, as the page of the metrics names units."""
maybe = st.none
ANY = st.builds(
    Figures,
    pod=st.text(min_size=1, max_size=20),
    side=st.sampled_from(["left", "right", "unknown"]),
    file=maybe(),
    state=st.sampled_from([*STATES, "something new"]),
    elapsed_s=st.floats(0, 400_000),
    cadence_spm=maybe() | st.integers(1, 254),
    contact_ms=maybe() | st.integers(1, 65_535),
    shocks_g=st.lists(st.floats(-1, 655.34), max_size=30).map(tuple),
    clipped=st.booleans(),
    landings=st.integers(0, 2**24),
    nominal_rate_hz=maybe() | st.sampled_from([200, 250, 500, 1000]),
    rate_hz=maybe() | st.floats(0, 2000),
    samples=st.integers(0, 2**30),
    packets=st.integers(0, 2**24),
    missing_packets=st.integers(0, 2**24),
    lost_packets=st.integers(0, 2**24),
    lost_s=st.floats(0, 100_000),
    dropped_by_pod=st.integers(0, 2**24),
    waiting_packets=maybe() | st.integers(0, 255),
    store_free_share=maybe() | st.floats(0, 1),
    battery_percent=maybe() | st.integers(0, 100),
    rssi_dbm=maybe() | st.integers(-127, 20),
    marks=st.integers(0, 10_000),
    reconnects=st.integers(0, 10_000),
    standing_s=maybe() | st.floats(0, 10),
    stand_still_s=st.floats(0.5, 20),
    notes=st.lists(st.text(max_size=120), max_size=5).map(tuple),
)


def _text(figures: Figures, width: int, height: int = 50, blocks: bool = True) -> str:
    return "\n".join(line.plain for line in frame([figures], width, height, KEYS, blocks))


@pytest.mark.parametrize("width", [40, 59, 80, 120, 200])
def test_every_number_is_the_figures_number_with_its_unit(width: int) -> None:
    text = _text(RUNNING, width)
    for label, value in SHOWN.items():
        assert re.search(rf"(^|    ){label} +{re.escape(value)}(  |,|$)", text, re.MULTILINE), label
    assert "Surefoot 3A7F left" in text
    assert re.search(r"recording +1:02:34 $", text, re.MULTILINE)
    assert "median 9.0, 7.1 to 12.3 g of the last 4" in text
    assert "0:12:20 the link was lost" in text
    assert text.endswith(KEYS)


def test_the_smallest_of_the_usual_terminals_shows_all_of_it() -> None:
    text = _text(RUNNING, 40, 24)
    assert len(text.splitlines()) <= 24
    for label, value in SHOWN.items():
        assert re.search(rf"^{label} +{re.escape(value)}", text, re.MULTILINE), label


@pytest.mark.parametrize("width", [40, 80, 120])
def test_what_is_not_known_is_no_number(width: int) -> None:
    text = _text(replace(BEFORE, state="recording"), width)
    for label in ("cadence", "contact", "rate", "buffer", "store", "battery", "signal", "shock"):
        assert re.search(rf"(^|    ){label} +-( |$)", text, re.MULTILINE), label
    assert "None" not in text
    assert "median" not in text
    assert "lost      nothing" in text


def test_a_clipped_shock_is_a_lower_bound() -> None:
    for width in (40, 80):
        assert re.search(
            r"at least 9\.8 g, at the .*limit$", _text(replace(RUNNING, clipped=True), width), re.MULTILINE
        )
    assert "shock at least 9.8 g" in plain_line(replace(RUNNING, clipped=True))
    assert "at least" not in _text(RUNNING, 80) + plain_line(RUNNING)
    assert "limit" not in _text(replace(BEFORE, clipped=True), 80)


@pytest.mark.parametrize(("so_far_s", "to_go"), [(0.0, 5), (0.3, 5), (2.0, 3), (4.01, 1), (5.0, 0), (9.0, 0)])
def test_standing_counts_down_from_five(so_far_s: float, to_go: int) -> None:
    standing = replace(BEFORE, standing_s=so_far_s)
    assert f"Stand still, both feet down: {to_go} s to go." in _text(standing, 40)
    assert f"Stand still, both feet down: {to_go} s to go." in plain_line(standing)
    filled = re.search(r"^(#*)(\.*)$", _text(standing, 80).splitlines()[3])
    assert filled is not None
    assert len(filled[1]) == min(50, round(10 * so_far_s))
    assert len(filled[0]) == 50
    assert "Stand still" not in _text(RUNNING, 40)


def test_standing_counts_down_from_what_was_asked_for() -> None:
    standing = replace(BEFORE, standing_s=2.0, stand_still_s=8.0)
    assert "Stand still, both feet down: 6 s to go." in plain_line(standing)
    filled = re.search(r"^(#*)(\.*)$", _text(standing, 80).splitlines()[3])
    assert filled is not None
    assert len(filled[1]) == 12  # a quarter of 50


def test_missing_is_not_lost() -> None:
    fetching = replace(RUNNING, state="fetching", missing_packets=12, lost_packets=0, lost_s=0.0)
    text = _text(fetching, 40)
    assert "to fetch  12 packets" in text
    assert "lost      nothing" in text
    assert "fetching what is missing" in text
    assert "12 packets to fetch, 0 packets lost (0.00 s)" in plain_line(fetching)
    all_here = replace(fetching, missing_packets=0)
    for text in (_text(all_here, 40), plain_line(all_here)):
        assert "what is missing" not in text
        assert "fetching the last packets" in text


ASKED = (
    "Press the pod's button for 3 seconds, until its light blinks quickly, and pair within a minute. "
    "It ended the link, as it does with computers that it does not know."
)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (45, 20), (40, 15)])
@pytest.mark.parametrize("pods", [1, 2])
def test_the_request_to_pair_is_read_whole_and_first(width: int, height: int, pods: int) -> None:
    pairing = replace(BEFORE, state="pairing", file=None, notes=("something else", ASKED))
    figures = [replace(RUNNING, notes=(ASKED,) * 3), pairing][-pods:]
    lines = frame(figures, width, height, KEYS)
    title = max(number for number, line in enumerate(lines) if "3A7F" in line.plain)
    shown = " ".join(" ".join(line.plain for line in lines[title:]).split())
    assert f"0:00:00 {ASKED}" in shown
    assert "cadence" not in shown
    asked = [line for line in lines[title + 1 :] if line.plain and line.plain in ASKED]
    assert all("bold" in str(line.style) for line in asked)


def test_a_note_that_is_cut_says_so() -> None:
    for blocks, sign in ((True, "…"), (False, "...")):
        lines = [line.plain for line in frame([replace(RUNNING, notes=(ASKED,))], 40, 19, KEYS, blocks)]
        (cut,) = (line for line in lines if line.startswith("Press"))
        assert cut.endswith(sign)
        assert cell_len(cut) <= 40


def test_a_lost_link_is_said_with_what_the_pod_does() -> None:
    text = " ".join(_text(replace(RUNNING, state="reconnecting"), 40).split())
    assert "link lost, reconnecting" in text
    assert "The pod goes on measuring." in text


@pytest.mark.parametrize(("width", "step"), [(80, 2), (40, 1)])
def test_bars_are_as_high_as_the_shocks(width: int, step: int) -> None:
    """Five rows of eight steps from 0 to 16 g: 1/40 of 16 g each, the newest at the right."""
    shocks = (0.0, 2.0, 5.2, 8.0, 10.8, 16.0)
    lines = _text(replace(RUNNING, shocks_g=shocks), width).splitlines()
    top = next(number for number, line in enumerate(lines) if line.startswith(" 16 g"))
    rows = [line[6:].ljust(len(shocks) * step)[::step] for line in lines[top : top + 5]]
    heights = [sum(" ▁▂▃▄▅▆▇█".index(row[at]) for row in rows) for at in range(len(shocks))]
    assert heights == [0, 5, 13, 20, 27, 40]
    assert lines[top + 4].startswith("  0 g")


def test_the_scale_grows_by_whole_steps_where_a_shock_goes_beyond_it() -> None:
    assert " 24 g" in _text(replace(RUNNING, shocks_g=(9.0, 16.5)), 80)
    assert " 16 g" in _text(replace(RUNNING, shocks_g=(0.5, 0.4)), 80)


def test_thirty_landings_fit_a_narrow_terminal() -> None:
    shocks = tuple(float(number % 16) for number in range(30))
    bars = next(line for line in _text(replace(RUNNING, shocks_g=shocks), 40).splitlines() if line.startswith("  0 g"))
    assert len(bars) == 36
    assert bars[-1] == "█"


def test_without_bars_the_last_shocks_are_numbers() -> None:
    text = _text(RUNNING, 40, blocks=False)
    assert "\n8.2 12.3 7.1 9.8\n" in text
    assert text.isascii()


@given(figures=st.lists(ANY, min_size=1, max_size=2), width=st.integers(10, 250), height=st.integers(3, 80))
def test_nothing_is_wider_or_higher_than_the_terminal(figures: list[Figures], width: int, height: int) -> None:
    for blocks in (True, False):
        lines = frame(figures, width, height, KEYS, blocks)
        assert len(lines) <= height
        assert all(cell_len(line.plain) <= width for line in lines)
        assert all("\n" not in line.plain for line in lines)
    assert "\n" not in plain_line(figures[0])


def test_a_name_from_the_air_cannot_steer_the_terminal() -> None:
    hostile = replace(RUNNING, pod="Sure\x1b[2J\nfoot", notes=("a\x1b]0;title\x07b\r\nc",))
    written = io.StringIO()
    with PlainLines(written) as plain:
        plain.show([hostile])
    for text in (_text(hostile, 80), written.getvalue()):
        assert not set("\x1b\x07\r") & set(text)
    assert len(written.getvalue().splitlines()) == 2


def test_two_pods_stand_side_by_side_where_there_is_room() -> None:
    right = replace(RUNNING, pod="Surefoot 00C2", side="right", cadence_spm=168)
    wide = [line.plain for line in frame([RUNNING, right], 120, 30, KEYS)]
    assert any("3A7F left" in line and "00C2 right" in line for line in wide)
    assert any("172 steps/min" in line and "168 steps/min" in line for line in wide)
    for width, height in ((80, 24), (40, 60)):
        narrow = [line.plain for line in frame([RUNNING, right], width, height, KEYS)]
        assert not any("3A7F" in line and "00C2" in line for line in narrow)
        for value in ("172 steps/min", "168 steps/min"):
            assert sum(value in line for line in narrow) == 1
        for label, value in SHOWN.items():
            if label != "cadence":
                assert "\n".join(narrow).count(value) >= 2, (width, label)


def test_columns_of_two_pods_are_aligned() -> None:
    other = replace(RUNNING, state="reconnecting", notes=(), shocks_g=())
    lines = [line.plain for line in frame([RUNNING, other], 120, 30, KEYS)]
    starts = {line.index("3A7F", 20) for line in lines if line.count("3A7F") == 2}
    starts |= {line.rindex("cadence") + len(" Surefoot ") for line in lines if "cadence" in line[40:]}
    assert len(starts) == 1


def test_a_plain_line_has_every_figure() -> None:
    assert plain_line(RUNNING) == (
        "1:02:34 Surefoot 3A7F left: recording, 172 steps/min, contact 238 ms, shock 9.8 g, 1,043 landings, "
        "499.6 of 500 Hz, 375,201 samples in 19,747 packets, 17 packets to fetch, 29 packets lost (1.23 s), buffer 6, "
        "store 97 % free, battery 81 %, 2 marks"
    )
    assert plain_line(BEFORE) == (
        "0:00:00 Surefoot 3A7F: connecting, 0 landings, 0 samples in 0 packets, 0 packets to fetch, "
        "0 packets lost (0.00 s), 0 marks"
    )


def test_plain_lines_come_once_a_second_and_notes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(screen.time, "monotonic", lambda: now_s)
    written = io.StringIO()
    with PlainLines(written) as plain:
        for tick in range(15):
            now_s = 100.0 + 0.2 * tick
            notes = ("first",) if tick < 7 else ("first", "second") if tick < 12 else ("second", "third")
            plain.show([replace(RUNNING, elapsed_s=0.2 * tick, notes=notes)])
    lines = written.getvalue().splitlines()
    assert [line.split(": ")[1] for line in lines if "left" not in line] == ["first", "second", "third"]
    assert [line.split()[0] for line in lines if "left" in line] == ["0:00:00", "0:00:01", "0:00:02"]
    assert lines[0] == "0:00:00 Surefoot 3A7F: first"


@pytest.mark.parametrize("there", [True, False])
def test_plain_lines_say_the_keys_to_somebody(monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    monkeypatch.setattr(screen, "somebody_is_there", lambda: there)
    written = io.StringIO()
    with PlainLines(written) as plain:
        plain.show([RUNNING])
    assert written.getvalue().startswith("m sets a mark, q or Ctrl-C ends.\n") == there


def _console(file: io.StringIO, **settings: object) -> Console:
    return Console(file=file, force_terminal=True, width=80, height=24, **settings)  # type: ignore[arg-type]


def test_a_frame_is_drawn_only_where_something_changed() -> None:
    file = io.StringIO()
    with LiveScreen(_console(file)) as live:
        live.show([RUNNING])
        once = len(file.getvalue())
        live.show([RUNNING])
        live.show([replace(RUNNING, samples=375_220, elapsed_s=3754.4)])
        assert len(file.getvalue()) == once
        live.show([replace(RUNNING, landings=1044)])
        assert len(file.getvalue()) > once
    assert file.getvalue().count("\x1b[?1049h") == file.getvalue().count("\x1b[?1049l") == 1
    assert file.getvalue().count("\x1b[?25l") <= file.getvalue().count("\x1b[?25h")


def test_the_terminal_is_given_back_after_a_fault() -> None:
    file = io.StringIO()
    with pytest.raises(ZeroDivisionError), LiveScreen(_console(file)) as live:
        live.show([RUNNING])
        raise ZeroDivisionError
    assert file.getvalue().rstrip("\n").endswith(("\x1b[?1049l", "\x1b[?25h"))


@pytest.mark.parametrize("settings", [{}, {"no_color": True}, {"color_system": "truecolor"}])
def test_no_colour_is_ever_used(settings: dict[str, object]) -> None:
    file = io.StringIO()
    with LiveScreen(_console(file, **settings)) as live:
        live.show([RUNNING])
    styles = {code for codes in re.findall(r"\x1b\[([0-9;]*)m", file.getvalue()) for code in codes.split(";")}
    assert styles <= {"", "0", "1", "7"}


def test_the_footer_says_what_ends_it() -> None:
    file = io.StringIO()
    with LiveScreen(_console(file)) as live:
        live.show([RUNNING])
        assert "q end" in file.getvalue()
        live.show([RUNNING], ending=True)
        assert "Ctrl-C again" in file.getvalue()
    file = io.StringIO()
    with LiveScreen(_console(file), keys=False) as live:
        live.show([RUNNING])
    assert "Ctrl-C end" in file.getvalue()
    assert "q end" not in file.getvalue()


def test_the_panel_alone_keeps_to_its_lines() -> None:
    for height in range(1, 30):
        assert len(panel(RUNNING, 40, height)) <= height
