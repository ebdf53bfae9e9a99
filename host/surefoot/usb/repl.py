"""A board at the cable by MicroPython's prompt: run code, read and write its files."""

from __future__ import annotations

import base64
import hashlib

from surefoot.usb.raw_repl import RawRepl
from surefoot.usb.trouble import BoardRaised, CopyDiffers

CHUNK = 1024
"""Bytes of a file that go in one program: 1.4 kB of text, which a board with little memory left still compiles."""

_DRAFT = ".new"

_READ = """\
import binascii
with open({path!r}, "rb") as f:
    while True:
        b = f.read({chunk})
        if not b: break
        print(binascii.b2a_base64(b).decode(), end="")
"""
_HASH = """\
import binascii, hashlib
h = hashlib.sha256()
with open({path!r}, "rb") as f:
    while True:
        b = f.read({chunk})
        if not b: break
        h.update(b)
print(binascii.hexlify(h.digest()).decode())
"""
_EXISTS = """\
import os
try:
    print(1 if os.stat({path!r})[0] & 0x8000 else 0)
except OSError as e:
    if e.errno != 2: raise
    print(0)
"""
_REMOVE = """\
import os
try:
    f.close()
except NameError:
    pass
try:
    os.remove({path!r})
except OSError:
    pass
"""


class Repl(RawRepl):
    """The raw REPL of one board, and the files on it."""

    def exists(self, path: str) -> bool:
        """Whether the board has the file `path`."""
        return self.run(_EXISTS.format(path=path)).strip() == "1"

    def hash(self, path: str) -> str | None:
        """SHA-256 of the board's file `path` in hex, or None if it has none."""
        if not self.exists(path):
            return None
        return self.run(_HASH.format(path=path, chunk=CHUNK)).strip()

    def read_file(self, path: str) -> bytes:
        """Return the content of the board's file `path`.

        Raises
        ------
        BoardRaised
            There is no such file.
        """
        return b"".join(base64.b64decode(line) for line in self.lines(_READ.format(path=path, chunk=CHUNK)))

    def write_file(self, path: str, content: bytes) -> None:
        """Make `content` the board's file `path`, whole or not at all.

        It is written under another name, read back, and renamed only if every byte is right; until then, and if the
        cable or the power goes, the old file stays.

        Raises
        ------
        BoardRaised
            The board cannot write it: its file system is full, or the folder is not there.
        CopyDiffers
            It read back otherwise than it was written.
        """
        draft = path + _DRAFT
        try:
            self.run(f"import binascii\nf = open({draft!r}, 'wb')")
            for at in range(0, len(content), CHUNK):
                text = base64.b64encode(content[at : at + CHUNK]).decode()
                self.run(f"f.write(binascii.a2b_base64({text!r})) and None")
            self.run("f.close()")
            # Twice: that the file system took it, and that it comes back over the cable byte for byte.
            if self.hash(draft) != hashlib.sha256(content).hexdigest() or self.read_file(draft) != content:
                raise CopyDiffers(self.device, path)
            self.run(f"import os\nos.rename({draft!r}, {path!r})")
        except (BoardRaised, CopyDiffers):
            self.run(_REMOVE.format(path=draft))
            raise
