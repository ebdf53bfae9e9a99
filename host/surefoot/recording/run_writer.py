"""Writes a run file: whole frames, one after the other, each of them in the file as soon as it is written."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Self

from surefoot.errors import OutputError, RunWriteError, reason
from surefoot.recording.file_lock import lock
from surefoot.recording.framing import Damage, Frame, FrameType, read_frames, unfinished_bytes, write_frame
from surefoot.recording.payloads import (
    FORMAT,
    FileEnd,
    Scalar,
    arrived_payload,
    clock_payload,
    end_payload,
    facts_payload,
    link_payload,
    mark_payload,
)

_APPEND = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
HASH_BYTES = 1 << 20
"""Read at once of a file that is continued."""


class RunWriter:
    """Appends frames to one run file; made by `create` or `resume`.

    A frame is in the file when its method returns, so that the end of this process takes none; `sync` makes it outlast
    the end of the system, too. Every method that writes raises `RunWriteError` where the system does not take the
    frame: then nothing of it is left in the file, and it may be tried again.

    Attributes
    ----------
    path : Path
        The file.
    bytes_written : int
        Its length.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.bytes_written = 0
        self._descriptor = descriptor
        self._frames = 0
        self._sha256 = hashlib.sha256()
        self._syncing = Lock()
        self._open = True
        self._had_name = os.fstat(descriptor).st_nlink > 0  # some network drives never say so
        self._torn = False
        """Part of a frame that did not fit may be at the end."""

    @classmethod
    def create(cls, path: Path, *, writer: str, created_utc_us: int) -> Self:
        """Begin a new file with its file frame.

        Raises
        ------
        OutputError
            There is such a file, it cannot be made, or not even its first frame could be written; then no file is left.
        """
        self = cls(path, _opened(path, _APPEND | os.O_CREAT | os.O_EXCL))
        try:
            self._lock()
            facts: dict[str, Scalar] = {"format": FORMAT, "writer": writer, "created_utc_us": created_utc_us}
            self._append(FrameType.FILE, facts_payload(facts))
            _sync_folder(path.parent)
        except BaseException as error:
            self.abandon()
            with suppress(OSError):
                path.unlink()
            if isinstance(error, RunWriteError):
                raise OutputError(path, error.why, error.remedy) from error
            raise
        return self

    @classmethod
    def resume(cls, path: Path) -> Self:
        """Go on with a file, be it closed or cut off in a frame, which is then taken away; it is read for the hash.

        Raises
        ------
        OutputError
            There is no such file, it is no run file, it cannot be written, or another process writes it.
        """
        self = cls(path, _opened(path, _APPEND))
        try:
            self._lock()
            self._take_up()
        except OSError as error:
            self.abandon()
            raise OutputError(path, reason(error), "check the disk") from error
        except BaseException:
            self.abandon()
            raise
        return self

    def packet(self, utc_us: int, packet: bytes) -> None:
        """Write a packet exactly as it came, with the time of its arrival."""
        self._append(FrameType.ARRIVED, arrived_payload(utc_us, packet))

    def clock(self, asked_utc_us: int, answered_utc_us: int, clock_us: int, index: int, run: int) -> None:
        """Write when *time* was asked and answered, and the answer; `run` 0 while none was recorded."""
        self._append(FrameType.CLOCK, clock_payload(asked_utc_us, answered_utc_us, clock_us, index, run))

    def mark(self, utc_us: int, text: str) -> None:
        """Write a mark of the runner."""
        self._append(FrameType.MARK, mark_payload(utc_us, text))

    def settings(self, settings: dict[str, Scalar]) -> None:
        """Write what the runner said, such as `side`; a later frame changes what it names."""
        self._append(FrameType.SETTINGS, facts_payload(settings))

    def link(self, utc_us: int, connected: bool) -> None:
        """Write that the link came or went."""
        self._append(FrameType.LINK, link_payload(utc_us, connected))

    def sync(self) -> None:
        """Wait until all that was written before this call would outlast a loss of power.

        May run in another thread while this one goes on writing. A file that somebody removed is an error: what goes
        on being written to it, nobody could ever read.
        """
        with self._syncing:
            if not self._open:
                return
            try:
                _sync(self._descriptor)
            except OSError as error:
                raise self._failure(error) from error
            if self._is_removed():
                raise RunWriteError(self.path, 0, FileNotFoundError(errno.ENOENT, "the file was removed"))

    def close(self, utc_us: int) -> None:
        """Write the end frame, sync and close; the file is closed even where the end frame did not fit."""
        try:
            end = FileEnd(utc_us, self._frames, self._sha256.digest())
            self._append(FrameType.END, end_payload(end))
            self.sync()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close the file as it is, without an end frame."""
        with self._syncing:
            if self._open:
                self._open = False
                os.close(self._descriptor)

    def _append(self, frame_type: FrameType, payload: bytes) -> None:
        if not self._open:
            raise ValueError("the run file is closed")
        frame = write_frame(frame_type, payload)
        try:
            self._cut()
            self._torn = True
            # a disk that is nearly full takes a part, and says why only to the next call
            written = os.write(self._descriptor, frame)
            while written < len(frame):
                written += os.write(self._descriptor, frame[written:])
        except OSError as error:
            # on a device that is gone nothing can be cut off; a reader passes over half a frame
            with suppress(OSError):
                self._cut()
            raise self._failure(error) from error
        self._torn = False
        self.bytes_written += len(frame)
        self._frames += 1
        self._sha256.update(frame)

    def _cut(self) -> None:
        if self._torn:
            os.ftruncate(self._descriptor, self.bytes_written)
            self._torn = False

    def _is_removed(self) -> bool:
        return self._had_name and os.fstat(self._descriptor).st_nlink == 0

    def _failure(self, error: OSError) -> RunWriteError:
        return RunWriteError(self.path, self.bytes_written, error)

    def _lock(self) -> None:
        if not lock(self._descriptor):
            raise OutputError(self.path, "another process is writing it", "wait for it, or name another file")

    def _take_up(self) -> None:
        with os.fdopen(os.dup(self._descriptor), "rb") as stream:
            stream.seek(0)
            last: Frame | Damage | None = None
            for last in read_frames(stream):
                self._frames += isinstance(last, Frame)
            if not self._frames:
                raise OutputError(self.path, "it is not a run file", "name another file")
            unfinished = unfinished_bytes(stream, last)
            if unfinished:
                os.ftruncate(self._descriptor, stream.seek(0, os.SEEK_END) - unfinished)
            stream.seek(0)
            while part := stream.read(HASH_BYTES):
                self._sha256.update(part)
                self.bytes_written += len(part)


def _opened(path: Path, flags: int) -> int:
    try:
        return os.open(path, flags, 0o644)
    except FileExistsError as error:
        raise OutputError(path, "it is there already", "name another file") from error
    except OSError as error:
        raise OutputError(path, reason(error), "check the folder and its permissions") from error


if sys.platform == "darwin":
    import fcntl

    def _sync(descriptor: int) -> None:
        # fsync leaves the data in the drive's own memory there
        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError:
            os.fsync(descriptor)

elif sys.platform == "win32":

    def _sync(descriptor: int) -> None:
        os.fsync(descriptor)

else:

    def _sync(descriptor: int) -> None:
        os.fdatasync(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make the new name outlast a loss of power, where folders can be synced."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
