"""A file that is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from surefoot.errors import OutputError


@contextmanager
def new_file(out: Path, overwrite: bool) -> Iterator[Path]:
    """Yield the path of a draft in the folder of `out`, with the same name; it becomes `out` if all went well.

    Raises
    ------
    OutputError
        The folder is missing or cannot be written, the disk is full, or `out` exists and `overwrite` is False.
    """
    _refuse_existing(out, overwrite)
    if not out.parent.is_dir():
        raise OutputError(out, f"there is no folder {out.parent}", "make it, or name another one")
    try:
        with tempfile.TemporaryDirectory(prefix=".surefoot-", dir=out.parent) as folder:
            draft = Path(folder) / out.name
            yield draft
            with draft.open("rb+") as written:
                os.fsync(written.fileno())
            _publish(draft, out, overwrite)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(out, reason, "free some space or name another folder") from error


def _refuse_existing(out: Path, overwrite: bool) -> None:
    if out.is_dir():
        raise OutputError(out, "it is a folder", "name a file")
    if not overwrite and out.exists():
        raise OutputError(out, "it exists already", "name another file, or replace it with --overwrite")


def _publish(draft: Path, out: Path, overwrite: bool) -> None:
    """Move the draft; where somebody made `out` meanwhile, theirs stays."""
    if overwrite:
        draft.replace(out)
        return
    try:
        # unlike a move, this never replaces
        os.link(draft, out)
    except FileExistsError:
        _refuse_existing(out, overwrite)
    except OSError:
        # a file system without hard links, such as that of a memory card
        _refuse_existing(out, overwrite)
        draft.replace(out)
