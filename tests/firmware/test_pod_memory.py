"""The whole loop takes no memory while a runner runs: sampling, detection, flash, link, status, cue."""

import pytest

from tests.recordings import TREADMILL
from tests.rig import interpreter
from tests.rig.sample_file import raw_samples, write_samples

RUNS = [
    pytest.param(interpreter.run, 20, id="64-bit"),
    pytest.param(interpreter.run_32bit, 6, id="32-bit"),
    pytest.param(interpreter.run, 600, id="64-bit, ten minutes", marks=pytest.mark.soak),
    pytest.param(interpreter.run_32bit, 600, id="32-bit, ten minutes", marks=pytest.mark.soak),
]


@pytest.mark.parametrize(("run", "seconds"), RUNS)
def test_nothing_is_allocated_per_sample_packet_or_stride(run, seconds, tmp_path):
    _, accel_g, gyro_dps = TREADMILL["rbds001_35_R"].samples(500, impact=True)
    raw = tmp_path / "raw"
    write_samples(raw_samples(accel_g, gyro_dps), raw)
    (told,) = run("pod_memory.py", tmp_path, raw, seconds, heap_kb=2000, timeout_s=1800)
    assert told["bytes"] == 0
    assert told["samples"] >= 500 * seconds
    assert told["packets"] >= told["samples"] // 19
    assert told["notified"] >= told["packets"]
    assert told["landings"] >= seconds * 1.3
    assert told["collections"] == 0
    if seconds >= 600:
        assert told["erases"] > 100  # of 48 blocks: acknowledged ones were erased and used again in mid-run
    assert (told["dropped"], told["overflows"], told["full"], told["recording"]) == (0, 0, False, True)
