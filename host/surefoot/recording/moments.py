"""Moments of a run: marks that were set, and when the link broke."""

from __future__ import annotations

from dataclasses import dataclass

from surefoot.recording.contents import Contents
from surefoot.recording.run_packets import RunPackets
from surefoot.recording.run_time import RunTime
from surefoot.wire.records import Mark

BUTTON = 0


@dataclass(frozen=True)
class Moment:
    """A mark; `at_s` is s from the first sample, `utc_us` UTC; None where it is not known."""

    at_s: float | None
    utc_us: int | None
    text: str


@dataclass(frozen=True)
class LinkBreak:
    """When the link was lost and when it came back, UTC in us; None where the file does not say."""

    lost_utc_us: int | None
    back_utc_us: int | None


def find_marks(contents: Contents, run: RunPackets | None, time: RunTime | None) -> tuple[Moment, ...]:
    """List the marks by time: those in the file, and those of the pod's button."""
    marks = [Moment(None if time is None else time.of_utc_s(utc_us), utc_us, text) for utc_us, text in contents.marks]
    if run is not None and time is not None:
        for placed in run.records:
            if isinstance(placed.record, Mark) and placed.record.source == BUTTON:
                index = int(run.headers.index[placed.row])
                utc_us = time.utc.utc_us(float(time.clock.at_us(index)))
                marks.append(Moment(float(time.at_s(index)), utc_us, "button"))
    return tuple(sorted(marks, key=lambda mark: (mark.at_s is None, mark.at_s or 0.0, mark.utc_us or 0)))


def find_breaks(contents: Contents) -> tuple[LinkBreak, ...]:
    """List the breaks of the link."""
    breaks: list[LinkBreak] = []
    lost_utc_us: int | None = None
    for utc_us, connected in contents.links:
        if not connected:
            lost_utc_us = utc_us
        elif lost_utc_us is not None:
            breaks.append(LinkBreak(lost_utc_us, utc_us))
            lost_utc_us = None
    if lost_utc_us is not None:
        breaks.append(LinkBreak(lost_utc_us, None))
    return tuple(breaks)
