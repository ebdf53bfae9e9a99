"""`surefoot record` on a disk that is full or read-only: what it says, and where the rest is; in real time.

The small disk is a real file system in memory, where a test may mount one; else the system lets no file grow further.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from surefoot.recording.examination import examine
from tests.rig import recorded
from tests.rig.by_command import OnBluez, on_bluez, recording
from tests.rig.radio.bluez.service import Finished, run_app
from tests.rig.radio.pod import Pod

pytestmark = [pytest.mark.soak, pytest.mark.skipif(sys.platform != "linux", reason="BlueZ is of Linux")]

ROOM_KB = 24
"""Three seconds at 500 Hz."""
CANNOT = 2
NOT_ALLOWED = "no file system may be mounted here"

# a process whose files may not grow beyond so many bytes becomes the program
LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={ROOM_KB}k", "none", str(disk)]
    if not shutil.which("mount") or subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        pytest.skip(NOT_ALLOWED)
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def surefoot(air: OnBluez, *arguments: str, before: tuple[str, ...] = ("-m", "surefoot")) -> Finished:
    return await run_app(air.command.bus, sys.executable, *before, *arguments, environment=air.command.environment)


async def the_rest(air: OnBluez, pod: Pod, begun: Path, folder: Path) -> Finished:
    """The runner ends the run at the pod, and fetches the rest to where there is room."""
    folder.mkdir()
    shutil.copy(begun, folder)
    await pod.press(200)
    await asyncio.sleep(1)
    return await surefoot(air, "pull", "--out", str(folder), "--pod", pod.name)


def check(recorded_s: Finished, pulled: Finished, begun: Path, folder: Path, reason: str) -> None:
    said = " ".join(recorded_s.output.split()) + " ".join(recorded_s.errors.split())
    assert recorded_s.returncode == CANNOT, said
    assert reason in said
    assert "surefoot pull" in said
    assert "Traceback" not in said
    assert pulled.returncode == 0, pulled.errors
    assert "joined with what was there" in pulled.output
    [path] = folder.glob("*.run")
    assert path.name == begun.name
    assert examine(path).intact
    recorded.whole_but_for_overruns(path)
    assert len(recorded.read(path).indices()) > 3 * 500


def sound(path: Path) -> None:
    """What was written before is whole: every byte belongs to a frame, no packet is missing."""
    assert recorded.read(path).missing() == []
    assert not examine(path).file.unfinished_bytes


def test_a_disk_that_is_full(tmp_path: Path, small_disk: Path) -> None:
    async def body() -> None:
        async with on_bluez(tmp_path, flash_blocks=128) as air:
            [pod] = air.rig.pods
            done = await surefoot(air, *recording(pod, small_disk, "--plain", "--duration", "60"))
            [begun] = small_disk.glob("*.run")
            sound(begun)
            pulled = await the_rest(air, pod, begun, tmp_path / "elsewhere")
            check(done, pulled, begun, tmp_path / "elsewhere", "no space left on device")

    asyncio.run(body())


def test_files_that_may_not_grow(tmp_path: Path) -> None:
    async def body() -> None:
        async with on_bluez(tmp_path, flash_blocks=128) as air:
            [pod] = air.rig.pods
            before = ("-c", LIMITED, str(1024 * ROOM_KB), "-m", "surefoot")
            done = await surefoot(air, *recording(pod, tmp_path / "runs", "--plain", "--duration", "60"), before=before)
            [begun] = (tmp_path / "runs").glob("*.run")
            sound(begun)
            pulled = await the_rest(air, pod, begun, tmp_path / "elsewhere")
            check(done, pulled, begun, tmp_path / "elsewhere", "file too large")

    asyncio.run(body())


def test_a_folder_that_is_read_only_from_the_start(tmp_path: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    async def body() -> None:
        async with on_bluez(tmp_path, flash_blocks=128) as air:
            [pod] = air.rig.pods
            done = await surefoot(air, *recording(pod, small_disk, "--plain", "--duration", "60"))
            assert done.returncode == CANNOT
            assert "read-only file system" in done.errors
            assert str(small_disk) in done.errors
            assert "Traceback" not in done.errors
            assert not pod.ask("pod.session.recording")

    asyncio.run(body())
