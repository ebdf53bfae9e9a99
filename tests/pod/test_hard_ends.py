"""What a recording says and leaves behind where it ends, or begins, at a bad moment."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from pathlib import Path

import pytest

from surefoot.errors import LinkLost, RunWriteError
from surefoot.pod import ledger
from surefoot.pod.outcome import Outcome
from surefoot.pod.recorder import Recorder
from surefoot.pod.run_copy import RunCopy
from surefoot.recording import payloads
from tests.rig import recorded
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.radio.virtual_loop import run_virtual
from tests.rig.recording_story import again_recording, begun, puller_for, ready_pod, record, recorder_for, the_file

ALONE = "goes on recording alone"
FOR_EVER_S = 10_000.0


def said(outcome: Outcome) -> str:
    return " ".join(outcome.sentences)


def test_a_run_cut_off_by_the_pods_power_is_not_called_complete(tmp_path: Path) -> None:
    """The link hangs for 1.5 s; the power goes in that, and with it what was in the pod's memory."""
    made: list[int] = []

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(4)
        pod.link.hang(1.5)
        await asyncio.sleep(0.4)
        made.append(pod.ask("pod.ring.next"))
        pod.power_cut()
        await asyncio.sleep(3)
        await pod.start()
        while "-2.run" not in str(recorder.figures.file):
            await asyncio.sleep(0.2)
        await again_recording(recorder)

    outcome = record(tmp_path, story)
    first, second = outcome.files
    assert first.packets < made[0]
    assert (first.closed, first.has_end, second.has_end) == (True, False, True)
    assert outcome.is_closed and not outcome.is_complete
    assert f"{first.path.name} holds all that the pod kept of it; the pod's power went" in said(outcome)
    assert f"{first.path.name} is complete" not in said(outcome)


def test_a_pull_says_where_the_end_of_the_run_is_missing(tmp_path: Path) -> None:
    async def body() -> list[bool]:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            await pod.press(200)
            await asyncio.sleep(4)
            pod.power_cut()
            await pod.start()
            await asyncio.sleep(2)
            await pod.press(200)
            await asyncio.sleep(3)
            await pod.press(200)
            await asyncio.sleep(2)
            await pod.open_pairing()
            puller = await puller_for(pod, tmp_path)
            pulled = [await puller.pull(row.run, lambda _here, _in_all: None) for row in await puller.list()]
            await puller.close()
            return [one.has_end for one in pulled]

    assert run_virtual(body()) == [False, True]


