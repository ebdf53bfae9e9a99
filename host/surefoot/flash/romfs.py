"""MicroPython's read-only file system (ROMFS): a folder as the bytes of the partition `romfs`, and back.

Written with mpremote's own writer. The form: docs.micropython.org, "Working with filesystems", and MicroPython's
extmod/vfs_rom.c.
"""

from __future__ import annotations

from pathlib import Path

from surefoot.usb.trouble import ProgramMissing

_HEADER = b"\xd2\xcd\x31"
_VERBATIM, _DIRECTORY, _FILE = 2, 4, 5


def pack(folder: Path) -> bytes:
    """Return the file system that holds what is in `folder`, in the order of names.

    Raises
    ------
    ProgramMissing
        mpremote is not installed.
    """
    try:
        from mpremote.romfs import VfsRomWriter
    except ImportError:
        raise ProgramMissing("mpremote") from None
    writer = VfsRomWriter()

    def add(level: Path) -> None:
        for path in sorted(level.iterdir()):
            if path.is_dir():
                writer.opendir(path.name)
                add(path)
                writer.closedir()
            else:
                writer.mkfile(path.name, path.read_bytes())

    add(folder)
    return bytes(writer.finalise())


def files(image: bytes) -> dict[str, bytes]:
    """Return the files of a file system, keyed by their paths; of one that is cut short, those that are whole."""
    found: dict[str, bytes] = {}
    if image.startswith(_HEADER):
        try:
            size, at = _number(image, len(_HEADER))
            _walk(image, at, min(at + size, len(image)), "", found)
        except IndexError:
            pass  # cut short: what came before is whole
    return found


def _walk(image: bytes, at: int, end: int, path: str, found: dict[str, bytes]) -> None:
    while at < end:
        kind, at = _number(image, at)
        size, at = _number(image, at)
        after = at + size
        if kind in (_DIRECTORY, _FILE):
            length, at = _number(image, at)
            name = path + image[at : at + length].decode("utf-8", "replace")
            at += length
            if kind == _DIRECTORY:
                _walk(image, at, min(after, end), f"{name}/", found)
            else:
                inner, at = _number(image, at)
                length, at = _number(image, at)
                if inner == _VERBATIM and at + length <= end:
                    found[name] = image[at : at + length]
        at = after


def _number(image: bytes, at: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, the highest first; return it and where it ends."""
    value = 0
    while image[at] & 0x80:
        value = value << 7 | image[at] & 0x7F
        at += 1
    return value << 7 | image[at], at + 1
