"""Guides a pod over its six faces, fits offset and scale, sees whether they hold, and stores them."""

from __future__ import annotations

import asyncio
from typing import Protocol

import numpy as np

from surefoot.pod.race import to_its_end
from surefoot.recording.samples import FloatArray
from surefoot.recording.units import ACCEL_COUNTS, accel_range_g, gyro_dps
from surefoot.selftest.bench import Bench, Enough
from surefoot.selftest.calibration import Calibration, CalibrationError, fit
from surefoot.selftest.calibration_checks import check_askew, check_offset_and_scale
from surefoot.selftest.checks import Check, Verdict, judged, not_measured
from surefoot.selftest.datasheet import Datasheet
from surefoot.selftest.faces import FaceState, FaceWatch
from surefoot.selftest.storing import NONE, NotStored, store_calibration
from surefoot.wire.packets import Kind, Packet
from surefoot.wire.packing import Int16Array
from surefoot.wire.records import Start

FACES_S = 600.0
"""For six faces and two poses; done without haste they take two minutes."""
SIX_FACES = ("faces", "six faces")
_STORED = ("stored", "stored")
_UNSEEN = (
    "over Bluetooth a pod cannot say whether its flash took it: switch it off and on, and look with --no-faces whether "
    "it still has it"
)
Values = tuple[int, ...]
"""Settings 7 to 12."""


class Guide(Protocol):
    """Tells whoever holds the pod what to do."""

    def step(self, text: str) -> None:
        """Say what comes now."""

    def streaming(self, done_s: float) -> None:
        """Show how far the stream is."""

    def faces(self, state: FaceState) -> None:
        """Show how far the faces are."""


def measured(values: Int16Array, start: Start) -> FloatArray:
    """Return raw counts (n, 6) in g and deg/s as measured, whatever calibration the pod has."""
    return np.hstack([values[:, :3] * (accel_range_g(start) / ACCEL_COUNTS), gyro_dps(values, start)])


async def calibrate(
    bench: Bench, start: Start, sheet: Datasheet, guide: Guide, before: Values
) -> tuple[list[Check], Values]:
    """Store a calibration if it holds in poses that had no part in it; return the checks, and what the pod has now."""
    guide.step("Now lay it on each of its six faces, in any order, 2 s each; then twice askew, best on an edge.")
    watch = FaceWatch(start.rate_hz)
    streamed = await bench.stream(FACES_S, _watching(watch, start, guide))
    if not watch.is_complete:
        missing = ", ".join(watch.state.left) or "poses askew"
        why = streamed.broke or f"within {FACES_S / 60:.0f} minutes not done: {missing}"
        return [not_measured(*SIX_FACES, f"{why}; nothing was stored")], before
    try:
        found = fit(list(watch.poses.values()))
    except CalibrationError as error:
        note = f"{error.why}, so nothing was stored; {error.next_step}"
        return [judged(*SIX_FACES, "they do not fit", "six that fit", good=False, note=note)], before
    askew = check_askew(found, watch.fresh, sheet)
    holds = askew.verdict == Verdict.PASS
    sensor_c = (streamed.start or start).temperature_cdegc / 100
    checks = [*check_offset_and_scale(found, watch.poses, sheet, sensor_c, holds=holds), askew]
    if not holds:
        why = "the calibration does not hold askew; do the faces again, each on something flat and firm"
        return [*checks, _not_stored(why)], before
    stored, after = await _stored(bench, found, before)
    return [*checks, stored], after


async def _stored(bench: Bench, found: Calibration, before: Values) -> tuple[Check, Values]:
    try:
        values = found.settings()
        # whoever stops it now waits for six values, not for three
        await to_its_end(store_calibration(bench, values))
    except CalibrationError as error:
        return _not_stored(f"{error.why}; {error.next_step}"), before
    except NotStored as error:
        return _not_stored(f"{error.why}; {error.next_step}"), before if error.restored else NONE
    if bench.knows_flash:
        return judged(*_STORED, "yes", "in flash, read back", good=True), values
    return judged(*_STORED, "yes", "in force, read back", good=True, note=_UNSEEN), values


def _not_stored(why: str) -> Check:
    return judged(*_STORED, "no", "read back", good=False, note=why)


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
