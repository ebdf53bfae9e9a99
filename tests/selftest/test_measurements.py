"""What is measured, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.selftest.bench import Streamed
from surefoot.selftest.checks import Verdict
from surefoot.selftest.chip import check_battery, check_self_test
from surefoot.selftest.datasheet import MPU_6050
from surefoot.selftest.timing import check_gaps, check_rate, check_silence, check_stream, read_flow
from surefoot.wire.answers import SelfTested
from surefoot.wire.packets import Kind, record_packet, sample_packet
from surefoot.wire.records import End, EndReason

RATE_HZ = 500
STILL = (0, 0, 2048, 1, -1, 2)


def stream(
    packets: int = 140,
    *,
    rate_hz: float = RATE_HZ,
    missing: tuple[int, ...] = (),
    late_us: int = 0,
    late_one_in: int = 7,
    clock_jumps_at: int | None = None,
    skipped_at: int | None = None,
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
        if number == skipped_at:
            index += 5
        index += 19
        clock_us = round((index - 0.5) * 1e6 / rate_hz) + (late_us if number % late_one_in == 3 else 0)
        if clock_jumps_at is not None and number >= clock_jumps_at:
            clock_us += 3_000_000
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


@settings(deadline=None)
@given(st.floats(450, 550))
def test_the_rate_is_measured(rate_hz: float) -> None:
    verdict, _, found_hz = rate_of(stream(rate_hz=rate_hz))
    assert found_hz == pytest.approx(rate_hz, rel=1e-4)
    assert (verdict == Verdict.PASS) == (abs(rate_hz / RATE_HZ - 1) <= 0.02)


def test_reads_that_are_late_fail_the_jitter_alone() -> None:
    assert rate_of(stream(late_us=1500))[:2] == (Verdict.PASS, Verdict.PASS)
    assert rate_of(stream(late_us=4000))[:2] == (Verdict.PASS, Verdict.FAIL)


def test_one_read_of_a_hundred_may_be_late() -> None:
    assert rate_of(stream(late_us=4000, late_one_in=50))[1] == Verdict.FAIL
    assert rate_of(stream(late_us=4000, late_one_in=200))[1] == Verdict.PASS


@pytest.mark.parametrize("at", [70, 1, 299])
def test_a_clock_that_jumps_fails_the_reads(at: int) -> None:
    """Also where only one read in three hundred is on its other side."""
    assert rate_of(stream(300, clock_jumps_at=at))[:2] == (Verdict.PASS, Verdict.FAIL)


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


def test_numbers_that_are_missing_between_two_packets_are_a_gap_though_nothing_tells_of_one() -> None:
    flow = read_flow(stream(skipped_at=60), RATE_HZ)
    assert flow is not None
    check = check_gaps(flow)
    assert (check.verdict, check.numbers["missing"]) == (Verdict.FAIL, 5)


def test_an_overflow_of_which_only_the_end_tells_fails_too() -> None:
    flow = read_flow(stream(end=End(0, 2660, 1, 0, 0, 0)), RATE_HZ)
    assert flow is not None
    assert check_gaps(flow).verdict == Verdict.FAIL


@settings(deadline=None)
@given(st.sets(st.integers(0, 139), max_size=60))
def test_loss_is_counted_exactly(missing: set[int]) -> None:
    streamed = stream(missing=tuple(missing))
    check = check_stream(streamed, read_flow(streamed, RATE_HZ), 5.0)
    assert check.numbers["packets_lost"] == len(missing)
    assert (check.verdict == Verdict.PASS) == (not missing)


def test_what_the_pod_counts_as_dropped_is_no_loss_where_all_arrived() -> None:
    streamed = stream(end=End(0, 2660, 0, 0, 0, 2))
    check = check_stream(streamed, read_flow(streamed, RATE_HZ), 5.0)
    assert (check.verdict, check.numbers["packets_dropped_by_pod"]) == (Verdict.PASS, 2)


def test_a_stream_without_anything_fails() -> None:
    nothing = Streamed((), np.zeros(0), 0, 0, 5.0)
    assert read_flow(nothing, RATE_HZ) is None
    assert check_stream(nothing, None, 5.0).verdict == Verdict.FAIL
    assert check_silence(nothing, RATE_HZ).verdict == Verdict.FAIL


def judged_stream(streamed: Streamed, asked_s: float) -> tuple[Verdict, str]:
    check = check_stream(streamed, read_flow(streamed, RATE_HZ), asked_s)
    return check.verdict, check.note


def test_a_stream_that_stops_early_fails() -> None:
    """140 packets of 19 samples at 500 Hz are 5.3 s."""
    assert judged_stream(stream(), 7.0) == (Verdict.PASS, "")
    verdict, note = judged_stream(stream(), 7.5)
    assert verdict == Verdict.FAIL
    assert "stopped after 5 s" in note


def test_a_slow_sensor_is_no_short_stream() -> None:
    """At 400 Hz for 500 the same samples take 6.6 s by the pod's clock."""
    assert judged_stream(stream(rate_hz=400), 8.5)[0] == Verdict.PASS


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (EndReason.BATTERY, "its battery is low"),
        (EndReason.STORE_FULL, "its store is full"),
        (EndReason.SENSOR_LOST, "its sensor was lost"),
        (EndReason.BUTTON, "its button"),
        (EndReason.RESTART_OR_SLEEP, "restarted"),
        (EndReason.NO_MOTION, "sleep"),
        (200, "reason 200"),
    ],
)
def test_a_stream_that_the_pod_ended_fails_and_says_why(reason: int, said: str) -> None:
    verdict, note = judged_stream(stream(end=End(reason, 2660, 0, 0, 0, 0)), 5.0)
    assert verdict == Verdict.FAIL
    assert said in note


