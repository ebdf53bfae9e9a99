"""Faults that drivers of this sensor really had, put back into a copy of the firmware: the tests must see them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.rig import interpreter
from tests.rig.interpreter import FIRMWARE, ProgramFailed
from tests.rig.sampling_checks import one_fault, second_run_starts_clean

BEFORE_THE_BURST = """        faults = bus.faults
        status = bus.read(_INT_STATUS)
        if not bus.read_into(_FIFO_R_W, body):
            return BUS_FAULT
"""
AFTER_THE_BURST = """        if not bus.read_into(_FIFO_R_W, body):
            return BUS_FAULT
        # Asked after the transfer: an overflow before its end has shifted the samples by bytes.
        faults = bus.faults
        status = bus.read(_INT_STATUS)
"""
ALIGNED = "        left = self.waiting()\n        return -left if left < 0 else 0\n"

MUTATIONS: dict[str, tuple[str, list[tuple[str, str]], Callable[[], None]]] = {
    "a stale overflow is told of the next run": (
        "sensor.py",
        [("return done and self.bus.read(_INT_STATUS) >= 0", "return done")],
        second_run_starts_clean,
    ),
    "the flag of an overflow is lost while a packet fills": (
        "sampler.py",
        [("            self._listen(waiting)\n", "            self._listen(waiting)\n            self._flags = 0\n")],
        partial(one_fault, "overflow_in_a_stall"),
    ),
    "an overflow between count and burst is not seen as one": (
        "sensor.py",
        [(AFTER_THE_BURST, BEFORE_THE_BURST)],
        partial(one_fault, "overflow_before_the_burst"),
    ),
    "an overflow between count and burst shifts the samples": (
        "sensor.py",
        [(AFTER_THE_BURST, BEFORE_THE_BURST), (ALIGNED, "        return 0\n")],
        partial(one_fault, "overflow_before_the_burst"),
    ),
    "bytes that were lost shift the samples": (
        "sensor.py",
        [("        if count % SAMPLE:  # clocks that freed", "        if count < 0:  # clocks that freed")],
        partial(one_fault, "byte_lost"),
    ),
    "a reset between count and burst gives samples of nothing": (
        "sensor.py",
        [("            return RESTARTED\n", "            pass\n")],
        partial(one_fault, "reset_before_the_burst"),
    ),
    "the line is not clocked free": (
        "bus.py",
        [("        self.faults += 1\n        self._free()\n", "        self.faults += 1\n")],
        partial(one_fault, "line_held"),
    ),
    "the index does not jump over a gap": (
        "sampler.py",
        [("        self.index = later(self.index, missing)\n", "")],
        partial(one_fault, "overflow_in_a_stall"),
    ),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_check_sees_it(mutation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, changes, check = MUTATIONS[mutation]
    shutil.copytree(FIRMWARE, tmp_path / "firmware")
    monkeypatch.setattr(interpreter, "FIRMWARE", tmp_path / "firmware")
    check()
    module = tmp_path / "firmware" / "pod" / "sensing" / name
    text = module.read_text()
    for old, new in changes:
        assert text.count(old) == 1, f"{name} has changed: the mutation does not apply any more"
        text = text.replace(old, new)
    module.write_text(text)
    with pytest.raises(AssertionError) as seen:
        check()
    assert not isinstance(seen.value, ProgramFailed), "the mutation broke the program instead of its result"
