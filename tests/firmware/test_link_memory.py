"""The link allocates nothing while packets flow, and no event makes its handler raise."""

import pytest

from tests.rig.interpreter import run, run_32bit

INTERPRETERS = pytest.mark.parametrize("interpreter", [run, run_32bit], ids=["64 bit", "32 bit"])


def flows(interpreter, seconds, mtu):
    (line,) = interpreter("link_memory.py", seconds, mtu)
    assert line["allocated"] == 0
    assert line["wrong"] == 0
    assert line["waiting"] <= 2
    assert line["packets"] == line["sent"] >= seconds * 500 // 19
    assert line["faults"] == 0
    assert not line["handler_failed"]


@INTERPRETERS
@pytest.mark.parametrize("mtu", [247, 23])
def test_no_byte_per_packet(interpreter, mtu):
    flows(interpreter, 20, mtu)


@pytest.mark.soak
@INTERPRETERS
@pytest.mark.parametrize("mtu", [247, 23])
def test_no_byte_per_packet_for_ten_minutes(interpreter, mtu):
    flows(interpreter, 600, mtu)


@INTERPRETERS
@pytest.mark.parametrize("seed", range(3))
def test_no_event_makes_the_handler_raise(interpreter, seed):
    survives(interpreter, seed, 3000)


@pytest.mark.soak
@INTERPRETERS
@pytest.mark.parametrize("seed", range(10, 20))
def test_no_event_makes_the_handler_raise_in_the_long_run(interpreter, seed):
    survives(interpreter, seed, 100_000)


def survives(interpreter, seed, count):
    lines = interpreter("link_fuzz.py", seed, count, heap_kb=2000)
    line = {name: value for line in lines for name, value in line.items()}
    assert line["nonsense_raised"] == line["nonsense_odd"] == 0
    assert line["raised"] == []
    assert line["faults"] > 0  # reads and writes of handles that are not there
    assert line["denied"] > 0
    assert line["trusted"] > 0
    assert line["odd"] == 0
    assert line["works"]
    assert not line["switched_off"]
