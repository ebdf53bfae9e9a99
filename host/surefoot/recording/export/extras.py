"""What a run file knows beside its samples: identity and clock of the pod, marks, and what happened."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

from surefoot.recording.contents import Contents
from surefoot.recording.framing import RUN_ENDING
from surefoot.recording.moments import find_breaks, find_marks
from surefoot.recording.pod_events import find_events
from surefoot.recording.run_facts import pod_facts, run_facts
from surefoot.recording.run_file import RunFile, open_run


class LogEntry(NamedTuple):
    """Something that was marked or that happened; `t_s` counts from the first sample and is below 0 before it."""

    t_s: float
    kind: str
    text: str


@dataclass(frozen=True)
class Extras:
    """What goes with the samples into an export.

    Attributes
    ----------
    facts : dict
        Values as text: `pod` and `run`, JSON of `PodFacts` and `RunFacts`.
    log : tuple of LogEntry
        By time. Kinds are `mark`, `event` and `link`.
    """

    facts: dict[str, str] = field(default_factory=dict)
    log: tuple[LogEntry, ...] = ()


def read_extras(path: Path) -> Extras:
    """Read what goes with the samples; other kinds of recordings than run files have nothing.

    Raises
    ------
    RecordingError
    """
    file = open_run(path) if path.name.lower().endswith(RUN_ENDING) else None
    return Extras() if file is None or isinstance(file, Contents) else Extras(_facts(file), _log(file))


def _facts(file: RunFile) -> dict[str, str]:
    facts = {"run": json.dumps(asdict(run_facts(file)))}
    if file.run.start is not None:
        facts["pod"] = json.dumps(asdict(pod_facts(file.run.start)))
    return facts


def _log(file: RunFile) -> tuple[LogEntry, ...]:
    marks = find_marks(file.contents, file.run, file.time)
    log = [LogEntry(mark.at_s, "mark", mark.text) for mark in marks if mark.at_s is not None]
    for event in find_events(file.run, file.time):
        log.append(LogEntry(event.at_s, "event", f"{event.what} {event.value} {event.text}".strip()))
    for gone in find_breaks(file.contents):
        for utc_us, text in ((gone.lost_utc_us, "link lost"), (gone.back_utc_us, "link back")):
            at = None if utc_us is None else file.time.of_utc_s(utc_us)
            if at is not None:
                log.append(LogEntry(at, "link", text))
    return tuple(sorted(log))
