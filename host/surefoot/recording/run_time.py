"""When the samples of a run file were taken: what its frames and packets say, put to the fits of the clocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.recording.clock import PodClock, fit_pod_clock
from surefoot.recording.contents import Contents
from surefoot.recording.run_packets import RunPackets
from surefoot.recording.samples import FloatArray
from surefoot.recording.utc import UTC_US_POSSIBLE, Evidence, UtcFit, fit_utc
from surefoot.wire.packets import COUNTER, Kind
from surefoot.wire.packing import IntArray
from surefoot.wire.records import Clock

SAME_MOMENT_US = 2e6
"""A clock and the sample number told with it belong together to this: the FIFO may hold samples not yet numbered."""


@dataclass(frozen=True)
class RunTime:
    """Time of every sample of a run.

    Attributes
    ----------
    first_index : int
        Number of the first sample that is here: second 0.
    nominal_hz : float or None
        Rate that the pod promised.
    clock : PodClock
        Sample number to the pod's clock.
    utc : UtcFit
        The pod's clock to UTC.
    """

    first_index: int
    nominal_hz: float | None
    clock: PodClock
    utc: UtcFit

    @property
    def rate_hz(self) -> float:
        """True rate: samples per second of UTC, or of the pod's clock where its drift is not known."""
        return 1 / (self.clock.period_us * self.utc.seconds_per_us)

    @property
    def start_utc_us(self) -> int | None:
        """UTC of the first sample."""
        return self.utc.utc_us(float(self.clock.at_us(self.first_index)))

    def at_s(self, index: IntArray | FloatArray | float) -> FloatArray:
        """Return the time of samples, s from the first that is here."""
        origin_us = self.clock.at_us(self.first_index)
        return np.asarray((self.clock.at_us(index) - origin_us) * self.utc.seconds_per_us, np.float64)

    def of_utc_s(self, utc_us: int) -> float | None:
        """Return the time, s from the first sample, of a moment in UTC."""
        start_utc_us = self.start_utc_us
        return None if start_utc_us is None else (utc_us - start_utc_us) / 1e6


def time_run(contents: Contents, run: RunPackets) -> RunTime:
    """Fit both clocks."""
    start = run.start
    nominal_hz = float(start.rate_hz) if start and start.rate_hz else None
    pairs_of = run.headers.where(run.holds_samples)
    index, clock_us = pairs_of.clock_pairs()
    clock = fit_pod_clock(index, clock_us, nominal_hz)
    return RunTime(
        first_index=int(run.index[0]) if len(run.index) else 0,
        nominal_hz=nominal_hz,
        clock=clock,
        utc=fit_utc(_evidence(contents, run, clock)),
    )


def _evidence(contents: Contents, run: RunPackets, clock: PodClock) -> Evidence:
    frames = contents.clock_answers
    frames = frames[_possible(frames["asked_utc_us"]) & _possible(frames["answered_utc_us"])]
    frames = frames[frames["answered_utc_us"] >= frames["asked_utc_us"]]
    asked, answered = (frames[name].astype(np.float64) for name in ("asked_utc_us", "answered_utc_us"))
    rows = np.column_stack([frames["clock_us"].astype(np.float64), (asked + answered) / 2, (answered - asked) / 2])
    number = run.start.run if run.start else contents.block_run
    ours = frames["run"] == number if number else (frames["run"] > 0) & (frames["run"] % 256 == run.run)
    return Evidence(
        answers=_extended(rows[ours], frames["index"][ours].astype(np.int64), run, clock),
        outside=rows[frames["run"] == 0],
        written=_written(run, clock),
        started=_started(run, clock),
        arrivals=_arrivals(run, clock),
    )


def _extended(rows: FloatArray, index: IntArray, run: RunPackets, clock: PodClock) -> FloatArray:
    """Extend the pod's clock in answers, which is modulo 2^30, by the sample number that came with it."""
    last = int(run.headers.index[-1])
    index = last + (index - last + COUNTER // 2) % COUNTER - COUNTER // 2
    about_us = clock.at_us(index)
    extended = rows.copy()
    extended[:, 0] += np.round((about_us - rows[:, 0]) / COUNTER) * COUNTER
    return extended[np.abs(extended[:, 0] - about_us) < SAME_MOMENT_US]


def _written(run: RunPackets, clock: PodClock) -> FloatArray:
    """Pod's clock and UTC of the clock packets."""
    said = [(placed.row, placed.record.utc_us) for placed in run.records if isinstance(placed.record, Clock)]
    rows = np.array(said, np.float64).reshape(-1, 2)
    at = rows[:, 0].astype(np.int64)
    clock_us = run.headers.clock_us[at]
    told = np.abs(clock_us - clock.at_us(run.headers.index[at])) < SAME_MOMENT_US
    written: FloatArray = np.column_stack([clock_us, rows[:, 1]])[told & _possible(rows[:, 1])]
    return written


def _started(run: RunPackets, clock: PodClock) -> tuple[float, float] | None:
    start = run.start
    if start is None or not UTC_US_POSSIBLE[0] < start.utc_us < UTC_US_POSSIBLE[1]:
        return None
    return float(clock.at_us(0)), start.utc_us + start.utc_age_s * 1e6


def _arrivals(run: RunPackets, clock: PodClock) -> FloatArray:
    arrived = run.arrived_utc_us
    chosen = _possible(arrived) & (run.headers.kind <= Kind.PACKED)
    ends = run.headers.index[chosen] + run.headers.count[chosen] - 1
    return np.column_stack([clock.at_us(ends), arrived[chosen].astype(np.float64)])


def _possible(utc_us: np.ndarray) -> np.ndarray:
    return np.asarray((utc_us > UTC_US_POSSIBLE[0]) & (utc_us < UTC_US_POSSIBLE[1]))