def test_a_start_and_no_samples_fail() -> None:
    silent = stream(0)
    check = check_stream(silent, read_flow(silent, RATE_HZ), 5.0)
    assert (check.verdict, check.note) == (Verdict.FAIL, "no samples came")


@pytest.mark.parametrize(
    ("arrived_s", "silence_s"),
    [
        ((0.1, 0.14, 1.34, 2.0), 1.2),
        ((0.1, 0.14, 1.37, 2.0), 1.23),
        ((0.1, 0.14, 0.7), 1.3),
        ((0.1,), 1.9),
        ((), 2.0),
    ],
)
def test_the_silence_is_the_longest_one_to_the_end(arrived_s: tuple[float, ...], silence_s: float) -> None:
    """It was listened to for 2 s. Half of the pod's memory: 32 packets of 19 samples at 500 Hz are 1.216 s."""
    check = check_silence(Streamed((), np.array(arrived_s), 4, 0, 2.0), RATE_HZ)
    assert check.numbers["silence_s"] == pytest.approx(silence_s)
    assert (check.verdict == Verdict.PASS) == (silence_s <= 1.216)


@pytest.mark.parametrize(
    ("battery_mv", "meter_mv", "verdict"),
    [
        (0, None, Verdict.NOT_MEASURED),
        (0, 3900, Verdict.FAIL),
        (3399, None, Verdict.FAIL),
        (3400, None, Verdict.PASS),
        (4301, None, Verdict.FAIL),
        (4050, 3900, Verdict.PASS),
        (4051, 3900, Verdict.FAIL),
        (3749, 3900, Verdict.FAIL),
    ],
)
def test_the_gauge(battery_mv: int, meter_mv: int | None, verdict: Verdict) -> None:
    assert check_battery(battery_mv, meter_mv).verdict == verdict


def test_what_the_gauge_says_of_its_divider() -> None:
    assert "it reads nothing although there are 3.91 V: see the two resistors" in check_battery(0, 3910).note
    assert "two resistors" in check_battery(2900, 3900).note
    assert "more than 50 mV" in check_battery(3951, 3900).note
    assert check_battery(3950, 3900).note == ""
    assert check_battery(0, None).again is False
    for meter_mv in (None, 3900):
        assert check_battery(3900, meter_mv, ran_empty=True).verdict == Verdict.FAIL
        assert "found it empty" in check_battery(3900, meter_mv, ran_empty=True).note
    assert "found it empty" not in check_battery(2900, 3900, ran_empty=True).note


@pytest.mark.parametrize(
    ("passed", "bias", "rests", "verdict"),
    [
        (0b011111, 1, True, Verdict.FAIL),
        (0b011111, 32767, True, Verdict.NOT_MEASURED),
        (0b011111, 32767, False, Verdict.FAIL),
        (0b111111, 32767, True, Verdict.PASS),
        (0b111111, 1, True, Verdict.PASS),
    ],
)
def test_a_self_test_of_a_pod_that_was_moved_is_not_held_against_it(
    passed: int, bias: int, rests: bool, verdict: Verdict
) -> None:
    """32767: the pod says that its gyroscope did not rest. If it does not afterwards either, nobody moved it."""
    check = check_self_test(SelfTested(passed, (0, 0, 0, 0, 0, 30), (bias,) * 3), MPU_6050, rests=rests)
    assert check.verdict == verdict
    if verdict == Verdict.FAIL:
        assert check.numbers["failed"] == ["gz"]
