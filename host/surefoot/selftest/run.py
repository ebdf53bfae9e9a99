"""The whole test of one pod, from who it is to its calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from surefoot.selftest.bench import Bench, Enough
from surefoot.selftest.checks import Check, Verdict, not_measured
from surefoot.selftest.chip import check_battery, check_identity, check_self_test
from surefoot.selftest.datasheet import Datasheet, datasheet
from surefoot.selftest.noise import check_new, check_rest
from surefoot.selftest.report import Report
from surefoot.selftest.six_faces import SIX_FACES, Guide, calibrate, measured
from surefoot.selftest.storing import read_calibration
from surefoot.selftest.timing import (
    Flow,
    check_bus,
    check_gaps,
    check_rate,
    check_silence,
    check_stream,
    read_flow,
)
from surefoot.wire.fields import UNKNOWN_I16
from surefoot.wire.packets import Kind, Packet
from surefoot.wire.records import EndReason, Start

_STREAM = (("stream", "stream"), ("silence", "longest silence"))
_SELF_TEST = ("self_test", "chip's own test")
_OF_THE_STREAM = (
    *(("noise_accel", "accel. noise"), ("noise_gyro", "gyro. noise"), ("bias", "gyro. bias")),
    ("new", "new values"),
    *(("rate", "sample rate"), ("jitter", "clock of reads"), ("gaps", "gaps")),
    *(("bus", "sensor's wires"), ("battery", "battery gauge")),
)
"""What needs samples."""
_GYROSCOPE = ("noise_gyro", "bias")


@dataclass(frozen=True)
class Wishes:
    """How to test: seconds of streaming, whether to ask for the six faces, and what a meter reads at the cell."""

    seconds: float = 60.0
    faces: bool = True
    meter_mv: int | None = None


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
        at_rest, ended = await _at_rest(bench, start, sheet, wishes, guide)
        checks += at_rest
        if wishes.faces and ended:
            checks.append(not_measured(*SIX_FACES, "the pod ended the stream by itself; nothing was stored"))
        elif wishes.faces:
            faces, after = await calibrate(bench, start, sheet, guide, before)
            checks += faces
    else:
        others = (_SELF_TEST, *_OF_THE_STREAM, *_STREAM, *([SIX_FACES] if wishes.faces else []))
        checks += [not_measured(*what, "the pod has no sensor that it can use") for what in others]
    calibration = {"before": _known(before), "after": _known(after)}
    return Report(bench.pod, bench.way, start, utc_us, tuple(checks), calibration)


async def _at_rest(
    bench: Bench, start: Start, sheet: Datasheet, wishes: Wishes, guide: Guide
) -> tuple[list[Check], bool]:
    """Make the checks that need nobody's hands: the pod lies on a table. Tell whether it ended the stream by itself."""
    guide.step("Lay the pod on a firm table, on any face, and do not touch it.")
    tested = await bench.chip_self_test()
    guide.step(f"Streaming for {wishes.seconds:.0f} s; do not touch it.")
    streamed = await bench.stream(wishes.seconds, _shown(start, guide))
    flow = read_flow(streamed, float(start.rate_hz))
    if flow is None:
        why = f"no samples came{f': {streamed.broke}' if streamed.broke else ''}"
        checks = [not_measured(*what, why) for what in _OF_THE_STREAM]
    else:
        checks = _of_the_stream(flow, streamed.start or start, sheet, wishes)
    quiet = not any(check.verdict == Verdict.FAIL for check in checks if check.key in _GYROSCOPE)
    lasting = [check_stream(streamed, flow, wishes.seconds), check_silence(streamed, start.rate_hz)]
    ended = flow is not None and bool(flow.ended_by_itself)
    return [check_self_test(tested, sheet, rests=quiet), *checks, *lasting], ended


def _of_the_stream(flow: Flow, run: Start, sheet: Datasheet, wishes: Wishes) -> list[Check]:
    """Judge the samples; `run` is the run's own start packet, where that came."""
    ran_empty = flow.end is not None and flow.end.reason == EndReason.BATTERY
    return [
        *check_rest(measured(flow.values, run), run, sheet),
        check_new(flow.values),
        *check_rate(flow, run.rate_hz, sheet),
        check_gaps(flow),
        check_bus(flow),
        check_battery(run.battery_mv, wishes.meter_mv, ran_empty=ran_empty),
    ]


def _shown(start: Start, guide: Guide) -> Enough:
    async def on_packet(packet: Packet) -> bool:
        if packet.kind <= Kind.PACKED:
            guide.streaming((packet.index + packet.count) / start.rate_hz)
        return False

    return on_packet


def _known(values: tuple[int, ...]) -> dict[str, Any] | None:
    if UNKNOWN_I16 in values:
        return None
    return {"offset_100ug": list(values[:3]), "scale_e4": list(values[3:])}
