"""The status and the Running Speed and Cadence measurement against the vectors; any bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.errors import WireError
from surefoot.wire.status import RunningMeasurement, State, Status
from tests.rig.vectors import named, vectors
from tests.wire.test_wire_packets import plain

VECTORS = vectors("status")


@pytest.mark.parametrize(**named(VECTORS["status"]))
def test_status_both_ways(case):
    status = Status.from_bytes(bytes.fromhex(case["hex"]))
    assert plain(status) == case["fields"]
    assert status.to_bytes().hex(" ") == case["hex"]


@pytest.mark.parametrize(**named(VECTORS["not_status"]))
def test_not_a_status(case):
    with pytest.raises(WireError):
        Status.from_bytes(bytes.fromhex(case["hex"]))


@pytest.mark.parametrize(
    ("byte", "state", "flags"),
    [
        (0x00, State.IDLE, ""),
        (0x11, State.MEASURING, "keeping"),
        (0x22, State.RECORDING, "store_full"),
        (0x43, State.BATTERY_TOO_LOW, "pairing_open"),
        (0x84, State.SENSOR_FAILED, "clipped"),
    ],
)
def test_state_and_flags(byte, state, flags):
    status = Status.from_bytes(bytes([1, byte]) + bytes(18))
    assert status.state == state
    names = ("keeping", "store_full", "pairing_open", "clipped")
    assert [name for name in names if getattr(status, name)] == flags.split()


@pytest.mark.parametrize(**named(VECTORS["measurements"]))
def test_measurement(case):
    measurement = RunningMeasurement.from_bytes(bytes.fromhex(case["hex"]))
    assert measurement == RunningMeasurement(**{name: case[name] for name in plain(measurement)})


@pytest.mark.parametrize(**named(VECTORS["not_measurements"]))
def test_not_a_measurement(case):
    with pytest.raises(WireError):
        RunningMeasurement.from_bytes(bytes.fromhex(case["hex"]))


@given(st.sampled_from([Status, RunningMeasurement]), st.binary(max_size=24))
def test_any_bytes_are_read_or_refused(kind, data):
    try:
        kind.from_bytes(data)
    except WireError:
        return
    assert len(data) in (20, 4, 6, 8, 10)
