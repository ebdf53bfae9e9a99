"""The whole test of one pod, from who it is to its calibration."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from surefoot.pod.race import to_its_end
from surefoot.recording.samples import FloatArray
from surefoot.recording.units import ACCEL_COUNTS, accel_range_g, gyro_dps
from surefoot.selftest.bench import Bench, Enough, Streamed
from surefoot.selftest.calibration import Calibration, CalibrationError, fit
from surefoot.selftest.checks import Check, Verdict, by_axis, judged, not_measured
from surefoot.selftest.chip import check_battery, check_identity, check_self_test
from surefoot.selftest.datasheet import Datasheet, datasheet
from surefoot.selftest.faces import FaceState, FaceWatch
from surefoot.selftest.noise import check_rest
from surefoot.selftest.report import Report
from surefoot.selftest.storing import NONE, NotStored, read_calibration, store_calibration
from surefoot.selftest.timing import check_bus, check_gaps, check_rate, check_silence, check_stream, read_flow
from surefoot.wire.fields import UNKNOWN_I16
from surefoot.wire.packets import Kind, Packet
from surefoot.wire.packing import Int16Array
from surefoot.wire.records import Start

FACES_S = 600.0
"""For six faces and two poses; done without haste they take two minutes."""
VERIFY_G = 0.02
"""How far a fresh pose, corrected, may be from 1 g: the data sheet's cross-axis sensitivity, which no calibration of
single axes takes away, makes that much of a pose between two axes."""
_SIX_FACES, _STORED = ("faces", "six faces"), ("stored", "stored")
_STREAM = (("stream", "stream"), ("silence", "longest silence"))
_SELF_TEST = ("self_test", "chip's own test")
_OF_THE_STREAM = (
    *(("noise_accel", "accel. noise"), ("noise_gyro", "gyro. noise"), ("bias", "gyro. bias")),
    *(("rate", "sample rate"), ("jitter", "clock of reads"), ("gaps", "gaps")),
    *(("bus", "sensor's wires"), ("battery", "battery gauge")),
)
"""What needs samples."""


@dataclass(frozen=True)
class Wishes:
    """How to test: seconds of streaming, whether to ask for the six faces, and what a meter reads at the cell."""

    seconds: float = 60.0
    faces: bool = True
    meter_mv: int | None = None


class Guide(Protocol):
    """Tells whoever holds the pod what to do."""

    def step(self, text: str) -> None:
        """Say what comes now."""

    def streaming(self, done_s: float) -> None:
        """Show how far the stream is."""

    def faces(self, state: FaceState) -> None:
        """Show how far the faces are."""


async def examine(bench: Bench, wishes: Wishes, guide: Guide, utc_us: int) -> Report:
    """Test the pod on the bench.

    Raises
    ------
    SurefootError
        The pod cannot be reached any more, or refuses: nothing can be said about it.
    """
    guide.step("Asking the pod who it is.")
    identity = await bench.identity()
    start = identity.start
    before = await read_calibration(bench)
    checks = [check_identity(identity)]
    after = before
    if identity.has_sensor:
        sheet = datasheet(start.sensor_part)
        checks += await _at_rest(bench, start, sheet, wishes, guide)
        if wishes.faces:
            faces, after = await _faces(bench, start, sheet, guide, before)
            checks += faces
    else:
        others = (_SELF_TEST, *_OF_THE_STREAM, *_STREAM, *([_SIX_FACES] if wishes.faces else []))
        checks += [not_measured(*what, "the pod has no sensor that it can use") for what in others]
    calibration = {"before": _known(before), "after": _known(after)}
    return Report(bench.pod, bench.way, start, utc_us, tuple(checks), calibration)


def measured(values: Int16Array, start: Start) -> FloatArray:
    """Return raw counts (n, 6) in g and deg/s as measured, whatever calibration the pod has."""
    return np.hstack([values[:, :3] * (accel_range_g(start) / ACCEL_COUNTS), gyro_dps(values, start)])


async def _at_rest(bench: Bench, start: Start, sheet: Datasheet, wishes: Wishes, guide: Guide) -> list[Check]:
    """Make the checks that need nobody's hands: the pod lies on a table."""
    guide.step("Lay the pod on a firm table, on any face, and do not touch it.")
    tested = await bench.chip_self_test()
    checks = [check_self_test(tested, sheet)]
    guide.step(f"Streaming for {wishes.seconds:.0f} s; do not touch it.")
    streamed = await bench.stream(wishes.seconds, _shown(start, guide))
    flow = read_flow(streamed, float(start.rate_hz))
    if flow is None:
        why = f"no samples came{f': {streamed.broke}' if streamed.broke else ''}"
        checks += [not_measured(*what, why) for what in _OF_THE_STREAM]
    else:
        # the run's own start packet knows temperature and battery of that moment
        run = _start_of(streamed) or start
        checks += check_rest(measured(flow.values, run), run, sheet)
        checks += [*check_rate(flow, start.rate_hz, sheet), check_gaps(flow), check_bus(flow)]
        checks.append(check_battery(run.battery_mv, wishes.meter_mv))
    return [*checks, check_stream(streamed, flow), check_silence(streamed, start.rate_hz)]


