"""Six values or none, whichever write fails: with a bench that fails where it is told to."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.errors import LinkLost, PodError
from surefoot.selftest import six_faces
from surefoot.selftest.bench import Identity, Streamed
from surefoot.selftest.calibration import Calibration
from surefoot.selftest.checks import Verdict
from surefoot.selftest.storing import NONE, NotStored, read_calibration, store_calibration
from surefoot.wire.answers import SelfTested

OLD = (10, 20, 30, 40, 50, 60)
NEW = (310, -220, 570, 60, -110, 140)


class Failing:
    """Settings of a pod; those of the writes, counted from 0, that are in `lost` do not arrive."""

    pod = "Surefoot 3A7F"
    way = "a test"
    knows_flash = False

    def __init__(
        self,
        before: tuple[int, ...],
        lost: set[int] | None = None,
        garbles: int | None = None,
        keeps: bool = True,
    ) -> None:
        self.values = dict(zip(range(7, 13), before, strict=True))
        self.lost = lost or set()
        self.garbles = garbles
        self.keeps = keeps
        self.kept = before
        self.writes = 0
        self.moments: list[tuple[int, ...]] = []

    @property
    def six(self) -> tuple[int, ...]:
        return tuple(self.values.values())

    async def read_setting(self, number: int) -> int:
        return self.values[number]

    async def write_setting(self, number: int, value: int) -> None:
        at, self.writes = self.writes, self.writes + 1
        if at in self.lost:
            raise LinkLost(self.pod, "the link broke", "bring it near")
        self.values[number] = value if at != self.garbles else value + 1
        self.moments.append(self.six)
        await asyncio.sleep(0)

    async def keep_settings(self) -> None:
        if not self.keeps:
            raise PodError(self.pod, "its flash does not take the settings", "flash it again")
        self.kept = self.six

    async def identity(self) -> Identity:
        raise NotImplementedError

    async def chip_self_test(self) -> SelfTested:
        raise NotImplementedError

    async def stream(self, seconds: float, on_packet: object) -> Streamed:
        raise NotImplementedError

    async def close(self) -> None:
        pass


def whole(moment: tuple[int, ...], *allowed: tuple[int, ...]) -> bool:
    """Whether six values are one of those allowed, or count as none."""
    return moment in allowed or 32767 in moment


@pytest.mark.parametrize("before", [OLD, NONE])
def test_all_six_are_stored_and_no_moment_has_a_mixture(before: tuple[int, ...]) -> None:
    bench = Failing(before)
    asyncio.run(store_calibration(bench, NEW))
    assert bench.six == bench.kept == NEW
    assert all(whole(moment, before, NEW) for moment in bench.moments)
    assert asyncio.run(read_calibration(bench)) == NEW


@pytest.mark.parametrize("at", range(7))
def test_a_write_that_fails_puts_the_old_six_back(at: int) -> None:
    bench = Failing(OLD, {at})
    with pytest.raises(NotStored) as raised:
        asyncio.run(store_calibration(bench, NEW))
    assert raised.value.restored
    assert bench.six == bench.kept == OLD
    assert all(whole(moment, OLD) for moment in bench.moments)


@settings(deadline=None)
@given(st.sets(st.integers(0, 14)))
def test_however_many_writes_fail_there_is_never_a_mixture(lost: set[int]) -> None:
    bench = Failing(OLD, lost)
    try:
        asyncio.run(store_calibration(bench, NEW))
    except NotStored as error:
        assert error.restored == (bench.six == OLD)
    else:
        assert bench.six == NEW
    assert all(whole(moment, OLD, NEW) for moment in [*bench.moments, bench.six])


@pytest.mark.parametrize("at", range(1, 7))
def test_what_reads_back_otherwise_is_not_kept(at: int) -> None:
    bench = Failing(OLD, garbles=at)
    with pytest.raises(NotStored, match="reads back otherwise"):
        asyncio.run(store_calibration(bench, NEW))
    assert bench.six == OLD


@pytest.mark.parametrize("turns", range(1, 9))
def test_who_stops_it_gets_the_old_six_back(turns: int) -> None:
    bench = Failing(OLD)

    async def body() -> None:
        task = asyncio.create_task(store_calibration(bench, NEW))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(body())
    assert bench.six in (OLD, NEW)


def test_a_flash_that_takes_nothing_is_no_calibration() -> None:
    bench = Failing(OLD, keeps=False)
    with pytest.raises(NotStored, match="flash does not take") as raised:
        asyncio.run(store_calibration(bench, NEW))
    assert bench.six == OLD
    assert raised.value.restored is True


FOUND = Calibration(np.array(NEW[:3]) / 1e4, np.array(NEW[3:]) / 1e4, np.zeros(3), np.zeros(3), np.zeros((6, 3)))


@pytest.mark.parametrize(
    ("lost", "verdict", "after"),
    [
        (set(), Verdict.PASS, NEW),
        ({3}, Verdict.FAIL, OLD),
        # neither the new six nor the old ones: what is there is a mixture with an unknown first value
        ({3, 4}, Verdict.FAIL, NONE),
    ],
)
def test_what_is_told_of_the_pod_is_what_it_has(lost: set[int], verdict: Verdict, after: tuple[int, ...]) -> None:
    bench = Failing(OLD, lost)
    check, told = asyncio.run(six_faces._stored(bench, FOUND, OLD))
    assert (check.verdict, told) == (verdict, after)
    assert told in (bench.six, NONE)


def test_only_who_can_see_flash_says_so() -> None:
    for knows, said in ((True, "in flash, read back"), (False, "in force, read back")):
        bench = Failing(OLD)
        bench.knows_flash = knows
        check, _ = asyncio.run(six_faces._stored(bench, FOUND, OLD))
        assert check.limit == said
        assert bool(check.note) is not knows


def test_what_the_pod_does_not_take_is_told_and_not_written() -> None:
    bench = Failing(OLD)
    none = np.zeros(3)
    far = Calibration(np.array([0.0, 0.31, 0.0]), none, none, none, np.zeros((6, 3)))
    check, told = asyncio.run(six_faces._stored(bench, far, OLD))
    assert (check.verdict, told, bench.writes) == (Verdict.FAIL, OLD, 0)
    assert "accel_offset_y" in check.note
