"""Whether samples come at the rate that was promised, evenly, and all of them; whether all packets arrive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.recording.clock import fit_pod_clock
from surefoot.recording.samples import FloatArray
from surefoot.selftest.bench import Streamed
from surefoot.selftest.checks import Check, judged, not_measured
from surefoot.selftest.datasheet import Datasheet
from surefoot.wire.columns import Headers, PacketTable
from surefoot.wire.packets import GAP, SAMPLES_MAX, Flag, Kind, Packet
from surefoot.wire.packing import Int16Array
from surefoot.wire.records import End, EndReason, in_words, read_record
from surefoot.words import count_of

READ_S = 0.001
"""The pod dates a FIFO read anew if asking for the count took longer (firmware/pod/sensing/sampler.py)."""
JITTER_SHARE = 0.99
"""Of the reads: one of a hundred may be late by an interrupt that came twice."""
RATE_S = 2.0
"""Below this the pairs of count and clock, each good to half a sample, say too little of the rate."""
SHORT_S = 2.0
"""So much less than was asked for may be sampled: a second until the first sample, and one for the end."""
SILENCE_PACKETS = 32
"""Half of what the pod's memory holds: from there on packets go to flash (docs/link.md, "Loss")."""


WHY_IT_ENDED: dict[int, str] = {
    EndReason.BUTTON: "its button was held; do the test again",
    EndReason.BATTERY: "its battery is low; charge it",
    EndReason.STORE_FULL: "its store is full",
    EndReason.SENSOR_LOST: "its sensor was lost; see its wires and supply",
    EndReason.RESTART_OR_SLEEP: "it restarted or went to sleep",
    EndReason.NO_MOTION: "it went to sleep for want of motion",
}
"""Not by being asked to."""


@dataclass(frozen=True)
class Flow:
    """The packets of a stream, read."""

    headers: Headers
    values: Int16Array
    end: End | None

    @property
    def sampled(self) -> Headers:
        """The headers of packets of samples."""
        return self.headers.where(self.headers.samples > 0)

    @property
    def seconds(self) -> float:
        """How long was sampled, by the pod's clock."""
        return float(np.ptp(self.sampled.clock_us)) / 1e6

    @property
    def ended_by_itself(self) -> str:
        """Why the pod ended the run without being asked to; empty where it did not, or did not say."""
        if self.end is None or self.end.reason == EndReason.HOST:
            return ""
        return WHY_IT_ENDED.get(self.end.reason) or in_words(EndReason, self.end.reason, "reason")


def read_flow(streamed: Streamed, rate_hz: float) -> Flow | None:
    """Read the packets of a stream; None without any sample."""
    sizes = np.array([len(packet) for packet in streamed.packets], np.int64)
    table = PacketTable.from_bytes(b"".join(streamed.packets), sizes)
    values = table.unpack()[0] if len(table) else np.zeros((0, 6), np.int16)
    if not len(values):
        return None
    records = [read_record(Packet.from_bytes(packet)) for packet in streamed.packets if packet[0] & 15 == Kind.END]
    return Flow(table.headers(rate_hz), values, next((one for one in records if isinstance(one, End)), None))


def check_rate(flow: Flow, rate_hz: int, sheet: Datasheet) -> list[Check]:
    """Judge the sensor's clock by the pod's, and how evenly its FIFO is read."""
    names = (("rate", "sample rate"), ("jitter", "clock of reads"))
    index, clock_us = flow.sampled.clock_pairs()
    clock = fit_pod_clock(index, clock_us, float(rate_hz))
    if not clock.measured or np.ptp(index) < RATE_S * rate_hz:
        return [not_measured(*name, f"it needs {RATE_S:.0f} s of samples") for name in names]
    true_hz = 1e6 / clock.period_us
    off_share = true_hz / rate_hz - 1
    right = abs(off_share) <= sheet.clock_share
    wrong = "the sensor's clock or the pod's crystal is off: a copy, or a setting that the sensor did not take"
    note = "" if clock.jumps == 0 else f"the pod's clock jumped {count_of(clock.jumps, 'time')}"
    off_s = np.abs(clock_us - clock.at_us(index)) / 1e6
    late_s = float(np.quantile(off_s, JITTER_SHARE))
    limit_s = 0.5 / rate_hz + READ_S
    return [
        judged(
            *names[0],
            f"{true_hz:.2f} Hz ({off_share * 100:+.2f} %)",
            f"{rate_hz} Hz within {sheet.clock_share * 100:.0f} %",
            good=right,
            note="" if right else wrong,
            rate_hz=round(true_hz, 4),
            nominal_hz=rate_hz,
            limit_share=sheet.clock_share,
        ),
        judged(
            *names[1],
            f"{late_s * 1e3:.2f} ms",
            f"up to {limit_s * 1e3:.2f} ms",
            good=late_s <= limit_s and clock.jumps == 0,
            note=note,
            off_ms_p99=round(late_s * 1e3, 4),
            limit_ms=limit_s * 1e3,
            jumps=clock.jumps,
        ),
    ]


