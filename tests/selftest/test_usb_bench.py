"""A self-test at the cable: the pod's firmware on an emulated board, spoken to through its prompt. Real time.

What depends on the speed of this computer (rate, jitter, overruns, silence) is judged over the air, in virtual time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from surefoot.errors import PodError, SurefootError
from surefoot.selftest import faces
from surefoot.selftest.bench_usb import UsbBench
from surefoot.selftest.calibration import FACES
from surefoot.selftest.checks import Verdict
from surefoot.selftest.faces import FaceState
from surefoot.selftest.report import Report
from surefoot.selftest.run import Wishes, examine
from surefoot.selftest.storing import NotStored, read_calibration, store_calibration
from surefoot.usb.repl import Repl
from tests.rig.bench_story import Silent
from tests.rig.recording_story import UTC_US
from tests.rig.usb import image
from tests.rig.usb.board import EmulatedBoard
from tests.rig.usb.pod import pod_at_the_cable

# pyserial's rfc2217
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name).. is deprecated:DeprecationWarning")
T = TypeVar("T")
OF_THIS_COMPUTER = {"rate", "jitter", "gaps", "silence"}
NOISE = (3, 4, 3, 1, 1, 1)
LYING = (0, 0, 2048, 20, -30, 10)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedBoard]:
    with pod_at_the_cable(tmp_path_factory.mktemp("cable")) as board:
        yield board


def on_the_bench(board: EmulatedBoard, what: Callable[[UsbBench], Awaitable[T]]) -> T:
    async def body() -> T:
        bench = await UsbBench.open(board.url)
        try:
            return await what(bench)
        finally:
            await bench.close()

    board.feel(LYING, NOISE)
    return asyncio.run(body())


def runs_again(board: EmulatedBoard, resets: int) -> bool:
    """Whether the board was restarted, and its program runs."""
    until_s = time.monotonic() + 20
    while (board.resets <= resets or board.state != "micropython") and time.monotonic() < until_s:
        time.sleep(0.05)
    return board.resets > resets and board.state == "micropython"


def test_a_good_pod_passes_and_runs_again(board: EmulatedBoard) -> None:
    resets = board.resets
    report = on_the_bench(board, lambda bench: examine(bench, Wishes(3.5, faces=False), Silent(), UTC_US))
    assert {check.key for check in report.of(Verdict.FAIL)} <= OF_THIS_COMPUTER
    numbers = {check.key: check.numbers for check in report.checks}
    assert numbers["identity"] == {"part": "MPU-6050", "who_am_i": 0x68, "fifo_bytes": 1024}
    # 16.4 counts are a degree a second, and 2048 a g: what the board was made to feel
    assert numbers["bias"]["bias_dps"] == pytest.approx([20 / 16.4, -30 / 16.4, 10 / 16.4], abs=0.01)
    assert numbers["noise_accel"]["rms_mg"] == pytest.approx([3 / 2.048, 4 / 2.048, 3 / 2.048], rel=0.01)
    assert numbers["battery"]["battery_mv"] == 4000
    assert numbers["stream"]["packets_lost"] == 0
    assert report.start.board == "esp32-devkitc"
    assert runs_again(board, resets)


def test_a_calibration_is_kept_over_a_reset(board: EmulatedBoard) -> None:
    values = (310, -220, 570, 60, -110, 140)
    on_the_bench(board, lambda bench: store_calibration(bench, values))
    assert on_the_bench(board, read_calibration) == values


def test_a_flash_that_takes_nothing_is_told(board: EmulatedBoard) -> None:
    async def refusing(bench: UsbBench) -> None:
        before = await read_calibration(bench)
        await bench._run("bench.settings._file.save = lambda data: False", 10)
        with pytest.raises(NotStored, match="flash does not take"):
            await store_calibration(bench, (100, -220, 570, 60, -110, 140))
        assert await read_calibration(bench) == before

    on_the_bench(board, refusing)


@pytest.mark.soak
def test_the_faces_are_stored_and_kept_over_a_reset(board: EmulatedBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each face as soon as the one before was taken; offset of 41 counts in z, 20 mg, and a scale of 1.01 in x."""
    monkeypatch.setattr(faces, "POSE_S", 1.0)

    class Hands(Silent):
        def faces(self, state: FaceState) -> None:
            x, y, z = (0, 0, 0)
            if state.left:
                axis, sign = divmod(FACES.index(state.left[0]), 2)
                x, y, z = (2048 * (1 - 2 * sign) if at == axis else 0 for at in range(3))
            else:
                x, y, z = ((1229, 1638, 0), (-1229, 0, 1638), (0, 0, 0))[min(state.fresh, 2)]
            board.feel((round(x * 1.01), y, z + 41, 0, 0, 0), NOISE)

    report = on_the_bench(board, lambda bench: examine(bench, Wishes(3.5), Hands(), UTC_US))
    assert {check.key for check in report.of(Verdict.FAIL)} <= OF_THIS_COMPUTER
    stored = on_the_bench(board, read_calibration)
    assert stored == pytest.approx((0, 0, 200, 100, 0, 0), abs=4)
    assert report.calibration["after"] == {"offset_100ug": list(stored[:3]), "scale_e4": list(stored[3:])}


