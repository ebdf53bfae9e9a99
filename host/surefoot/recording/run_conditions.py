"""What a runner must know about a run file, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from surefoot.recording.contents import Contents
from surefoot.recording.gaps import Gaps
from surefoot.recording.moments import find_marks
from surefoot.recording.run_packets import RunPackets
from surefoot.recording.run_time import RunTime
from surefoot.recording.samples import SERIOUS_SHARE, Condition
from surefoot.wire.packets import Flag
from surefoot.words import clock_time, count_of

MARKS_TOLD = 10
REASONS = {
    Flag.OVERFLOW: "its sensor's buffer ran over",
    Flag.RESTARTED: "its sensor restarted",
    Flag.BUS_FAULT: "its sensor did not answer",
}


def run_conditions(contents: Contents, run: RunPackets, time: RunTime, gaps: Gaps) -> tuple[Condition, ...]:
    """Collect what was lost, damaged, assumed or marked."""
    found = (_lost(run, time, gaps), _own_gaps(run, time, gaps), _damage(contents), _packets(run), _clock(time))
    return tuple(
        condition for some in (*found, _whole(contents, run), _said(contents, run, time)) for condition in some
    )


def _lost(run: RunPackets, time: RunTime, gaps: Gaps) -> Iterator[Condition]:
    lost = ~gaps.by_pod
    packets, samples = int(gaps.packets.sum()), int(gaps.samples[lost].sum())
    if packets:
        places = count_of(int((gaps.packets > 0).sum()), "place")
        sentence = (
            f"{count_of(packets, 'packet')} of the pod {'is' if packets == 1 else 'are'} missing in {places}: "
            f"{samples / time.rate_hz:.1f} s in all, left open as gaps."
        )
        yield Condition("lost_packets", sentence, packets, serious=_serious(samples, run))
    elif samples:
        sentence = f"{count_of(samples, 'sample')} could not be read and {'is' if samples == 1 else 'are'} missing."
        yield Condition("lost_samples", sentence, samples, serious=_serious(samples, run))
    dropped = run.dropped_by_pod
    if dropped:
        sentence = f"The pod itself dropped {count_of(dropped, 'packet')}: it could neither send nor keep them."
        yield Condition("dropped_by_pod", sentence, dropped)


def _serious(samples: int, run: RunPackets) -> bool:
    return samples > SERIOUS_SHARE * len(run.index)


def _own_gaps(run: RunPackets, time: RunTime, gaps: Gaps) -> Iterator[Condition]:
    own = gaps.by_pod
    if own.any():
        flags = int(np.bitwise_or.reduce(gaps.flags[own]))
        reasons = " or ".join(words for flag, words in REASONS.items() if flags & flag)
        samples = int(gaps.samples[own].sum())
        times = count_of(int(own.sum()), "time")
        sentence = f"The pod measured nothing {times}, {samples / time.rate_hz:.2f} s in all: {reasons}."
        yield Condition("pod_gaps", sentence, int(own.sum()), serious=_serious(samples, run))


def _damage(contents: Contents) -> Iterator[Condition]:
    if contents.damaged_places:
        sentence = (
            f"The file is damaged in {count_of(contents.damaged_places, 'place')} "
            f"({count_of(contents.damaged_bytes, 'byte')}); all else in it was read."
        )
        yield Condition("damaged", sentence, contents.damaged_places)
    elif contents.hash_right is False:
        sentence = "The file is not what it was when it was closed, though every part of it is whole."
        yield Condition("changed", sentence, 1, serious=True)


def _packets(run: RunPackets) -> Iterator[Condition]:
    if run.contradictions:
        sentence = f"{count_of(run.contradictions, 'packet')} came twice and differed; the first was kept."
        yield Condition("contradictions", sentence, run.contradictions, serious=True)
    if run.unreadable:
        sentence = f"{count_of(run.unreadable, 'packet')} of samples could not be unpacked."
        yield Condition("unreadable", sentence, run.unreadable)
    if run.misplaced:
        sentence = f"{count_of(run.misplaced, 'packet')} gave numbers to samples that others had; they were left out."
        yield Condition("misplaced", sentence, run.misplaced, serious=True)
    if run.other_runs:
        sentence = f"{count_of(run.other_runs, 'packet')} of another run in the file were left out."
        yield Condition("other_runs", sentence, run.other_runs)
    if run.no_packets:
        sentence = f"{count_of(run.no_packets, 'packet')} in the file could not be understood."
        yield Condition("no_packets", sentence, run.no_packets)


def _clock(time: RunTime) -> Iterator[Condition]:
    if time.clock.jumps:
        times = count_of(time.clock.jumps, "time")
        sentence = f"The pod's clock jumped {times}; the samples between were taken to be evenly spaced."
        yield Condition("clock_jumps", sentence, time.clock.jumps)


def _whole(contents: Contents, run: RunPackets) -> Iterator[Condition]:
    if run.start is None:
        sentence = "The beginning of the run is not in the file: ranges of 16 g and 2000 deg/s were assumed."
        yield Condition("no_start", sentence, 1, serious=True)
    if run.end is None:
        yield Condition("no_end", "The end of the run is not in the file: the pod may have measured on.", 1)
    elif not contents.closed:
        yield Condition("not_closed", "The file was not closed; all that was written is there.", 1)


def _said(contents: Contents, run: RunPackets, time: RunTime) -> Iterator[Condition]:
    start = run.start
    if start is not None and start.calibrated:
        yield Condition("calibrated", "The calibration of the pod's accelerometer was applied.", 1)
    marks = find_marks(contents, run, time)
    if marks:
        told = ", ".join(clock_time(mark.at_s) for mark in marks[:MARKS_TOLD] if mark.at_s is not None)
        rest = ", ..." if len(marks) > MARKS_TOLD else ""
        yield Condition(
            "marks",
            f"{count_of(len(marks), 'mark')} {'was' if len(marks) == 1 else 'were'} set"
            f"{f', at {told}{rest}' if told else ''}.",
            len(marks),
        )
