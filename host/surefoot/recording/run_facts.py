"""The facts of a run file: the file itself, the pod, the run, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from surefoot.recording.contents import LISTED_MAX, Contents
from surefoot.recording.framing import Damage
from surefoot.recording.gaps import Gaps
from surefoot.recording.run_file import RunFile
from surefoot.recording.run_time import RunTime
from surefoot.wire.packets import Flag
from surefoot.wire.records import EndReason, ResetCause, Start, StartedBy, in_words


@dataclass(frozen=True)
class FileFacts:
    """The file itself.

    Attributes
    ----------
    frames, unknown_frames, odd_frames : int
        Whole ones; of types that this version does not know; whose content is not what their type says.
    missing_frames : int
        How many fewer frames there are than the end frame says.
    damage : tuple of Damage
        Offset and size of the first damaged places.
    unfinished_bytes : int
        Of a frame at the end whose writing was cut off.
    closed : bool
        An end frame is the last frame.
    hash_right : bool or None
        Whether all before an end frame is as it was; None without one.
    repaired_from : str or None
        Name of the file that this one is a repaired copy of.
    """

    size_bytes: int
    frames: int
    unknown_frames: int
    odd_frames: int
    missing_frames: int
    damage: tuple[Damage, ...]
    damaged_places: int
    damaged_bytes: int
    unfinished_bytes: int
    closed: bool
    hash_right: bool | None
    writer: str | None
    created_utc_us: int | None
    repaired_from: str | None


@dataclass(frozen=True)
class PodFacts:
    """Identity and settings of the pod in this run, by its start packet; `reset_cause` is why it last started."""

    serial_number: str
    board: str
    boot_count: int
    reset_cause: str
    firmware_version: str
    sensor_part: str
    rate_hz: int
    accel_range_g: int
    gyro_range_dps: int
    calibrated: bool
    battery_mv: int | None
    temperature_c: float


@dataclass(frozen=True)
class Missing:
    """Packets `first_sequence` to `last_sequence` and `samples` samples are missing from `at_s` on, for `seconds`.

    `first_sample` is the number of the first of these samples in the run, and of the next one where none is missing.
    `cause` is `lost` (packets are not here), `pod` (the pod had no samples there) or `unreadable`.
    """

    first_sequence: int
    last_sequence: int
    packets: int
    first_sample: int
    samples: int
    at_s: float
    seconds: float
    cause: str


@dataclass(frozen=True)
class RunFacts:
    """The run in the file.

    Attributes
    ----------
    run : int or None
        Its number; None where the start packet is lost and only its low byte is known.
    packets, repeats : int
        Each once; what came again.
    started_by : str or None
        Who or what began it; None if its beginning is not in the file.
    end_reason : str or None
        Why the pod ended it; None if its end is not in the file.
    missing : tuple of Missing
        The first places where something is missing.
    duration_s : float
        From the first sample to the last.
    rate_hz, rate_error_ppm : float
        True rate, and its difference to the nominal one; None where that is not known.
    jitter_ms, clock_jumps : float, int
        Median distance of the pod's readings from the fit; steps that no rate explains.
    utc_source : str
        `answers`, `clock packets`, `arrivals`, `start packet` or `none`.
    drift_ppm : float or None
        How much the pod's clock runs fast against UTC.
    utc_residual_ms : float
        Median distance of what UTC rests on.
    """

    run: int | None
    packets: int
    samples: int
    repeats: int
    contradictions: int
    unreadable: int
    other_runs: int
    clipped_packets: int
    started_by: str | None
    end_reason: str | None
    missing: tuple[Missing, ...]
    missing_places: int
    missing_packets: int
    missing_samples: int
    dropped_by_pod: int
    duration_s: float
    nominal_rate_hz: float | None
    rate_hz: float
    rate_error_ppm: float | None
    rate_measured: bool
    jitter_ms: float
    clock_jumps: int
    start_utc_us: int | None
    utc_source: str
    drift_ppm: float | None
    utc_residual_ms: float


def file_facts(contents: Contents) -> FileFacts:
    """Say what is known of the file itself."""
    writer, created = contents.file.get("writer"), contents.file.get("created_utc_us")
    original = contents.file.get("repaired_from")
    return FileFacts(
        size_bytes=contents.size_bytes,
        frames=contents.frames,
        unknown_frames=contents.unknown_frames,
        odd_frames=contents.odd_frames,
        missing_frames=max(contents.end.frames - contents.frames_at_end, 0) if contents.end else 0,
        damage=tuple(contents.damage),
        damaged_places=contents.damaged_places,
        damaged_bytes=contents.damaged_bytes,
        unfinished_bytes=contents.unfinished_bytes,
        closed=contents.closed,
        hash_right=contents.hash_right,
        writer=writer if isinstance(writer, str) else None,
        created_utc_us=created if isinstance(created, int) else None,
        repaired_from=original if isinstance(original, str) else None,
    )


def pod_facts(start: Start) -> PodFacts:
    """Say what the start packet tells of the pod."""
    return PodFacts(
        serial_number=start.serial_number.hex(),
        board=start.board,
        boot_count=start.boot_count,
        reset_cause=in_words(ResetCause, start.reset_cause, "cause"),
        firmware_version=".".join(map(str, start.firmware_version)),
        sensor_part=start.sensor_part,
        rate_hz=start.rate_hz,
        accel_range_g=start.accel_range_g,
        gyro_range_dps=start.gyro_range_dps,
        calibrated=start.calibrated,
        battery_mv=start.battery_mv or None,
        temperature_c=start.temperature_cdegc / 100,
    )


def run_facts(file: RunFile) -> RunFacts:
    """Say what is known of the run."""
    run, time, gaps = file.run, file.time, file.gaps
    start, end = run.start, run.end
    nominal_hz = time.nominal_hz
    return RunFacts(
        run=start.run if start else file.contents.block_run,
        packets=len(run.headers.sequence),
        samples=len(run.index),
        repeats=run.repeats,
        contradictions=run.contradictions,
        unreadable=run.unreadable,
        other_runs=run.other_runs,
        clipped_packets=int(((run.headers.flags & Flag.CLIPPED > 0) & run.holds_samples).sum()),
        started_by=None if start is None else in_words(StartedBy, start.started_by, "number"),
        end_reason=None if end is None else in_words(EndReason, end.reason, "reason"),
        missing=tuple(_missing(gaps, time)),
        missing_places=len(gaps.packets),
        missing_packets=int(gaps.packets.sum()),
        missing_samples=int(gaps.samples.sum()),
        dropped_by_pod=run.dropped_by_pod,
        duration_s=float(time.at_s(int(run.index[-1]))) if len(run.index) else 0.0,
        nominal_rate_hz=nominal_hz,
        rate_hz=time.rate_hz,
        rate_error_ppm=None if nominal_hz is None else (time.rate_hz / nominal_hz - 1) * 1e6,
        rate_measured=time.clock.measured,
        jitter_ms=time.clock.jitter_ms,
        clock_jumps=time.clock.jumps,
        start_utc_us=time.start_utc_us,
        utc_source=time.utc.source,
        drift_ppm=time.utc.drift_ppm,
        utc_residual_ms=time.utc.residual_ms,
    )


def _missing(gaps: Gaps, time: RunTime) -> Iterator[Missing]:
    for row in range(min(len(gaps.packets), LISTED_MAX)):
        packets, samples, from_index = (int(c[row]) for c in (gaps.packets, gaps.samples, gaps.from_index))
        at_s = float(time.at_s(from_index))
        cause = "lost" if packets else "pod" if gaps.by_pod[row] else "unreadable"
        yield Missing(
            first_sequence=int(gaps.first_sequence[row]),
            last_sequence=int(gaps.last_sequence[row]),
            packets=packets,
            first_sample=from_index,
            samples=samples,
            at_s=at_s,
            seconds=float(time.at_s(from_index + samples)) - at_s,
            cause=cause,
        )
