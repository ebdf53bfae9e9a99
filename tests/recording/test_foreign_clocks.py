"""Two clocks become one without samples over gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from surefoot.errors import RecordingError
from surefoot.recording import Recording
from surefoot.recording.foreign.parts import Part, recording_of

FloatArray = NDArray[np.float64]
STEADY_DPS = np.array([10.0, -20.0, 30.0])


def _joined(accel_s: FloatArray, gyro_s: FloatArray) -> Recording:
    """Join an accelerometer that counts its samples with rates that grow evenly in time."""
    accel_g = np.column_stack([np.arange(len(accel_s)), np.zeros(len(accel_s)), np.ones(len(accel_s))])
    gyro_dps = np.outer(gyro_s, STEADY_DPS)
    return recording_of(
        "run.zip",
        [
            Part("a", "x", accel_s, accel_g, None, clock="one"),
            Part("g", "x", gyro_s, None, gyro_dps, clock="one"),
        ],
    )


def test_a_gap_of_the_gyroscope_stays_one() -> None:
    """Its samples from 1 to 2 s are missing: so are those of the result, and what is there lies on the line."""
    accel_s = np.arange(400) / 100
    gyro_s = np.arange(0, 400, 1) / 100 + 0.004
    gyro_s = gyro_s[(gyro_s < 1) | (gyro_s > 2)]
    recording = _joined(accel_s, gyro_s)
    # 0.00 comes before the first rate; from 0.994 on there is none until 2.004
    expected = [k for k in range(400) if 1 <= k <= 99 or 201 <= k <= 399]
    assert recording.accel_g[:, 0].tolist() == expected
    np.testing.assert_allclose(recording.gyro_dps, np.outer(np.array(expected) / 100, STEADY_DPS), atol=1e-9)
    assert recording.conditions[1].count == 400 - len(expected)
    assert recording.conditions[1].serious


def test_one_lost_sample_is_bridged_and_two_are_not() -> None:
    accel_s = np.arange(100) / 100 + 0.001
    whole = np.arange(101) / 100
    one, two = np.delete(whole, 50), np.delete(whole, [50, 51])
    assert len(_joined(accel_s, one).t_s) == 100
    assert _joined(accel_s, two).accel_g[:, 0].tolist() == [k for k in range(100) if k not in (49, 50, 51)]


def test_the_same_times_change_nothing() -> None:
    accel_s = np.arange(50) / 7
    recording = _joined(accel_s, accel_s)
    assert np.array_equal(recording.gyro_dps, np.outer(accel_s, STEADY_DPS))
    assert [condition.code for condition in recording.conditions] == ["converted"]


def test_no_common_time_is_refused() -> None:
    with pytest.raises(RecordingError, match="a and g are of different times"):
        _joined(np.arange(50) / 100, 10 + np.arange(50) / 100)


steps = st.lists(st.sampled_from([0.005, 0.01, 0.011, 0.02, 0.5]), min_size=3, max_size=60)


@settings(max_examples=200, deadline=None)
@given(steps, steps, st.floats(-0.1, 0.1))
def test_every_rate_lies_between_two_measured_close_by(
    accel_steps: list[float], gyro_steps: list[float], shift_s: float
) -> None:
    accel_s, gyro_s = np.cumsum(accel_steps), np.cumsum(gyro_steps) + shift_s
    usual_s = float(np.median(np.diff(gyro_s)))
    expected = []
    for number, at_s in enumerate(accel_s):
        before, after = gyro_s[gyro_s <= at_s], gyro_s[gyro_s >= at_s]
        if len(before) and len(after) and after[0] - before[-1] <= 2.5 * usual_s:
            expected.append(number)
    try:
        recording = _joined(accel_s, gyro_s)
    except RecordingError:
        assert len(expected) < 2
        return
    assert recording.accel_g[:, 0].tolist() == expected
    np.testing.assert_allclose(recording.gyro_dps, np.outer(accel_s[expected], STEADY_DPS), atol=1e-6)
    assert recording.t_s[0] == 0


def test_utc_joins_clocks_that_begin_apart() -> None:
    """The gyroscope's clock began 0.25 s after the other's."""
    at_s = np.arange(200) / 100
    accel = Part("a", "x", at_s, np.ones((200, 3)), None, clock="UTC", zero_utc_us=1_777_629_600_000_000)
    gyro = Part("g", "x", at_s, None, np.outer(at_s, STEADY_DPS), clock="UTC", zero_utc_us=1_777_629_600_250_000)
    recording = recording_of("run.zip", [accel, gyro])
    assert recording.start_utc_us == 1_777_629_600_250_000
    np.testing.assert_allclose(recording.gyro_dps, np.outer(at_s[:175], STEADY_DPS), atol=1e-6)