def check_gaps(flow: Flow) -> Check:
    """Judge whether the pod took every sample that the sensor made."""
    flags = flow.sampled.flags
    counts = {
        "overflows": int((flags & Flag.OVERFLOW > 0).sum()),
        "sensor_restarts": int((flags & Flag.RESTARTED > 0).sum()),
        "interrupted": int((flags & Flag.BUS_FAULT > 0).sum()),
    }
    headers = flow.headers
    next_to = np.diff(headers.sequence) == 1
    missing = np.diff(headers.index) - headers.samples[:-1]
    gap = int(missing[next_to].sum())
    told = int((flags & GAP > 0).sum())
    if flow.end is not None:
        counts["overflows"] = max(counts["overflows"], flow.end.overflows)
        counts["sensor_restarts"] = max(counts["sensor_restarts"], flow.end.sensor_restarts)
    note = "the pod could not read the sensor in time" if counts["overflows"] else ""
    note = note or ("the sensor lost its settings: see its supply" if counts["sensor_restarts"] else "")
    value = f"{count_of(told, 'gap')}, {count_of(gap, 'sample')} missing"
    good = gap == 0 and told == 0 and not any(counts.values())
    return judged("gaps", "gaps", value, "none", good=good, note=note, gaps=told, missing=gap, **counts)


def check_bus(flow: Flow) -> Check:
    """Judge the I2C bus by the transfers that failed while it streamed."""
    what = ("bus", "sensor's wires")
    if flow.end is None:
        return not_measured(*what, "the stream broke before the pod could tell")
    faults = flow.end.bus_faults
    note = "transfers failed: see SDA, SCL and the ground wire" if faults else ""
    value = count_of(faults, "failed transfer")
    return judged(*what, value, "none", good=faults == 0, note=note, bus_faults=faults, samples=flow.end.samples)


def check_stream(streamed: Streamed, flow: Flow | None, asked_s: float) -> Check:
    """Judge what arrived of what the pod made, and whether it made it for as long as it was asked to.

    What the pod counts as dropped is the most that can be lost: some of it came before it was acknowledged.
    """
    lost = streamed.made - len(streamed.packets)
    dropped = flow.end.packets_dropped if flow and flow.end else 0
    wrong = _what_is_wrong(streamed, flow, asked_s)
    again = f"{count_of(streamed.fetched, 'packet')} had to be asked for again" if streamed.fetched else ""
    size = sum(map(len, streamed.packets))
    return judged(
        *("stream", f"stream of {asked_s:.0f} s"),
        f"{lost:,} of {count_of(streamed.made, 'packet')} lost",
        "none lost, to the end",
        good=not wrong,
        note=wrong or again,
        seconds=round(streamed.seconds, 2),
        seconds_sampled=round(flow.seconds, 2) if flow else 0.0,
        packets_made=streamed.made,
        packets_lost=lost,
        packets_sent_again=streamed.fetched,
        packets_dropped_by_pod=dropped,
        packets_unreadable=streamed.unreadable,
        bytes_per_s=round(size / streamed.seconds) if streamed.seconds else 0,
    )


def _what_is_wrong(streamed: Streamed, flow: Flow | None, asked_s: float) -> str:
    if streamed.broke:
        return f"the link broke: {streamed.broke}"
    if flow is None:
        return "no samples came"
    if flow.ended_by_itself:
        return f"the pod ended it after {flow.seconds:.0f} s: {flow.ended_by_itself}"
    if flow.seconds < asked_s - SHORT_S:
        return f"it stopped after {flow.seconds:.0f} s"
    lost = streamed.made > len(streamed.packets)
    return "the pod has them no more: its memory ran over" if lost else ""


def check_silence(streamed: Streamed, rate_hz: int) -> Check:
    """Judge the longest time without a packet by what the pod's memory holds."""
    silence_s = longest_silence_s(streamed)
    limit_s = SILENCE_PACKETS * SAMPLES_MAX / rate_hz
    good = silence_s <= limit_s
    return judged(
        *("silence", "longest silence"),
        f"{silence_s:.2f} s",
        f"up to {limit_s:.2f} s",
        good=good,
        note="" if good else "bring the pod nearer, away from other radios",
        silence_s=round(silence_s, 3),
        limit_s=limit_s,
    )


def longest_silence_s(streamed: Streamed) -> float:
    """Return the longest time without a packet that came by itself, from the first one to the end."""
    arrived_s: FloatArray = streamed.arrived_s
    if not len(arrived_s):
        return streamed.seconds
    return float(np.diff(arrived_s, append=max(streamed.seconds, arrived_s[-1])).max())
