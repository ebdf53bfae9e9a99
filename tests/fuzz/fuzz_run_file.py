"""Coverage-guided fuzzing of everything that reads a run file; needs atheris (Linux).

    python -m tests.fuzz.fuzz_run_file FOLDER [-max_total_time=600] [-runs=N] [-seed=N] [--planted]

FOLDER keeps the inputs that reach new code. An input is a program of a few bytes per part that makes frames with right
checksums, whole or damaged, because plain noise never gets past a checksum. `--planted` puts a fault into the reader
that the fuzzer must find.
"""

from __future__ import annotations

import contextlib
import struct
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["surefoot.recording", "surefoot.wire"]):
    from surefoot.errors import RecordingError
    from surefoot.recording import sorting
    from surefoot.recording.examination import examine
    from surefoot.recording.repair import repair
    from surefoot.recording.resume import resume_point
    from surefoot.recording.run_file import RunFile, open_run, read_run
    from surefoot.recording.run_writer import RunWriter

import numpy as np

from surefoot.recording.framing import write_frame
from tests.rig.made_runs import made_run

TRUE_RUN = made_run(0.4)
PACKED_RUN = made_run(0.4, packed=True)
PARTS_MAX = 40


def content_of(program: bytes) -> bytes:
    """Run the program: each part is a byte that says what it is, and its arguments."""
    data = atheris.FuzzedDataProvider(program)
    parts: list[bytes] = []
    while data.remaining_bytes() and len(parts) < PARTS_MAX:
        parts.append(_part(data, parts))
    return b"".join(parts)


def _part(data: atheris.FuzzedDataProvider, parts: list[bytes]) -> bytes:
    what = data.ConsumeIntInRange(0, 7)
    if what == 5 and parts:
        return parts[data.ConsumeIntInRange(0, len(parts) - 1)]
    if what == 6 and parts:
        last = parts.pop()
        return last[: data.ConsumeIntInRange(0, len(last))]
    return _MAKERS[what % len(_MAKERS)](data)


def _packet(data: atheris.FuzzedDataProvider) -> bytes:
    run = (TRUE_RUN, PACKED_RUN)[data.ConsumeBool()]
    return write_frame(2, run.packets[data.ConsumeIntInRange(0, len(run.packets) - 1)].to_bytes())


def _any_frame(data: atheris.FuzzedDataProvider) -> bytes:
    return write_frame(data.ConsumeIntInRange(0, 16), data.ConsumeBytes(data.ConsumeIntInRange(0, 120)))


def _noise(data: atheris.FuzzedDataProvider) -> bytes:
    return bytes(data.ConsumeBytes(data.ConsumeIntInRange(0, 20)))


def _clock(data: atheris.FuzzedDataProvider) -> bytes:
    return TRUE_RUN.asked(data.ConsumeIntInRange(0, 10**6))


def _altered_packet(data: atheris.FuzzedDataProvider) -> bytes:
    """Some bytes of a true packet changed, the checksum of its frame right."""
    run = (TRUE_RUN, PACKED_RUN)[data.ConsumeBool()]
    packet = bytearray(run.packets[data.ConsumeIntInRange(0, len(run.packets) - 1)].to_bytes())
    for _ in range(data.ConsumeIntInRange(1, 3)):
        packet[data.ConsumeIntInRange(0, min(len(packet) - 1, 40))] = data.ConsumeIntInRange(0, 255)
    return write_frame(3, struct.pack("<Q", data.ConsumeIntInRange(0, 2**64 - 1)) + bytes(packet))


_MAKERS = (_packet, _altered_packet, _any_frame, _noise, _clock)


def try_file(path: Path, content: bytes) -> None:
    """All that is done with run files must end well or in a RecordingError, and agree."""
    path.write_bytes(content)
    try:
        examined = examine(path)
    except RecordingError:
        return
    examined.sentences()
    examined.as_dict()
    point = resume_point(path)
    copy = path.with_name("copy.run")
    copy.unlink(missing_ok=True)
    repaired = repair(path, copy, writer="fuzz", utc_us=1)
    assert repaired.intact
    opened = open_run(path)
    if isinstance(opened, RunFile):
        again = open_run(copy)
        assert isinstance(again, RunFile)
        assert again.run.repeats == 0
        assert np.array_equal(again.run.values, opened.run.values)
        assert np.array_equal(again.run.index, opened.run.index)
        assert all(
            number in point.sequences for number in opened.run.headers.sequence[opened.run.holds_samples].tolist()
        )
    with contextlib.suppress(RecordingError):
        recording = read_run(path)
        assert np.all(np.diff(recording.t_s) > 0)
        assert np.all(np.isfinite(recording.t_s))
    writer = RunWriter.resume(path)
    writer.close(5)
    assert examine(path).file.closed


def plant() -> None:
    """Forget to look at the length of a link frame."""

    def read_link(payload: bytes) -> tuple[int, bool]:
        utc_us, connected = struct.unpack("<QB", payload)
        return utc_us, bool(connected)

    sorting.read_link = read_link


def main() -> None:
    arguments = [argument for argument in sys.argv if argument != "--planted"]
    if len(arguments) < len(sys.argv):
        plant()
    # long programs from the start: a file of one frame shows little
    arguments += ["-max_len=1000", "-len_control=0"]
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        path = Path(folder) / "fuzz.run"
        atheris.Setup(arguments, lambda program: try_file(path, content_of(program)))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
