"""Fetching what a pod recorded alone, on the rig."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from surefoot.errors import PodError, PodRefused
from surefoot.pod.pull import Pulled
from tests.rig import recorded
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.radio.virtual_loop import run_virtual
from tests.rig.recording_story import begun, puller_for, ready_pod, recorder_for, the_file


def nothing(_here: int, _in_all: int) -> None:
    """Progress that nobody watches."""


async def recorded_alone(pod: Pod, seconds: float) -> None:
    await pod.press(200)
    await asyncio.sleep(seconds)
    await pod.press(200)
    await asyncio.sleep(3)


def test_a_run_recorded_alone_is_fetched_verified_and_forgotten(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []

    async def body() -> Pulled:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            await recorded_alone(pod, 8)
            puller = await puller_for(pod, tmp_path)
            [kept] = await puller.list()
            assert (kept.run, kept.state, kept.rate_hz) == (1, 2, 500)
            pulled = await puller.pull(kept.run, lambda *step: steps.append(step))
            assert await puller.list() == []
            await puller.close()
            return pulled

    pulled = run_virtual(body())
    found = recorded.whole(pulled.path)
    assert len(found.indices()) == pytest.approx(4_000, rel=0.1)
    assert (pulled.packets, pulled.lost_packets, pulled.joined, pulled.released) == (len(found.packets), 0, False, True)
    here = [here for here, _ in steps]
    assert here == list(range(here[0], len(found.packets) + 1))
    assert here[0] < 10
    assert {in_all for _, in_all in steps} == {len(found.packets)}


def test_a_run_that_is_to_be_kept_stays_on_the_pod(tmp_path: Path) -> None:
    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            await recorded_alone(pod, 5)
            puller = await puller_for(pod, tmp_path)
            first = await puller.pull(1, nothing, keep=True)
            assert not first.released
            assert [kept.run for kept in await puller.list()] == [1]
            again = await puller.pull(1, nothing)
            assert (again.path, again.packets, again.joined, again.released) == (first.path, first.packets, True, True)
            recorded.whole(first.path)
            await puller.close()

    run_virtual(body())


def test_a_fetch_goes_on_over_links_that_break(tmp_path: Path) -> None:
    async def body() -> Pulled:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            await recorded_alone(pod, 12)
            puller = await puller_for(pod, tmp_path)
            task = asyncio.create_task(puller.pull(1, nothing))
            for _ in range(3):
                await asyncio.sleep(1.0)
                pod.link.lose()
            pulled = await task
            await puller.close()
            return pulled

    recorded.whole(run_virtual(body()).path)


def test_a_fetch_that_was_interrupted_goes_on_where_it_stood(tmp_path: Path) -> None:
    """However often: no packet is fetched twice into the file."""

    async def body() -> Pulled:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            await recorded_alone(pod, 12)
            for bytes_here in (10_000, 20_000, 30_000):
                puller = await puller_for(pod, tmp_path)
                task = asyncio.create_task(puller.pull(1, nothing))
                while sum(path.stat().st_size for path in tmp_path.glob("*.run")) < bytes_here:
                    await asyncio.sleep(0.05)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                await puller.close()
                [path] = tmp_path.glob("*.run")
                assert not recorded.read(path).closed
            puller = await puller_for(pod, tmp_path)
            pulled = await puller.pull(1, nothing)
            await puller.close()
            return pulled

    pulled = run_virtual(body())
    assert pulled.joined
    recorded.whole(pulled.path)


def test_the_beginning_on_the_laptop_and_the_rest_in_flash_become_one_file(tmp_path: Path) -> None:
    async def body() -> Pulled:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            recorder = await recorder_for(pod, tmp_path)
            task = asyncio.create_task(recorder.run())
            await begun(recorder, task)
            await asyncio.sleep(4)
            pod.link.hang(9)
            recorder.stop()
            recorder.stop()
            await task
            await asyncio.sleep(10)  # the pod goes on alone
            await pod.press(200)
            await asyncio.sleep(3)
            puller = await puller_for(pod, tmp_path)
            pulled = await puller.pull(1, nothing)
            await puller.close()
            return pulled

    pulled = run_virtual(body())
    assert pulled.joined
    found = recorded.whole(pulled.path)
    assert len(found.indices()) > 6_500


def test_power_cut_in_mid_run(tmp_path: Path) -> None:
    """What flash had taken is there, joined with what the laptop has; at most what was in memory is missing."""

    async def body() -> Pulled:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            await pod.press(200)
            await asyncio.sleep(8)
            pod.power_cut()
            await pod.start()
            await asyncio.sleep(2)
            await pod.open_pairing()
            puller = await puller_for(pod, tmp_path)
            [kept] = await puller.list()
            assert (kept.run, kept.state) == (1, 0)
            pulled = await puller.pull(kept.run, nothing)
            assert await puller.list() == []
            await puller.close()
            return pulled

    pulled = run_virtual(body())
    found = recorded.read(pulled.path)
    assert found.closed
    assert found.missing() == []
    numbers = found.sensor_numbers()
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert found.indices() == list(range(len(numbers)))
    assert len(numbers) > 8 * 500 - 100


def test_a_pod_that_records_is_left_alone(tmp_path: Path) -> None:
    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            await pod.press(200)
            await asyncio.sleep(2)
            puller = await puller_for(pod, tmp_path)
            try:
                await puller.list()
            finally:
                await puller.close()

    with pytest.raises(PodRefused, match="recording"):
        run_virtual(body())


def refused_and_still_on_the_pod(folder: Path) -> None:
    """Pull a run whose file does not hold what came: the pod must keep it."""

    async def body() -> None:
        async with Rig(folder) as rig:
            pod = await ready_pod(rig)
            await recorded_alone(pod, 5)
            puller = await puller_for(pod, folder)
            with pytest.raises(PodError, match="does not read back"):
                await puller.pull(1, nothing)
            assert [kept.run for kept in await puller.list()] == [1]
            await puller.close()

    run_virtual(body())


def test_a_file_that_does_not_read_back_is_not_forgotten_by_the_pod(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from surefoot.recording.run_writer import RunWriter

    plain = RunWriter.close

    def closed_and_spoilt(self: RunWriter, utc_us: int) -> None:
        plain(self, utc_us)
        content = bytearray(self.path.read_bytes())
        content[len(content) // 2] ^= 1
        self.path.write_bytes(content)

    monkeypatch.setattr(RunWriter, "close", closed_and_spoilt)

    refused_and_still_on_the_pod(tmp_path)


def test_a_file_that_is_sound_but_lacks_a_packet_is_not_forgotten_by_the_pod(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its hash is right: the packet was never written to it, though it was counted."""
    from surefoot.recording.run_writer import RunWriter

    plain = RunWriter.packet

    def all_but_one(self: RunWriter, utc_us: int, data: bytes) -> None:
        if data[4:7] != b"\x28\x00\x00":
            plain(self, utc_us, data)

    monkeypatch.setattr(RunWriter, "packet", all_but_one)

    refused_and_still_on_the_pod(tmp_path)
    [path] = tmp_path.glob("*.run")
    assert recorded.read(path).missing() == [0x28]


def test_numbers_that_begin_anew_after_the_flash_was_erased_do_not_mix_runs(tmp_path: Path) -> None:
    async def body() -> list[Path]:
        async with Rig(tmp_path) as rig:
            runs, paths = tmp_path / "runs", []
            pod = await ready_pod(rig)
            for seconds in (2.0, 3.0):
                await asyncio.sleep(seconds)
                await recorded_alone(pod, seconds)
                puller = await puller_for(pod, runs)
                paths.append((await puller.pull(1, nothing)).path)
                await puller.close()
                pod.power_cut()
                for file in (tmp_path / "pod1").iterdir():
                    file.unlink()
                await rig.laptop.keystore.delete_all()
                await pod.start()
                await asyncio.sleep(2)
                await pod.open_pairing()
            recorder = await recorder_for(pod, runs)
            task = asyncio.create_task(recorder.run())
            await begun(recorder, task)
            await asyncio.sleep(2)
            recorder.stop()
            paths.append(the_file(await task))
            return paths

    paths = run_virtual(body())
    assert len(set(paths)) == 3
    for path in paths:
        assert path.name.endswith("_5F6F-1.run")
        recorded.whole(path)