def _shown(start: Start, guide: Guide) -> Enough:
    async def on_packet(packet: Packet) -> bool:
        if packet.kind <= Kind.PACKED:
            guide.streaming((packet.index + packet.count) / start.rate_hz)
        return False

    return on_packet


def _start_of(streamed: Streamed) -> Start | None:
    packets = [Packet.from_bytes(packet) for packet in streamed.packets[:1]]
    return next((Start.from_bytes(packet.body) for packet in packets if packet.kind == Kind.START), None)


async def _faces(
    bench: Bench, start: Start, sheet: Datasheet, guide: Guide, before: tuple[int, ...]
) -> tuple[list[Check], tuple[int, ...]]:
    """Fit offset and scale to the faces, see whether they hold in fresh poses, and only then store them."""
    guide.step("Now lay it on each of its six faces, in any order, 2 s each; then twice askew, on an edge or a corner.")
    watch = FaceWatch(start.rate_hz)
    streamed = await bench.stream(FACES_S, _watching(watch, start, guide))
    if not watch.is_complete:
        missing = ", ".join(watch.state.left) or "poses askew"
        why = streamed.broke or f"within {FACES_S / 60:.0f} minutes not done: {missing}"
        return [not_measured(*_SIX_FACES, f"{why}; nothing was stored")], before
    try:
        found = fit(list(watch.poses.values()))
        checks = judge_calibration(found, watch, sheet)
        values = found.settings()
    except CalibrationError as error:
        note = f"{error.why}, so nothing was stored; {error.next_step}"
        return [judged(*_SIX_FACES, "they do not fit", "six that fit", good=False, note=note)], before
    if any(check.verdict == Verdict.FAIL for check in checks):
        return checks, before
    try:
        # whoever stops it now waits for six values, not for three
        await to_its_end(store_calibration(bench, values))
    except NotStored as error:
        stored = judged(*_STORED, "no", "read back", good=False, note=f"{error.why}; {error.next_step}")
        return [*checks, stored], before if error.restored else NONE
    return [*checks, judged(*_STORED, "yes", "read back", good=True)], values


def _watching(watch: FaceWatch, start: Start, guide: Guide) -> Enough:
    expected: int | None = None

    async def on_packet(packet: Packet) -> bool:
        nonlocal expected
        if packet.kind > Kind.PACKED:
            return False
        if expected is not None and packet.index != expected:
            watch.gap()
        expected = packet.index + packet.count
        watch.take(measured(packet.samples(), start))
        guide.faces(watch.state)
        await asyncio.sleep(0)
        return watch.is_complete

    return on_packet


def judge_calibration(found: Calibration, watch: FaceWatch, sheet: Datasheet) -> list[Check]:
    """Judge offset and scale by the data sheet, and whether they make 1 g of poses that had no part in them."""
    fresh = np.array([pose.mean_g for pose in watch.fresh])
    left_g = float(np.abs(np.linalg.norm(found.corrected(fresh), axis=1) - 1).max())
    not_stored = "nothing was stored; see that each face lies still, and the sensor"
    near = bool(np.all(np.abs(found.offset_g) <= sheet.offset_g))
    right = bool(np.all(np.abs(found.scale) <= sheet.scale_share))
    holds = left_g <= VERIFY_G
    return [
        judged(
            *("offset", "accel. offset"),
            f"{by_axis(found.offset_g * 1000, '+.1f')} mg",
            f"{' '.join(f'{limit * 1000:.0f}' for limit in sheet.offset_g)} mg",
            good=near,
            note="" if near else not_stored,
            offset_g=_list(found.offset_g),
            uncertainty_g=_list(found.offset_error_g),
            limit_g=list(sheet.offset_g),
            poses_g={face: _list(pose.mean_g) for face, pose in watch.poses.items()},
        ),
        judged(
            *("scale", "accel. scale"),
            f"{by_axis(found.scale * 100, '+.2f')} %",
            f"within {sheet.scale_share * 100:.0f} %",
            good=right,
            note="" if right else not_stored,
            scale=_list(found.scale),
            uncertainty=_list(found.scale_error),
            limit_share=sheet.scale_share,
            residual_g=round(found.residual_g, 6),
        ),
        judged(
            *("fresh", "1 g askew"),
            f"{left_g * 1000:.1f} mg off",
            f"up to {VERIFY_G * 1000:.0f} mg",
            good=holds,
            note="" if holds else not_stored,
            off_g=round(left_g, 6),
            limit_g=VERIFY_G,
            poses_g=[_list(pose.mean_g) for pose in watch.fresh],
        ),
    ]


def _known(values: tuple[int, ...]) -> dict[str, Any] | None:
    if UNKNOWN_I16 in values or values == NONE:
        return None
    return {"offset_100ug": list(values[:3]), "scale_e4": list(values[3:])}


def _list(values: FloatArray) -> list[float]:
    return [round(float(value), 6) for value in values]
