"""Zip archives of tables, which nobody has checked: read in memory, within limits, and never unpacked to a disk."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from surefoot.errors import RecordingError
from surefoot.recording.foreign.table import Text

MEMBERS_MAX = 200
"""A phyphox export has one table per sensor and two of facts; a phone has some ten sensors."""
BYTES_MAX = 1 << 30
"""Of all members: 4 h of two sensors at 500 Hz, 70 bytes a row."""
RATIO_MAX = 100
"""Numbers as text shrink to a third; a resting sensor's to a twentieth. A bomb shrinks a thousandfold."""
FREE_BYTES = 1 << 20
"""Below this, a ratio says nothing."""
_ARCHIVES = (".zip", ".gz", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".zst")
_DRIVE = re.compile(r"[A-Za-z]:")


def read_members(path: Path) -> list[Text]:
    """Read the CSV members of an archive.

    Raises
    ------
    RecordingError
        Not an archive, damaged, encrypted, or not within the limits.
    """
    with _refusing(path), zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        _refuse_unfit(path, infos)
        texts = []
        left = BYTES_MAX
        for info in infos:
            if not info.filename.lower().endswith(".csv"):
                continue
            with archive.open(info) as member:
                # the archive may lie about the length
                data = member.read(min(info.file_size, left) + 1)
            if len(data) > min(info.file_size, left):
                raise RecordingError(path, f"'{info.filename}' is longer than the archive says", "pack it again")
            left -= len(data)
            texts.append(Text(info.filename, data))
        return texts


def _refuse_unfit(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MEMBERS_MAX:
        raise RecordingError(path, f"it holds {len(infos)} files", "put only the tables of one recording into it")
    unpacked, packed = (sum(sizes) for sizes in ([i.file_size for i in infos], [i.compress_size for i in infos]))
    if unpacked > BYTES_MAX or unpacked > max(FREE_BYTES, RATIO_MAX * packed):
        raise RecordingError(
            path, f"it would unpack to {unpacked / 1e6:.0f} MB", "put only the tables of one recording into it"
        )
    for info in infos:
        name = info.filename
        if name.startswith(("/", "\\")) or _DRIVE.match(name) or ".." in re.split(r"[/\\]", name):
            raise RecordingError(path, "it names files outside of itself", "do not trust it; pack the tables again")
        if name.lower().endswith(_ARCHIVES):
            raise RecordingError(path, f"it holds another archive, '{name}'", "pack the tables themselves")
        if info.flag_bits & 1:
            raise RecordingError(path, "it is encrypted", "pack it again without a password")


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn whatever a damaged archive causes into a sentence."""
    try:
        yield
    except RecordingError:
        raise
    except OSError as error:
        reason = error.strerror or "it is damaged"
        raise RecordingError(path, f"it cannot be read ({reason})", "check the file and its permissions") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OverflowError,
    ) as error:
        raise RecordingError(path, "it is no zip archive, or it is damaged", "export or pack it again") from error
