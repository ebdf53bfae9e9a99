"""A file that is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from surefoot.errors import OutputError, reason, remedy


@contextmanager
def new_file(out: Path, *, overwrite: bool = False, else_do: str = "name another file") -> Iterator[Path]:
    """Yield the path of a draft in the folder of `out`, with the same name; it becomes `out` if all went well.

    Every OSError within is taken for one of the draft: what is read meanwhile has to name its own.

    Parameters
    ----------
    out : Path
    overwrite : bool
        Whether a file of that name is replaced.
    else_do : str
        What to do where there is one and it is not.

    Raises
    ------
    OutputError
        The folder is missing or cannot be written, the disk is full, or `out` exists and `overwrite` is False.
    """
    _refuse_existing(out, overwrite, else_do)
    if not out.parent.is_dir():
        raise OutputError(out, f"there is no folder '{out.parent}'", "make it, or name another one")
    try:
        with tempfile.TemporaryDirectory(prefix=".surefoot-", dir=out.parent) as folder:
            draft = Path(folder) / out.name
            yield draft
            with draft.open("rb+") as written:
                os.fsync(written.fileno())
            _publish(draft, out, overwrite, else_do)
    except OSError as error:
        raise OutputError(out, reason(error), remedy(error, "name another folder")) from error


def _refuse_existing(out: Path, overwrite: bool, else_do: str) -> None:
    if out.is_dir():
        raise OutputError(out, "it is a folder", "name a file")
    if not overwrite and out.exists():
        raise OutputError(out, "it is there already", else_do)


def _publish(draft: Path, out: Path, overwrite: bool, else_do: str) -> None:
    """Move the draft; where somebody made `out` meanwhile, theirs stays."""
    if overwrite:
        draft.replace(out)
        return
    try:
        # unlike a move, this never replaces
        os.link(draft, out)
    except FileExistsError:
        _refuse_existing(out, overwrite, else_do)
    except OSError:
        # a file system without hard links, such as that of a memory card
        _refuse_existing(out, overwrite, else_do)
        draft.replace(out)
