"""Run files for tests, with a known truth: every sample, when it was taken, and what was written when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from surefoot.recording.framing import FrameType, write_frame
from surefoot.recording.payloads import arrived_payload, clock_payload, facts_payload
from surefoot.wire.packets import Kind, Packet, record_packet, sample_packet
from surefoot.wire.records import End, Start

SERIAL = bytes.fromhex("24 6f 28 aa be ef")
RUN = 261
START_UTC_US = 1_790_000_000_000_000
PACKET_SAMPLES = 19

START = Start(
    layout=1,
    run=RUN,
    started_by=0,
    boot_count=42,
    reset_cause=1,
    firmware_version=(0, 3, 0),
    board="esp32_devkitc",
    serial_number=SERIAL,
    sensor_part="MPU6050",
    who_am_i=0x68,
    rate_hz=500,
    accel_range_g=16,
    gyro_range_dps=2000,
    accel_bandwidth_hz=184,
    gyro_bandwidth_hz=188,
    accel_delay_us=2000,
    gyro_delay_us=1900,
    fifo_bytes=1024,
    side=0,
    self_test=63,
    gyro_bias_raw=(10, -20, 30),
    accel_offset_100ug=(32767, 32767, 32767),
    accel_scale_e4=(32767, 32767, 32767),
    temperature_cdegc=2512,
    battery_mv=3980,
    utc_us=0,
    utc_age_s=0,
)


@dataclass(frozen=True)
class MadeRun:
    """Packets of a run, and the truth.

    Attributes
    ----------
    packets : list of Packet
        Start, samples, end; numbered without a hole.
    values : array of int16, shape (n, 6)
        Samples 0 to n - 1.
    taken_us : array, shape (n,)
        When each was taken, us of true time from the start of the run.
    clock_zero_us : int
        The pod's clock at the start.
    clock_ppm : float
        How much it runs fast.
    """

    packets: list[Packet]
    values: NDArray[np.int16]
    taken_us: NDArray[np.float64]
    clock_zero_us: int
    clock_ppm: float

    def clock_us(self, true_us: float) -> int:
        """The pod's clock at a moment, not wrapped."""
        return round(self.clock_zero_us + true_us * (1 + self.clock_ppm / 1e6))

    def ended_us(self, packet: Packet) -> float:
        """True time at which a packet could be sent."""
        if packet.kind > Kind.PACKED:
            return float(self.taken_us[min(packet.index, len(self.taken_us) - 1)])
        return float(self.taken_us[packet.index + packet.count - 1]) + 3000

    def arrived(self, packet: Packet, late_us: float = 20_000) -> bytes:
        """The frame of a packet that arrived so much later."""
        utc_us = round(START_UTC_US + self.ended_us(packet) + late_us)
        return write_frame(FrameType.ARRIVED, arrived_payload(utc_us, packet.to_bytes()))

    def asked(self, true_us: float, there_us: float = 30_000, back_us: float = 30_000) -> bytes:
        """The clock frame of a question at a moment, with its time under way there and back."""
        asked, heard = START_UTC_US + true_us, true_us + there_us
        index = int(np.searchsorted(self.taken_us, heard))
        clock_us = self.clock_us(heard) % 2**30
        payload = clock_payload(round(asked), round(asked + there_us + back_us), clock_us, index % 2**30, RUN)
        return write_frame(FrameType.CLOCK, payload)


def made_run(
    seconds: float,
    rate_hz: Callable[[NDArray[np.float64]], NDArray[np.float64]] | float = 500.0,
    *,
    clock_ppm: float = 0.0,
    clock_zero_us: int = 5_000_000,
    start: Start = START,
    packed: bool = False,
    seed: int = 0,
) -> MadeRun:
    """Make a run; `rate_hz` may be a function of the time in s."""
    random = np.random.default_rng(seed)
    count = round(seconds * start.rate_hz)
    if callable(rate_hz):
        about_s = np.arange(count) / start.rate_hz
        period_us = 1e6 / rate_hz(about_s)
    else:
        period_us = np.full(count, 1e6 / rate_hz)
    taken_us = np.cumsum(period_us)
    steps = random.integers(-40, 41, (count, 6)) if packed else random.integers(-32768, 32768, (count, 6))
    values = (np.cumsum(steps, axis=0) if packed else steps).astype(np.int16)
    run = MadeRun([], values, taken_us, clock_zero_us, clock_ppm)
    packets = run.packets
    packets.append(record_packet(Kind.START, start.to_bytes(), 0, 0, clock_zero_us, run=start.run))
    for index in range(0, count, PACKET_SAMPLES):
        part = values[index : index + PACKET_SAMPLES]
        last = index + len(part) - 1
        behind = int(random.integers(0, 4))
        # the FIFO is asked somewhere between two samples
        at_us = taken_us[last] + (behind + random.random()) * period_us[last]
        clock_us = run.clock_us(at_us)
        packet = sample_packet(part, len(packets), index, clock_us, run=start.run, behind=behind)
        packets.append(packet.packed() if packed else packet)
    end = End(0, count, 0, 0, 0, 0)
    packets.append(
        record_packet(Kind.END, end.to_bytes(), len(packets), count, run.clock_us(taken_us[-1]), run=start.run)
    )
    return run


def file_frame() -> bytes:
    return write_frame(
        FrameType.FILE, facts_payload({"format": 1, "writer": "test", "created_utc_us": START_UTC_US - 10**6})
    )


def live_file(run: MadeRun, asked_every_s: float = 10.0) -> bytes:
    """The file of a recording without any fault, not closed."""
    frames = [file_frame()]
    next_us = 0.0
    for packet in run.packets:
        if run.ended_us(packet) >= next_us:
            frames.append(run.asked(next_us + 1000))
            next_us += asked_every_s * 1e6
        frames.append(run.arrived(packet))
    return b"".join(frames)


def file_of(run: MadeRun, packets: Sequence[Packet]) -> bytes:
    """A file of these packets as they arrived, in this order."""
    return file_frame() + b"".join(run.arrived(packet) for packet in packets)


def with_start(start: Start = START, **changes: object) -> Start:
    """The start packet's content with some fields changed."""
    return replace(start, **changes)  # type: ignore[arg-type]
