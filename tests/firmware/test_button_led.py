"""The button against what a person did with it, and the LED against the table of docs/firmware.md."""

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pod.life import led
from pod.life.button import FORGET, NOTHING, PAIR, SHORT, Button
from pod.life.led import Led, pattern_of

STEP_MS = 5
MASK = 0x3FFFFFFF


class Finger:
    """A button with bouncing contacts, polled every 5 ms. `events` are what the pod understood."""

    def __init__(self, start_ms: int = 0, down: bool = False) -> None:
        self.level = 0 if down else 1
        self.now_ms = start_ms
        self.button = Button(lambda: self.level)
        self.events: list[int] = []

    def hold(self, level: int, ms: int) -> None:
        self.level = level
        for _ in range(ms // STEP_MS):
            event = self.button.poll(self.now_ms & MASK)
            if event:
                self.events.append(event)
            self.now_ms += STEP_MS

    def bounce(self, level: int, count: int) -> None:
        for _ in range(count):
            self.hold(level, STEP_MS)
            self.hold(1 - level, STEP_MS)

    def press(self, ms: int, bounces: int = 0) -> None:
        self.bounce(0, bounces)
        self.hold(0, ms)
        self.bounce(1, bounces)
        self.hold(1, 100)


def meaning(ms: int) -> int:
    return FORGET if ms >= 10_000 else PAIR if ms >= 3_000 else SHORT


# Not within 25 ms of a limit: a press is timed by polls and its contacts bounce.
lengths = st.one_of(st.integers(60, 2_950), st.integers(3_050, 9_950), st.integers(10_050, 15_000))


@settings(max_examples=30, deadline=None)
@given(
    presses=st.lists(st.tuples(lengths, st.integers(0, 2)), max_size=4),
    start_ms=st.sampled_from([0, 123_456, 2**30 - 4_000]),
)
def test_every_press_is_understood_once(presses, start_ms):
    finger = Finger(start_ms)
    finger.hold(1, 100)
    for ms, bounces in presses:
        finger.press(ms, bounces)
    assert finger.events == [meaning(ms) for ms, _ in presses]


@given(sparks=st.lists(st.integers(1, 4), max_size=10))
def test_sparks_shorter_than_30_ms_are_no_press(sparks):
    finger = Finger()
    for steps in sparks:
        finger.hold(0, steps * STEP_MS)
        finger.hold(1, 50)
    assert finger.events == []


def test_the_stage_shows_what_releasing_will_do():
    finger = Finger()
    finger.hold(1, 100)
    seen = []
    for _ in range(2_300):
        finger.hold(0, STEP_MS)
        seen.append(finger.button.stage)
    changes = [(stage, len(list(run)) * STEP_MS) for stage, run in itertools.groupby(seen)]
    assert [stage for stage, _ in changes] == [NOTHING, SHORT, PAIR, FORGET]
    assert [ms for _, ms in changes[:3]] == pytest.approx([30, 2970, 7000], abs=10)
    shown = finger.button.stage
    finger.hold(1, 100)
    assert finger.events == [shown]
    assert finger.button.stage == NOTHING


def test_a_button_that_is_down_at_the_start_means_nothing_until_it_was_up():
    finger = Finger(down=True)
    finger.hold(0, 12_000)
    assert finger.button.stage == NOTHING
    finger.hold(1, 100)
    assert finger.events == []
    finger.press(200)
    assert finger.events == [SHORT]


# --- LED


class Lamp:
    """An LED that is lit at `on_level`, and how long it was lit and dark."""

    def __init__(self, on_level: int = 1) -> None:
        self.on_level = on_level
        self.level = None
        self.led = Led(self.set, on_level)
        self.now_ms = 0

    def set(self, level: int) -> None:
        self.level = level

    def lit(self) -> bool:
        return self.level == self.on_level

    def watch(self, ms: int, step_ms: int = 1) -> list[tuple[bool, int]]:
        seen = []
        for _ in range(ms // step_ms):
            self.led.step(self.now_ms & MASK)
            seen.append(self.lit())
            self.now_ms += step_ms
        return [(on, len(list(run)) * step_ms) for on, run in itertools.groupby(seen)]


@pytest.mark.parametrize("number", range(len(led.PATTERNS)))
@pytest.mark.parametrize("on_level", [0, 1])
def test_a_pattern_is_shown_as_written_and_again(number, on_level):
    lamp = Lamp(on_level)
    assert not lamp.lit()
    pattern = led.PATTERNS[number]
    lamp.led.show(number, 0)
    seen = lamp.watch(2 * sum(pattern))
    if len(pattern) == 1:
        assert seen == [(True, 2 * sum(pattern))]
    else:
        assert seen == [(place % 2 == 0, ms) for place, ms in enumerate(pattern * 2)]


def test_showing_the_same_again_does_not_begin_anew():
    lamp = Lamp()
    seen = []
    for _ in range(6):
        lamp.led.show(led.READY, lamp.now_ms)
        seen += lamp.watch(500)
    assert sum(ms for on, ms in seen if on) == 30


def test_a_pattern_dims_after_five_minutes_and_is_bright_again_when_it_changes():
    lamp = Lamp()
    lamp.led.show(led.RECORDING, 0)
    bright = [ms for on, ms in lamp.watch(299_000) if on]
    assert set(bright) == {30}
    lamp.watch(2_000)
    assert {ms for on, ms in lamp.watch(10_000) if on} == {8}
    lamp.led.show(led.ALONE, lamp.now_ms)
    assert {ms for on, ms in lamp.watch(5_000) if on} == {30}


@pytest.mark.parametrize(("warning", "on_ms"), [(led.BATTERY_LOW, 500), (led.SENSOR_FAILED, 30), (led.STORE_FULL, 30)])
def test_a_warning_does_not_dim(warning, on_ms):
    lamp = Lamp()
    lamp.led.show(warning, 0)
    lamp.watch(400_000, 10)
    # the first flash of what is watched may have begun before
    assert {ms for on, ms in lamp.watch(10_000)[2:] if on} == {on_ms}


def test_the_table_of_the_page_is_what_is_shown():
    """docs/firmware.md: one row for each pattern, in order, with its milliseconds on, off, on ..."""
    page = (Path(__file__).parents[2] / "docs" / "firmware.md").read_text()
    rows = re.findall(r"^\|[^|]*\| `(\d[\d, ]*)` \|", page, re.MULTILINE)
    assert [tuple(int(ms) for ms in row.split(",")) for row in rows] == list(led.PATTERNS)


def test_no_two_patterns_look_alike():
    assert len(set(led.PATTERNS)) == len(led.PATTERNS)


STATES = {"idle": 0, "measuring": 1, "recording": 2, "battery": 3, "sensor": 4}


@pytest.mark.parametrize("state", range(5))
@pytest.mark.parametrize("flags", list(itertools.product([False, True], repeat=4)))
def test_what_matters_most_is_shown(state, flags):
    identifying, pairing, linked, full = flags
    # The page's order: the first line that holds.
    order = [
        (identifying, led.IDENTIFY),
        (pairing, led.PAIRING),
        (state == STATES["sensor"], led.SENSOR_FAILED),
        (state == STATES["battery"], led.BATTERY_LOW),
        (full and not linked, led.STORE_FULL),
        (state == STATES["recording"] and linked, led.RECORDING),
        (state == STATES["recording"], led.ALONE),
        (linked, led.LINKED),
        (True, led.READY),
    ]
    expected = next(pattern for holds, pattern in order if holds)
    assert pattern_of(state, NOTHING, *flags) == expected
    assert [pattern_of(state, stage, *flags) for stage in (SHORT, PAIR, FORGET)] == [
        led.PRESSED,
        led.PAIRING,
        led.FORGETTING,
    ]
