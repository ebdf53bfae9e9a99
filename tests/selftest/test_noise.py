"""Noise, bias and stillness of a pod at rest, against limits worked out by hand from the data sheets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.recording.samples import FloatArray
from surefoot.selftest.checks import Check, Verdict
from surefoot.selftest.datasheet import MPU_6050, MPU_9250, Datasheet, datasheet
from surefoot.selftest.noise import check_new, check_rest, noise_limit, noise_rms
from surefoot.selftest.six_faces import measured
from surefoot.selftest.stillness import is_still, longest_still, shaken
from surefoot.wire.records import Start
from tests.rig.made_packets import start_packet

RATE_HZ = 500
SECONDS = 20
KNOWN = {
    "rate_hz": RATE_HZ,
    "accel_range_g": 16,
    "gyro_range_dps": 2000,
    "accel_bandwidth_hz": 184,
    "gyro_bandwidth_hz": 188,
    "temperature_cdegc": 2500,
}
AT_S = np.arange(SECONDS * RATE_HZ) / RATE_HZ


def start(**given: object) -> Start:
    return Start(**{**vars(Start.from_bytes(start_packet(1)[16:])), **KNOWN, **given})  # type: ignore[arg-type]


def noise(accel_mg: float = 5.4, gyro_dps: float = 0.07, seed: int = 1) -> FloatArray:
    white = np.random.default_rng(seed).standard_normal((len(AT_S), 6))
    return np.asarray(white * ([accel_mg / 1000] * 3 + [gyro_dps] * 3))


def rest(values: FloatArray, sheet: Datasheet = MPU_6050, **given: object) -> dict[str, Check]:
    return {check.key: check for check in check_rest(values, start(**given), sheet)}


def verdicts(values: FloatArray, sheet: Datasheet = MPU_6050, **given: object) -> list[str]:
    return [check.verdict.value for check in rest(values, sheet, **given).values()]


def test_the_parts_have_the_sheets_of_their_families() -> None:
    assert datasheet("6050-like") is datasheet("MPU-6050") is MPU_6050
    for part in ("MPU-6500", "MPU-9250", "MPU-9255", "ICM-20689", "6500-like"):
        assert datasheet(part) is MPU_9250


def test_noise_of_a_density_in_a_bandwidth() -> None:
    """400 ug * sqrt(184 Hz) = 5.426 mg, and a count of 0.488 mg by sqrt(12)."""
    assert noise_limit(400e-6, 184, 1 / 2048) * 1000 == pytest.approx(np.hypot(5.426, 0.141), rel=1e-3)


@pytest.mark.parametrize(
    ("sheet", "accel_hz", "gyro_hz", "accel_mg", "gyro_dps"),
    [
        # 2 * 400 ug, 2 * 0.005 deg/s: the bandwidths of the MPU-6050 at 500 Hz and below 500 Hz
        (MPU_6050, 184, 188, 10.85, 0.1382),
        (MPU_6050, 94, 98, 7.76, 0.1005),
        # 1.25 * 8 mg * sqrt(218 / 94), 2 * 0.01 deg/s * sqrt(184)
        (MPU_9250, 218, 184, 15.23, 0.2719),
        (MPU_9250, 99, 92, 10.26, 0.1926),
    ],
)
def test_the_limits_of_noise(sheet: Datasheet, accel_hz: int, gyro_hz: int, accel_mg: float, gyro_dps: float) -> None:
    given = {"accel_bandwidth_hz": accel_hz, "gyro_bandwidth_hz": gyro_hz}
    found = rest(noise(), sheet, **given)
    assert found["noise_accel"].numbers["limit_mg"] == pytest.approx(accel_mg, rel=2e-3)
    assert found["noise_gyro"].numbers["limit_dps"] == pytest.approx(gyro_dps, rel=2e-3)
    assert verdicts(noise(accel_mg * 0.97, gyro_dps * 0.97), sheet, **given) == ["pass", "pass", "pass"]
    assert verdicts(noise(accel_mg * 1.03, gyro_dps * 0.97), sheet, **given) == ["fail", "pass", "pass"]
    assert verdicts(noise(accel_mg * 0.97, gyro_dps * 1.03), sheet, **given) == ["pass", "fail", "pass"]


def test_a_part_that_reads_the_sheets_8_mg_in_94_hz_passes() -> None:
    """At 250 Hz behind 99 Hz, and at 500 Hz behind 218 Hz, where the same density makes 12.2 mg."""
    given = {"accel_bandwidth_hz": 99, "gyro_bandwidth_hz": 92}
    assert verdicts(noise(8.0), MPU_9250, **given) == ["pass"] * 3
    assert verdicts(noise(12.2), MPU_9250, accel_bandwidth_hz=218, gyro_bandwidth_hz=184) == ["pass"] * 3


@pytest.mark.parametrize(
    ("sheet", "celsius", "limit_dps"),
    [(MPU_6050, 25, 20), (MPU_6050, 14.9, 40), (MPU_6050, 35.1, 40), (MPU_9250, 25, 5), (MPU_9250, 40, 35)],
)
def test_the_limit_of_the_bias(sheet: Datasheet, celsius: float, limit_dps: float) -> None:
    for bias_dps, verdict in ((limit_dps - 0.1, Verdict.PASS), (limit_dps + 0.1, Verdict.FAIL)):
        values = noise()
        values[:, 4] -= bias_dps
        assert rest(values, sheet, temperature_cdegc=round(celsius * 100))["bias"].verdict == verdict


def test_noise_is_the_spread_and_not_the_drift() -> None:
    """A square wave of +-3 has a standard deviation of 3, also where it steps by 50 every half second."""
    wave = np.where(np.arange(5000) % 2, 3.0, -3.0)
    assert noise_rms(wave[:, None], RATE_HZ) == pytest.approx([3.0], rel=1e-2)
    assert noise_rms((wave + np.repeat(np.arange(20) * 50.0, 250))[:, None], RATE_HZ) == pytest.approx([3.0], rel=1e-2)


def test_each_mean_that_is_taken_out_costs_a_degree_of_freedom() -> None:
    """At 4 Hz half a second has two values: +-1 about their mean, so each pair has the variance 2."""
    assert noise_rms(np.array([[1.0], [-1.0]] * 40), 4) == pytest.approx([np.sqrt(2)])


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_white_noise_neither_moves_nor_shakes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((2500, 6)) * ([0.027] * 3 + [0.35] * 3)
    assert is_still(values, RATE_HZ)
    assert len(longest_still(values, RATE_HZ)) == 2500
    assert not shaken(values, RATE_HZ).any()


@pytest.mark.parametrize("hz", [1, 3, 8, 14])
def test_what_is_slow_shakes_that_axis(hz: float) -> None:
    values = noise()
    values[:, 2] += 0.05 * np.sin(2 * np.pi * hz * AT_S)
    assert shaken(values, RATE_HZ).tolist() == [False, False, True, False, False, False]


def test_a_drift_is_no_shaking() -> None:
    assert not shaken(noise() + np.outer(AT_S / 60, [0.012] * 3 + [1.0] * 3), RATE_HZ).any()


@pytest.mark.parametrize("drift_dps", [0.0, 0.3, 1.0])
def test_a_drift_of_one_axis_does_not_excuse_another(drift_dps: float) -> None:
    """x five times as noisy as it may be, while z warms up."""
    values = noise()
    values[:, 3] *= 10
    values[:, 5] += drift_dps * AT_S / SECONDS
    assert verdicts(values) == ["pass", "fail", "pass"]


def shaking(accel_g: float, gyro_dps: float, hz: float = 6) -> FloatArray:
    values = noise()
    values[:, 0] += accel_g * np.sin(2 * np.pi * hz * AT_S)
    values[:, 4] += gyro_dps * np.sin(2 * np.pi * hz * AT_S + 1)
    return values


def test_a_table_shakes_both_sensors_and_one_alone_is_at_fault() -> None:
    assert verdicts(shaking(0.04, 1.0)) == ["not measured", "not measured", "pass"]
    assert verdicts(shaking(0.04, 0.15)) == ["not measured", "pass", "pass"]
    assert verdicts(shaking(0.04, 0.0)) == ["fail", "pass", "pass"]
    assert verdicts(shaking(0.0, 1.0)) == ["pass", "fail", "pass"]


def test_a_noisy_axis_beside_one_that_the_table_shakes_fails() -> None:
    values = shaking(0.04, 1.0)
    values[:, 1] += 0.03 * np.random.default_rng(2).standard_normal(len(values))
    assert verdicts(values)[0] == "fail"


@pytest.mark.parametrize("axis", [1, 3])
@pytest.mark.parametrize("every", [50, 500])
def test_a_dead_axis_with_a_count_now_and_then_fails(axis: int, every: int) -> None:
    values = noise()
    values[:, axis] = np.where(np.arange(len(values)) % every, 0.0, 1 / 2048 if axis < 3 else 1 / 16.4)
    found = rest(values)["noise_accel" if axis < 3 else "noise_gyro"]
    assert found.verdict == Verdict.FAIL
    assert f"{'xyz'[axis % 3]} hardly changes" in found.note


@pytest.mark.parametrize(("times", "good"), [(1, True), (2, False), (25, False)])
def test_values_that_are_not_new_fail(times: int, good: bool) -> None:
    counts = np.round(noise() * ([2048] * 3 + [16.4] * 3)).astype(np.int16)
    check = check_new(np.repeat(counts, times, axis=0))
    assert (check.verdict == Verdict.PASS) == good
    assert check.numbers["repeated"] == pytest.approx(len(counts) * (times - 1), abs=1)


def test_the_longest_still_stretch_is_between_the_moves() -> None:
    values = np.zeros((5000, 6))
    values[1000:1250, 0] = 0.5
    values[4500:4600, 4] = 40.0
    assert len(longest_still(values, RATE_HZ)) == 4500 - 1250
    assert len(longest_still(values[:200], RATE_HZ)) == 0


def test_the_longest_still_stretch_begins_where_it_is_longest() -> None:
    """Half seconds at 0, 0, 15, 15, 15, 15, 30, 30, 30 and 30 mg: the last eight are within 20 mg."""
    values = np.zeros((2500, 6))
    values[500:1500, 1] = 0.015
    values[1500:, 1] = 0.03
    assert len(longest_still(values, RATE_HZ)) == 2000


def test_what_turns_steadily_does_not_lie_still() -> None:
    """1.8 deg/s: 11.1 s bring 20 degrees; 20 mg of 1 g are over after 1.1 degrees, or 11.5 from upright."""
    angle = np.radians(1.8) * AT_S
    turning = np.column_stack([np.sin(angle), 0 * angle, np.cos(angle), 0 * angle, 0 * angle + 1.8, 0 * angle])
    assert len(longest_still(turning, RATE_HZ)) <= 1.5 * RATE_HZ
    ramp = np.zeros((len(AT_S), 6))
    ramp[:, 5] = 3.8 * AT_S
    assert len(longest_still(ramp, RATE_HZ)) <= 1.0 * RATE_HZ
    assert rest(turning)["bias"].again
    assert verdicts(turning) == ["not measured"] * 3


def test_what_is_measured_is_raw_whatever_calibration_the_pod_has() -> None:
    """2048 counts are 1 g, 164 are 10 deg/s: with a calibration of 100 mg and 5 % too."""
    calibrated = start(accel_offset_100ug=(1000,) * 3, accel_scale_e4=(500,) * 3)
    found = measured(np.array([[2048, -1024, 0, 164, 0, -164]], np.int16), calibrated)
    assert found[0] == pytest.approx([1, -0.5, 0, 10, 0, -10])
