"""The store under MicroPython itself, as a board runs it."""

from __future__ import annotations

import pytest

from tests.rig.interpreter import run, run_32bit


@pytest.mark.parametrize(("interpreter", "step"), [(run, 23), (run_32bit, 79)])
def test_power_goes_at_many_bytes(interpreter, step: int) -> None:
    (result,) = interpreter("store_power.py", 3, step)
    assert result["cuts"] >= (result["bytes"] - 100) // step
    assert result["kept"] == 42


@pytest.mark.soak
@pytest.mark.parametrize("first", [0, 1, 2])
def test_power_goes_at_every_byte(first: int) -> None:
    (result,) = run("store_power.py", first, 3, timeout_s=600)
    assert result["cuts"] > 600


@pytest.mark.parametrize(("blocks", "most_bytes"), [(512, 11_000), (4000, 42_000)])
def test_the_index_of_a_flash_is_small_and_mounting_it_leaves_nothing_behind(blocks: int, most_bytes: int) -> None:
    (result,) = run("store_memory.py", blocks)
    assert result["in_use"] == blocks
    assert result["held"] < most_bytes
    assert result["mount_allocated"] < 200