def test_a_disk_that_is_full_for_the_end_frame_sends_nobody_to_the_button(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = os.write

    def full(descriptor: int, data: bytes) -> int:
        if data[:3] == b"\x53\xf7\x0f":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return plain(descriptor, data)

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(2)
        monkeypatch.setattr(os, "write", full)

    outcome = record(tmp_path, story)
    assert isinstance(outcome.failure, RunWriteError)
    assert "only its closing failed" in said(outcome)
    assert "button" not in said(outcome)
    assert "pull" not in said(outcome)
    assert recorded.read(outcome.files[0].path).missing() == []


def test_a_stop_that_does_not_reach_the_pod_says_that_it_goes_on(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(2)
        pod.link.hang(FOR_EVER_S)
        await asyncio.sleep(4)

    outcome = record(tmp_path, story)
    assert isinstance(outcome.failure, LinkLost)
    assert ALONE in said(outcome)


def test_two_stops_at_once_end_the_run_on_a_pod_that_is_there(tmp_path: Path) -> None:
    async def body() -> tuple[Outcome, bool]:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            recorder = await recorder_for(pod, tmp_path / "runs")
            task = asyncio.create_task(recorder.run())
            await begun(recorder, task)
            await asyncio.sleep(2)
            recorder.stop()
            await asyncio.sleep(0)
            recorder.stop()
            outcome = await task
            await asyncio.sleep(2)
            return outcome, pod.ask("pod.session.recording")

    outcome, is_recording = run_virtual(body())
    assert not is_recording
    assert outcome.failure is None or outcome.files[0].missing_packets
    assert ALONE not in said(outcome)


@pytest.mark.parametrize("how", ["stopped", "cancelled"])
def test_who_ends_while_the_file_is_begun_leaves_no_run_without_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    plain = ledger.new_copy
    copies: list[RunCopy] = []

    async def body() -> bool:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            recorder = await recorder_for(pod, tmp_path / "runs")
            task = asyncio.create_task(recorder.run())
            loop = asyncio.get_running_loop()

            def just_then(folder: Path, serial: bytes, run: int, utc_us: int) -> RunCopy:
                loop.call_soon_threadsafe(recorder.stop if how == "stopped" else task.cancel)
                copies.append(plain(folder, serial, run, utc_us))
                return copies[-1]

            monkeypatch.setattr(ledger, "new_copy", just_then)
            await asyncio.gather(task, return_exceptions=True)
            if how == "stopped":
                recorded.complete(the_file(task.result()))
            await asyncio.sleep(2)
            return bool(pod.ask("pod.session.recording"))

    is_recording = run_virtual(body())
    [copy] = copies
    with pytest.raises(ValueError, match="closed"):
        copy.writer.mark(1, "nobody holds the file any more")
    # who is cancelled leaves what who is killed leaves: a run that goes on, and a file of it to go on with
    assert is_recording == (how == "cancelled")


def test_words_that_are_no_utf8_are_written_as_far_as_they_can_be() -> None:
    assert payloads.facts_payload({"notes": "M\udcfcnchen"}) == b'{"notes":"M?nchen"}'
    assert payloads.mark_payload(1, "M\udcfcnchen")[8:] == b"M?nchen"


def test_a_run_that_ended_and_another_that_began_within_a_short_hang(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(4)
        pod.link.hang(1.9)
        await asyncio.sleep(0.9)
        pod.tell("pod.stop(1)")
        await asyncio.sleep(0.6)
        pod.tell("pod.start(1)")
        await asyncio.sleep(20)
        assert "-2.run" in str(recorder.figures.file)
        await again_recording(recorder)

    outcome = record(tmp_path, story)
    assert [file.run for file in outcome.files] == [1, 2]
    for file in outcome.files:
        recorded.whole(file.path)


@pytest.mark.parametrize("counts_on", [True, False])
def test_a_pod_that_was_flashed_anew_begins_a_file_of_its_own(tmp_path: Path, counts_on: bool) -> None:
    """Its new run has the number of the one before; where its starts are counted anew too, its button began it."""

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(6)
        before = recorder.figures.file
        pod.power_cut()
        await asyncio.sleep(3)
        for name in ("runs.flash", "run.0") + (() if counts_on else ("record.bin",)):
            (tmp_path / "pod1" / name).unlink()
        if not counts_on:
            pod.link.hang(FOR_EVER_S)
        await pod.start()
        if not counts_on:
            await asyncio.sleep(3)
            await pod.press(200)
            await asyncio.sleep(2)
            pod.link.silent_until_s = 0.0
        async with asyncio.timeout(100):
            while recorder.figures.file == before:
                await asyncio.sleep(0.2)
        await again_recording(recorder)

    outcome = record(tmp_path, story)
    first, second = outcome.files
    assert (first.run, second.run) == (1, 1)
    assert (first.closed, first.has_end) == (True, False)
    numbers = recorded.read(first.path).sensor_numbers()
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    recorded.whole(second.path)


def test_a_file_that_is_removed_in_mid_run_ends_the_recording(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(2)
        shutil.rmtree(tmp_path / "runs")
        acknowledged = pod.ask("pod.ring.acked")
        await asyncio.sleep(4)
        assert recorder.figures.state == "ended"
        assert pod.ask("pod.ring.acked") - acknowledged < 60

    outcome = record(tmp_path, story)
    assert isinstance(outcome.failure, RunWriteError)
    assert "was removed" in said(outcome)
    assert ALONE in said(outcome)
    assert not outcome.files


def test_a_pod_that_goes_when_all_of_it_is_here(tmp_path: Path) -> None:
    """Its button ended the run and its end packet came; then it is out of reach."""

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(2)
        pod.tell("pod.stop(1)")
        while not recorder._ledger.ending.is_set():
            await asyncio.sleep(0.005)
        pod.link.hang(FOR_EVER_S)

    outcome = record(tmp_path, story)
    assert outcome.is_complete
    assert "pull" not in said(outcome)
    recorded.whole(the_file(outcome))
