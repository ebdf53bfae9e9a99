"""What is measured, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.selftest.bench import Streamed
from surefoot.selftest.checks import Verdict
from surefoot.selftest.chip import check_battery, check_self_test
from surefoot.selftest.datasheet import MPU_6050, MPU_6500, datasheet
from surefoot.selftest.noise import noise_limit, noise_rms
from surefoot.selftest.stillness import is_still, longest_still, shakes
from surefoot.selftest.timing import check_gaps, check_rate, check_silence, check_stream, read_flow
from surefoot.wire.answers import SelfTested
from surefoot.wire.packets import Kind, record_packet, sample_packet
from surefoot.wire.records import End

RATE_HZ = 500
STILL = (0, 0, 2048, 1, -1, 2)


def stream(
    packets: int = 140,
    *,
    rate_hz: float = RATE_HZ,
    missing: tuple[int, ...] = (),
    late_us: int = 0,
    overflow_at: int | None = None,
    end: End | None = None,
) -> Streamed:
    """A stream by docs/link.md: 19 samples a packet, the clock read half a period after the last one of each."""
    made = []
    index = 0
    for number in range(packets):
        flags = 0
        if number == overflow_at:
            index, flags = index + 70, 1
        index += 19
        clock_us = round((index - 0.5) * 1e6 / rate_hz) + (late_us if number % 7 == 3 else 0)
        values = np.tile(np.array(STILL, np.int16), (19, 1))
        made.append(sample_packet(values, number, index - 19, clock_us, flags=flags).to_bytes())
    told = end or End(0, index, 0 if overflow_at is None else 1, 0, 0, 0)
    made.append(record_packet(Kind.END, told.to_bytes(), packets, index, round(index * 1e6 / rate_hz)).to_bytes())
    arrived = [data for number, data in enumerate(made) if number not in missing]
    return Streamed(tuple(arrived), np.arange(len(arrived)) * 0.038, len(made), 0, 5.3)


def rate_of(streamed: Streamed) -> tuple[Verdict, Verdict, float]:
    flow = read_flow(streamed, RATE_HZ)
    assert flow is not None
    rate, jitter = check_rate(flow, RATE_HZ, MPU_6050)
    return rate.verdict, jitter.verdict, rate.numbers.get("rate_hz", 0.0)


def test_the_limits_are_those_of_the_data_sheet() -> None:
    """400 ug * sqrt(184 Hz) = 5.43 mg; 0.005 deg/s * sqrt(188 Hz) = 0.0686; twice that, and a count by sqrt(12)."""
    assert noise_limit(400e-6, 184, 1 / 2048) * 1000 == pytest.approx(np.hypot(10.852, 0.141), rel=1e-3)
    assert noise_limit(0.005, 188, 1 / 16.4) == pytest.approx(np.hypot(0.1371, 0.0176), rel=1e-3)
    assert datasheet("6050-like") is datasheet("MPU-6050") is MPU_6050
    assert datasheet("ICM-20689") is datasheet("6500-like") is MPU_6500


def test_noise_is_the_spread_and_not_the_drift() -> None:
    """A square wave of +-3 has a standard deviation of 3, also where it steps by 50 every half second."""
    wave = np.where(np.arange(5000) % 2, 3.0, -3.0)
    assert noise_rms(wave[:, None], RATE_HZ) == pytest.approx([3.0], rel=1e-2)
    assert noise_rms((wave + np.repeat(np.arange(20) * 50.0, 250))[:, None], RATE_HZ) == pytest.approx([3.0], rel=1e-2)


@given(st.integers(0, 2**32 - 1))
def test_white_noise_neither_moves_nor_shakes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((2500, 6)) * ([0.027] * 3 + [0.35] * 3)
    assert is_still(values, RATE_HZ)
    assert len(longest_still(values, RATE_HZ)) == 2500
    assert not shakes(values, RATE_HZ)


@pytest.mark.parametrize("hz", [1, 3, 8, 14])
def test_what_is_slow_shakes(hz: float) -> None:
    at_s = np.arange(2500) / RATE_HZ
    assert shakes(0.05 * np.sin(2 * np.pi * hz * at_s)[:, None], RATE_HZ)


def test_the_longest_still_stretch_is_between_the_moves() -> None:
    values = np.zeros((5000, 6))
    values[1000:1250, 0] = 0.5
    values[4500:4600, 4] = 40.0
    assert len(longest_still(values, RATE_HZ)) == 4500 - 1250
    assert len(longest_still(values[:200], RATE_HZ)) == 0


@given(st.floats(450, 550))
def test_the_rate_is_measured(rate_hz: float) -> None:
    verdict, _, found_hz = rate_of(stream(rate_hz=rate_hz))
    assert found_hz == pytest.approx(rate_hz, rel=1e-4)
    assert (verdict == Verdict.PASS) == (abs(rate_hz / RATE_HZ - 1) <= 0.02)


def test_reads_that_are_late_fail_the_jitter_alone() -> None:
    assert rate_of(stream(late_us=1500))[:2] == (Verdict.PASS, Verdict.PASS)
    assert rate_of(stream(late_us=4000))[:2] == (Verdict.PASS, Verdict.FAIL)


def test_too_short_for_a_rate() -> None:
    assert rate_of(stream(20))[:2] == (Verdict.NOT_MEASURED, Verdict.NOT_MEASURED)


def test_a_gap_is_counted_and_a_lost_packet_is_none() -> None:
    for streamed, gaps, missing in (
        (stream(), 0, 0),
        (stream(overflow_at=60), 1, 70),
        (stream(missing=(30, 31)), 0, 0),
    ):
        flow = read_flow(streamed, RATE_HZ)
        assert flow is not None
        check = check_gaps(flow)
        assert (check.numbers["gaps"], check.numbers["missing"]) == (gaps, missing)
        assert (check.verdict == Verdict.PASS) == (gaps == 0)


def test_an_overflow_of_which_only_the_end_tells_fails_too() -> None:
    flow = read_flow(stream(end=End(0, 2660, 1, 0, 0, 0)), RATE_HZ)
    assert flow is not None
    assert check_gaps(flow).verdict == Verdict.FAIL


@given(st.sets(st.integers(0, 139), max_size=60))
def test_loss_is_counted_exactly(missing: set[int]) -> None:
    streamed = stream(missing=tuple(missing))
    check = check_stream(streamed, read_flow(streamed, RATE_HZ))
    assert check.numbers["packets_lost"] == len(missing)
    assert (check.verdict == Verdict.PASS) == (not missing)


def test_what_the_pod_counts_as_dropped_is_no_loss_where_all_arrived() -> None:
    streamed = stream(end=End(0, 2660, 0, 0, 0, 2))
    check = check_stream(streamed, read_flow(streamed, RATE_HZ))
    assert (check.verdict, check.numbers["packets_dropped_by_pod"]) == (Verdict.PASS, 2)


def test_a_stream_without_anything_fails() -> None:
    nothing = Streamed((), np.zeros(0), 0, 0, 5.0)
    assert read_flow(nothing, RATE_HZ) is None
    assert check_stream(nothing, None).verdict == Verdict.FAIL
    assert check_silence(nothing, RATE_HZ).verdict == Verdict.FAIL


def test_the_silence_is_the_longest_one() -> None:
    """Half of the pod's memory: 32 packets of 19 samples at 500 Hz are 1.216 s."""
    for gap_s, verdict in ((1.2, Verdict.PASS), (1.23, Verdict.FAIL)):
        check = check_silence(Streamed((), np.array([0.0, 0.04, 0.04 + gap_s, 1.9]), 4, 0, 2.0), RATE_HZ)
        assert check.verdict == verdict
        assert check.numbers["silence_s"] == pytest.approx(gap_s)


@pytest.mark.parametrize(
    ("battery_mv", "meter_mv", "verdict"),
    [
        (0, None, Verdict.NOT_MEASURED),
        (0, 3900, Verdict.NOT_MEASURED),
        (3399, None, Verdict.FAIL),
        (3400, None, Verdict.PASS),
        (4301, None, Verdict.FAIL),
        (3950, 3900, Verdict.PASS),
        (3951, 3900, Verdict.FAIL),
        (3849, 3900, Verdict.FAIL),
    ],
)
def test_the_gauge(battery_mv: int, meter_mv: int | None, verdict: Verdict) -> None:
    assert check_battery(battery_mv, meter_mv).verdict == verdict


def test_a_self_test_of_a_pod_that_was_moved_is_not_held_against_it() -> None:
    assert check_self_test(SelfTested(0b011111, (0,) * 6, (32767,) * 3), MPU_6050).verdict == Verdict.NOT_MEASURED
    failed = check_self_test(SelfTested(0b011111, (0, 0, 0, 0, 0, 30), (1, 2, 3)), MPU_6050)
    assert failed.verdict == Verdict.FAIL
    assert failed.numbers["failed"] == ["gz"]
