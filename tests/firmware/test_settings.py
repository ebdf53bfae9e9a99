"""The settings: what each may be (against docs/link.md), and what of them survives."""

import re
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pod.life import settings as s
from pod.life.settings import Settings

LINK = (Path(__file__).parents[2] / "docs" / "link.md").read_text()


class Memory:
    """A file that keeps its bytes, or does not take them."""

    def __init__(self, data=None, damaged=0):
        self.data, self.damaged, self.works = data, damaged, True
        self.saves = 0

    def load(self):
        return self.data

    def save(self, data):
        self.saves += self.works
        if self.works:
            self.data = data
        return self.works


def from_the_page():
    """The page's table of settings: number -> (allowed values, value at first)."""
    rows = {}
    table = LINK[LINK.index("### Settings") : LINK.index("### Status")]
    for line in re.findall(r"^\| \d.*\|$", table, re.MULTILINE):
        numbers, _name, values, first = (cell.strip() for cell in line.strip("|").split("|"))
        spans = re.findall(r"(-?\d+) to (\d+)", values)
        allowed = {v for low, high in spans for v in range(int(low), int(high) + 1)}
        rest = re.sub(r"-?\d+ to \d+|0\.0+1 g?", "", values)
        allowed |= {int(n) for n in re.findall(r"(?<![\d.])\d+(?![\d.])", rest)}
        low, _, high = numbers.partition(" to ")
        for number in range(int(low), int(high or low) + 1):
            rows[number] = (allowed, int(first))
    return rows


PAGE = from_the_page()


def test_the_page_was_read():
    assert sorted(PAGE) == list(range(1, 13))
    assert PAGE[1][0] == {200, 250, 500, 1000}
    assert PAGE[3][0] == {0, *range(200, 3001)}
    assert PAGE[10][0] == {32767, *range(-1000, 1001)}


@pytest.mark.parametrize("number", range(1, 13))
def test_values_are_those_of_the_page(number):
    allowed, first = PAGE[number]
    settings = Settings(Memory())
    assert settings.get(number) == first
    candidates = {*allowed, *range(-4000, 4001), 32766, 32767, 32768, -(2**31), 2**31 - 1}
    assert {value for value in candidates if s.allowed(number, value)} == allowed
    assert settings.lowest(number) == min(allowed - {0, 32767} if number in (3, *range(7, 13)) else allowed)
    assert settings.highest(number) == max(allowed - {32767})


def test_errors_of_set():
    settings = Settings(Memory())
    assert settings.set(0, 1, False) == 14
    assert settings.set(13, 1, False) == 14
    assert settings.set(s.RATE_HZ, 300, False) == 3
    assert settings.set(s.RATE_HZ, 1000, True) == 4
    assert settings.set(s.RATE_HZ, 500, True) == 0
    assert settings.set(s.CUE_SHOCK, 199, True) == 3
    assert settings.set(s.CUE_SHOCK, 900, True) == 0
    assert settings.get(s.CUE_SHOCK) == 900
    assert settings.check(12) == 0


def test_a_value_is_written_at_the_next_store_and_only_if_it_changed():
    memory = Memory()
    settings = Settings(memory)
    settings.set(s.SIDE, 0, False)
    settings.store()
    assert memory.saves == 0
    settings.set(s.SIDE, 2, True)
    assert memory.saves == 0 and settings.unstored
    memory.works = False
    settings.store()
    assert settings.unstored
    memory.works = True
    settings.store()
    settings.store()
    assert memory.saves == 1
    assert Settings(memory).get(s.SIDE) == 2


@given(values=st.fixed_dictionaries({n: st.sampled_from(sorted(a)) for n, (a, _) in PAGE.items()}))
def test_what_was_set_survives(values):
    memory = Memory()
    settings = Settings(memory)
    for number, value in values.items():
        assert settings.set(number, value, False) == 0
    settings.store()
    again = Settings(memory)
    assert {number: again.get(number) for number in values} == values
    assert again.unread == 0


@given(data=st.binary(max_size=100))
def test_any_content_gives_allowed_values_and_counts_the_rest(data):
    settings = Settings(Memory(data))
    right = 0
    for at in range(0, len(data) - len(data) % 5, 5):
        number, value = struct.unpack_from("<Bi", data, at)
        right += number in PAGE and value in PAGE[number][0]
    assert settings.unread == len(data) // 5 - right + (len(data) % 5 > 0)
    assert all(settings.get(number) in allowed for number, (allowed, _) in PAGE.items())


def test_an_entry_that_a_later_firmware_wrote_does_not_lose_the_others():
    data = struct.pack("<BiBiBi", 4, 2, 77, 1, 6, 30)
    settings = Settings(Memory(data))
    assert (settings.get(s.SIDE), settings.get(s.SLEEP_AFTER_MIN), settings.unread) == (2, 30, 1)


def test_a_file_that_cannot_be_read_is_counted_and_a_missing_one_is_not():
    assert Settings(Memory(None, damaged=2)).unread == 1
    assert Settings(Memory(None)).unread == 0
