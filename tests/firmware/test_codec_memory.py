"""What is written while a run goes on takes no memory, on a board's integers too."""

import pytest

from tests.rig import interpreter

STEPS = {"mark", "clock", "event", "end", "copy_start", "tell_status", "measurement", "ack"}


@pytest.mark.parametrize("run", [interpreter.run, interpreter.run_32bit])
def test_no_memory_is_taken(run):
    taken = {line["step"]: line["bytes"] for line in run("codec_memory.py")}
    assert taken == dict.fromkeys(STEPS, 0)