def test_a_sensor_that_is_not_there_fails(board: EmulatedBoard, tmp_path: Path) -> None:
    async def without_sensor(bench: UsbBench) -> Report:
        await bench._run("machine.bus.devices.clear()\nbench = Bench()\nbench.find()", 10)
        return await examine(bench, Wishes(3.5, faces=False), Silent(), UTC_US)

    report = on_the_bench(board, without_sensor)
    assert [check.key for check in report.of(Verdict.FAIL)] == ["identity"]
    assert "no sensor answers" in report.checks[0].value


def test_who_stops_it_leaves_a_pod_that_runs(board: EmulatedBoard) -> None:
    resets = board.resets

    async def body() -> None:
        async def cancelled(bench: UsbBench) -> None:
            await bench.identity()
            task = asyncio.create_task(examine(bench, Wishes(60, faces=False), Silent(), UTC_US))
            await asyncio.sleep(2.5)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled()

        bench = await UsbBench.open(board.url)
        try:
            await cancelled(bench)
        finally:
            await bench.close()

    asyncio.run(body())
    assert runs_again(board, resets)


def test_a_run_that_was_being_recorded_goes_on(board: EmulatedBoard) -> None:
    """Its beginning is in flash, without an end, of this start of the pod: so the pod is restarted and left alone."""
    on_the_bench(board, read_calibration)  # the board rests at no prompt, its program has been started
    with Repl.open(board.url) as repl:
        repl.run(
            "from pod import assembly\nimport safe, machine\nfrom pod.wire import packet, records\n"
            "record = safe.Record(machine.RTC().memory, 'record.bin')\nstore = assembly.run_store()\n"
            "while store.prepare(): pass\nbody = records.StartBody()\n"
            "body.pod(b'board', bytes(6), (0, 1, 0), record.boots, 1)\nwhole = bytearray(244)\n"
            "packet.write_header(whole, packet.START, 0, 102, 0, 0, 1, 0, 0)\nwhole[16:118] = body.bytes\n"
            "store.open(1)\nassert store.append(memoryview(whole)[:118], 118, 0)",
            60,
        )
    resets = board.resets
    with pytest.raises(PodError, match="goes on in a new run"):
        on_the_bench(board, read_calibration)
    assert runs_again(board, resets)


def test_a_board_without_the_firmware_is_a_sentence(tmp_path: Path) -> None:
    with EmulatedBoard(tmp_path / "bare", "esp32") as bare:
        bare.put(image.firmware("esp32"))
        bare.press_reset()
        with pytest.raises(PodError, match=r"firmware does not load.*surefoot flash"):
            asyncio.run(UsbBench.open(bare.url))


def test_a_port_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(SurefootError):
        asyncio.run(UsbBench.open("/dev/ttyUSB99"))
