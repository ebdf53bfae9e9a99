"""The pod's clock -> UTC: from what was asked and answered, or the next best evidence that a file holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.recording.samples import FloatArray
from surefoot.wire.packets import COUNTER

UTC_US_POSSIBLE = (946_684_800_000_000, 4_102_444_800_000_000)
"""2000 to 2100; a time outside it was never set."""


@dataclass(frozen=True)
class UtcParameters:
    """Limits of the fit."""

    drift_measurable_s: float = 300.0
    """Answers within 10 ms tell a drift to 30 ppm over this time; crystals are within 40."""
    drift_ppm: float = 500.0
    """No crystal drifts more."""
    best_answers: float = 3.0
    """Answers that took so many times as long as the fastest are left out, where they took longer than `quick_s`."""
    quick_s: float = 0.05
    agree_s: float = 5.0
    """Answers outside the run whose UTC differs more from that of the run are of another start of the pod."""
    window_s: float = 30.0
    """In this time some packet arrives without waiting: at the next connection event, 15 to 50 ms after its end."""
    live_share: float = 0.5
    """Packets that arrived in less than this share of the time they were recorded in were fetched later."""


@dataclass(frozen=True)
class Evidence:
    """What a file says about UTC; all clocks extended and in us.

    Attributes
    ----------
    answers : array of float, shape (n, 3)
        Pod's clock, UTC in the middle between question and answer, half the time between, of questions during the run.
    outside : array of float, shape (n, 3)
        The same of questions while no run was recorded; that clock is known modulo 2^30 only.
    written : array of float, shape (n, 2)
        Pod's clock and UTC of the stream's own clock packets: when the host wrote it, a little before it arrived.
    started : tuple of float or None
        Pod's clock and UTC by the start packet, to a second.
    arrivals : array of float, shape (n, 2)
        Pod's clock and UTC of arrival of packets.
    """

    answers: FloatArray
    outside: FloatArray
    written: FloatArray
    started: tuple[float, float] | None
    arrivals: FloatArray


@dataclass(frozen=True)
class UtcFit:
    """UTC over the pod's clock: `utc_us = clock_us + offset_us - clock_us * drift_ppm / 1e6`, near enough.

    Attributes
    ----------
    source : str
        `answers`, `clock packets`, `start packet`, `arrivals` or `none`.
    at_us, offset_us : float
        UTC less the pod's clock, us, when that clock showed `at_us`.
    drift_ppm : float or None
        How much the pod's clock runs fast; None where that could not be told.
    residual_ms : float
        Median distance of what the fit rests on.
    """

    source: str
    at_us: float
    offset_us: float
    drift_ppm: float | None
    residual_ms: float

    @property
    def seconds_per_us(self) -> float:
        """True seconds in a microsecond of the pod's clock."""
        return (1 - (self.drift_ppm or 0.0) / 1e6) / 1e6

    def utc_us(self, clock_us: float) -> int | None:
        """Return UTC at a moment of the pod's clock."""
        if self.source == "none":
            return None
        return round(clock_us + self.offset_us - (clock_us - self.at_us) * (self.drift_ppm or 0.0) / 1e6)


def fit_utc(evidence: Evidence, parameters: UtcParameters | None = None) -> UtcFit:
    """Fit UTC over the pod's clock from the best evidence there is.

    Answers come first, then clock packets, arrivals while recording, and the start packet. Answers may be late on one
    side only by half their time; of arrivals the earliest count.
    """
    p = parameters or UtcParameters()
    rough = _rough(evidence, p)
    answers = np.concatenate([evidence.answers, _agreeing(evidence.outside, rough, p)])
    if len(answers):
        quick = answers[:, 2] <= max(p.best_answers * float(answers[:, 2].min()), p.quick_s * 1e6)
        return _line("answers", answers[quick, 0], answers[quick, 1], p)
    if len(evidence.written):
        return _line("clock packets", evidence.written[:, 0], evidence.written[:, 1], p)
    return rough


def _rough(evidence: Evidence, p: UtcParameters) -> UtcFit:
    """Return the best fit without answers from outside the run."""
    if len(evidence.answers):
        return _line("answers", evidence.answers[:, 0], evidence.answers[:, 1], p)
    if len(evidence.written):
        return _line("clock packets", evidence.written[:, 0], evidence.written[:, 1], p)
    if _live(evidence.arrivals, p):
        clock_us, utc_us = _earliest(evidence.arrivals, p)
        return _line("arrivals", clock_us, utc_us, p)
    if evidence.started:
        return UtcFit("start packet", evidence.started[0], evidence.started[1] - evidence.started[0], None, 0.0)
    return UtcFit("none", 0.0, 0.0, None, 0.0)


def _agreeing(outside: FloatArray, rough: UtcFit, p: UtcParameters) -> FloatArray:
    """Return the answers from outside the run that are of the same start of the pod, their clocks extended."""
    if rough.source == "none":
        return np.zeros((0, 3))
    off = outside[:, 1] - rough.offset_us - outside[:, 0]
    extended = outside.copy()
    extended[:, 0] += np.round(off / COUNTER) * COUNTER
    return extended[np.abs(outside[:, 1] - rough.offset_us - extended[:, 0]) < p.agree_s * 1e6]


def _live(arrivals: FloatArray, p: UtcParameters) -> bool:
    return len(arrivals) > 1 and bool(np.ptp(arrivals[:, 1]) >= p.live_share * np.ptp(arrivals[:, 0]))


def _earliest(arrivals: FloatArray, p: UtcParameters) -> tuple[FloatArray, FloatArray]:
    """Return, of each window, the packet that was the shortest time under way."""
    window = ((arrivals[:, 0] - arrivals[0, 0]) // (p.window_s * 1e6)).astype(np.int64)
    order = np.lexsort((arrivals[:, 1] - arrivals[:, 0], window))
    first = order[np.concatenate([[True], np.diff(window[order]) > 0])]
    return arrivals[first, 0], arrivals[first, 1]


def _line(source: str, clock_us: FloatArray, utc_us: FloatArray, p: UtcParameters) -> UtcFit:
    """Fit by the median of the slopes between the points (Theil and Sen): a quarter of them may be wrong."""
    offsets = utc_us - clock_us
    middle = float(np.median(clock_us))
    drift = None
    if len(clock_us) > 2 and np.ptp(clock_us) >= p.drift_measurable_s * 1e6:
        few = np.linspace(0, len(clock_us) - 1, min(len(clock_us), 300)).astype(np.int64)
        a, b = np.triu_indices(len(few), 1)
        span = clock_us[few][b] - clock_us[few][a]
        far = np.abs(span) > p.drift_measurable_s * 1e6 / 2
        drift = float(np.median((offsets[few][b] - offsets[few][a])[far] / span[far]))
        drift = drift if abs(drift) < p.drift_ppm / 1e6 else None
    level = offsets - (clock_us - middle) * (drift or 0.0)
    offset_us = float(np.median(level))
    residual_ms = float(np.median(np.abs(level - offset_us))) / 1e3
    return UtcFit(source, middle, offset_us, None if drift is None else -drift * 1e6, residual_ms)
