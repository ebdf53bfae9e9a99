"""Files of runs in a folder: which one holds a run already, and what a new one is called."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from surefoot.errors import OutputError, RecordingError, reason
from surefoot.pod.gatt import pod_suffix
from surefoot.pod.run_copy import RunCopy
from surefoot.recording.framing import RUN_ENDING
from surefoot.recording.resume import RUN, SERIAL, resume_point
from surefoot.recording.run_writer import RunWriter
from surefoot.wire.records import Start

WRITER = "surefoot"


def file_name(serial: bytes, run: int, utc_us: int) -> str:
    """Return the name of the file of a run that began, or was fetched, at this time."""
    return f"{datetime.fromtimestamp(utc_us / 1e6):%Y-%m-%d_%H%M%S}_{pod_suffix(serial)}-{run}{RUN_ENDING}"


def new_copy(folder: Path, serial: bytes, run: int, utc_us: int) -> RunCopy:
    """Begin the file of a run.

    Raises
    ------
    OutputError
        It cannot be begun.
    RunWriteError
        It took no more than its beginning.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(folder, reason(error), "name another folder") from error
    path = folder / file_name(serial, run, utc_us)
    writer = RunWriter.create(path, writer=WRITER, created_utc_us=utc_us)
    # until the start packet is here, which may have to be fetched
    writer.settings({SERIAL: serial.hex(), RUN: run})
    return RunCopy(run, writer)


def copy_in(folder: Path, serial: bytes, run: int, start: Start | None = None) -> RunCopy | None:
    """Go on with the file of a run, if the folder has it; with `start`, only if the run began with that.

    Raises
    ------
    OutputError
        Another process writes the file, or it cannot be written.
    """
    for path in sorted(folder.glob(f"*_{pod_suffix(serial)}-{run}{RUN_ENDING}"), reverse=True):
        try:
            found = resume_point(path)
        except RecordingError:
            continue  # no run file, whatever its name says
        same_start = start is None or found.start is None or is_same_run(found.start, start)
        if found.run == run and found.serial == serial and same_start:
            return RunCopy(run, RunWriter.resume(path), found.sequences, found.start_packet)
    return None


def is_same_run(start: Start, other: Start) -> bool:
    """Whether both are of one run: run numbers begin anew when a pod's flash is erased."""
    return (start.boot_count, start.utc_us, start.started_by) == (other.boot_count, other.utc_us, other.started_by)
