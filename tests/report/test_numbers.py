from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.report import numbers

FINITE = st.floats(min_value=-1e6, max_value=1e6)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (numbers.quantity(9.84, "g", 1), "9.8 g"),
        (numbers.quantity(-4.04, "°", 1), "−4.0°"),
        (numbers.quantity(15.0, "g", 1, at_least=True), "≥ 15.0 g"),
        (numbers.quantity(math.nan, "g", 1, at_least=True), "–"),
        (numbers.quantity(0.31, "", 3), "0.310"),
        (numbers.number(-0.04, 1, sign=True), "0.0"),
        (numbers.number(12345), "12,345"),
        (numbers.interval(9.2, 10.34, "g", 1), "9.2 to 10.3 g"),
        (numbers.interval(9.2, math.nan, "g", 1), "≥ 9.2 g"),
        (numbers.interval(math.nan, 3.0, "g", 1), "≤ 3.0 g"),
        (numbers.interval(math.nan, math.nan, "g", 1), "–"),
        (numbers.interval(-1.0, 2.0, "", 0, sign=True), "−1 to +2"),
        (numbers.share(0.031), "3 %"),
        (numbers.share(0.0001), "<1 %"),
        (numbers.share(0.0), "0 %"),
        (numbers.grade(-0.0823), "−8.2 %"),
        (numbers.distance(640.2), "640 m"),
        (numbers.distance(999.7), "1.00 km"),
        (numbers.distance(math.nan), "–"),
        (numbers.duration(48.2), "48 s"),
        (numbers.duration(1450), "24 min 10 s"),
        (numbers.duration(59.7), "1 min"),
        (numbers.duration(3900), "1 h 05 min"),
        (numbers.duration(3599.6), "1 h 00 min"),
        (numbers.clock(804.4), "13:24"),
        (numbers.clock(3750), "1:02:30"),
        (numbers.count(1, "stride"), "1 stride"),
        (numbers.count(2014, "stride"), "2,014 strides"),
    ],
)
def test_written(shown: str, expected: str) -> None:
    assert plain(shown) == expected


def test_a_sentence_keeps_numbers_with_their_units() -> None:
    assert numbers.bound("fell by -13 % over 1.0 km, 9.8 g; see run-2") == (
        "fell by −13\u00a0% over 1.0\u00a0km, 9.8\u00a0g; see run-2"
    )


@given(FINITE, st.integers(0, 3))
def test_a_written_number_reads_back(value: float, digits: int) -> None:
    read = float(numbers.number(value, digits, sign=True).replace(",", "").replace("−", "-"))
    assert read == pytest.approx(value, abs=0.5001 * 10**-digits)


@given(FINITE)
def test_a_zero_never_has_a_sign(value: float) -> None:
    text = numbers.number(value, 1, sign=True)
    assert text == "0.0" or text[0] in "+−"
    assert text not in ("+0.0", "−0.0")
