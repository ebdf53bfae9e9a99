"""Virtual time: it passes only when nothing is left to do, and everything else holds it still."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

from tests.rig.board.mpu6050 import FIFO_R_W, Mpu6050
from tests.rig.board.virtual_clock import VirtualClock
from tests.rig.radio.rig import Rig
from tests.rig.radio.virtual_loop import NothingWillHappen, run_virtual


def test_an_hour_passes_at_once_and_in_order() -> None:
    seen: list[tuple[str, float]] = []

    async def wait(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        seen.append((name, asyncio.get_running_loop().time()))

    async def body() -> None:
        await asyncio.gather(wait("hour", 3600), wait("second", 1), wait("at once", 0))

    began_s = time.monotonic()
    run_virtual(body())
    assert [name for name, _ in seen] == ["at once", "second", "hour"]
    assert seen[2][1] == pytest.approx(3600)
    assert time.monotonic() - began_s < 60


def test_a_job_in_a_thread_holds_time_still() -> None:
    """A timer that is due in a virtual millisecond waits for a job that takes fifty real ones."""
    told: list[str] = []

    async def body() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.001, told.append, "timer")

        def job() -> None:
            time.sleep(0.05)
            told.append("job")

        await asyncio.to_thread(job)
        assert loop.time() == 0
        await asyncio.sleep(0.01)

    run_virtual(body())
    assert told == ["job", "timer"]


def test_jobs_end_in_the_order_in_which_they_began() -> None:
    gate = threading.Event()

    async def body() -> list[str]:
        ended: list[str] = []

        async def run(name: str, job: object) -> None:
            await asyncio.to_thread(job)  # type: ignore[arg-type]
            ended.append(name)

        await asyncio.gather(run("slow", lambda: gate.wait(5)), run("quick", gate.set))
        return ended

    assert run_virtual(body()) == ["slow", "quick"]


def test_an_error_in_a_job_arrives() -> None:
    async def body() -> None:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)

    run_virtual(body())


def test_a_program_that_waits_for_ever_is_told_so() -> None:
    async def body() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingWillHappen):
        run_virtual(body())


def test_time_never_passes_while_a_board_computes(tmp_path: Path) -> None:
    """The board burns real time between two lines, again and again; its clock and the loop's stay the same."""

    async def body() -> None:
        async with Rig(tmp_path) as rig:
            loop = asyncio.get_running_loop()
            began_s = loop.time()
            pod = await rig.pod()
            pod.tell("import time as t\nreal = __import__('utime')\nsleep = pod.radio.step\n")
            pod.tell("def burn(*given):\n    real.sleep_ms(20)\n    sleep(*given)\npod.radio.step = burn\n")
            for _ in range(5):
                await asyncio.sleep(0.012)
                ahead_us = pod.ask("clock.now_us") - (loop.time() - began_s) * 1e6
                assert -1 <= ahead_us < 60_000  # no later than the loop; ahead by what the flash or the bus takes

    run_virtual(body())


@pytest.mark.parametrize("count", [12, 120, 240, 1020])
def test_a_burst_at_once_is_the_same_as_byte_by_byte(count: int) -> None:
    """Two sensors, one clock each; what comes out, what is left and how time passes are equal, full FIFO or not."""
    left: list[tuple[bytes, int, int, int, int, bytes]] = []
    for at_once in (True, False):
        clock = VirtualClock()
        sensor = Mpu6050(clock)
        for register, value in (
            (0x6B, 1),
            (0x1A, 1),
            (0x19, 1),
            (0x1B, 0x18),
            (0x1C, 0x18),
            (0x23, 0x78),
            (0x6A, 0x40),
        ):
            sensor.select(register)
            sensor.write_byte(value)
        clock.advance(count // 12 * 2000 + 900)
        buf = bytearray(count)
        sensor.select(FIFO_R_W)
        if at_once and sensor.read_burst(buf, 25 * count):
            clock.advance(25 * count)
            sensor.step()
        else:
            for k in range(count):
                clock.advance(25)
                buf[k] = sensor.read_byte()
        after = bytes(sensor.read_byte() for _ in range(sensor.waiting + 2))
        left.append((bytes(buf), sensor.waiting, sensor.index, clock.ticks_us(), sensor.pushed, after))
    assert left[0] == left[1]
    assert len(left[0][5]) > 2 or count == 12
