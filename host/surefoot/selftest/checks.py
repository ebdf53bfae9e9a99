"""One line of the result: what was measured, what it may be, and what follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What follows from a value and its limit."""

    PASS = "pass"
    FAIL = "fail"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    key : str
        Stable short name, for programs.
    name, value, limit : str
        For people: what, how much, and how much it may be.
    verdict : Verdict
    note : str
        Why it failed or was not measured, or what should be known although it passed; may be empty.
    again : bool
        Whether it was not measured, but can be: by doing the test once more.
    numbers : dict
        What was measured and the limits, with units in the names.
    """

    key: str
    name: str
    value: str
    limit: str
    verdict: Verdict
    note: str = ""
    again: bool = False
    numbers: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return what goes into the file."""
        return {**vars(self), "verdict": self.verdict.value}


def judged(key: str, name: str, value: str, limit: str, *, good: bool, note: str = "", **numbers: Any) -> Check:
    """Return the line of something that was measured."""
    verdict = Verdict.PASS if good else Verdict.FAIL
    return Check(key, name, value, limit, verdict, note, numbers=numbers)


def not_measured(key: str, name: str, why: str, *, again: bool = True) -> Check:
    """Return the line of something that could not be measured; `again` is False where it never can be on this pod."""
    return Check(key, name, "-", "-", Verdict.NOT_MEASURED, why, again)


def by_axis(values: Iterable[float], form: str) -> str:
    """Return 'x 1.2 y 1.3 z 1.2' for three values."""
    return " ".join(f"{axis} {value:{form}}" for axis, value in zip("xyz", values, strict=True))
