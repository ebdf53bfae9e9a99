"""The recorder on the rig: the real firmware, a real Bluetooth stack, unmodified bleak, virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason

from surefoot.errors import LinkLost, OutputError, PairingNeeded, PodBusy, PodNotFound, SeveralPods
from surefoot.pod.find import find_pods, wait_for_pod
from surefoot.pod.outcome import Outcome
from surefoot.pod.recorder import Recorder, RecordOptions
from surefoot.wire.records import EndReason
from tests.rig import recorded
from tests.rig.radio.bleak_backend import installed
from tests.rig.radio.bleak_client import BumbleClient
from tests.rig.radio.bleak_scanner import BumbleScanner
from tests.rig.radio.plain_host import PlainHost
from tests.rig.radio.pod import HARD_RESET, Pod
from tests.rig.radio.rig import Rig
from tests.rig.radio.virtual_loop import run_virtual
from tests.rig.recording_story import (
    again_recording,
    begun,
    ready_pod,
    record,
    recorder_for,
    sleeping,
    the_file,
    utc_clock,
)


@pytest.mark.parametrize("rate_hz", [200, 500, 1000])
def test_every_sample_once_in_order_and_bit_for_bit(tmp_path: Path, rate_hz: int) -> None:
    outcome = record(tmp_path, sleeping(8), {"rate_hz": rate_hz, "side": "right"})
    found = recorded.whole(the_file(outcome))
    assert len(found.indices()) == pytest.approx(8 * rate_hz, rel=0.15)
    start = found.packets[0][16:]
    assert start[66] == 2
    assert int.from_bytes(start[51:53], "little") == rate_hz
    assert outcome.ended_by == EndReason.HOST


def test_the_file_is_named_by_time_pod_and_run_and_holds_the_clock_and_the_link(tmp_path: Path) -> None:
    outcome = record(tmp_path, sleeping(12))
    path = the_file(outcome)
    assert path.name.endswith("_5F6F-1.run")
    found = recorded.whole(path)
    assert found.count(recorded.CLOCK) == 5  # five times every 2 s, then every 20 s
    assert found.count(recorded.LINK) == 1


def test_a_folder_that_cannot_be_made_leaves_no_run_behind(tmp_path: Path) -> None:
    (tmp_path / "afile").write_text("x")

    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            with pytest.raises(OutputError, match="name another folder"):
                await (await recorder_for(pod, tmp_path / "afile" / "runs")).run()
            await asyncio.sleep(2)
            assert not pod.ask("pod.session.recording")

    run_virtual(body())


def hang_on_a_standing_link(pod: Pod) -> None:
    """No radio gives up: it is the recorder that must notice the silence."""
    pod.link.supervision_s = 30
    pod.link.hang(8)


# Breaks of the link in mid-run, shorter and longer than every timeout: the pod's supervision, the watchdog (5 s),
# an answer (3 s), a fetch (8 s), one attempt to connect (20 s). The pod's flash holds them all.
BREAKS: dict[str, Callable[[Pod], None]] = {
    "silence of 50 ms": lambda pod: pod.link.hang(0.05),
    "silence of 0.7 s": lambda pod: pod.link.hang(0.7),
    "silence of 1.9 s": lambda pod: pod.link.hang(1.9),
    "silence of 2.5 s": lambda pod: pod.link.hang(2.5),
    "silence of 12 s": lambda pod: pod.link.hang(12),
    "silence of 50 s": lambda pod: pod.link.hang(50),
    "hang of 8 s on a link that stands": hang_on_a_standing_link,
    "broken at once": lambda pod: pod.link.lose(0, 0),
    "noticed by the pod first": lambda pod: pod.link.lose(0, 4),
    "noticed by the laptop first": lambda pod: pod.link.lose(4, 0),
    "broken and refused for 30 s": lambda pod: (pod.link.lose(), pod.link.refuse(30))[0],
}


SHORT = ("silence of 50 ms", "silence of 1.9 s", "hang of 8 s on a link that stands", "broken at once")


@pytest.mark.parametrize(
    "fault", [name if name in SHORT else pytest.param(name, marks=pytest.mark.soak) for name in BREAKS]
)
def test_a_break_of_the_link_leaves_no_trace_in_the_samples(tmp_path: Path, fault: str) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(4)
        BREAKS[fault](pod)
        await again_recording(recorder)
        await asyncio.sleep(3)

    recorded.whole(the_file(record(tmp_path, story)))


def test_at_a_small_mtu_packets_come_in_pieces(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(3)
        pod.link.lose()
        await again_recording(recorder)
        await asyncio.sleep(3)

    recorded.whole(the_file(record(tmp_path, story, {"rate_hz": 200}, mtu=23)))


def test_a_link_that_breaks_while_the_rest_is_fetched(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(2)
        pod.link.hang(10)
        await asyncio.sleep(10)
        for _ in range(3):
            while not recorder.figures.missing_packets:
                await asyncio.sleep(0.1)
            await asyncio.sleep(0.6)
            pod.link.lose()
            await asyncio.sleep(1)
        await again_recording(recorder)

    outcome = record(tmp_path, story)
    recorded.whole(the_file(outcome))


def test_stopped_while_the_link_is_down(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(3)
        pod.link.hang(9)
        await asyncio.sleep(5)

    recorded.whole(the_file(record(tmp_path, story)))


def test_a_pod_that_is_gone_when_it_ends_leaves_a_file_that_is_sound(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(5)
        pod.link.hang(1000)
        await asyncio.sleep(5)

    outcome = record(tmp_path, story)
    assert isinstance(outcome.failure, LinkLost)
    assert "surefoot pull" in " ".join(outcome.sentences)
    [file] = outcome.files
    assert not file.closed
    found = recorded.read(file.path)
    numbers = found.sensor_numbers()
    assert found.missing() == []
    assert len(numbers) > 2000
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_second_stop_does_not_wait(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(3)
        pod.link.hang(1000)
        await asyncio.sleep(5)
        recorder.stop()
        before_s = asyncio.get_running_loop().time()
        recorder.stop()
        while recorder.figures.state != "ended":
            await asyncio.sleep(0.1)
        waited_s.append(asyncio.get_running_loop().time() - before_s)

    waited_s: list[float] = []
    outcome = record(tmp_path, story)
    assert isinstance(outcome.failure, LinkLost)
    assert waited_s[0] < 7  # an attempt to connect that is under way is ended in order


def test_the_button_of_the_pod_marks_and_the_host_marks(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(3)
        await pod.press(200)
        await asyncio.sleep(1)
        recorder.mark("top of the hill")
        await asyncio.sleep(2)
        assert recorder.figures.marks == 1

    found = recorded.whole(the_file(record(tmp_path, story)))
    marks = [packet[16:] for packet in found.packets.values() if packet[0] & 15 == 3]
    assert marks == [bytes([0, 0]), bytes([1, 1])]  # source: button, host; label of the host: the first
    [text] = [payload for kind, payload in found.frames if kind == recorded.MARK]
    assert text[8:].decode() == "top of the hill"


def test_a_run_that_the_pod_ends_by_itself(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(3)
        pod.battery(3200)
        await asyncio.sleep(30)
        assert recorder.figures.state == "ended"

    outcome = record(tmp_path, story)
    assert outcome.ended_by == EndReason.BATTERY
    assert any("battery" in sentence for sentence in outcome.sentences)
    recorded.whole(the_file(outcome))


def test_a_run_that_was_ended_at_the_pod_while_the_link_was_down(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(3)
        pod.link.hang(9)
        await asyncio.sleep(4)
        await pod.press(200)
        await asyncio.sleep(60)
        assert recorder.figures.state == "ended"

    outcome = record(tmp_path, story)
    assert outcome.ended_by == EndReason.BUTTON
    recorded.whole(the_file(outcome))


def test_a_pod_that_resets_in_mid_run_goes_on_in_a_second_file(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(3)
        pod.link.hang(4)  # so that flash holds some of the first run
        await asyncio.sleep(5)
        pod.power_cut()
        await pod.start(HARD_RESET)
        await again_recording(recorder)
        await asyncio.sleep(4)

    outcome = record(tmp_path, story)
    assert outcome.failure is None
    first, second = outcome.files
    assert first.closed and second.closed
    assert (first.run, second.run) == (1, 2)
    found = recorded.read(first.path)
    assert found.missing() == []
    assert len(found.indices()) > 3500
    assert found.indices() == list(range(len(found.indices())))
    recorded.whole(second.path)


def test_another_central_that_owns_the_pod_is_named(tmp_path: Path) -> None:
    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            with installed(await rig.stranger()):
                other = PlainHost(pod)
                await other.connect(pair=True)
                await other.start(500)
            recorder = await recorder_for(pod, tmp_path)
            await recorder.run()

    with pytest.raises(PodBusy):
        run_virtual(body())


def test_an_unpaired_computer_is_told_what_to_do(tmp_path: Path) -> None:
    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await rig.pod()
            await asyncio.sleep(2)
            await (await recorder_for(pod, tmp_path, pair=False)).run()

    with pytest.raises(PairingNeeded, match="button for 3 seconds"):
        run_virtual(body())
    assert not list(tmp_path.glob("*.run"))


def test_a_recorder_that_was_killed_goes_on_in_the_same_file(tmp_path: Path) -> None:
    async def body() -> Outcome:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            first = await recorder_for(pod, tmp_path)
            task = asyncio.create_task(first.run())
            await asyncio.sleep(8)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            [path] = tmp_path.glob("*.run")
            assert not recorded.read(path).closed
            await asyncio.sleep(6)
            second = await recorder_for(pod, tmp_path, pair=False)
            task = asyncio.create_task(second.run())
            await asyncio.sleep(6)
            second.stop()
            return await task

    outcome = run_virtual(body())
    recorded.whole(the_file(outcome))
    assert len(list(tmp_path.glob("*.run"))) == 1


def test_two_pods_at_once_with_one_clock(tmp_path: Path) -> None:
    async def body() -> list[Outcome]:
        async with Rig(tmp_path) as rig:
            left, right = await rig.pod(flash_blocks=64), await rig.pod(flash_blocks=64)
            await asyncio.sleep(2)
            clock, recorders = utc_clock(), []
            for pod, side in ((left, "left"), (right, "right")):
                await pod.open_pairing()
                found = await wait_for_pod(pod.name, 10)
                recorders.append(Recorder(found, RecordOptions(tmp_path, side=side, pair=True), clock))
            tasks = [asyncio.create_task(recorder.run()) for recorder in recorders]
            await asyncio.sleep(6)
            left.link.lose()
            await asyncio.sleep(6)
            for recorder in recorders:
                recorder.stop()
            return list(await asyncio.gather(*tasks))

    outcomes = run_virtual(body())
    assert len({the_file(outcome) for outcome in outcomes}) == 2
    for outcome in outcomes:
        recorded.whole(the_file(outcome))


def test_a_run_that_somebody_else_began_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """The link is down; the run is ended at the pod and another one begun; then the recorder is stopped."""
    pods: list[Pod] = []

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        pods.append(pod)
        await asyncio.sleep(3)
        pod.link.hang(10)
        await asyncio.sleep(4)
        for _ in range(2):
            await pod.press(200)
            await asyncio.sleep(2)
        recorder.stop()
        while recorder.figures.state != "ended":
            await asyncio.sleep(0.5)
        assert pod.ask("pod.session.recording")
        assert pod.ask("pod.session.run") == 2

    outcome = record(tmp_path, story)
    assert outcome.ended_by == EndReason.BUTTON
    recorded.whole(the_file(outcome))


def test_what_the_pod_could_not_keep_is_lost_exactly(tmp_path: Path) -> None:
    """Eight blocks of flash hold less than what a minute without a link brings."""
    kept: list[Recorder] = []
    dropped: list[int] = []

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        kept.append(recorder)
        await asyncio.sleep(3)
        pod.link.hang(25)
        await asyncio.sleep(26)
        await again_recording(recorder)
        await asyncio.sleep(2)
        dropped.append(pod.ask("pod.ring.dropped"))

    outcome = record(tmp_path, story, flash_blocks=8)
    found = recorded.read(the_file(outcome))
    missing = found.missing()
    assert found.closed
    assert len(missing) == outcome.files[0].lost_packets == kept[0].figures.lost_packets
    assert 50 < len(missing) <= dropped[0]  # the pod also counts what came but could not be acknowledged in time
    numbers, indices = found.sensor_numbers(), found.indices()
    assert [number - index for number, index in zip(numbers, indices, strict=True)] == [numbers[0]] * len(numbers)
    assert any(f"{len(missing)} packets are lost" in sentence for sentence in outcome.sentences)


def test_bluetooth_switched_off_and_on_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        async def off(*_: object, **__: object) -> None:
            raise BleakBluetoothNotAvailableError("off", BleakBluetoothNotAvailableReason.POWERED_OFF)

        await asyncio.sleep(3)
        with monkeypatch.context() as switched_off:
            switched_off.setattr(BumbleClient, "connect", off)
            switched_off.setattr(BumbleScanner, "start", off)
            pod.link.lose(0, 0)
            await asyncio.sleep(5)
            assert recorder.figures.state == "reconnecting"
            assert any("Bluetooth is switched off" in note for note in recorder.figures.notes)
        await again_recording(recorder)
        await asyncio.sleep(2)

    recorded.whole(the_file(record(tmp_path, story)))


def recorded_after_a_bond_was_forgotten(folder: Path, forget: Callable[[Rig, Pod], Awaitable[Any]]) -> Path:
    """Record, let one side `forget`, be told that pairing is needed, pair and record again: the second file."""

    async def body() -> Outcome:
        async with Rig(folder) as rig:
            pod = await ready_pod(rig)
            first = await recorder_for(pod, folder / "first")
            task = asyncio.create_task(first.run())
            await asyncio.sleep(6)
            first.stop()
            await task
            await forget(rig, pod)
            with pytest.raises(PairingNeeded, match="button for 3 seconds"):
                await (await recorder_for(pod, folder / "second", pair=False)).run()
            await pod.open_pairing()
            second = await recorder_for(pod, folder / "second")
            task = asyncio.create_task(second.run())
            await begun(second, task)
            await asyncio.sleep(4)
            second.stop()
            return await task

    return the_file(run_virtual(body()))


def test_a_bond_that_the_pod_has_forgotten_is_made_anew(tmp_path: Path) -> None:
    async def forget(_rig: Rig, pod: Pod) -> None:
        await pod.press(11_000)  # all bonds
        await asyncio.sleep(1)

    recorded.whole(recorded_after_a_bond_was_forgotten(tmp_path, forget))


def test_a_bond_that_the_computer_has_forgotten_is_made_anew(tmp_path: Path) -> None:
    async def forget(rig: Rig, _pod: Pod) -> None:
        await rig.laptop.keystore.delete_all()

    recorded.whole(recorded_after_a_bond_was_forgotten(tmp_path, forget))


def test_several_pods_are_named_and_none_is_chosen(tmp_path: Path) -> None:
    async def body() -> None:
        async with Rig(tmp_path) as rig:
            await rig.pod(flash_blocks=8)
            second = await rig.pod(flash_blocks=8)
            assert sorted(pod.name for pod in await find_pods(4)) == ["Surefoot 5F6F", "Surefoot 5F70"]
            assert (await wait_for_pod("5f70", 5)).address == second.address
            with pytest.raises(PodNotFound, match="only Surefoot 5F6F, Surefoot 5F70"):
                await wait_for_pod("0001", 3)
            await wait_for_pod(None, 10)

    with pytest.raises(SeveralPods) as raised:
        run_virtual(body())
    assert raised.value.pods == ("Surefoot 5F6F", "Surefoot 5F70")


def test_an_only_pod_is_found_and_none_is_said(tmp_path: Path) -> None:
    async def body() -> None:
        async with Rig(tmp_path) as rig:
            assert await find_pods(2) == []
            with pytest.raises(PodNotFound, match="switch the pod on"):
                await wait_for_pod(None, 3)
            pod = await rig.pod(flash_blocks=8)
            assert (await wait_for_pod(None, 10)).name == pod.name

    run_virtual(body())
