"""A process that writes a run file is killed, or its disk is full: what it wrote is there, whole, and can go on."""

import os
import random
import signal
import struct
import subprocess
import sys
import time

import pytest

from surefoot.recording.examination import examine
from surefoot.recording.framing import Frame, read_frames
from surefoot.recording.resume import resume_point
from surefoot.recording.run_writer import RunWriter
from tests.rig.made_runs import START_UTC_US, made_run

SAID = struct.Struct("<BI")
WRITTEN, SYNCED = 0, 1

# forks a writer for each name it is told, so that hundreds of them cost no start of Python each
WRITERS = """
import os, struct, sys, threading
from pathlib import Path
from surefoot.recording.run_writer import RunWriter

def write(path, reports):
    def packet(number):
        return struct.pack("<BBBBHBBII", 0x19, 0, 200, 0, number % 65536, number >> 16, 5, 0, 0) + bytes(200)
    writer = RunWriter.create(Path(path), writer="killed", created_utc_us=1)
    written = 0
    def sync():
        while True:
            until = written
            writer.sync()
            os.write(reports, struct.pack("<BI", 1, until))
    threading.Thread(target=sync, daemon=True).start()
    while True:
        writer.packet(written, packet(written))
        written += 1
        os.write(reports, struct.pack("<BI", 0, written))

for line in sys.stdin:
    path, reports = line.split()
    process = os.fork()
    if not process:
        write(path, os.open(reports, os.O_WRONLY))
    print(process, flush=True)
    os.waitpid(process, 0)
"""


def kill_writers(tmp_path, kills: int) -> None:
    random_s = random.Random(kills)
    writers = subprocess.Popen(
        [sys.executable, "-c", WRITERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert writers.stdin is not None
    assert writers.stdout is not None
    try:
        for number in range(kills):
            path, reports = tmp_path / f"{number}.run", tmp_path / f"{number}.fifo"
            os.mkfifo(reports)
            print(path, reports, file=writers.stdin, flush=True)
            process = int(writers.stdout.readline())
            with reports.open("rb") as pipe:
                told = pipe.read(SAID.size)
                time.sleep(random_s.random() * 0.06)
                # what stays in the pipe is read below; a full pipe makes the writer wait, as a slow reader would
                os.kill(process, signal.SIGKILL)
                told += pipe.read()
            check(path, told)
            path.unlink()
    finally:
        writers.stdin.close()
        writers.wait(10)
        writers.stdout.close()


def check(path, told: bytes) -> None:
    said = [SAID.unpack_from(told, at) for at in range(0, len(told) - SAID.size + 1, SAID.size)]
    written = max((number for what, number in said if what == WRITTEN), default=0)
    synced = max((number for what, number in said if what == SYNCED), default=0)
    examined = examine(path)
    assert not examined.file.damaged_places
    with path.open("rb") as stream:
        frames = list(read_frames(stream))
    # at a page of memory the system may stop in a frame; nobody was told of that one
    assert all(isinstance(frame, Frame) for frame in frames[: -1 if examined.file.unfinished_bytes else None])
    arrived = [int.from_bytes(frame.payload[:8], "little") for frame in frames[1:] if isinstance(frame, Frame)]
    assert arrived == list(range(len(arrived)))
    assert len(arrived) >= max(written, synced)
    # the last one may have been in the file before it was told
    assert len(arrived) <= written + 1
    assert resume_point(path).sequences.whole_until == len(arrived)
    writer = RunWriter.resume(path)
    writer.close(START_UTC_US)
    assert examine(path).intact


def test_killed_at_random_moments(tmp_path):
    kill_writers(tmp_path, 15)


@pytest.mark.soak
def test_killed_at_500_random_moments(tmp_path):
    kill_writers(tmp_path, 500)


FULL = """
import resource, signal, sys
from pathlib import Path
from surefoot.errors import RunWriteError
from surefoot.recording.run_writer import RunWriter

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
writer = RunWriter.resume(Path(sys.argv[1]))
try:
    for number in range(1000):
        writer.packet(number, bytes(16) + number.to_bytes(4, "little"))
except RunWriteError as error:
    print(number, error.saved_bytes)
    print(error)
try:
    writer.close(1)
except RunWriteError:
    print("not closed")
"""


@pytest.mark.parametrize("room", [1, 37, 1000, 4096])
def test_a_file_that_may_not_grow(tmp_path, room):
    """The system itself cuts the write short, as on a full disk, in a process of its own."""
    path = tmp_path / "a.run"
    writer = RunWriter.create(path, writer="full", created_utc_us=1)
    size = writer.bytes_written
    writer.abandon()
    command = [sys.executable, "-c", FULL, str(path), str(size + room)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    written = room // 37
    assert told[0] == f"{written} {size + 37 * written}"
    kept = size + 37 * written
    saved = f"{kept} bytes" if kept < 1000 else f"{round(kept / 1000)} KB"
    # not "free some space": there is enough
    assert told[1] == (
        f"Cannot go on writing a.run: file too large; the {saved} written before are kept in {path}; use another disk."
    )
    assert told[2:] == ["not closed"]
    assert path.stat().st_size == size + 37 * written
    assert not examine(path).file.damaged_places


def test_a_run_killed_and_continued_is_read_as_one(tmp_path):
    run = made_run(4)
    path = tmp_path / "a.run"
    first = RunWriter.create(path, writer="test", created_utc_us=START_UTC_US)
    for packet in run.packets[:50]:
        first.packet(START_UTC_US, packet.to_bytes())
    first.abandon()
    os.truncate(path, path.stat().st_size - 30)
    cut = examine(path)
    assert (cut.file.unfinished_bytes, cut.file.damaged_places) == (8 + 244 + 9 - 30, 0)
    point = resume_point(path)
    assert (point.serial, point.run, point.closed) == (bytes.fromhex("246f28aabeef"), 261, False)
    assert point.start is not None
    assert point.sequences.whole_until == 49
    second = RunWriter.resume(path)
    for packet in run.packets[45:]:
        second.packet(START_UTC_US, packet.to_bytes())
    second.close(START_UTC_US)
    facts = examine(path)
    assert facts.file.hash_right
    assert facts.file.damaged_places == 0
    assert facts.run is not None
    assert (facts.run.missing_packets, facts.run.repeats, facts.run.samples) == (0, 4, 2000)
