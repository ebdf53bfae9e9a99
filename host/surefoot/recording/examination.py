"""What is known of a run file: whose it is, how good its clock was, what is lost, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from surefoot.recording.commands import analyze_command, pull_command, repair_command
from surefoot.recording.contents import LISTED_MAX
from surefoot.recording.framing import FrameType
from surefoot.recording.moments import LinkBreak, Moment, find_breaks, find_marks
from surefoot.recording.payloads import Scalar
from surefoot.recording.pod_events import PodEvent, event_sentences, find_events
from surefoot.recording.run_conditions import run_conditions
from surefoot.recording.run_facts import FileFacts, PodFacts, RunFacts, file_facts, pod_facts, run_facts
from surefoot.recording.run_file import RunFile, open_run, said_height_m
from surefoot.recording.samples import Condition, Leg, said_side
from surefoot.words import clock_time, count_of, printable, size_of

TOLD_MAX = 10
"""Places of damage or loss, and events, that are told one by one."""
_BEGAN = {None: "without its beginning", "host": "started from the computer", "resumed": "resumed after a restart"}
_ENDED = {
    None: "without its end",
    "host": "ended from the computer",
    "button": "ended by its button",
    "battery": "ended by an empty battery",
    "store full": "ended by a full store",
    "sensor lost": "ended by the loss of its sensor",
    "restart or sleep": "ended by a restart or by sleep",
    "no motion": "ended because nothing moved",
}


class NextStep(NamedTuple):
    """What to do with the file, and the whole command for it, or ''."""

    sentence: str
    command: str = ""


@dataclass(frozen=True)
class Examination:
    """All facts of one run file; `pod` and `run` are None where the file holds none."""

    path: Path
    file: FileFacts
    settings: dict[str, Scalar]
    side: Leg
    sensor_height_m: float | None
    pod: PodFacts | None
    run: RunFacts | None
    marks: tuple[Moment, ...]
    link_breaks: tuple[LinkBreak, ...]
    events: tuple[PodEvent, ...]
    positions: int
    conditions: tuple[Condition, ...] = field(default_factory=tuple)

    @property
    def intact(self) -> bool:
        """Whether the file is closed and every byte of it is as it was written."""
        return self.file.closed and self.file.hash_right is True and not self.file.damaged_places

    @property
    def complete(self) -> bool:
        """Whether, besides, all packets from the start to the end of the run are here and can be read."""
        run = self.run
        if run is None or not self.intact:
            return False
        faults = (run.missing_packets, run.unreadable, run.contradictions)
        return run.run is not None and run.end_reason is not None and not any(faults)

    def as_dict(self) -> dict[str, Any]:
        """Return all facts as plain JSON values."""
        facts = {**asdict(self), "path": str(self.path), "intact": self.intact, "complete": self.complete}
        facts["file"]["damage"] = [damage._asdict() for damage in self.file.damage]
        facts["next_step"] = " ".join(filter(None, self.next_steps()[0]))
        return facts

    def sentences(self) -> tuple[str, ...]:
        """Say the facts in plain sentences, the file first."""
        conditions = (condition.sentence for condition in self.conditions)
        return (*_of_file(self), *_of_run(self), *conditions, *self.event_sentences())

    def event_sentences(self) -> tuple[str, ...]:
        """Say what the pod noted of itself, in a file that is whole too."""
        said = tuple(event_sentences(self.events))
        more = f"And {len(said) - TOLD_MAX:,} more that the pod noted."
        return said if len(said) <= TOLD_MAX else (*said[:TOLD_MAX], more)

    def next_steps(self) -> tuple[NextStep, ...]:
        """Say what can be done now, the best first."""
        run = self.run
        if run is None:
            return (NextStep("There is nothing in it to analyse: record again."),)
        analyse = analyze_command(self.path)
        if self.complete:
            return (NextStep("The file is whole. Analyse it:", analyse),)
        if run.end_reason is None or (run.missing_packets and not self.file.closed):
            fetch = NextStep("Connect the pod, which may have kept the rest, and fetch it:", pull_command(self.path))
            return (fetch, NextStep("Or analyse what is here:", analyse))
        gone = "What is missing cannot be fetched any more. " if run.missing_packets else ""
        steps = (NextStep(f"{gone}Analyse what is here:", analyse),)
        return steps if self.intact else (*steps, NextStep("Or make a clean copy of it:", repair_command(self.path)))


def examine(path: Path) -> Examination:
    """Read a run file once and say all that is known of it.

    Raises
    ------
    RecordingError
        It cannot be read, or is no run file.
    """
    opened = open_run(path)
    file = opened if isinstance(opened, RunFile) else None
    contents = opened.contents if isinstance(opened, RunFile) else opened
    run, time = (file.run, file.time) if file else (None, None)
    start = run.start if run else None
    return Examination(
        path=path,
        file=file_facts(contents),
        settings=contents.settings,
        side=said_side(contents.settings.get("side"), start.side if start else None),
        sensor_height_m=said_height_m(contents),
        pod=pod_facts(start) if start else None,
        run=run_facts(file) if file else None,
        marks=find_marks(contents, run, time)[:LISTED_MAX],
        link_breaks=find_breaks(contents),
        events=find_events(file.run, file.time)[:LISTED_MAX] if file else (),
        positions=contents.counts[FrameType.POSITION],
        conditions=run_conditions(contents, file.run, file.time, file.gaps) if file else (),
    )


def _of_file(examined: Examination) -> Iterator[str]:
    file = examined.file
    by = f", written by {file.writer}" if file.writer else ""
    yield f"{examined.path.name}: {size_of(file.size_bytes)}, {count_of(file.frames, 'frame')}{by}."
    if file.repaired_from:
        yield f"It is what `surefoot repair` could save of {printable(file.repaired_from)}."
    if file.closed and file.hash_right:
        yield "It was closed, and every byte before its end frame is as it was written."
    elif file.closed:
        are = "is" if file.missing_frames == 1 else "are"
        lost = f": {count_of(file.missing_frames, 'frame')} {are} missing" if file.missing_frames else ""
        yield f"It was changed after it was closed{lost}."
    else:
        yield "It was not closed."
    if file.unfinished_bytes:
        yield f"Its writing was cut off in a frame: {count_of(file.unfinished_bytes, 'byte')} at the end are left out."
    for damage in file.damage[:TOLD_MAX]:
        yield f"Damage at byte {damage.offset:,}: {count_of(damage.size, 'byte')}."


def _of_run(examined: Examination) -> Iterator[str]:
    pod, run = examined.pod, examined.run
    if pod:
        yield (
            f"Pod {pod.serial_number} on {pod.board}, firmware {pod.firmware_version}, sensor {pod.sensor_part}, "
            f"{pod.accel_range_g} g and {pod.gyro_range_dps} deg/s, leg: {examined.side}; "
            f"its start {pod.boot_count:,} ({pod.reset_cause})."
        )
    if run is None:
        yield "It holds no packet of a pod."
        return
    number = f"Run {run.run}" if run.run is not None else "A run"
    began = _BEGAN.get(run.started_by, f"started by {run.started_by}")
    ended = _ENDED.get(run.end_reason, f"ended by {run.end_reason}")
    yield (
        f"{number}, {clock_time(run.duration_s)}: {count_of(run.samples, 'sample')} in "
        f"{count_of(run.packets, 'packet')}, {began}, {ended}."
    )
    yield from _of_clock(run)
    if run.repeats:
        yield f"{count_of(run.repeats, 'repeated packet')} left out."
    for missing in run.missing[:TOLD_MAX]:
        last_sample = missing.first_sample + missing.samples - 1
        samples = f", {missing.first_sample} to {last_sample}" if missing.samples else ""
        packets = f"packets {missing.first_sequence} to {missing.last_sequence}" if missing.packets else "no packet"
        yield (
            f"Missing at {clock_time(missing.at_s)}: {count_of(missing.samples, 'sample')}{samples}, "
            f"{missing.seconds:.2f} s ({packets}; {missing.cause})."
        )
    if run.missing_places > TOLD_MAX:
        yield f"And {run.missing_places - TOLD_MAX:,} more such places."


def _of_clock(run: RunFacts) -> Iterator[str]:
    if run.rate_measured:
        off = _off_nominal(run.rate_error_ppm)
        yield f"True rate {run.rate_hz:.3f} Hz{off}; its clock's readings scatter by {run.jitter_ms:.1f} ms."
    if run.drift_ppm is not None:
        fast = "fast" if run.drift_ppm >= 0 else "slow"
        yield f"The pod's clock runs {abs(run.drift_ppm):.1f} ppm {fast}; UTC is good to {run.utc_residual_ms:.0f} ms."


def _off_nominal(error_ppm: float | None) -> str:
    if error_ppm is None:
        return ""
    percent = f"{error_ppm / 1e4:+.2f}"
    return ", as set" if float(percent) == 0 else f", {percent} % off nominal"
