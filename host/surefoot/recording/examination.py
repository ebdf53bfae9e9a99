"""What is known of a run file: whose it is, how good its clock was, what is lost, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from surefoot.recording.contents import LISTED_MAX
from surefoot.recording.framing import FrameType
from surefoot.recording.moments import LinkBreak, Moment, find_breaks, find_marks
from surefoot.recording.payloads import Scalar
from surefoot.recording.run_conditions import clock_time, count_of, run_conditions
from surefoot.recording.run_facts import FileFacts, PodFacts, RunFacts, file_facts, pod_facts, run_facts
from surefoot.recording.run_file import RunFile, open_run, said_height_m, said_side
from surefoot.recording.samples import Condition, Leg

TOLD_MAX = 10
"""Places of damage or loss that are told one by one."""


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
        facts["next_step"] = self.next_step()
        return facts

    def sentences(self) -> tuple[str, ...]:
        """Say the facts in plain sentences, the file first."""
        return (*_of_file(self), *_of_run(self), *(condition.sentence for condition in self.conditions))

    def next_step(self) -> str:
        """Say what to do now."""
        if self.run is None:
            return "Record again: there is nothing in it to analyse."
        if self.complete:
            return f"Nothing: the file is whole. Analyse it with: surefoot analyze {self.path}"
        if self.run.missing_packets or self.run.end_reason is None:
            return (
                f"Connect the pod and run surefoot pull: it fetches what the pod kept. Or: surefoot analyze {self.path}"
            )
        return f"Analyse it with: surefoot analyze {self.path}. A clean copy is made by: surefoot repair {self.path}"


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
        side=said_side(contents, start),
        sensor_height_m=said_height_m(contents),
        pod=pod_facts(start) if start else None,
        run=run_facts(file) if file else None,
        marks=find_marks(contents, run, time)[:LISTED_MAX],
        link_breaks=find_breaks(contents),
        positions=contents.counts[FrameType.POSITION],
        conditions=run_conditions(contents, file.run, file.time, file.gaps) if file else (),
    )


def _of_file(examined: Examination) -> Iterator[str]:
    file = examined.file
    by = f", written by {file.writer}" if file.writer else ""
    yield f"{examined.path.name}: {file.size_bytes / 1e6:.1f} MB, {count_of(file.frames, 'frame')}{by}."
    if file.closed and file.hash_right:
        yield "It was closed, and every byte before its end frame is as it was written."
    elif file.closed:
        lost = f" {count_of(file.missing_frames, 'frame')} fewer than then are in it." if file.missing_frames else ""
        yield f"It was closed, and is not what it was then.{lost}"
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
            f"{pod.accel_range_g} g and {pod.gyro_range_dps} deg/s, leg: {examined.side}."
        )
    if run is None:
        yield "It holds no packet of a pod."
        return
    number = f"Run {run.run}" if run.run is not None else "A run"
    ended = f"ended by {run.end_reason}" if run.end_reason else "without its end"
    yield (
        f"{number}, {clock_time(run.duration_s)}: {count_of(run.samples, 'sample')} in "
        f"{count_of(run.packets, 'packet')}, {ended}."
    )
    yield from _of_clock(run)
    if run.repeats:
        yield f"{count_of(run.repeats, 'repeated packet')} left out."
    for missing in run.missing[:TOLD_MAX]:
        what = f"packets {missing.first_sequence} to {missing.last_sequence}" if missing.packets else "no packet"
        yield (
            f"Missing at {clock_time(missing.at_s)}: {count_of(missing.samples, 'sample')}, {missing.seconds:.2f} s "
            f"({what}; {missing.cause})."
        )
    if run.missing_places > TOLD_MAX:
        yield f"And {run.missing_places - TOLD_MAX:,} more such places."


def _of_clock(run: RunFacts) -> Iterator[str]:
    if run.rate_measured:
        off = "" if run.rate_error_ppm is None else f", {run.rate_error_ppm / 1e4:+.2f} % off nominal"
        yield f"True rate {run.rate_hz:.3f} Hz{off}; its clock's readings scatter by {run.jitter_ms:.1f} ms."
    if run.drift_ppm is not None:
        fast = "fast" if run.drift_ppm >= 0 else "slow"
        yield f"The pod's clock runs {abs(run.drift_ppm):.1f} ppm {fast}; UTC is good to {run.utc_residual_ms:.0f} ms."
