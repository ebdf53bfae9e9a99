"""What the pod noted of itself in a run: faults, a battery that runs low, who was sent away, settings that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from surefoot.recording.run_packets import RunPackets
from surefoot.recording.run_time import RunTime
from surefoot.wire.records import Event, EventCode, in_words
from surefoot.wire.settings import SETTINGS
from surefoot.words import clock_time, count_of, printable

TOLD_ELSEWHERE = frozenset(
    {
        EventCode.OVERFLOW,
        EventCode.SENSOR_RESTARTED,
        EventCode.BUS_FAULT,
        EventCode.PACKETS_DROPPED,
        EventCode.LINK_LOST,
        EventCode.LINK_BACK,
    }
)
"""Where the pod measured nothing and what it dropped are conditions of the run; breaks of a link lose nothing."""


@dataclass(frozen=True)
class PodEvent:
    """An event; `at_s` is s from the first sample, `what` the name of its code, `value` as docs/link.md says."""

    at_s: float
    code: int
    what: str
    value: int
    text: str


def find_events(run: RunPackets, time: RunTime) -> tuple[PodEvent, ...]:
    """List the pod's events in the order of the run."""
    return tuple(
        PodEvent(
            at_s=float(time.at_s(int(run.headers.index[placed.row]))),
            code=placed.record.code,
            what=in_words(EventCode, placed.record.code, "event"),
            value=placed.record.value,
            text=printable(placed.record.text),
        )
        for placed in run.records
        if isinstance(placed.record, Event)
    )


def event_sentences(events: Sequence[PodEvent]) -> Iterator[str]:
    """Say what happened and is not told elsewhere; what happened again is said once, with the last value."""
    alike: dict[tuple[int, int, str], list[PodEvent]] = {}
    for event in events:
        if event.code not in TOLD_ELSEWHERE:
            setting = event.value if event.code == EventCode.SETTING_CHANGED else 0
            alike.setdefault((event.code, setting, event.text), []).append(event)
    for same in alike.values():
        again = f" and {count_of(len(same) - 1, 'time')} later" if len(same) > 1 else ""
        yield f"The pod noted at {clock_time(same[0].at_s)}{again}: {_in_words(same[-1])}."


def _in_words(event: PodEvent) -> str:
    value = event.value
    match event.code:
        case EventCode.STORE_FULL:
            said = f"its store is full, {count_of(value, 'block')} in use"
        case EventCode.BATTERY_LOW:
            said = f"its battery is low, {value} mV"
        case EventCode.SETTING_CHANGED:
            said = _changed(value >> 16, value & 0xFFFF)
        case EventCode.FAULT:
            said = f"a fault in its firmware, number {value} since it started"
        case EventCode.SENT_AWAY:
            said = f"it sent a device away that is not paired, number {value} since it started"
        case EventCode.WRITES_LOST:
            said = f"it had no place for a request, number {value} since it started"
        case _:
            said = f"{event.what}, value {value}"
    return f"{said}: {event.text}" if event.text else said


def _changed(number: int, modulo: int) -> str:
    """Say which setting has which value, which stands for itself modulo 2^16."""
    setting = SETTINGS.get(number)
    value = modulo - 0x10000 if modulo & 0x8000 else modulo
    if setting is None:
        return f"setting {number} changed to {value}"
    times = " x" if setting.unit[:1].isdigit() else ""
    return f"{setting.name} changed to {value}{times} {setting.unit}".rstrip()
