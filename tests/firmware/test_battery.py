"""The gauge: hand-computed voltages and percentages, and a stop that short sags do not cause."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pod.life.battery import NOT_MEASURED, Battery, percent


class Cell:
    """A battery behind a divider by two, and time. `mv` is what the cell has."""

    def __init__(self, mv: int) -> None:
        self.mv = mv
        self.now_ms = 0
        self.battery = Battery(self.read_uv, 2)

    def read_uv(self) -> int:
        return self.mv * 1000 // 2

    def seconds(self, count: int) -> None:
        for _ in range(count):
            self.battery.step(self.now_ms & 0x3FFFFFFF)
            self.now_ms += 1000


@pytest.mark.parametrize(
    ("mv", "expected"),
    # 3750 mV: 20 % at 3730, 30 % at 3770: half way. 3910 mV: 60 % at 3870, 70 % at 3950: half way.
    [(4200, 100), (4350, 100), (3840, 50), (3750, 25), (3910, 65), (3690, 10), (3400, 0), (3399, 0), (3000, 0)],
)
def test_hand_computed_points(mv, expected):
    assert percent(mv) == expected


def test_more_voltage_is_never_less_charge():
    curve = [percent(mv) for mv in range(2500, 4400)]
    assert curve == sorted(curve)
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(curve))


def test_the_divider_and_the_first_reading():
    cell = Cell(3840)
    assert cell.battery.percent == NOT_MEASURED
    cell.seconds(1)
    assert (cell.battery.mv, cell.battery.percent) == (3840, 50)


def test_it_reads_once_a_second_across_the_wrap_of_the_clock():
    reads = []
    battery = Battery(lambda: reads.append(1) or 2_000_000, 2)
    start_ms = 2**30 - 5_000
    for ms in range(0, 10_000, 5):
        battery.step((start_ms + ms) & 0x3FFFFFFF)
    assert len(reads) == 10


@given(jitter=st.lists(st.integers(0, 40), min_size=40, max_size=40), start_ms=st.sampled_from([0, 2**30 - 20_000]))
def test_a_caller_that_comes_about_once_a_second_is_never_sent_away(jitter, start_ms):
    reads = []
    battery = Battery(lambda: reads.append(1) or 2_000_000, 2)
    battery.step(start_ms)
    for second, late_ms in enumerate(jitter, 1):
        battery.step((start_ms + second * 1000 + late_ms) & 0x3FFFFFFF)
    assert len(reads) == 41


def test_after_a_pause_nothing_is_made_up():
    reads = []
    battery = Battery(lambda: reads.append(1) or 2_000_000, 2)
    for now_ms in (0, 1000, 30_000, 30_003, 30_006, 31_000):
        battery.step(now_ms)
    assert len(reads) == 4


def test_the_middle_of_five_readings_counts():
    cell = Cell(3800)
    cell.seconds(5)
    for mv in (4100, 3000):
        cell.mv = mv
        cell.seconds(1)
    assert cell.battery.mv == 3800


def test_stop_after_ten_seconds_and_resume_above_three_volts_six():
    cell = Cell(3800)
    cell.seconds(10)
    cell.mv = 3390
    cell.seconds(11)  # three for the middle of five to follow, the tenth on end is the twelfth
    assert not cell.battery.low
    cell.seconds(1)
    assert cell.battery.low
    cell.mv = 3590
    cell.seconds(60)
    assert cell.battery.low
    cell.mv = 3610
    cell.seconds(12)
    assert not cell.battery.low


@given(sags=st.lists(st.tuples(st.integers(1, 9), st.integers(3, 30)), max_size=8), mv=st.integers(2600, 3390))
def test_a_short_sag_never_stops_a_run(sags, mv):
    """The load of landings and of the radio, up to 9 s of it, with 3 s of rest or more between."""
    cell = Cell(3700)
    cell.seconds(5)
    for seconds, rest in sags:
        cell.mv = mv
        cell.seconds(seconds)
        cell.mv = 3700
        cell.seconds(rest)
        assert not cell.battery.low


@given(mv=st.integers(2500, 3399), before=st.lists(st.integers(2500, 4200), max_size=30))
def test_an_empty_cell_always_stops_it(mv, before):
    cell = Cell(mv)
    for earlier in before:
        cell.mv = earlier
        cell.seconds(1)
    cell.mv = mv
    cell.seconds(13)
    assert cell.battery.low


def test_without_a_cell_or_a_gauge_nothing_is_measured_and_nothing_stops():
    cell = Cell(300)
    cell.seconds(60)
    assert (cell.battery.percent, cell.battery.low) == (NOT_MEASURED, False)
    none = Battery(None, 2)
    none.step(0)
    assert (none.percent, none.mv, none.low) == (NOT_MEASURED, 0, False)


def test_taking_the_empty_cell_out_ends_the_stop():
    cell = Cell(3300)
    cell.seconds(20)
    assert cell.battery.low
    cell.mv = 0
    cell.seconds(13)
    assert not cell.battery.low
