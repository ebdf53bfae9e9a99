"""How every number of the page is written: with its unit, a true minus sign, and a word where it is missing."""

from __future__ import annotations

import math
import re

NOT_MEASURED = "–"
NBSP = "\u00a0"
_HYPHEN_BEFORE_NUMBER = re.compile(r"(?<![\w.])-(?=\d)")
_UNIT_AFTER_NUMBER = re.compile(r"(?<=\d) (?=(?:%|°|g|km|m|ms|s|h|min|Hz|cm|m/s|steps/min|strides)(?![\w/]))")


def number(value: float, digits: int = 0, *, sign: bool = False) -> str:
    """Write a number with `digits` decimals, thousands set apart; '–' where it was not measured."""
    if not math.isfinite(value):
        return NOT_MEASURED
    rounded = round(value, digits) + 0.0  # + 0.0: a rounded -0.0 must not show a minus
    return f"{rounded:{'+' if sign and rounded else ''},.{digits}f}".replace("-", "−")


def quantity(value: float, unit: str, digits: int, *, sign: bool = False, at_least: bool = False) -> str:
    """Write a number with its unit; `at_least` marks a lower bound with ≥."""
    text = number(value, digits, sign=sign)
    if text == NOT_MEASURED:
        return text
    return f"{'≥' + NBSP if at_least else ''}{text}{_gap(unit)}{unit}"


def interval(low: float, high: float, unit: str, digits: int, *, sign: bool = False) -> str:
    """Write an interval as 'low to high unit'; an open end gives '≥ low' or '≤ high', two of them '–'."""
    if not math.isfinite(high):
        return quantity(low, unit, digits, sign=sign, at_least=True)
    if not math.isfinite(low):
        return f"≤{NBSP}{quantity(high, unit, digits, sign=sign)}"
    ends = (number(low, digits, sign=sign), number(high, digits, sign=sign))
    return f"{NBSP}to{NBSP}".join(ends) + f"{_gap(unit)}{unit}"


def share(value: float) -> str:
    """Write a share of one as per cent; a share that is small but not none is '<1 %'."""
    if 0 < value < 0.005:
        return f"<1{NBSP}%"
    return quantity(value * 100, "%", 0)


def grade(value: float) -> str:
    """Write a grade (rise over run) in per cent."""
    return quantity(value * 100, "%", 1)


def distance(value_m: float) -> str:
    """Write a length: metres below one kilometre, kilometres above."""
    return quantity(value_m, "m", 0) if not abs(value_m) >= 999.5 else quantity(value_m / 1000, "km", 2)


def duration(value_s: float) -> str:
    """Write a time span: '48 s', '24 min 10 s', '1 h 05 min'."""
    if not math.isfinite(value_s):
        return NOT_MEASURED
    seconds = round(value_s)
    if seconds < 60:
        return f"{seconds}{NBSP}s"
    if seconds < 3600:
        return f"{seconds // 60}{NBSP}min" + (f" {seconds % 60}{NBSP}s" if seconds % 60 else "")
    return f"{seconds // 3600}{NBSP}h {seconds % 3600 // 60:02d}{NBSP}min"


def clock(value_s: float) -> str:
    """Write a point of time from the start of the recording: '13:24', or '1:02:30' after an hour."""
    if not math.isfinite(value_s):
        return NOT_MEASURED
    minutes, seconds = divmod(round(value_s), 60)
    if minutes < 60:
        return f"{minutes}:{seconds:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


def count(value: int, noun: str) -> str:
    """Write a count with its noun, in the plural unless it is one."""
    return f"{number(value)}{NBSP}{noun}{'' if value == 1 else 's'}"


def bound(sentence: str) -> str:
    """Keep every number of a sentence on one line with its unit, and give it a true minus sign."""
    return _HYPHEN_BEFORE_NUMBER.sub("−", _UNIT_AFTER_NUMBER.sub(NBSP, sentence))


def _gap(unit: str) -> str:
    return "" if not unit or unit.startswith("°") else NBSP
