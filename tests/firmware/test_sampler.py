"""Sampling in virtual time under the real interpreter, on a register-level sensor whose samples say which they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.rig.interpreter import run, run_32bit
from tests.rig.sample_file import raw_samples, write_samples
from tests.rig.sampling_checks import FAULTS, one_fault, second_run_starts_clean, whole

BOTH = pytest.mark.parametrize("interpreter", [run, run_32bit])
Interpreter = Callable[..., list[dict[str, Any]]]

# Registers as the maps want them: SMPLRT_DIV for each rate; the filter's code; +-2000 deg/s, +-16 g.
DIVIDER = {200: 4, 250: 3, 500: 1, 1000: 0}
CODE = {200: 2, 250: 2, 500: 1, 1000: 1}
# kind of model: WHO_AM_I, name, FIFO, size bits of ACCEL_CONFIG2 (None: the register is not the filter's), and
# bandwidths and delays of slow and fast filters
KINDS = {
    "MPU-6050": (0x68, "MPU-6050", 1024, None, [94, 98, 3000, 2800], [184, 188, 2000, 1900]),
    "MPU-6500": (0x70, "MPU-6500", 1024, 0x40, [99, 92, 2880, 3900], [218, 184, 1880, 2900]),
    "MPU-9250": (0x71, "MPU-9250", 1024, 0x40, [99, 92, 2880, 3900], [218, 184, 1880, 2900]),
    "MPU-9255": (0x73, "MPU-9255", 1024, 0x40, [99, 92, 2880, 3900], [218, 184, 1880, 2900]),
    "ICM-20689": (0x98, "ICM-20689", 4096, 0xC0, [99, 92, 2880, 3900], [218, 176, 1880, 2900]),
}
COPIES = {
    ("MPU-6050", 0x72): "6050-like",
    ("MPU-6500", 0x72): "6500-like",
    ("MPU-6500", 0x68): "6500-like",
    ("MPU-6050", 0x70): "6050-like",
    ("MPU-6050", 0x98): "6050-like",
}


def sampled(kind: str, who: int, name: str, rate_hz: int, interpreter: Interpreter = run, seconds: int = 10) -> None:
    _, _, fifo, size_bits, slow, fast = KINDS[kind]
    [result] = interpreter("sensor_rates.py", kind, who, rate_hz, seconds)
    code = CODE[rate_hz]
    assert result["part"] == name
    assert result["fifo_bytes"] == result["fifo_bytes_true"] == fifo
    registers = result["registers"]
    assert (registers["25"], registers["26"]) == (DIVIDER[rate_hz], code)
    assert (registers["27"], registers["28"]) == (0x18, 0x18)
    assert registers["29"] == (0 if size_bits is None else size_bits | code)
    assert (registers["35"], registers["56"], registers["107"], registers["108"]) == (0x78, 0x10, 0x01, 0x00)
    assert result["filter_codes"] == [code, code]
    assert result["filter"] == (fast if rate_hz >= 500 else slow)
    assert result["configured"]
    assert result["started"]
    whole(result)
    assert result["late_us"] == 0
    assert result["flags"] == []
    assert result["worst_index"] == 0
    assert (result["overflows"], result["restarts"], result["bus_faults"]) == (0, 0, 0)
    # What was taken while the last packet was read is the only thing left behind.
    assert rate_hz * seconds - 1 <= result["samples"] <= result["pushed"] <= result["samples"] + 8


@pytest.mark.parametrize("rate_hz", DIVIDER)
@pytest.mark.parametrize("kind", KINDS)
def test_each_part_at_each_rate(kind: str, rate_hz: int) -> None:
    sampled(kind, KINDS[kind][0], kind, rate_hz)


@pytest.mark.parametrize(("kind", "who"), COPIES)
def test_copies_are_run_as_what_they_are(kind: str, who: int) -> None:
    sampled(kind, who, COPIES[kind, who], 500)


def test_the_same_with_integers_of_31_bits() -> None:
    sampled("MPU-6050", 0x68, "MPU-6050", 1000, run_32bit, seconds=3)


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_survived_counted_and_flagged(fault: str) -> None:
    one_fault(fault)


@pytest.mark.parametrize(("kind", "rate_hz"), [("MPU-6500", 1000), ("ICM-20689", 1000), ("MPU-9255", 200)])
@pytest.mark.parametrize("fault", ["overflow_in_a_stall", "line_held_in_the_burst", "reset_before_the_burst"])
def test_faults_of_other_parts_and_rates(fault: str, kind: str, rate_hz: int) -> None:
    one_fault(fault, kind, rate_hz)


def random_faults(first: int, count: int) -> None:
    for result in run("sampling_random.py", first, count):
        whole(result)
        assert not result["lost"], result
        assert result["sequence_matches"], result
        assert max(map(abs, result["steps"]), default=0) <= 2, result  # what each gap adds to the index' error
        assert len(result["flags"]) <= sum(result["counted"]), result
        assert result["samples"] > result["rate_hz"] * 2, result


def test_random_faults() -> None:
    """What comes out is a subsequence of what was sampled, byte for byte, and numbered as it was."""
    random_faults(0, 6)


@pytest.mark.soak
def test_many_random_faults() -> None:
    for first in range(1000, 1300, 50):
        random_faults(first, 50)


def test_the_index_after_a_long_stall() -> None:
    """20 s without a poll, a minute into the run: the measured rate carries the index over 10,000 samples."""
    [result] = run("sampling_faults.py", "stall_of_20_s", "MPU-6050", 500, 60)
    whole(result)
    assert result["flags"] == [1]
    assert 9800 < result["missing"] < 10100
    assert abs(result["worst_index"]) <= 2


def test_a_run_starts_clean() -> None:
    second_run_starts_clean()


@BOTH
def test_counters_wrap(interpreter: Interpreter) -> None:
    [story] = interpreter("sampling_story.py", "wraps")
    whole(story)
    assert story["wrapped"] == [True, True, True]
    assert story["flags"] == [1]
    assert abs(story["worst_index"]) <= 1
    assert story["run"] == 255


def test_a_sensor_that_does_not_come_back_is_lost() -> None:
    for how in ("gone", "stays_dead"):
        [story] = run("sampling_story.py", how)
        assert story["lost"], how
        assert 2_000_000 < story["after_us"] < 5_000_000, how
        assert story["broken"] == 0


def test_a_cable_that_comes_back_after_two_seconds() -> None:
    [story] = run("sampling_story.py", "comes_back")
    whole(story)
    assert story["flags"] == [0x0C]
    assert story["restarts"] == 1
    assert 1000 <= story["missing"] <= 1150
    assert abs(story["worst_index"]) <= 2
    assert not story["lost"]


def test_clipping_is_flagged() -> None:
    [story] = run("sampling_story.py", "clipping")
    assert story["flags"] == [0, 0, 2, 2, 0, 0, 2, 2, 0, 0]


def rate_after_a_minute(rate_hz: int, ppm: int) -> None:
    [story] = run("sampling_rate.py", rate_hz, ppm, 0, 60)
    assert abs(story["error_ppm"]) <= 200
    assert story["told_detector"]


def test_the_true_rate_is_known_after_a_minute() -> None:
    rate_after_a_minute(200, -30000)


@pytest.mark.soak
@pytest.mark.parametrize(("rate_hz", "ppm"), [(250, 10000), (500, 0), (1000, 30000)])
def test_the_true_rate_of_other_sensors(rate_hz: int, ppm: int) -> None:
    rate_after_a_minute(rate_hz, ppm)


@pytest.mark.soak
def test_the_rate_follows_a_drifting_clock() -> None:
    """10 ppm a second, more than a sensor that warms up: the window's middle lies half a minute back."""
    [story] = run("sampling_rate.py", 500, -5000, 20000, 360)
    assert abs(story["error_ppm"]) <= 500


