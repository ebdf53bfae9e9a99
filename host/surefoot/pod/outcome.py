"""What a recording came to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from surefoot.errors import SurefootError
from surefoot.wire.records import EndReason

ENDINGS: dict[int, str] = {
    EndReason.HOST: "The recording was ended here.",
    EndReason.BUTTON: "The recording was ended by the pod's button.",
    EndReason.BATTERY: "The pod ended the recording: its battery is empty.",
    EndReason.STORE_FULL: "The pod ended the recording: its store was full and nobody took the data.",
    EndReason.SENSOR_LOST: "The pod ended the recording: its sensor does not answer any more.",
    EndReason.RESTART_OR_SLEEP: "The recording ended because the pod was told to restart or to sleep.",
    EndReason.NO_MOTION: "The pod ended the recording: nothing had moved for long.",
}


@dataclass(frozen=True)
class RecordedFile:
    """One file of a recording.

    Attributes
    ----------
    path : Path
    run : int
        Number of the run on its pod.
    packets, lost_packets : int
        In the file, and gone for good.
    missing_packets : int
        Not in the file and perhaps still on the pod, as far as is known.
    closed : bool
        It has its end frame: nothing more of this run can come.
    has_end : bool
        It has the pod's last packet of the run. Without it the pod's power went, and what was in its memory is lost.
    is_whole : bool
        Nothing more of this run can come, even if the file could not be closed.
    """

    path: Path
    run: int
    packets: int
    lost_packets: int
    missing_packets: int
    closed: bool
    has_end: bool = True
    is_whole: bool = True


@dataclass(frozen=True)
class Outcome:
    """What a recording came to.

    Attributes
    ----------
    pod : str
        Name of the pod.
    files : tuple of RecordedFile
        One, or more if the pod restarted; in the order of time; empty if nothing was begun.
    ended_by : int or None
        An `EndReason`, where the pod told one.
    failure : SurefootError or None
        Why it ended before it should: the file could not be written, the pod could not be reached any more.
    sentences : tuple of str
        All that is to be said about the end, for people.
    """

    pod: str
    files: tuple[RecordedFile, ...]
    ended_by: int | None
    failure: SurefootError | None
    sentences: tuple[str, ...]

    @property
    def is_closed(self) -> bool:
        """Whether every file is closed and nothing failed."""
        return self.failure is None and bool(self.files) and all(file.closed for file in self.files)

    @property
    def is_complete(self) -> bool:
        """Whether, besides, every file has the end of its run."""
        return self.is_closed and all(file.has_end for file in self.files)
