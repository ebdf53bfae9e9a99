"""Six values or none, whichever write fails: with a bench that fails where it is told to."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.errors import LinkLost
from surefoot.selftest.bench import Identity, Streamed
from surefoot.selftest.storing import NONE, NotStored, read_calibration, store_calibration
from surefoot.wire.answers import SelfTested

OLD = (10, 20, 30, 40, 50, 60)
NEW = (310, -220, 570, 60, -110, 140)


class Failing:
    """Settings of a pod; those of the writes, counted from 0, that are in `lost` do not arrive."""

    pod = "Surefoot 3A7F"
    way = "a test"

    def __init__(self, before: tuple[int, ...], lost: set[int] | None = None, garbles: int | None = None) -> None:
        self.values = dict(zip(range(7, 13), before, strict=True))
        self.lost = lost or set()
        self.garbles = garbles
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
    assert bench.six == NEW
    assert all(whole(moment, before, NEW) for moment in bench.moments)
    assert asyncio.run(read_calibration(bench)) == NEW


@pytest.mark.parametrize("at", range(7))
def test_a_write_that_fails_puts_the_old_six_back(at: int) -> None:
    bench = Failing(OLD, {at})
    with pytest.raises(NotStored) as raised:
        asyncio.run(store_calibration(bench, NEW))
    assert raised.value.restored
    assert bench.six == OLD
    assert all(whole(moment, OLD) for moment in bench.moments)


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
