"""The disk fills up, or the file system turns read-only, while the pod streams: on the rig."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path

import pytest

from surefoot.errors import OutputError, RunWriteError
from surefoot.pod.outcome import Outcome
from surefoot.pod.pull import Pulled
from surefoot.pod.recorder import Recorder
from tests.rig import recorded
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.radio.virtual_loop import run_virtual
from tests.rig.recording_story import begun, puller_for, ready_pod, record, recorder_for


class FailingDisk:
    """Stands for `os.write`: after so many bytes it takes what still fits, then nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fault: int) -> None:
        self.room: float = float("inf")
        self._fault = fault
        self._write = os.write
        monkeypatch.setattr("surefoot.recording.run_writer.os.write", self.write)

    def write(self, descriptor: int, data: bytes) -> int:
        if self.room <= 0:
            raise OSError(self._fault, os.strerror(self._fault))
        taken = self._write(descriptor, data[: int(min(len(data), self.room))])
        self.room -= taken
        return taken


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EROFS, errno.EIO], ids=["full", "read-only", "broken"])
def test_a_disk_that_takes_no_more_leaves_a_sound_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    disk = FailingDisk(monkeypatch, fault)

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(4)
        disk.room = 1000
        await asyncio.sleep(4)
        assert recorder.figures.state == "ended"
        disk.room = float("inf")

    outcome = record(tmp_path, story)
    assert isinstance(outcome.failure, RunWriteError)
    said = " ".join(outcome.sentences)
    assert os.strerror(fault).lower() in said
    assert "surefoot pull" in said
    [file] = outcome.files
    assert not file.closed
    found = recorded.read(file.path)
    assert found.missing() == []
    assert len(found.packets) == file.packets
    assert file.packets > 4 * 500 / 19 - 3


def test_the_pod_keeps_what_the_disk_did_not_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FailingDisk(monkeypatch, errno.ENOSPC)

    async def body() -> tuple[Outcome, Pulled]:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            recorder = await recorder_for(pod, tmp_path)
            task = asyncio.create_task(recorder.run())
            await begun(recorder, task)
            await asyncio.sleep(4)
            disk.room = 500
            outcome = await task
            await asyncio.sleep(5)
            await pod.press(200)
            await asyncio.sleep(3)
            disk.room = float("inf")
            puller = await puller_for(pod, tmp_path)
            pulled = await puller.pull(1, lambda _here, _all: None)
            await puller.close()
            return outcome, pulled

    outcome, pulled = run_virtual(body())
    assert pulled.path == outcome.files[0].path
    assert len(recorded.whole(pulled.path).indices()) > 9 * 500


def test_a_disk_that_cannot_sync_is_not_trusted_and_nothing_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acknowledged: list[int] = []

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(4)

        def fail(descriptor: int) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr("surefoot.recording.run_writer._sync", fail)
        acknowledged.append(pod.ask("pod.ring.acked"))
        await asyncio.sleep(4)
        acknowledged.append(pod.ask("pod.ring.acked"))

    outcome = record(tmp_path, story)
    assert isinstance(outcome.failure, RunWriteError)
    before, after = acknowledged
    assert after - before <= 2 * 27  # what the last sync that went well covered, told a moment later


@pytest.mark.parametrize("room", [0, 100], ids=["not the first frame", "half of the beginning"])
def test_a_run_whose_file_cannot_be_begun_is_not_left_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    disk = FailingDisk(monkeypatch, errno.ENOSPC)

    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await ready_pod(rig)
            recorder = await recorder_for(pod, tmp_path)
            disk.room = room
            with pytest.raises((OutputError, RunWriteError)):
                await recorder.run()
            disk.room = float("inf")
            await asyncio.sleep(2)
            assert not pod.ask("pod.session.recording")

    run_virtual(body())