@BOTH
def test_sampling_allocates_nothing(interpreter: Interpreter) -> None:
    no_allocation(interpreter, 500, 20)


@pytest.mark.soak
@BOTH
def test_ten_minutes_allocate_nothing(interpreter: Interpreter) -> None:
    no_allocation(interpreter, 500, 600)


def no_allocation(interpreter: Interpreter, rate_hz: int, seconds: int) -> None:
    [result] = interpreter("sampling_memory.py", rate_hz, seconds)
    assert result["allocated"] == 0
    assert result["samples"] >= rate_hz * seconds - 19
    assert result["packets_with_heap_locked"] >= rate_hz // 19 - 1
    assert result["faults"] == [0, 0, 0]
    assert result["sequence"] < 2**23  # it wrapped
    assert result["index"] < 2**29


def test_a_recording_is_played_bit_for_bit(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    samples = raw_samples(rng.normal(0, 8, (700, 3)), rng.normal(0, 900, (700, 3)))
    assert samples.max() == 32767
    assert samples.min() == -32768
    write_samples(samples, tmp_path / "run.raw")
    lines = run("sampling_recording.py", tmp_path / "run.raw", 500)
    delivered = np.frombuffer(bytes.fromhex("".join(line["hex"] for line in lines)), ">i2").reshape(-1, 6)
    start = int(np.flatnonzero((samples == delivered[0]).all(axis=1))[0])
    assert len(delivered) > 500
    assert np.array_equal(samples[start : start + len(delivered)], delivered[: len(samples) - start])
